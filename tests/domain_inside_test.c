/* The contract of cc/domain.h and cc/stats.h where only a look inside can tell, or where another thread must be caught
 * in the middle of a call: its record is put into that state by hand. Linked with the library's hidden symbols. */
#include "alloc/backend_mock.h"
#include "smr/registry.h"

#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

Test(inside, name_is_cut_to_31_bytes)
{
    char name[100];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.name = name;
    cc_domain_t *domain = NULL;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    memset(name, 'x', sizeof name - 1);
    cr_assert_eq(strlen(domain->name), 31);
    cr_assert_eq(strspn(domain->name, "n"), 31);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    opts.name = "short";
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    cr_assert_str_eq(domain->name, "short");
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

Test(inside, reserve_that_fails_keeps_nothing)
{
    cc_domain_t *domain = make_domain(CC_SMR_IBR);
    cr_assert_eq(cc_retire_reserve(domain, 1), 0);
    cc__mock_live_t before = cc__mock_live();
    cc__mock_fail_at(50);
    cr_assert_eq(cc_retire_reserve(domain, 1000 * CC_LIMBO_BLOCK_ENTRIES), -ENOMEM);
    cc__mock_fail_at(0);
    cr_assert_eq(cc__mock_live().blocks, before.blocks);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* ---- callbacks run outside operations */

static atomic_int calls, calls_inside;

static void look_around(void *ptr, void *ctx)
{
    cc_domain_t *domain = ctx;
    cc__rec_t *rec = cc__rec(domain);
    (void)ptr;
    atomic_fetch_add(&calls, 1);
    if (atomic_load(&rec->lower) != CC__IDLE || atomic_load(&rec->upper) != CC__IDLE ||
        atomic_load(&rec->announce) != CC__QUIESCENT || atomic_load(&rec->busy) != 0 || rec->innermost != NULL)
        atomic_fetch_add(&calls_inside, 1);
}

typedef struct {
    cc_domain_t *domain;
    cc_skiplist64_t *map;
} churn_step_t;

/* Every verb that retires or reclaims in passing. */
static void step_churn(void *arg)
{
    churn_step_t *s = arg;
    uint64_t k;
    for (uint64_t i = 1; i <= 3000; i++) {
        void *value = (void *)(uintptr_t)(i * 16);
        cc_skiplist64_put(s->map, i % 7, value, NULL);
        cc_skiplist64_replace(s->map, i % 7, value, (void *)(uintptr_t)(i * 16 + 100000));
        cc_skiplist64_remove(s->map, (i + 3) % 7, NULL);
        cc_skiplist64_min(s->map, &k, &value);
        cc_guard_leave(cc_guard_enter(s->domain));
        if (i % 100 == 0)
            cc_domain_flush(s->domain);
    }
}

RECLAIMING_SCHEME_TEST(inside, callbacks_run_outside_operations, domain)
{
    churn_step_t steps[2];
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = look_around;
    opts.value_ctx = domain;
    atomic_store(&calls, 0);
    atomic_store(&calls_inside, 0);
    for (int i = 0; i < 2; i++)
        steps[i].domain = domain;
    cr_assert_eq(cc_skiplist64_create(domain, &opts, &steps[0].map), 0);
    steps[1].map = steps[0].map;
    actors_run(2, step_churn, steps, sizeof steps[0]);
    cr_assert_eq(cc_skiplist64_destroy(steps[0].map), 0);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_gt(atomic_load(&calls), 3000);
    cr_assert_eq(atomic_load(&calls_inside), 0);
}

/* ---- another thread in the middle of something */

enum { OBJECTS = 20, LARGE = 1 << 20 };
static counted_t objects[OBJECTS];

static cc__rec_t *record_of(cc_domain_t *domain, const actor_t *actor)
{
    cc__rec_t *rec = atomic_load(&domain->recs);
    while (rec != NULL && atomic_load(&rec->tid) != actor->tid)
        rec = rec->next;
    cr_assert_not_null(rec);
    return rec;
}

static void expect_stall(cc_domain_t *domain, cc_smr_stall_t stall, const actor_t *actor)
{
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.stall, stall, "%s", cc_smr_stall_name(s.stall));
    cr_assert_eq(s.stalled_thread, actor->tid);
}

/* As if it were descheduled while it handles its own garbage. */
RECLAIMING_SCHEME_TEST(inside, drain_names_an_owner_at_work, domain)
{
    actor_t other;
    memset(objects, 0, sizeof objects);
    retire_step_t retire = {domain, objects, 1, 0};
    actor_start(&other);
    actor_do(&other, step_retire, &retire);
    cc__rec_t *rec = record_of(domain, &other);
    cr_assert_eq(counted_retire(domain, &objects[1]), 0); /* that nothing holds this one is not what it tells */
    atomic_store(&rec->busy, 1);
    int err = -ETIMEDOUT;
    for (int i = 0; i < attempts_needed(domain) && counted_times(&objects[1]) == 0; i++)
        err = cc_domain_drain(domain, 0);
    cr_assert_eq(err, -ETIMEDOUT);
    cr_assert_eq(counted_times(&objects[1]), 1);
    expect_stall(domain, CC_STALL_OWNER, &other);
    cr_assert_eq(counted_times(&objects[0]), 0);
    atomic_store(&rec->busy, 0);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_times(&objects[0]), 1);
    actor_stop(&other);
}

