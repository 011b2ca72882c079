/* The contract of cc/fifo.h: what it shares with the other queues stands in queue_contract.h and queue_in_domain.h. */
#include <cc/cc.h>

#define QUEUE_TEST(name, domain)            SCHEME_TEST(fifo, name, domain)
#define RECLAIMING_QUEUE_TEST(name, domain) RECLAIMING_SCHEME_TEST(fifo, name, domain)
#define QUEUE_TEST_ALONE(name)              Test(fifo, name)
#define VERB(name)                          cc_fifo_##name
#define OPTS_INIT                           CC_FIFO_OPTS_INIT
#define CREATE(domain, opts, out)           cc_fifo_create(domain, opts, out)
#define NEWEST_FIRST                        0

typedef cc_fifo_t queue_t;
typedef cc_fifo_opts_t opts_t;

#include "queue_contract.h"
#include "queue_in_domain.h"

SCHEME_TEST(fifo, segments_are_powers_of_two, domain)
{
    static const size_t bad[] = {3, 5, 1000, 2 * CC_FIFO_SEGMENT_MAX, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
        cc_fifo_t *fifo = (void *)&nothing;
        opts.segment_items = bad[i];
        cr_assert_eq(cc_fifo_create(domain, &opts, &fifo), -EINVAL);
        cr_assert_eq(fifo, (void *)&nothing);
    }
}

/* Over many segments of every size, with batches that do not end where segments do. */
SCHEME_TEST(fifo, order_holds_over_segments, domain)
{
    for (size_t segment = 1; segment <= 64; segment *= 2) {
        cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
        uintptr_t in = 1, out = 1;
        opts.segment_items = segment;
        cc_fifo_t *fifo = make_queue_with(domain, &opts);
        for (size_t step = 1; step < 60; step++) {
            void *items[64];
            for (size_t i = 0; i < step; i++)
                items[i] = item_of(in + i);
            cr_assert_eq(cc_fifo_push_n(fifo, items, step), (int64_t)step);
            in += step;
            cr_assert_eq(cc_fifo_count(fifo), in - out);
            for (size_t left = step % 7 == 0 ? in - out : step / 2; left > 0;) {
                int64_t n = cc_fifo_pop_n(fifo, items, left < 64 ? left : 64);
                cr_assert(n > 0 && n <= (int64_t)left);
                for (int64_t i = 0; i < n; i++)
                    cr_assert_eq(items[i], item_of(out++));
                left -= (size_t)n;
                cr_assert_eq(cc_fifo_count(fifo), in - out);
            }
        }
        cr_assert_eq(cc_fifo_destroy(fifo), 0);
    }
}

/* However much went through: drained, a queue is one segment again, and the rest was retired in bytes. */
RECLAIMING_SCHEME_TEST(fifo, a_drained_queue_is_one_segment, domain)
{
    enum { MANY = 5000, CELLS = 64 };
    void *out;
    cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
    opts.segment_items = CELLS;
    cc_fifo_t *fifo = make_queue_with(domain, &opts);
    for (uintptr_t i = 1; i <= MANY; i++)
        cr_assert_eq(cc_fifo_push(fifo, item_of(i)), 0);
    cr_assert_eq(snapshot_of(domain).retired, 0);
    for (uintptr_t i = 1; i <= MANY; i++)
        cr_assert_eq(cc_fifo_pop(fifo, &out), 0);
    cr_assert_eq(cc_fifo_pop(fifo, &out), -EAGAIN);
    cr_assert_eq(snapshot_of(domain).retired, MANY / CELLS);
    cr_assert_eq(reclaim_hard(domain), 0);
    cr_assert_eq(snapshot_of(domain).limbo_bytes, 0);
    cr_assert_eq(cc_fifo_destroy(fifo), 0);
}
