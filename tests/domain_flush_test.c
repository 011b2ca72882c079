/* The contract of cc/domain.h: flush. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <string.h>

enum { OBJECTS = 300 };
static counted_t objects[OBJECTS];

static retire_step_t all_objects(cc_domain_t *domain)
{
    memset(objects, 0, sizeof objects);
    return (retire_step_t){domain, objects, OBJECTS, 0};
}

RECLAIMING_SCHEME_TEST(flush, tells_how_many_it_reclaimed, domain)
{
    retire_step_t retire = all_objects(domain);
    retire.n = 3; /* too few to be reclaimed in passing */
    step_retire(&retire);
    cr_assert_eq(counted_with(objects, 3, 0), 3);
    cr_assert_eq(flush_all(domain), 3);
    cr_assert_eq(counted_with(objects, 3, 1), 3);
    cr_assert_eq(cc_domain_flush(domain), 0);
}

/* Nodes of the library count as well. */
RECLAIMING_SCHEME_TEST(flush, counts_what_the_snapshot_counts, domain)
{
    cc_skiplist64_t *map;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    for (uint64_t key = 0; key < 100; key++)
        cr_assert_eq(cc_skiplist64_insert(map, key, &map), 0);
    for (uint64_t key = 0; key < 100; key++)
        cr_assert_eq(cc_skiplist64_remove(map, key, NULL), 0);
    cc_smr_snapshot_t before = snapshot_of(domain);
    cr_assert_geq(before.retired, 100);
    int64_t flushed = flush_all(domain);
    cr_assert_eq(before.reclaimed + (uint64_t)flushed, before.retired);
    cr_assert_eq(snapshot_of(domain).limbo_count, 0);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}

RECLAIMING_SCHEME_TEST(flush, needs_three_attempts_at_most, domain)
{
    for (int round = 0; round < 10 && !is_slow(domain); round++) {
        retire_step_t retire = all_objects(domain);
        step_retire(&retire);
        for (int i = 0; i < attempts_needed(domain); i++)
            cc_domain_flush(domain);
        cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    }
}

RECLAIMING_SCHEME_TEST(flush, adopts_what_exited_threads_left, domain)
{
    retire_step_t retire = all_objects(domain);
    actors_run(1, step_retire, &retire, sizeof retire);
    uint64_t waiting = snapshot_of(domain).limbo_count;
    cr_assert_eq(flush_all(domain), (int64_t)waiting);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

Test(flush, reclaims_nothing_when_leaking)
{
    cc_domain_t *domain = make_domain(CC_SMR_LEAK);
    retire_step_t retire = all_objects(domain);
    step_retire(&retire);
    cr_assert_eq(flush_all(domain), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 0), (size_t)OBJECTS);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

/* ---- inside a guard */

/* Nodes are freed inside a guard, callbacks are left to others. How many nodes there were. */
static uint64_t retire_both_inside(cc_domain_t *domain)
{
    retire_step_t retire = all_objects(domain);
    cc_skiplist64_t *map;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    for (uint64_t key = 0; key < 50; key++) {
        cr_assert_eq(cc_skiplist64_insert(map, key, &map), 0);
        cr_assert_eq(cc_skiplist64_remove(map, key, NULL), 0);
    }
    uint64_t nodes = snapshot_of(domain).retired;
    cr_assert_geq(nodes, 50);
    step_retire(&retire);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
    return nodes;
}

static void check_nothing_called_back(cc_domain_t *domain, uint64_t nodes)
{
    cc_domain_flush(domain);
    int64_t flushed = flush_all(domain);
    cr_assert_eq(counted_with(objects, OBJECTS, 0), (size_t)OBJECTS);
    cr_assert_leq(flushed, (int64_t)nodes);
    if (guards_are_slots(domain))
        cr_assert_eq(snapshot_of(domain).reclaimed, nodes, "nodes need no callback");
}

RECLAIMING_SCHEME_TEST(flush, leaves_callbacks_to_the_time_after_the_guard, domain)
{
    cc_guard_t *guard = cc_guard_enter(domain);
    check_nothing_called_back(domain, retire_both_inside(domain));
    cc_guard_leave(guard);
    flush_all(domain);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

RECLAIMING_SCHEME_TEST(flush, runs_what_another_thread_left_inside_its_guard, domain)
{
    cc_guard_t *guard = cc_guard_enter(domain);
    check_nothing_called_back(domain, retire_both_inside(domain));
    int result = reclaim_hard_elsewhere(domain);
    size_t left = counted_with(objects, OBJECTS, 0);
    cc_guard_leave(guard);
    if (guards_are_slots(domain)) {
        cr_assert_eq(result, 0, "the guard holds none of them");
        cr_assert_eq(left, 0);
    } else {
        cr_assert_eq(result, -ETIMEDOUT, "the guard holds everything");
        cr_assert_eq(left, (size_t)OBJECTS);
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
    }
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}
