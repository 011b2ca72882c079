#ifndef MODEL_BLOCKS_THAWED_H
#define MODEL_BLOCKS_THAWED_H

#include <stdbool.h>

/* Of a quiet skip list: is none of its spans frozen? */
bool blocks_thawed_u64(void *map);
bool blocks_thawed_bytes(void *map);

#endif
