/* src/base/rng.h for the model checker: nothing is left to chance but the schedule. */
#ifndef CC_BASE_RNG_H
#define CC_BASE_RNG_H

#include <stdint.h>

static inline uint64_t cc__rng_seed(uint64_t n)
{
    return n;
}

static inline uint64_t cc__rng_next(uint64_t *state)
{
    (void)state;
    return 1;
}

#endif
