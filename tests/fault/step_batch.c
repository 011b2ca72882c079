/* A consumer that wants several items of a fifo stands still before one of its accesses, and once more before a later one: each
 * pair of places is tried. At the first the others take some of what it may have seen, or all; at the second an item comes, which
 * they must get, for a consumer takes several tickets only if they are those that it saw. One it takes at once: that may turn out
 * to be nobody's, and is given up, by it and by the producer who gets it. In the end all items have come, in order. */
#include "scenario.h"
#include "step.h"
#include "step_scenes.h"

#include <cc/cc.h>

#include <errno.h>
#include <inttypes.h>

enum { SEGMENT = 16, BATCH = 3, THERE = BATCH - 1 /* several that it sees, fewer than it wants */ };
enum { GIVEN_UP = 2 /* by either side of one ticket */ };

static cc_domain_t *domain;
static cc_fifo_t *fifo;
static uintptr_t pushed;         /* items 1, 2, ... */
static uint64_t popped;          /* a bit for each */
static uintptr_t by_us, by_them; /* the last item that either popped */

static void push_next(void)
{
    pushed++;
    CHECK(cc_fifo_push(fifo, (void *)pushed) == 0); // NOLINT(performance-no-int-to-ptr): never followed
}

static void note(void *item, uintptr_t *last)
{
    uintptr_t n = (uintptr_t)item;
    CHECK(n >= 1 && n <= pushed && (popped >> n & 1) == 0, "item %" PRIuPTR " comes twice, or from nowhere", n);
    CHECK(n > *last, "item %" PRIuPTR " after item %" PRIuPTR, n, *last);
    popped |= UINT64_C(1) << n;
    *last = n;
}

/* False: there is nothing. */
static bool pop_next(void)
{
    void *item;
    int err = cc_fifo_pop(fifo, &item);
    CHECK(err == 0 || err == -EAGAIN, "%d", err);
    if (err == 0)
        note(item, &by_us);
    return err == 0;
}

static void pop_batch(void *arg)
{
    void *items[BATCH];
    (void)arg;
    CHECK(cc_thread_attach(domain) == 0);
    step_begin();
    int64_t went = cc_fifo_pop_n(fifo, items, BATCH);
    step_end();
    CHECK(went == -EAGAIN || (went > 0 && went <= BATCH), "%" PRId64, went);
    for (int64_t i = 0; i < went; i++)
        note(items[i], &by_them);
}

static void create(void)
{
    cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
    opts.segment_items = SEGMENT;
    opts.statistics = true;
    pushed = by_us = by_them = 0;
    popped = 0;
    CHECK(cc_fifo_create(domain, &opts, &fifo) == 0);
}

static void destroy(void)
{
    cc_queue_snapshot_t s = CC_QUEUE_SNAPSHOT_INIT;
    CHECK(popped == (UINT64_C(2) << pushed) - 2, "an item is lost");
    CHECK(cc_fifo_stats_snapshot(fifo, &s) == 0);
    CHECK(s.retries <= GIVEN_UP, "tickets were given up %" PRIu64 " times", s.retries);
    CHECK(cc_fifo_destroy(fifo) == 0);
}

/* How far the call comes: 0, not to the first stop; 1, not to the second; 2, to both. */
static int stand_still_twice(int taken, long first, long second)
{
    stepper_t stepper;
    int stops = 0;
    create();
    for (int i = 0; i < THERE; i++)
        push_next();
    if (step_start(&stepper, pop_batch, NULL, first)) {
        for (int i = 0; i < taken; i++)
            (void)pop_next();
        stops = 1 + step_go_to(&stepper, second);
    }
    push_next();
    CHECK(pop_next(), "access %ld, then %d were taken; %ld on, the next one is kept from others", first, taken, second);
    step_finish(&stepper);
    push_next();
    while (pop_next()) {
    }
    destroy();
    return stops;
}

static void sweep(int taken)
{
    int stops = 2;
    for (long first = 1; stops != 0; first += STEP_STRIDE) {
        stops = 2;
        for (long second = 1; stops == 2; second += STEP_STRIDE)
            stops = stand_still_twice(taken, first, second);
    }
}

void step_batch(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = scheme;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    for (int taken = 1; taken <= THERE; taken++)
        sweep(taken);
    CHECK(cc_domain_destroy(domain) == 0);
}
