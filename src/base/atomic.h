/* Every atomic access of the library goes through this file, with its memory order in its name.
 *
 * Two reasons: a reader can search for an order, and the whole library can be compiled a second time with
 * this one header exchanged (a controlled scheduler, a store-history simulator) without touching a source.
 * Only the combinations that are in use exist here. A lint rejects raw atomics anywhere else.
 *
 * Each synchronizing access (everything but relaxed) carries a tag beside it and names its partner's tag:
 *     [limbo.unlock] pairs with [limbo.steal]: why the order is needed, seen from this side.
 * docs/memory-order.md is the collected list.
 *
 * seq_cst has two uses: fences, each with its reason, and the deciding words of maps, stacks and queues. Two calls at different
 * words are in one order for everybody only if these accesses are: with acquire and release, two threads might each add
 * something and then both miss what the other had added. On x86-64 it is the same code as acquire and release. */
#ifndef CC_BASE_ATOMIC_H
#define CC_BASE_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CC__ATOMIC(type) _Atomic(type)

#define cc__load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define cc__load_acquire(p) atomic_load_explicit((p), memory_order_acquire)
#define cc__load_seq_cst(p) atomic_load_explicit((p), memory_order_seq_cst)

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
#define cc__cas_seq_cst(p, expected, v)                                                                                \
    atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_seq_cst, memory_order_seq_cst)

#define cc__fetch_add_relaxed(p, v) atomic_fetch_add_explicit((p), (v), memory_order_relaxed)
#define cc__fetch_add_acq_rel(p, v) atomic_fetch_add_explicit((p), (v), memory_order_acq_rel)
#define cc__fetch_add_seq_cst(p, v) atomic_fetch_add_explicit((p), (v), memory_order_seq_cst)
#define cc__fetch_or_relaxed(p, v)  atomic_fetch_or_explicit((p), (v), memory_order_relaxed)
#define cc__fetch_or_acq_rel(p, v)  atomic_fetch_or_explicit((p), (v), memory_order_acq_rel)
#define cc__fetch_or_seq_cst(p, v)  atomic_fetch_or_explicit((p), (v), memory_order_seq_cst)

#define cc__fence_seq_cst()  atomic_thread_fence(memory_order_seq_cst)
#define cc__compiler_fence() atomic_signal_fence(memory_order_seq_cst)

/* Two words that change together, by cmpxchg16b. Their halves are read one by one, so what was read may never have stood
 * there together: the exchange, or an argument beside the reads, has to settle it. A locked instruction of x86 is a full fence
 * whether it changes anything or not, and what is built on pairs relies on that. */
typedef struct {
    uint64_t low, high;
} cc__words_t;
typedef struct {
    _Alignas(16) CC__ATOMIC(uint64_t) low;
    CC__ATOMIC(uint64_t) high;
} cc__pair_t;

#define cc__pair_low_acquire(p)  cc__load_acquire(&(p)->low)
#define cc__pair_high_acquire(p) cc__load_acquire(&(p)->high)

/* As the others: expected is a cc__words_t *, v a cc__words_t. */
#define cc__pair_cas(p, expected, v) cc__pair_exchange((p), (expected), (v))

#ifdef __x86_64__
#include <cpuid.h>

#ifdef __SANITIZE_THREAD__
#define CC__PAIRS_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CC__PAIRS_UNDER_TSAN 1
#endif
#endif

#ifdef CC__PAIRS_UNDER_TSAN /* which does not look into assembly */
void __tsan_acquire(void *at);
void __tsan_release(void *at);
#define CC__TSAN_BOTH(call, p) (call(&(p)->low), call(&(p)->high))
#else
#define CC__TSAN_BOTH(call, p) ((void)0)
#endif

static inline bool cc__pair_exchange(cc__pair_t *p, cc__words_t *expected, cc__words_t v)
{
    bool done;
    CC__TSAN_BOTH(__tsan_release, p);
    __asm__ __volatile__("lock cmpxchg16b %1"
                         : "=@ccz"(done), "+m"(*p), "+a"(expected->low), "+d"(expected->high)
                         : "b"(v.low), "c"(v.high)
                         : "memory");
    CC__TSAN_BOTH(__tsan_acquire, p);
    return done;
}

/* The first processors of this kind did not have it. */
static inline bool cc__pair_is_supported(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_CMPXCHG16B) != 0;
}
#else
static inline bool cc__pair_exchange(cc__pair_t *p, cc__words_t *expected, cc__words_t v)
{
    (void)p, (void)expected, (void)v;
    __builtin_trap(); /* nobody makes anything of pairs here */
}

static inline bool cc__pair_is_supported(void)
{
    return false;
}
#endif

/* A counter that one thread writes and others only read: no read-modify-write on the bus.
 * Relaxed: a reader that misses the newest value reports a number that was true a moment ago. */
#define cc__counter_add(p, v) cc__store_relaxed((p), cc__load_relaxed(p) + (v))

#endif
