/* Allocation statistics: one shard of counters per thread, summed on demand. */
#ifndef CC_ALLOC_STATS_H
#define CC_ALLOC_STATS_H

#include "base/thread.h"

#include <stddef.h>

#if CC_ALLOC_STATS
void cc__alloc_stats_count_alloc(size_t bytes);
void cc__alloc_stats_count_free(size_t bytes);

/* Adds the counters of a thread that exits to those of the dead. Under cc__threads_lock. */
void cc__alloc_stats_fold(const cc__alloc_shard_t *shard);
#else
static inline void cc__alloc_stats_fold(const cc__alloc_shard_t *shard)
{
    (void)shard;
}
#endif

#endif
