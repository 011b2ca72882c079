/* Puts a statement in front of every atomic access of the library's sources: a header that is compiled in front of them
 * (-include) defines BEFORE_ACCESS() and includes this one. */
#ifndef CC_TEST_EACH_ACCESS_H
#define CC_TEST_EACH_ACCESS_H

#define CC_SEARCH_CALLS_OUT /* for src/smr/neutralize.c: the code of a SEARCH is not all in its section */

#include "base/atomic.h"

#undef cc__load_relaxed
#undef cc__load_acquire
#undef cc__load_seq_cst
#undef cc__store_relaxed
#undef cc__store_release
#undef cc__exchange_acquire
#undef cc__cas_relaxed
#undef cc__cas_release
#undef cc__cas_acq_rel
#undef cc__cas_seq_cst
#undef cc__fetch_add_relaxed
#undef cc__fetch_add_acq_rel
#undef cc__fetch_add_seq_cst
#undef cc__fetch_or_relaxed
#undef cc__fetch_or_acq_rel
#undef cc__fetch_or_seq_cst
#undef cc__pair_cas

#define cc__load_relaxed(p)         (BEFORE_ACCESS(), atomic_load_explicit((p), memory_order_relaxed))
#define cc__load_acquire(p)         (BEFORE_ACCESS(), atomic_load_explicit((p), memory_order_acquire))
#define cc__load_seq_cst(p)         (BEFORE_ACCESS(), atomic_load_explicit((p), memory_order_seq_cst))
#define cc__store_relaxed(p, v)     (BEFORE_ACCESS(), atomic_store_explicit((p), (v), memory_order_relaxed))
#define cc__store_release(p, v)     (BEFORE_ACCESS(), atomic_store_explicit((p), (v), memory_order_release))
#define cc__exchange_acquire(p, v)  (BEFORE_ACCESS(), atomic_exchange_explicit((p), (v), memory_order_acquire))
#define cc__fetch_add_relaxed(p, v) (BEFORE_ACCESS(), atomic_fetch_add_explicit((p), (v), memory_order_relaxed))
#define cc__fetch_add_acq_rel(p, v) (BEFORE_ACCESS(), atomic_fetch_add_explicit((p), (v), memory_order_acq_rel))
#define cc__fetch_add_seq_cst(p, v) (BEFORE_ACCESS(), atomic_fetch_add_explicit((p), (v), memory_order_seq_cst))
#define cc__fetch_or_relaxed(p, v)  (BEFORE_ACCESS(), atomic_fetch_or_explicit((p), (v), memory_order_relaxed))
#define cc__fetch_or_acq_rel(p, v)  (BEFORE_ACCESS(), atomic_fetch_or_explicit((p), (v), memory_order_acq_rel))
#define cc__fetch_or_seq_cst(p, v)  (BEFORE_ACCESS(), atomic_fetch_or_explicit((p), (v), memory_order_seq_cst))
#define cc__pair_cas(p, e, v)       (BEFORE_ACCESS(), cc__pair_exchange((p), (e), (v)))
#define EACH_ACCESS_CAS_(p, e, v, ok, fail)                                                                            \
    (BEFORE_ACCESS(), atomic_compare_exchange_strong_explicit((p), (e), (v), ok, fail))
#define cc__cas_relaxed(p, e, v) EACH_ACCESS_CAS_(p, e, v, memory_order_relaxed, memory_order_relaxed)
#define cc__cas_release(p, e, v) EACH_ACCESS_CAS_(p, e, v, memory_order_release, memory_order_relaxed)
#define cc__cas_acq_rel(p, e, v) EACH_ACCESS_CAS_(p, e, v, memory_order_acq_rel, memory_order_acquire)
#define cc__cas_seq_cst(p, e, v) EACH_ACCESS_CAS_(p, e, v, memory_order_seq_cst, memory_order_seq_cst)

#endif
