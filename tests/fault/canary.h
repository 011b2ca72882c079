/* Values full of canaries, from cc_alloc: they can tell whose they are and whether they are alive. */
#ifndef FAULT_CANARY_H
#define FAULT_CANARY_H

#include <cc/base.h>

#include <stdatomic.h>

enum { CANARY_BYTES = 256 };

typedef struct {
    uint64_t word[CANARY_BYTES / 8];
} canary_t;

typedef atomic_llong canary_count_t; /* made and neither reclaimed nor discarded */

/* One for `key`; no memory ends the scenario. */
canary_t *canary_make(uint64_t key, canary_count_t *live);

/* For value_reclaim and cc_retire, and for one that was never published; ctx: the canary_count_t. */
cc_reclaim_fn canary_reclaim;

/* Alive, and made for `key`. */
bool canary_intact(const canary_t *canary, uint64_t key);

#endif
