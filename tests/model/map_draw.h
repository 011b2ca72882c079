/* Scripts that nobody thought of: what is in the map, in which order it came, and what each thread does are choices of
 * the schedule, so that a replay repeats them. */
#ifndef MODEL_MAP_DRAW_H
#define MODEL_MAP_DRAW_H

#include "map_script.h"

/* Into *script, which then points to memory that is good until the next draw. */
void map_draw(map_script_t *script);

#endif
