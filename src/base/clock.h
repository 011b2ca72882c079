/* The clock of deadlines, pauses and ages: it only goes forward. */
#ifndef CC_BASE_CLOCK_H
#define CC_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { CC__SECOND = 1000000000 };

static inline int64_t cc__now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * CC__SECOND + t.tv_nsec;
}

#endif
