/* Random numbers that cost next to nothing beside what is measured; the same everywhere for the same seed. */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

/* A bijection that leaves nothing of the order (the finalizer of splitmix64). */
static inline uint64_t random_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* xorshift64; the state is never zero. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

/* 0 to n - 1, for n up to 2^32. */
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
    return ((random_next(state) >> 32) * n) >> 32;
}

#endif
