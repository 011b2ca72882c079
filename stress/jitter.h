/* Yields the processor at the library's own atomic accesses.
 *
 * A window between two accesses is a few nanoseconds wide; on two processors a time slice hardly ever ends in it. The
 * jittery build of the library is compiled with this header in front (-include): it wraps every access of
 * base/atomic.h, so that one in some hundred is preceded by a yield or a nap, exactly where it hurts. */
#ifndef STRESS_JITTER_H
#define STRESS_JITTER_H

#include "base/atomic.h"

extern _Thread_local uint32_t stress_jitter_state;
void stress_jitter_pause(uint32_t dice);

enum { STRESS_JITTER_ONE_IN = 256 };

static inline void stress_jitter(void)
{
    uint32_t state = stress_jitter_state * 1664525 + 1013904223; /* a linear congruential generator: good enough */
    stress_jitter_state = state;
    if (__builtin_expect(state >> 8 < (1u << 24) / STRESS_JITTER_ONE_IN, 0))
        stress_jitter_pause(state);
}

#undef cc__load_relaxed
#undef cc__load_acquire
#undef cc__store_relaxed
#undef cc__store_release
#undef cc__exchange_acquire
#undef cc__cas_relaxed
#undef cc__cas_release
#undef cc__cas_acq_rel
#undef cc__fetch_add_relaxed
#undef cc__fetch_add_acq_rel
#undef cc__fetch_or_acq_rel

#define cc__load_relaxed(p)         (stress_jitter(), atomic_load_explicit((p), memory_order_relaxed))
#define cc__load_acquire(p)         (stress_jitter(), atomic_load_explicit((p), memory_order_acquire))
#define cc__store_relaxed(p, v)     (stress_jitter(), atomic_store_explicit((p), (v), memory_order_relaxed))
#define cc__store_release(p, v)     (stress_jitter(), atomic_store_explicit((p), (v), memory_order_release))
#define cc__exchange_acquire(p, v)  (stress_jitter(), atomic_exchange_explicit((p), (v), memory_order_acquire))
#define cc__fetch_add_relaxed(p, v) (stress_jitter(), atomic_fetch_add_explicit((p), (v), memory_order_relaxed))
#define cc__fetch_add_acq_rel(p, v) (stress_jitter(), atomic_fetch_add_explicit((p), (v), memory_order_acq_rel))
#define cc__fetch_or_acq_rel(p, v)  (stress_jitter(), atomic_fetch_or_explicit((p), (v), memory_order_acq_rel))
#define STRESS_CAS(p, e, v, ok, fail)                                                                                  \
    (stress_jitter(), atomic_compare_exchange_strong_explicit((p), (e), (v), ok, fail))
#define cc__cas_relaxed(p, e, v) STRESS_CAS(p, e, v, memory_order_relaxed, memory_order_relaxed)
#define cc__cas_release(p, e, v) STRESS_CAS(p, e, v, memory_order_release, memory_order_relaxed)
#define cc__cas_acq_rel(p, e, v) STRESS_CAS(p, e, v, memory_order_acq_rel, memory_order_acquire)

#endif
