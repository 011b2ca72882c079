/* The contract of cc/lifo.h: what it shares with the other queues stands in queue_contract.h and queue_in_domain.h. */
#include <cc/cc.h>

#define QUEUE_TEST(name, domain)            SCHEME_TEST(lifo, name, domain)
#define RECLAIMING_QUEUE_TEST(name, domain) RECLAIMING_SCHEME_TEST(lifo, name, domain)
#define QUEUE_TEST_ALONE(name)              Test(lifo, name)
#define VERB(name)                          cc_lifo_##name
#define OPTS_INIT                           CC_LIFO_OPTS_INIT
#define CREATE(domain, opts, out)           cc_lifo_create(domain, opts, out)
#define NEWEST_FIRST                        1

typedef cc_lifo_t queue_t;
typedef cc_lifo_opts_t opts_t;

#include "queue_contract.h"
#include "queue_in_domain.h"

SCHEME_TEST(lifo, too_many_places_are_refused, domain)
{
    cc_lifo_opts_t opts = CC_LIFO_OPTS_INIT;
    cc_lifo_t *lifo = (void *)&nothing;
    opts.elimination = CC_LIFO_ELIMINATION_MAX + 1;
    cr_assert_eq(cc_lifo_create(domain, &opts, &lifo), -EINVAL);
    cr_assert_eq(lifo, (void *)&nothing);
}

/* The crowd of the contract once more, with places to meet. */
SCHEME_TEST(lifo, a_crowd_that_eliminates_loses_nothing, domain)
{
    crowd_t crowd[PRODUCERS + CONSUMERS];
    uint64_t pushed = 0, popped = 0;
    cc_queue_snapshot_t s = CC_QUEUE_SNAPSHOT_INIT;
    cc_lifo_opts_t opts = CC_LIFO_OPTS_INIT;
    opts.elimination = 1;
    opts.statistics = true;
    cc_lifo_t *lifo = make_queue_with(domain, &opts);
    atomic_store(&producers_left, PRODUCERS);
    for (uintptr_t i = 0; i < PRODUCERS + CONSUMERS; i++)
        crowd[i] = (crowd_t){.q = lifo, .number = i};
    actors_run(PRODUCERS + CONSUMERS, step_crowd, crowd, sizeof crowd[0]);
    for (int i = 0; i < PRODUCERS + CONSUMERS; i++) {
        cr_assert_eq(crowd[i].wrong, 0);
        *(i < PRODUCERS ? &pushed : &popped) += crowd[i].sum;
    }
    cr_assert_eq(pushed, popped);
    cr_assert_eq(cc_lifo_stats_snapshot(lifo, &s), 0);
    cr_assert_eq(s.pushes, PRODUCERS * EACH);
    cr_assert_eq(s.pops, PRODUCERS * EACH);
    cr_assert_leq(s.eliminated, s.retries);
    cr_assert_eq(cc_lifo_count(lifo), 0);
    cr_assert_eq(cc_lifo_destroy(lifo), 0);
}

/* A popped node is retired, not freed: one retirement per item. */
RECLAIMING_SCHEME_TEST(lifo, nodes_are_reclaimed, domain)
{
    void *out;
    cc_lifo_t *lifo = make_queue(domain);
    for (uintptr_t i = 1; i <= 100; i++)
        cr_assert_eq(cc_lifo_push(lifo, item_of(i)), 0);
    for (uintptr_t i = 1; i <= 60; i++)
        cr_assert_eq(cc_lifo_pop(lifo, &out), 0);
    cr_assert_eq(snapshot_of(domain).retired, 60);
    cr_assert_eq(reclaim_hard(domain), 0);
    cr_assert_eq(snapshot_of(domain).reclaimed, 60);
    cr_assert_eq(cc_lifo_destroy(lifo), 0); /* of those left nobody is waiting for */
}

/* What waits counts as what it takes, 64 bytes an entry, or a memory cap would let in more than it says. */
RECLAIMING_SCHEME_TEST(lifo, nodes_count_as_what_they_take, domain)
{
    enum { NODES = 20, ENTRY_BYTES = 64 };
    void *out;
    uint64_t most = 0;
    cc_lifo_t *lifo = make_queue(domain);
    for (uintptr_t i = 1; i <= NODES; i++)
        cr_assert_eq(cc_lifo_push(lifo, item_of(i)), 0);
    for (uintptr_t i = 1; i <= NODES && !is_foreign(domain); i++) {
        cr_assert_eq(cc_lifo_pop(lifo, &out), 0);
        cc_smr_snapshot_t s = snapshot_of(domain);
        cr_assert_eq(s.limbo_bytes, s.limbo_count * ENTRY_BYTES);
        most = s.limbo_count > most ? s.limbo_count : most;
    }
    cr_assert(most > 0 || is_foreign(domain));
    cr_assert_eq(cc_lifo_destroy(lifo), 0);
}
