/* The ordered verbs of a variant, see blocks_range_tmpl.c. */
#ifndef CC_DS_BLOCKS_RANGE_H
#define CC_DS_BLOCKS_RANGE_H

#include "ds/blocks_count.h"
#include "ds/map.h"

#define BLOCKS_VARIANT__(name, key, scheme, isa) cc__blocks_##name##_##key##_##scheme##_##isa
#define BLOCKS_VARIANT_(name, key, scheme, isa)  BLOCKS_VARIANT__(name, key, scheme, isa)
#define BLOCKS_VARIANT(name)                     BLOCKS_VARIANT_(name, KEY_NAME, SMR_NAME, CC__ISA)

int BLOCKS_VARIANT(nearest)(cc__map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v);
int64_t BLOCKS_VARIANT(range)(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx);

#endif
