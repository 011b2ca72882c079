#include "ds/queue_stats.h"

#include "base/thread.h"

#include <errno.h>
#include <string.h>

cc__queue_stats_t *cc__queue_stats_create(void)
{
    cc__queue_stats_t *stats = cc_alloc_aligned(sizeof *stats, CC_CACHE_LINE_SIZE);
    if (stats != NULL)
        memset(stats, 0, sizeof *stats);
    return stats;
}

void cc__queue_stats_destroy(cc__queue_stats_t *stats)
{
    cc_free(stats, sizeof *stats);
}

/* Threads differ in the address of what is thread-local. */
static unsigned stripe_of_thread(void)
{
    uint64_t address = (uintptr_t)&cc__thread_tls;
    return (unsigned)((address >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 60);
}

__attribute__((noinline)) void cc__queue_stats_add(cc__queue_stats_t *stats, cc__queue_counter_t which, uint64_t n)
{
    cc__fetch_add_relaxed(&stats->stripe[stripe_of_thread()].n[which], n); /* only sums are read */
}

static uint64_t sum(const cc__queue_stats_t *stats, cc__queue_counter_t which)
{
    uint64_t total = 0;
    for (int i = 0; stats != NULL && i < CC__QUEUE_STRIPES; i++)
        total += cc__load_relaxed(&stats->stripe[i].n[which]); /* stale: a number that was true a moment ago */
    return total;
}

int cc__queue_stats_snapshot(const cc__queue_stats_t *stats, cc_queue_snapshot_t *out)
{
    if (out == NULL || out->size < sizeof *out)
        return -EINVAL;
    out->pushes = sum(stats, CC__QUEUE_PUSHES);
    out->pops = sum(stats, CC__QUEUE_POPS);
    out->full = sum(stats, CC__QUEUE_FULL);
    out->empty = sum(stats, CC__QUEUE_EMPTY);
    out->retries = sum(stats, CC__QUEUE_RETRIES);
    out->eliminated = sum(stats, CC__QUEUE_ELIMINATED);
    out->waits = sum(stats, CC__QUEUE_WAITS);
    return 0;
}
