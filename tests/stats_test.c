/* The contract of cc/stats.h. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

enum { OBJECTS = 100 };
static counted_t objects[OBJECTS];

static void retire_all(cc_domain_t *domain)
{
    memset(objects, 0, sizeof objects);
    retire_step_t retire = {domain, objects, OBJECTS, 0};
    step_retire(&retire);
    cr_assert_eq(retire.err, 0);
}

Test(stats, causes_have_names)
{
    static const char *const names[] = {"none", "operation", "guard", "callback", "owner", "fence"};
    for (int i = CC_STALL_NONE; i <= CC_STALL_FENCE; i++)
        cr_assert_str_eq(cc_smr_stall_name((cc_smr_stall_t)i), names[i]);
    cr_assert_not_null(cc_smr_stall_name((cc_smr_stall_t)-1));
    cr_assert_not_null(cc_smr_stall_name((cc_smr_stall_t)(CC_STALL_FENCE + 1)));
    cr_assert_not_null(cc_smr_stall_name((cc_smr_stall_t)123456));
}

SCHEME_TEST(stats, shorter_structs_are_refused, domain)
{
    static const size_t sizes[] = {0, 1, 8, sizeof(cc_smr_snapshot_t) - 1};
    cc_smr_snapshot_t s, before;
    cr_assert_eq(cc_smr_stats_snapshot(domain, NULL), -EINVAL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(&s, 0x5A, sizeof s);
        s.size = sizes[i];
        before = s;
        cr_assert_eq(cc_smr_stats_snapshot(domain, &s), -EINVAL);
        cr_assert_eq(memcmp(&s, &before, sizeof s), 0);
    }
    s.size = sizeof s;
    before = s;
    cr_assert_eq(cc_smr_stats_snapshot(NULL, &s), -EINVAL);
    cr_assert_eq(memcmp(&s, &before, sizeof s), 0);
}

SCHEME_TEST(stats, longer_structs_are_filled_as_far_as_known, domain)
{
    struct {
        cc_smr_snapshot_t known;
        uint64_t added;
    } newer = {CC_SMR_SNAPSHOT_INIT, 42};
    newer.known.size = sizeof newer;
    retire_all(domain);
    cr_assert_eq(cc_smr_stats_snapshot(domain, &newer.known), 0);
    cr_assert_eq(newer.known.size, sizeof newer);
    cr_assert_eq(newer.known.retired, (uint64_t)OBJECTS);
    cr_assert_eq(newer.added, 42);
}

SCHEME_TEST(stats, new_domain_has_done_nothing, domain)
{
    cc_smr_snapshot_t s;
    memset(&s, 0x5A, sizeof s);
    s.size = sizeof s;
    cr_assert_eq(cc_smr_stats_snapshot(domain, &s), 0);
    uint64_t sum = s.retired + s.reclaimed + s.limbo_count + s.limbo_bytes + s.limbo_bytes_peak + s.scans + s.restarts +
                   s.orphans + s.leaked + s.threads + s.guards + s.fence_failures;
    cr_assert_eq(sum, 0);
    cr_assert_eq(s.stall, CC_STALL_NONE);
    cr_assert_eq(s.stalled_thread, 0);
    cr_assert_eq(s.size, sizeof s);
}

/* ---- objects and bytes */

SCHEME_TEST(stats, count_what_waits, domain)
{
    cc_guard_t *guard = cc_guard_enter(domain); /* so that nothing is reclaimed in passing */
    retire_all(domain);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.retired, (uint64_t)OBJECTS);
    cr_assert_eq(s.reclaimed, 0);
    cr_assert_eq(s.limbo_count, (uint64_t)OBJECTS);
    cr_assert_eq(s.limbo_bytes, OBJECTS * sizeof(counted_t));
    cr_assert_geq(s.limbo_bytes_peak, s.limbo_bytes);
    cc_guard_leave(guard);
}

