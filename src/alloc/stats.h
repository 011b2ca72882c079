/* Allocation statistics: one shard of counters per thread, summed on demand. */
#ifndef CC_ALLOC_STATS_H
#define CC_ALLOC_STATS_H

#include "base/thread.h"

#include <stddef.h>

#if CC_ALLOC_STATS
/* For threads that are not known yet, or cannot be for want of memory. */
void cc__alloc_stats_count_alloc_unknown(size_t bytes);
void cc__alloc_stats_count_free_unknown(size_t bytes);

static inline void cc__alloc_shard_count_alloc(cc__alloc_shard_t *shard, size_t bytes)
{
    cc__counter_add(&shard->alloc_count, 1);
    cc__counter_add(&shard->alloc_bytes, (int64_t)bytes);
}

/* [stats.free] pairs with [stats.sum]: whoever sees this free counted sees the block's allocation counted, which
 * happened before it, on whatever thread. */
static inline void cc__alloc_shard_count_free(cc__alloc_shard_t *shard, size_t bytes)
{
    cc__store_release(&shard->free_count, cc__load_relaxed(&shard->free_count) + 1);
    cc__store_release(&shard->free_bytes, cc__load_relaxed(&shard->free_bytes) + (int64_t)bytes);
}

/* Inlined into the calls: two calls of a function cost as much as the counting. */
static inline void cc__alloc_stats_count_alloc(size_t bytes)
{
    cc__thread_t *t = cc__thread_peek();
    if (__builtin_expect(t != NULL, 1))
        cc__alloc_shard_count_alloc(&t->alloc, bytes);
    else
        cc__alloc_stats_count_alloc_unknown(bytes);
}

static inline void cc__alloc_stats_count_free(size_t bytes)
{
    cc__thread_t *t = cc__thread_peek();
    if (__builtin_expect(t != NULL, 1))
        cc__alloc_shard_count_free(&t->alloc, bytes);
    else
        cc__alloc_stats_count_free_unknown(bytes);
}

/* Adds the counters of a thread that exits to those of the dead. Under cc__threads_lock. */
void cc__alloc_stats_fold(const cc__alloc_shard_t *shard);
#else
static inline void cc__alloc_stats_fold(const cc__alloc_shard_t *shard)
{
    (void)shard;
}
#endif

#endif
