/* Scripts of queues that nobody thought of: how large the queue is, what is in it, and what each thread does are choices of
 * the schedule, so that a replay repeats them. */
#ifndef MODEL_QUEUE_DRAW_H
#define MODEL_QUEUE_DRAW_H

#include "queue_script.h"

/* Into *script, which then points to memory that is good until the next draw. What stands there of a thread says what else:
 * s, it may fall asleep in all that is drawn; w, it waits, without a limit at times; c, it closes the queue at the end. */
void queue_draw(queue_script_t *script);

#endif
