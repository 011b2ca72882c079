/* Allocation statistics: what is counted, and the view of it that users switch and reset.
 *
 * Counting never stops. Each thread adds to a shard of its own, in its thread record; one more shard holds what exited
 * threads left behind and what threads count that have no record for want of memory. The totals over all shards only
 * ever grow, and what is live is a difference of totals.
 *
 * The view is one vector, `base`: enabled, users see totals - base; disabled, they see base itself. So switching, in
 * either direction, is base = totals - base, and nobody can see a step back or a number below zero.
 *
 * A free is counted before the block goes back, an allocation before the caller has the block, and a snapshot sums all
 * frees before any allocation: each free in the sum has its allocation in it, so the difference is never negative. */
#include "alloc/stats.h"

#include "cc/alloc.h"

typedef struct {
    uint64_t alloc_count, free_count, alloc_bytes, free_bytes;
} totals_t;

static cc__alloc_shard_t common; /* exited threads, threads without a record; any thread adds */

/* Both under cc__threads_lock. */
static bool enabled = true;
static totals_t base;

__attribute__((cold, noinline)) void cc__alloc_stats_count_alloc_unknown(size_t bytes)
{
    cc__thread_t *t = cc__thread_self();
    if (t != NULL) {
        cc__alloc_shard_count_alloc(&t->alloc, bytes);
    } else {
        /* Relaxed: whoever frees the block got its address from us, and publishes these with its own count. */
        cc__fetch_add_relaxed(&common.alloc_count, 1);
        cc__fetch_add_relaxed(&common.alloc_bytes, (int64_t)bytes);
    }
}

__attribute__((cold, noinline)) void cc__alloc_stats_count_free_unknown(size_t bytes)
{
    cc__thread_t *t = cc__thread_self();
    if (t != NULL) {
        cc__alloc_shard_count_free(&t->alloc, bytes);
    } else {
        /* [stats.free]: as cc__alloc_shard_count_free does. */
        cc__fetch_add_acq_rel(&common.free_count, 1);
        cc__fetch_add_acq_rel(&common.free_bytes, (int64_t)bytes);
    }
}

/* Relaxed: snapshots hold the lock that we are called under. */
void cc__alloc_stats_fold(const cc__alloc_shard_t *shard)
{
    cc__fetch_add_relaxed(&common.alloc_count, cc__load_relaxed(&shard->alloc_count));
    cc__fetch_add_relaxed(&common.free_count, cc__load_relaxed(&shard->free_count));
    cc__fetch_add_relaxed(&common.alloc_bytes, cc__load_relaxed(&shard->alloc_bytes));
    cc__fetch_add_relaxed(&common.free_bytes, cc__load_relaxed(&shard->free_bytes));
}

static void add_frees(totals_t *sum, const cc__alloc_shard_t *s)
{
    /* [stats.sum] pairs with [stats.free]: the allocations of the frees seen here are seen by add_allocs, later. */
    sum->free_count += (uint64_t)cc__load_acquire(&s->free_count);
    sum->free_bytes += (uint64_t)cc__load_acquire(&s->free_bytes);
}

/* Relaxed: a stale number misses allocations of this very moment only; add_frees saw to the rest. */
static void add_allocs(totals_t *sum, const cc__alloc_shard_t *s)
{
    sum->alloc_count += (uint64_t)cc__load_relaxed(&s->alloc_count);
    sum->alloc_bytes += (uint64_t)cc__load_relaxed(&s->alloc_bytes);
}

/* Under cc__threads_lock: no thread comes, goes or folds meanwhile. */
static totals_t sum_up(void)
{
    totals_t sum = {0};
    add_frees(&sum, &common);
    for (const cc__thread_t *t = cc__threads_first(); t != NULL; t = t->next)
        add_frees(&sum, &t->alloc);
    add_allocs(&sum, &common);
    for (const cc__thread_t *t = cc__threads_first(); t != NULL; t = t->next)
        add_allocs(&sum, &t->alloc);
    return sum;
}

static totals_t since(totals_t now, totals_t then)
{
    return (totals_t){now.alloc_count - then.alloc_count, now.free_count - then.free_count,
                      now.alloc_bytes - then.alloc_bytes, now.free_bytes - then.free_bytes};
}

void cc_alloc_stats_enable(bool enable)
{
    cc__threads_lock();
    if (enable != enabled) {
        base = since(sum_up(), base);
        enabled = enable;
    }
    cc__threads_unlock();
}

void cc_alloc_stats_reset(void)
{
    cc__threads_lock();
    base = enabled ? sum_up() : (totals_t){0};
    cc__threads_unlock();
}

cc_alloc_snapshot_t cc_alloc_stats_snapshot(void)
{
    cc__threads_lock();
    totals_t now = sum_up();
    totals_t seen = enabled ? since(now, base) : base;
    cc__threads_unlock();
    return (cc_alloc_snapshot_t){
        .alloc_count = seen.alloc_count,
        .free_count = seen.free_count,
        .alloc_bytes = seen.alloc_bytes,
        .free_bytes = seen.free_bytes,
        .current_allocated = now.alloc_bytes - now.free_bytes,
    };
}