RECLAIMING_SCHEME_TEST(stats, count_what_is_reclaimed, domain)
{
    uint64_t peak = 0;
    for (uint64_t round = 1; round <= 3; round++) {
        cc_guard_t *guard = cc_guard_enter(domain);
        retire_all(domain);
        cc_guard_leave(guard);
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
        cc_smr_snapshot_t s = snapshot_of(domain);
        cr_assert_eq(s.retired, round * OBJECTS);
        cr_assert_eq(s.reclaimed, round * OBJECTS);
        cr_assert_eq(s.limbo_count, 0);
        cr_assert_eq(s.limbo_bytes, 0);
        cr_assert_geq(s.limbo_bytes_peak, OBJECTS * sizeof(counted_t), "the peak stays");
        cr_assert_geq(s.limbo_bytes_peak, peak);
        peak = s.limbo_bytes_peak;
    }
    cr_assert_leq(peak, 2 * OBJECTS * sizeof(counted_t), "it is the highest of three, not their sum");
}

/* Nodes count as allocated, values with the size that the map was told. */
SCHEME_TEST(stats, count_nodes_and_values, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_bst_t *map;
    const cc_bytes_t key = {"key", 3};
    static counted_t value;
    value = (counted_t){0};
    opts.value_reclaim = counted_reclaim;
    opts.value_size = 100000;
    cr_assert_eq(cc_bst_create(domain, &opts, &map), 0);
    cr_assert_eq(cc_bst_insert(map, key, &value), 0);
    cr_assert_eq(snapshot_of(domain).retired, 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(cc_bst_remove(map, key, NULL), 0);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.retired, 2); /* a leaf as well */
    cr_assert_gt(s.limbo_bytes, 100000);
    cr_assert_leq(s.limbo_bytes, 100000 + 256);
    cc_guard_leave(guard);
    cr_assert_eq(cc_bst_destroy(map), 0);
}

/* What a put for a key that is there adds to the limbo: a leaf as well. */
static cc_smr_snapshot_t limbo_of_put(cc_domain_t *domain, cc_map_opts_t opts)
{
    cc_bst_t *map;
    const cc_bytes_t key = {"key", 3};
    static counted_t values[2];
    memset(values, 0, sizeof values);
    cr_assert_eq(cc_bst_create(domain, &opts, &map), 0);
    cc_smr_snapshot_t before = snapshot_of(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_bst_put(map, key, &values[i], NULL), i);
    cc_smr_snapshot_t s = snapshot_of(domain);
    s.retired -= before.retired;
    s.limbo_bytes -= before.limbo_bytes;
    cc_guard_leave(guard);
    cr_assert_eq(cc_bst_destroy(map), 0);
    (void)cc_domain_drain(domain, 0); /* or the next ones' would be fewer; under leak nothing goes */
    return s;
}

SCHEME_TEST(stats, values_without_a_size_count_as_nothing, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_smr_snapshot_t without = limbo_of_put(domain, opts);
    opts.value_reclaim = counted_reclaim;
    cc_smr_snapshot_t with = limbo_of_put(domain, opts);
    cr_assert_eq(without.retired, 1);
    cr_assert_eq(with.retired, 2);
    cr_assert_eq(with.limbo_bytes, without.limbo_bytes);
}

/* ---- threads, guards, orphans */

typedef struct {
    cc_domain_t *domain;
    cc_guard_t *guards[3];
} guards_step_t;

static void step_enter_three(void *arg)
{
    guards_step_t *s = arg;
    for (int i = 0; i < 3; i++)
        s->guards[i] = cc_guard_enter(s->domain);
}

static void step_leave_three(void *arg)
{
    guards_step_t *s = arg;
    for (int i = 2; i >= 0; i--)
        cc_guard_leave(s->guards[i]);
}

SCHEME_TEST(stats, count_threads_and_guards, domain)
{
    guards_step_t s = {domain, {NULL}};
    actor_t other;
    actor_start(&other);
    cr_assert_eq(snapshot_of(domain).threads, 0);
    actor_do(&other, step_enter_three, &s);
    cr_assert_eq(snapshot_of(domain).threads, 1);
    cr_assert_eq(snapshot_of(domain).guards, 3);
    cc_guard_t *own = cc_guard_enter(domain);
    cr_assert_eq(snapshot_of(domain).threads, 2);
    cr_assert_eq(snapshot_of(domain).guards, 4);
    cc_guard_refresh(own);
    cr_assert_eq(snapshot_of(domain).guards, 4);
    actor_do(&other, step_leave_three, &s);
    cr_assert_eq(snapshot_of(domain).guards, 1);
    cc_guard_leave(own);
    actor_stop(&other);
    cr_assert_eq(snapshot_of(domain).threads, 1);
    cr_assert_eq(snapshot_of(domain).guards, 0);
}

