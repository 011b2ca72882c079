/* Skip lists without luck: the calling thread's next node gets the height that a test needs. */
#ifndef FAULT_HEIGHT_H
#define FAULT_HEIGHT_H

#include "base/rng.h"
#include "smr/registry.h"

/* Draws until the number after is one from which random_height (skiplist_tmpl.c) makes `height`: p is 1/4. */
static inline void next_height_is(cc_domain_t *domain, int height)
{
    cc__rec_t *rec = cc__rec(domain);
    uint64_t after = rec->rng;
    while (__builtin_ctzll(cc__rng_next(&after) | UINT64_C(1) << 62) / 2 != height - 1)
        rec->rng = after;
}

#endif
