/* src/base/rng.h for the model checker: tower heights are the client's choice. */
#ifndef CC_BASE_RNG_H
#define CC_BASE_RNG_H

#include <stdint.h>

uint64_t model_rng_next(void);

static inline uint64_t cc__rng_seed(uint64_t n)
{
    return n;
}

static inline uint64_t cc__rng_next(uint64_t *state)
{
    (void)state;
    return model_rng_next();
}

#endif