/* As if a drainer were just looking at its limbo: what it retires goes to the orphans, and is not lost. */
SCHEME_TEST(inside, retirement_goes_round_a_drainer, domain)
{
    memset(objects, 0, sizeof objects);
    cr_assert_eq(cc_thread_attach(domain), 0);
    cc__rec_t *rec = cc__rec(domain);
    atomic_store(&rec->wanted, 1);
    retire_step_t retire = {domain, objects, OBJECTS, 0};
    step_retire(&retire);
    cr_assert_eq(retire.err, 0);
    cr_assert_eq(cc_domain_flush(domain), 0);
    cr_assert_eq(snapshot_of(domain).orphans, (uint64_t)OBJECTS);
    cr_assert_eq(counted_with(objects, OBJECTS, 0), (size_t)OBJECTS);
    atomic_store(&rec->wanted, 0);
    if (domain_is(domain, "leak"))
        return;
    flush_all(domain);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

static void step_begin_operation(void *arg)
{
    cc__rec_t *rec = cc__rec(arg);
    uint64_t epoch = atomic_load(rec->epoch);
    if (domain_is(rec->domain, "ibr")) {
        atomic_store(&rec->lower, epoch);
        atomic_store(&rec->upper, epoch);
    } else {
        atomic_store(&rec->announce, epoch << CC__EPOCH_SHIFT);
    }
}

static void step_end_operation(void *arg)
{
    cc__rec_t *rec = cc__rec(arg);
    atomic_store(&rec->upper, CC__IDLE);
    atomic_store(&rec->lower, CC__IDLE);
    atomic_store(&rec->announce, CC__QUIESCENT);
}

static void push_all(cc_lifo_t *lifo, uint64_t n)
{
    int wrong = 0;
    for (uint64_t i = 0; i < n; i++)
        wrong += cc_lifo_push(lifo, lifo) != 0;
    cr_assert_eq(wrong, 0);
}

static void pop_all(cc_lifo_t *lifo, uint64_t n)
{
    int wrong = 0;
    void *item;
    for (uint64_t i = 0; i < n; i++)
        wrong += cc_lifo_pop(lifo, &item) != 0;
    cr_assert_eq(wrong, 0);
}

/* As if it were asleep inside an operation: under IBR it pins the nodes that lived when it fell asleep, at most; under
 * epochs everything from then on. Under DEBRA+ the kernel would prove that it only pretends (fault/neutralize). */
RECLAIMING_SCHEME_TEST(inside, sleeper_in_an_operation_pins_what_it_may_read, domain)
{
    if (domain_is(domain, "debra"))
        return;
    enum { LIVE = 20, LATER = 400 }; /* each item has a node */
    actor_t other;
    cc_lifo_t *lifo;
    cr_assert_eq(cc_lifo_create(domain, NULL, &lifo), 0);
    push_all(lifo, LIVE);
    actor_start(&other);
    actor_do(&other, step_begin_operation, domain);
    pop_all(lifo, LIVE);
    for (uint64_t i = 0; i < LATER; i++) {
        push_all(lifo, 1);
        pop_all(lifo, 1);
    }
    cr_assert_eq(reclaim_hard(domain), -ETIMEDOUT);
    expect_stall(domain, CC_STALL_OPERATION, &other);
    uint64_t waiting = snapshot_of(domain).limbo_count;
    if (domain_is(domain, "ibr")) {
        cr_assert_geq(waiting, (uint64_t)LIVE);
        cr_assert_leq(waiting, (uint64_t)LIVE + 4, "and what was born before the epoch moved on");
    } else {
        cr_assert_eq(waiting, (uint64_t)LIVE + LATER);
    }
    actor_do(&other, step_end_operation, domain);
    cr_assert_eq(reclaim_hard(domain), 0);
    actor_stop(&other);
    cr_assert_eq(cc_lifo_destroy(lifo), 0);
}

/* ---- memory */

/* What was reserved needs no memory; the rest is leaked and counted, never reclaimed early. */
SCHEME_TEST(inside, reserve_makes_room, domain)
{
    memset(objects, 0, sizeof objects);
    cr_assert_eq(cc_retire_reserve(domain, OBJECTS), 0);
    cc_guard_t *guard = cc_guard_enter(domain); /* nothing is reclaimed in passing */
    cc__mock_fail_from(1);
    retire_step_t retire = {domain, objects, OBJECTS, 0};
    step_retire(&retire);
    cc__mock_fail_from(0);
    cr_assert_eq(retire.err, 0);
    cr_assert_eq(snapshot_of(domain).leaked, 0);
    cc_guard_leave(guard);
}

SCHEME_TEST(inside, retire_without_memory_leaks, domain)
{
    enum { MANY = 200 };
    static counted_t many[MANY];
    memset(many, 0, sizeof many);
    cr_assert_eq(cc_thread_attach(domain), 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    cc__mock_fail_from(1);
    retire_step_t retire = {domain, many, MANY, 0};
    step_retire(&retire);
    cc__mock_fail_from(0);
    cr_assert_eq(retire.err, 0, "it does not fail");
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_gt(s.leaked, 0);
    cr_assert_geq(MANY - s.leaked, 16, "a guard reserves room for 16");
    cr_assert_eq(s.retired, (uint64_t)MANY);
    cr_assert_eq(s.limbo_count, s.retired - s.leaked);
    cr_assert_eq(counted_with(many, MANY, 0), (size_t)MANY);
    cc_guard_leave(guard);
    if (domain_is(domain, "leak"))
        return;
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(many, MANY, 1), (size_t)(MANY - s.leaked));
    cr_assert_eq(snapshot_of(domain).leaked, s.leaked);
}

static void hold_all(cc_guard_t *guard)
{
    for (int i = 0; i < OBJECTS; i++) {
        CC_ATOMIC_PTR slot = &objects[i];
        void *held;
        cr_assert_eq(cc_guard_protect(guard, &slot, &held), 0);
    }
}

typedef struct {
    cc_domain_t *domain;
    uint64_t leaked;
    int err;
} large_step_t;

/* Each so large that a round follows, or that it is handed over at once, alone in its block. */
static void step_retire_large(void *arg)
{
    large_step_t *s = arg;
    s->err = cc_retire_reserve(s->domain, OBJECTS);
    cc__mock_fail_from(1);
    for (int i = 0; i < OBJECTS; i++)
        s->err |= cc_retire(s->domain, &objects[i], LARGE, counted_reclaim, NULL);
    cc__mock_fail_from(0);
    s->leaked = snapshot_of(s->domain).leaked;
}

static void reserve_lasts(cc_smr_scheme_t scheme, cc_reclaimer_t reclaimer)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    large_step_t step = {NULL, 99, -1};
    opts.scheme = scheme;
    opts.reclaimer = reclaimer;
    cr_assert_eq(cc_domain_create(&opts, &step.domain), 0);
    memset(objects, 0, sizeof objects);
    cc_guard_t *guard = cc_guard_enter(step.domain);
    hold_all(guard);
    actors_run(1, step_retire_large, &step, sizeof step);
    cr_assert_eq(step.err, 0);
    cr_assert_eq(step.leaked, 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 0), (size_t)OBJECTS);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_destroy(step.domain), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

