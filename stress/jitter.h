/* Yields the processor at the library's own atomic accesses.
 *
 * A window between two accesses is a few nanoseconds wide; on two processors a time slice hardly ever ends in it. The
 * jittery build of the library is compiled with this header in front (-include): it wraps every access of
 * base/atomic.h, so that one in some hundreds is preceded by a yield or a nap, exactly where it hurts. */
#ifndef STRESS_JITTER_H
#define STRESS_JITTER_H

#include <stdint.h>

extern _Thread_local uint32_t stress_jitter_state;
void stress_jitter_pause(uint32_t dice);

enum { STRESS_JITTER_ONE_IN = 512 };

static inline void stress_jitter(void)
{
    uint32_t state = stress_jitter_state * 1664525 + 1013904223; /* a linear congruential generator: good enough */
    stress_jitter_state = state;
    if (__builtin_expect(state >> 8 < (1u << 24) / STRESS_JITTER_ONE_IN, 0))
        stress_jitter_pause(state);
}

#define BEFORE_ACCESS() stress_jitter()
#include "../tests/support/each_access.h"

#endif