static void step_retire_ten_in_a_guard(void *arg)
{
    cc_domain_t *domain = arg;
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < 10; i++)
        counted_retire(domain, &objects[i]);
    (void)guard; /* its exit leaves it */
}

SCHEME_TEST(stats, count_orphans, domain)
{
    memset(objects, 0, sizeof objects);
    actors_run(1, step_retire_ten_in_a_guard, domain, 0);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.orphans, 10);
    cr_assert_eq(s.limbo_count, 10);
    cr_assert_eq(s.threads, 0);
    if (domain_is(domain, "leak"))
        return;
    cr_assert_eq(flush_all(domain), 10);
    cr_assert_eq(snapshot_of(domain).orphans, 0);
}

/* ---- rounds */

RECLAIMING_SCHEME_TEST(stats, count_rounds, domain)
{
    cc_smr_snapshot_t before = snapshot_of(domain);
    for (uint64_t i = 1; i <= 5; i++) {
        cc_domain_flush(domain);
        cr_assert_eq(snapshot_of(domain).scans, before.scans + i);
    }
    cr_assert_eq(snapshot_of(domain).fence_failures, 0);
}

/* Under IBR with what is allocated and retired, under the others with rounds. */
SCHEME_TEST(stats, epoch_moves_on, domain)
{
    enum { RETIREMENTS = 3000 };
    static counted_t many[RETIREMENTS];
    memset(many, 0, sizeof many);
    uint64_t before = snapshot_of(domain).epoch;
    retire_step_t retire = {domain, many, RETIREMENTS, 0};
    step_retire(&retire);
    uint64_t after = snapshot_of(domain).epoch;
    if (domain_is(domain, "ibr"))
        cr_assert_gt(after, before);
    for (int i = 0; i < 5; i++)
        cc_domain_flush(domain);
    if (domain_is(domain, "leak"))
        cr_assert_eq(snapshot_of(domain).epoch, before);
    else if (!domain_is(domain, "ibr"))
        cr_assert_geq(snapshot_of(domain).epoch, after + 5, "nobody is in the way");
}

typedef struct {
    cc_domain_t *domain;
    CC_ATOMIC_PTR slot;
    cc_guard_t *guard;
    int err;
} hold_step_t;

static void step_hold(void *arg)
{
    hold_step_t *s = arg;
    void *out;
    s->guard = cc_guard_enter(s->domain);
    s->err = cc_guard_protect(s->guard, &s->slot, &out);
}

static void step_let_go(void *arg)
{
    hold_step_t *s = arg;
    cc_guard_leave(s->guard);
}

typedef struct {
    cc_domain_t *domain;
    cc_skiplist_t *map;
    int64_t deadline;
} quarrel_step_t;

/* Lets the others run in the middle of a search. */
static int compare_slowly(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    (void)ctx;
    sched_yield();
    return (int)*(const char *)a.data - (int)*(const char *)b.data;
}

static void step_quarrel(void *arg)
{
    quarrel_step_t *s = arg;
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    while (snapshot.restarts == 0 && now_ns() < s->deadline) {
        for (unsigned i = 0; i < 100; i++) {
            cc_bytes_t key = {&"ab"[i % 2], 1};
            cc_skiplist_insert(s->map, key, s->map);
            cc_skiplist_remove(s->map, key, NULL);
        }
        cc_smr_stats_snapshot(s->domain, &snapshot);
    }
}