RECLAIMING_SCHEME_TEST(inside, reserve_lasts_whatever_rounds_do, domain)
{
    reserve_lasts(domain->scheme_id, CC_RECLAIM_INLINE);
    reserve_lasts(domain->scheme_id, CC_RECLAIM_MANUAL);
}

static void step_hold_all(void *arg)
{
    cc_domain_t *domain = arg;
    hold_all(cc_guard_enter(domain));
}

/* The loop of a program that reclaims by hand, beside somebody who holds much. */
RECLAIMING_SCHEME_TEST(inside, flushes_gather_no_spare_blocks, other)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    actor_t holder;
    opts.scheme = other->scheme_id;
    opts.reclaimer = CC_RECLAIM_MANUAL;
    memset(objects, 0, sizeof objects);
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    actor_start(&holder);
    actor_do(&holder, step_hold_all, domain);
    for (int i = 0; i < OBJECTS; i++)
        cr_assert_eq(cc_retire(domain, &objects[i], LARGE, counted_reclaim, NULL), 0);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(cc_domain_flush(domain), 0);
        cc_guard_leave(cc_guard_enter(domain));
    }
    cr_assert_leq(cc__rec(domain)->spare_count, OBJECTS);
    actor_stop(&holder);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

/* ---- a drain that has all that is old in its hands */

