/* Tests may share a process: each begins with a reset and judges differences. */
#ifndef CC_ALLOC_STATS_TEST_H
#define CC_ALLOC_STATS_TEST_H

#include <cc/alloc.h>

static inline uint64_t live_bytes(void)
{
    return cc_alloc_stats_snapshot().current_allocated;
}

static inline void start_afresh(void)
{
    cc_alloc_stats_enable(true);
    cc_alloc_stats_reset();
}

#endif