/* Threads that quarrel about two keys throw each other back; one alone is never thrown back. */
SCHEME_TEST(stats, count_restarts, domain)
{
    enum { THREADS = 4 };
    quarrel_step_t steps[THREADS];
    cc_skiplist_t *map;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.compare = compare_slowly;
    cr_assert_eq(cc_skiplist_create(domain, &opts, &map), 0);
    for (char key = 1; key < 100; key++)
        cr_assert_eq(cc_skiplist_insert(map, (cc_bytes_t){&key, 1}, map), 0);
    for (char key = 1; key < 100; key++)
        cr_assert_eq(cc_skiplist_remove(map, (cc_bytes_t){&key, 1}, NULL), 0);
    cr_assert_eq(snapshot_of(domain).restarts, 0);
    for (int i = 0; i < THREADS; i++)
        steps[i] = (quarrel_step_t){domain, map, now_ns() + 30 * SECOND};
    actors_run(THREADS, step_quarrel, steps, sizeof steps[0]);
    cr_assert_gt(snapshot_of(domain).restarts, 0);
    cr_assert_eq(cc_skiplist_destroy(map), 0);
}

RECLAIMING_SCHEME_TEST(stats, flush_says_who_is_in_the_way, domain)
{
    static counted_t object;
    object = (counted_t){0};
    hold_step_t s = {domain, &object, NULL, 1};
    actor_t other;
    actor_start(&other);
    actor_do(&other, step_hold, &s);
    cr_assert_eq(s.err, 0);
    cr_assert_eq(counted_retire(domain, &object), 0);
    for (int i = 0; i < 4; i++)
        cc_domain_flush(domain);
    cc_smr_snapshot_t snapshot = snapshot_of(domain);
    cr_assert_eq(snapshot.stall, CC_STALL_GUARD, "%s", cc_smr_stall_name(snapshot.stall));
    cr_assert_eq(snapshot.stalled_thread, other.tid);
    actor_do(&other, step_let_go, &s);
    flush_all(domain);
    snapshot = snapshot_of(domain);
    cr_assert_eq(snapshot.stall, CC_STALL_NONE, "%s", cc_smr_stall_name(snapshot.stall));
    cr_assert_eq(snapshot.stalled_thread, 0);
    cr_assert_eq(counted_times(&object), 1);
    actor_stop(&other);
}

/* ---- at any time */

static void snapshot_from_callback(void *ptr, void *ctx)
{
    cc_smr_snapshot_t *s = ctx;
    cc_smr_stats_snapshot(ptr, s);
}

RECLAIMING_SCHEME_TEST(stats, may_be_read_in_a_callback, domain)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    cr_assert_eq(cc_retire(domain, domain, 1, snapshot_from_callback, &s), 0);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(s.retired, 1);
    cr_assert_eq(s.reclaimed, 0, "its callback was not over");
}

typedef struct {
    cc_domain_t *domain;
    atomic_bool *stop;
} restless_step_t;

static void count_only(void *ptr, void *ctx)
{
    (void)ptr;
    (void)ctx;
}

static void step_retire_until_stopped(void *arg)
{
    restless_step_t *s = arg;
    while (!atomic_load(s->stop))
        cc_retire(s->domain, s, 10, count_only, NULL);
}

RECLAIMING_SCHEME_TEST(stats, numbers_fit_together_while_others_work, domain)
{
    enum { THREADS = 2 };
    atomic_bool stop = false;
    restless_step_t step = {domain, &stop};
    actor_t busy[THREADS];
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        actor_start(&busy[i]);
        actor_begin(&busy[i], step_retire_until_stopped, &step);
    }
    cc_smr_snapshot_t last = CC_SMR_SNAPSHOT_INIT;
    for (int i = 0; i < 20000; i++) {
        cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
        wrong += cc_smr_stats_snapshot(domain, &s) != 0;
        wrong += s.reclaimed > s.retired || s.limbo_count != s.retired - s.reclaimed;
        wrong += s.limbo_bytes_peak < s.limbo_bytes || s.limbo_bytes_peak < last.limbo_bytes_peak;
        wrong += s.retired < last.retired || s.reclaimed < last.reclaimed || s.epoch < last.epoch;
        last = s;
    }
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) {
        actor_wait(&busy[i]);
        actor_stop(&busy[i]);
    }
    cr_assert_eq(wrong, 0);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    last = snapshot_of(domain);
    cr_assert_eq(last.limbo_bytes, 0);
    cr_assert_eq(last.retired, last.reclaimed);
}