static cc_guard_t *hold(cc_domain_t *domain, counted_t *object)
{
    CC_ATOMIC_PTR slot = object;
    void *held;
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(cc_guard_protect(guard, &slot, &held), 0);
    return guard;
}

static bool has_visited_all(cc_domain_t *domain)
{
    return snapshot_of(domain).stall == CC_STALL_GUARD && atomic_load(&domain->draining) == 0;
}

/* What a thread leaves behind that exits then is not the drain's: it would wait for who holds that. */
RECLAIMING_SCHEME_TEST(inside, drain_adopts_nothing_new, domain)
{
    if (!guards_are_slots(domain))
        return;
    memset(objects, 0, sizeof objects);
    retire_step_t old = {domain, &objects[0], 1, 0}, new = {domain, &objects[1], 1, 0};
    drain_step_t drain = {domain, 10 * SECOND, 1};
    actor_t drainer;
    cc_guard_t *outer = hold(domain, new.objects), *inner = hold(domain, old.objects);
    step_retire(&old);
    actor_start(&drainer);
    actor_begin(&drainer, step_drain, &drain);
    while (!has_visited_all(domain))
        sched_yield();
    actors_run(1, step_retire, &new, sizeof new);
    sleep_ms(10);
    cr_assert_eq(snapshot_of(domain).orphans, 1);
    cc_guard_leave(inner);
    actor_wait(&drainer);
    actor_stop(&drainer);
    cr_assert_eq(drain.result, 0);
    cr_assert_eq(counted_times(old.objects), 1);
    cr_assert_eq(counted_times(new.objects), 0);
    cc_guard_leave(outer);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
}

/* ---- a reclaimer thread that was stopped */

static pid_t destroyer;

/* As a list whose nodes each retire the next one; so large that it is handed over at once. */
static void retire_next(void *ptr, void *ctx)
{
    counted_t *object = ptr;
    cc_domain_t *domain = ctx;
    if (object + 1 < objects + OBJECTS)
        cr_assert_eq(cc_retire(domain, object + 1, LARGE, retire_next, domain), 0);
    if (gettid() == destroyer)
        cr_assert_not(atomic_load(&domain->reclaimer_runs), "nobody would wait for its end");
    counted_reclaim(ptr, NULL);
}

RECLAIMING_SCHEME_TEST(inside, last_callbacks_start_no_reclaimer, other)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.scheme = other->scheme_id;
    opts.reclaimer = CC_RECLAIM_THREAD;
    opts.reclaim_bytes = LARGE;
    opts.reclaim_ns = 3600 * SECOND;
    memset(objects, 0, sizeof objects);
    destroyer = gettid();
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    cr_assert_eq(cc_retire(domain, &objects[0], sizeof objects[0], retire_next, domain), 0);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}
