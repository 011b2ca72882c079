/* Random choices that can be repeated: the seed is taken from the clock, or from the environment variable
 * CC_TEST_SEED, and printed when it is first used. */
#ifndef CC_TEST_RANDOM_H
#define CC_TEST_RANDOM_H

#include <stdint.h>

typedef struct {
    uint64_t state;
} random_t;

unsigned long long random_seed(void);

/* How long a random run is: as long as usual, or as the environment variable CC_TEST_STEPS says. */
uint64_t random_steps(uint64_t usual);

/* A sequence of its own for each number. */
random_t random_start(uint64_t number);

/* 0 <= result < limit. */
uint32_t random_below(random_t *random, uint32_t limit);

#endif
