/* Random numbers of the stress programs: xorshift64*, one state per thread, reproducible from the seed. */
#ifndef STRESS_RANDOM_H
#define STRESS_RANDOM_H

#include <stdint.h>

typedef struct {
    uint64_t state;
} rnd_t;

static inline uint64_t rnd_next(rnd_t *rnd)
{
    uint64_t x = rnd->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    rnd->state = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

/* Uniform enough in [0, n), n > 0. */
static inline uint32_t rnd_below(rnd_t *rnd, uint32_t n)
{
    return (uint32_t)(((rnd_next(rnd) >> 32) * n) >> 32);
}

/* True once in n times. */
static inline _Bool rnd_once_in(rnd_t *rnd, uint32_t n)
{
    return rnd_below(rnd, n) == 0;
}

/* Streams of neighbouring numbers have nothing in common (splitmix64 finalizer). */
static inline rnd_t rnd_init(uint64_t seed, uint64_t stream)
{
    uint64_t z = seed + (stream + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (rnd_t){z ? z : 1};
}

#endif
