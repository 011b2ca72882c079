/* A small generator: xorshift64*, one state per thread, never zero. Not for secrets. */
#ifndef CC_BASE_RNG_H
#define CC_BASE_RNG_H

#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

/* Differs from process to process, so that nobody outside can foresee the numbers, and with n. */
static inline uint64_t cc__rng_seed(uint64_t n)
{
    uint64_t secret = 0;
    const void *random =
        (const void *)getauxval(AT_RANDOM); // NOLINT(performance-no-int-to-ptr): 16 bytes of the kernel's
    if (random != NULL)
        memcpy(&secret, random, sizeof secret);
    uint64_t x = (secret ^ n) * UINT64_C(0x9E3779B97F4A7C15);
    return (x ^ x >> 32) | 1;
}

static inline uint64_t cc__rng_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

#endif
