/* Counters of one queue, off by default: then a queue has none, and a call tests one pointer that never changes. */
#ifndef CC_DS_QUEUE_STATS_H
#define CC_DS_QUEUE_STATS_H

#include "base/atomic.h"
#include "cc/alloc.h"
#include "cc/stats.h"

typedef enum {
    CC__QUEUE_PUSHES,
    CC__QUEUE_POPS,
    CC__QUEUE_FULL,
    CC__QUEUE_EMPTY,
    CC__QUEUE_RETRIES,
    CC__QUEUE_ELIMINATED,
    CC__QUEUE_WAITS,
    CC__QUEUE_COUNTERS
} cc__queue_counter_t;

enum { CC__QUEUE_STRIPES = 16 };

/* By thread, so that counting threads do not share a line. */
typedef struct {
    struct {
        _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(uint64_t) n[CC__QUEUE_COUNTERS];
    } stripe[CC__QUEUE_STRIPES];
} cc__queue_stats_t;

/* NULL: no memory. */
cc__queue_stats_t *cc__queue_stats_create(void);
void cc__queue_stats_destroy(cc__queue_stats_t *stats);

void cc__queue_stats_add(cc__queue_stats_t *stats, cc__queue_counter_t which, uint64_t n);

static inline void cc__queue_count(cc__queue_stats_t *stats, cc__queue_counter_t which, uint64_t n)
{
    if (__builtin_expect(stats != NULL, 0))
        cc__queue_stats_add(stats, which, n);
}

/* `stats` may be NULL: all zero. 0 or -EINVAL. */
int cc__queue_stats_snapshot(const cc__queue_stats_t *stats, cc_queue_snapshot_t *out);

#endif
