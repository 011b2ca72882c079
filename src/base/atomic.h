/* Every atomic access of the library goes through this file, with its memory order in its name.
 *
 * Two reasons: a reader can search for an order, and the whole library can be compiled a second time with
 * this one header exchanged (a controlled scheduler, a store-history simulator) without touching a source.
 * Only the combinations that are in use exist here. A lint rejects raw atomics anywhere else.
 *
 * Each synchronizing access (everything but relaxed) carries a tag beside it and names its partner's tag:
 *     [limbo.unlock] pairs with [limbo.steal]: why the order is needed, seen from this side.
 * docs/memory-order.md is the collected list. */
#ifndef CC_BASE_ATOMIC_H
#define CC_BASE_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CC__ATOMIC(type) _Atomic(type)

#define cc__load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define cc__load_acquire(p) atomic_load_explicit((p), memory_order_acquire)

#define cc__store_relaxed(p, v) atomic_store_explicit((p), (v), memory_order_relaxed)
#define cc__store_release(p, v) atomic_store_explicit((p), (v), memory_order_release)

#define cc__exchange_acquire(p, v) atomic_exchange_explicit((p), (v), memory_order_acquire)

/* Compare-and-swap, strong: true if *p was *expected and is now v; else *expected holds what was there. */
#define cc__cas_relaxed(p, expected, v)                                                                                \
    atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_relaxed, memory_order_relaxed)
#define cc__cas_release(p, expected, v)                                                                                \
    atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_release, memory_order_relaxed)
#define cc__cas_acq_rel(p, expected, v)                                                                                \
    atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_acq_rel, memory_order_acquire)

#define cc__fetch_add_relaxed(p, v) atomic_fetch_add_explicit((p), (v), memory_order_relaxed)
#define cc__fetch_add_acq_rel(p, v) atomic_fetch_add_explicit((p), (v), memory_order_acq_rel)
#define cc__fetch_or_acq_rel(p, v)  atomic_fetch_or_explicit((p), (v), memory_order_acq_rel)

#define cc__fence_seq_cst()  atomic_thread_fence(memory_order_seq_cst)
#define cc__compiler_fence() atomic_signal_fence(memory_order_seq_cst)

/* A counter that one thread writes and others only read: no read-modify-write on the bus.
 * Relaxed: a reader that misses the newest value reports a number that was true a moment ago. */
#define cc__counter_add(p, v) cc__store_relaxed((p), cc__load_relaxed(p) + (v))

#endif
