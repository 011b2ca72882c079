#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

unsigned long long random_seed(void)
{
    static unsigned long long seed;
    if (seed == 0) {
        const char *wanted = getenv("CC_TEST_SEED");
        seed = wanted != NULL ? strtoull(wanted, NULL, 0) : (unsigned long long)time(NULL) % 1000000 + 1;
        fprintf(stderr, "CC_TEST_SEED=%llu\n", seed);
    }
    return seed;
}

uint64_t random_steps(uint64_t usual)
{
    const char *wanted = getenv("CC_TEST_STEPS");
    return wanted != NULL ? strtoull(wanted, NULL, 0) : usual;
}

random_t random_start(uint64_t number)
{
    random_t random = {random_seed() * UINT64_C(0x9E3779B97F4A7C15) + number};
    return random;
}

/* splitmix64 */
uint32_t random_below(random_t *random, uint32_t limit)
{
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)(((z ^ z >> 31) >> 32) * limit >> 32);
}
