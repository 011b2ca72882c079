/* The ordered verbs of a variant, see bst_range_tmpl.c. */
#ifndef CC_DS_BST_RANGE_H
#define CC_DS_BST_RANGE_H

#include "ds/bst_node.h"
#include "smr/policy.h"

int VARIANT(cc__bst_nearest)(cc__map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v);
int64_t VARIANT(cc__bst_range)(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx);

#endif
