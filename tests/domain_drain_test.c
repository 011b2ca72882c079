/* The contract of cc/domain.h: drain. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum { OBJECTS = 300 };
static counted_t objects[OBJECTS];

static retire_step_t all_objects(cc_domain_t *domain)
{
    memset(objects, 0, sizeof objects);
    return (retire_step_t){domain, objects, OBJECTS, 0};
}

/* ---- nothing in the way */

RECLAIMING_SCHEME_TEST(drain, of_an_empty_domain_does_nothing, domain)
{
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(cc_domain_drain(domain, SECOND), 0);
    cr_assert_eq(snapshot_of(domain).threads, 0, "and does not attach the caller");
}

RECLAIMING_SCHEME_TEST(drain, one_try_is_enough_when_nothing_is_held, domain)
{
    static const int64_t timeouts[] = {0, -1, INT64_MIN, 1, SECOND, INT64_MAX};
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        retire_step_t retire = all_objects(domain);
        step_retire(&retire);
        cr_assert_eq(cc_domain_drain(domain, timeouts[i]), 0);
        cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
        cr_assert_eq(snapshot_of(domain).stall, CC_STALL_NONE);
    }
}

Test(drain, is_not_supported_when_leaking)
{
    cc_domain_t *domain = make_domain(CC_SMR_LEAK);
    retire_step_t retire = all_objects(domain);
    step_retire(&retire);
    cr_assert_eq(cc_domain_drain(domain, 0), -ENOTSUP);
    cr_assert_eq(cc_domain_drain(domain, -1), -ENOTSUP);
    cr_assert_eq(counted_with(objects, OBJECTS, 0), (size_t)OBJECTS);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* One that has retired and sleeps now, with no call of the library in sight. */
RECLAIMING_SCHEME_TEST(drain, reaches_an_idle_thread, domain)
{
    for (size_t n = 1; n <= OBJECTS; n += n < 20 ? 1 : 40) {
        retire_step_t retire = all_objects(domain);
        actor_t idle;
        actor_start(&idle);
        retire.n = n;
        actor_do(&idle, step_retire, &retire);
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
        cr_assert_eq(counted_with(objects, n, 1), n);
        actor_do(&idle, step_retire, &(retire_step_t){domain, objects, 0, 0});
        actor_stop(&idle);
    }
}

RECLAIMING_SCHEME_TEST(drain, reaches_what_exited_threads_left, domain)
{
    retire_step_t retire = all_objects(domain);
    actors_run(1, step_retire, &retire, sizeof retire);
    cr_assert_eq(snapshot_of(domain).orphans, snapshot_of(domain).limbo_count);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    cr_assert_eq(snapshot_of(domain).orphans, 0);
}

RECLAIMING_SCHEME_TEST(drain, reaches_all_of_many_threads, domain)
{
    enum { THREADS = 10 };
    retire_step_t retire = all_objects(domain);
    actor_t idle[THREADS];
    for (int i = 0; i < THREADS; i++) {
        retire.n = OBJECTS / THREADS;
        retire.objects = &objects[i * (OBJECTS / THREADS)];
        actor_start(&idle[i]);
        actor_do(&idle[i], step_retire, &retire);
    }
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    for (int i = 0; i < THREADS; i++)
        actor_stop(&idle[i]);
}

/* ---- drain against a guard */

typedef struct {
    cc_domain_t *domain;
    CC_ATOMIC_PTR *slot;
    cc_guard_t *guard;
    void *held;
} hold_step_t;

static void step_hold(void *arg)
{
    hold_step_t *s = arg;
    s->guard = cc_guard_enter(s->domain);
    if (cc_guard_protect(s->guard, s->slot, &s->held) != 0)
        s->held = NULL;
}

static void step_let_go(void *arg)
{
    hold_step_t *s = arg;
    cc_guard_leave(s->guard);
}

/* Another thread holds objects[0], which is then taken out and retired with all the others. */
static void hold_first(cc_domain_t *domain, actor_t *holder, hold_step_t *hold, CC_ATOMIC_PTR *slot)
{
    retire_step_t retire = all_objects(domain);
    atomic_store(slot, &objects[0]);
    *hold = (hold_step_t){domain, slot, NULL, NULL};
    actor_start(holder);
    actor_do(holder, step_hold, hold);
    cr_assert_eq(hold->held, (void *)&objects[0]);
    atomic_store(slot, NULL);
    step_retire(&retire);
}

RECLAIMING_SCHEME_TEST(drain, names_the_guard_in_its_way, domain)
{
    CC_ATOMIC_PTR slot;
    actor_t holder;
    hold_step_t hold;
    hold_first(domain, &holder, &hold, &slot);

    int64_t begin = now_ns();
    cr_assert_eq(cc_domain_drain(domain, 20 * MILLISECOND), -ETIMEDOUT);
    cr_assert_geq(now_ns() - begin, 20 * MILLISECOND);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.stall, is_foreign(domain) ? CC_STALL_GRACE : CC_STALL_GUARD, "%s", cc_smr_stall_name(s.stall));
    cr_assert_eq(s.stalled_thread, is_foreign(domain) ? 0 : holder.tid);
    bool slots = guards_are_slots(domain);
    cr_assert_eq(s.limbo_count, slots ? 1 : (uint64_t)OBJECTS);
    cr_assert_eq(counted_with(objects, OBJECTS, 0), slots ? 1 : (size_t)OBJECTS);
    cr_assert(counted_lives(&objects[0]));

    actor_do(&holder, step_let_go, &hold);
    cr_assert_eq(cc_domain_drain(domain, 0), 0, "nothing was lost");
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    s = snapshot_of(domain);
    cr_assert_eq(s.stall, CC_STALL_NONE);
    cr_assert_eq(s.stalled_thread, 0);
    actor_stop(&holder);
}

/* What a drain that timed out could not reclaim, others reclaim in passing. */
RECLAIMING_SCHEME_TEST(drain, leaves_the_rest_to_others, domain)
{
    CC_ATOMIC_PTR slot;
    actor_t holder;
    hold_step_t hold;
    hold_first(domain, &holder, &hold, &slot);
    cr_assert_eq(cc_domain_drain(domain, 0), -ETIMEDOUT);
    actor_do(&holder, step_let_go, &hold);
    actor_stop(&holder);
    flush_all(domain);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

static void check_waits(cc_domain_t *domain, int64_t timeout)
{
    CC_ATOMIC_PTR slot;
    actor_t holder, drainer;
    hold_step_t hold;
    hold_first(domain, &holder, &hold, &slot);
    drain_step_t drain = {domain, timeout, 1};
    actor_start(&drainer);
    actor_begin(&drainer, step_drain, &drain);
    cr_assert_not(actor_finished_within(&drainer, 20));
    cr_assert_eq(counted_times(&objects[0]), 0);
    actor_do(&holder, step_let_go, &hold);
    actor_wait(&drainer);
    cr_assert_eq(drain.result, 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    actor_stop(&drainer);
    actor_stop(&holder);
}

RECLAIMING_SCHEME_TEST(drain, waits_as_long_as_it_may, domain)
{
    check_waits(domain, -1);
    check_waits(domain, INT64_MIN);
    check_waits(domain, INT64_MAX);
    check_waits(domain, 30 * SECOND);
}

/* ---- drain against callbacks */

static sem_t entered, resume;

static void reclaim_slowly(void *ptr, void *ctx)
{
    sem_post(&entered);
    while (sem_wait(&resume) != 0)
        ;
    counted_reclaim(ptr, ctx);
}

static void step_reclaim_slowly(void *arg)
{
    retire_step_t *s = arg;
    s->err = cc_retire(s->domain, s->objects, sizeof *s->objects, reclaim_slowly, NULL);
    while (counted_times(s->objects) == 0)
        cc_domain_flush(s->domain);
}

static void begin_slow_callback(actor_t *actor, retire_step_t *retire)
{
    memset(objects, 0, sizeof objects);
    sem_init(&entered, 0, 0);
    sem_init(&resume, 0, 0);
    actor_start(actor);
    actor_begin(actor, step_reclaim_slowly, retire);
    while (sem_wait(&entered) != 0)
        ;
}

static void end_slow_callback(actor_t *actor)
{
    sem_post(&resume);
    actor_wait(actor);
    actor_stop(actor);
}

RECLAIMING_SCHEME_TEST(drain, waits_for_a_callback_of_another_thread, domain)
{
    actor_t slow;
    retire_step_t retire = {domain, objects, 1, 1};
    begin_slow_callback(&slow, &retire);
    cr_assert_eq(cc_domain_drain(domain, 0), -ETIMEDOUT);
    cr_assert_eq(cc_domain_drain(domain, 20 * MILLISECOND), -ETIMEDOUT);
    cr_assert_eq(counted_times(&objects[0]), 0);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.stall, CC_STALL_CALLBACK, "%s", cc_smr_stall_name(s.stall));
    cr_assert_eq(s.stalled_thread, slow.tid);
    cr_assert_eq(s.limbo_count, 1, "not reclaimed before its callback is over");

    drain_step_t drain = {domain, -1, 1};
    actor_t drainer;
    actor_start(&drainer);
    actor_begin(&drainer, step_drain, &drain);
    cr_assert_not(actor_finished_within(&drainer, 20));
    end_slow_callback(&slow);
    actor_wait(&drainer);
    actor_stop(&drainer);
    cr_assert_eq(drain.result, 0);
    cr_assert_eq(counted_times(&objects[0]), 1);
    cr_assert_eq(snapshot_of(domain).stall, CC_STALL_NONE);
}

/* A callback that began after the drain did is not waited for; nor is what is retired meanwhile. */
RECLAIMING_SCHEME_TEST(drain, does_not_wait_for_what_comes_later, domain)
{
    actor_t slow;
    retire_step_t retire = {domain, objects, 1, 1};
    begin_slow_callback(&slow, &retire);
    drain_step_t drain = {domain, -1, 1};
    actor_t drainer;
    actor_start(&drainer);
    actor_begin(&drainer, step_drain, &drain);
    sleep_ms(10);
    retire_step_t later = {domain, &objects[1], 3, 0};
    step_retire(&later);
    end_slow_callback(&slow);
    actor_wait(&drainer);
    actor_stop(&drainer);
    cr_assert_eq(drain.result, 0);
    cr_assert_eq(counted_times(&objects[0]), 1);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(objects, 4, 1), 4);
}

static void step_drain_slowly(void *arg)
{
    retire_step_t *s = arg;
    s->err = cc_retire(s->domain, s->objects, sizeof *s->objects, reclaim_slowly, NULL);
    cc_domain_drain(s->domain, -1);
}

/* The callback runs in another thread's drain: the second drain cannot even begin. */
RECLAIMING_SCHEME_TEST(drain, waits_for_another_drain, domain)
{
    actor_t slow;
    retire_step_t retire = {domain, objects, 1, 1};
    memset(objects, 0, sizeof objects);
    sem_init(&entered, 0, 0);
    sem_init(&resume, 0, 0);
    actor_start(&slow);
    actor_begin(&slow, step_drain_slowly, &retire);
    while (sem_wait(&entered) != 0)
        ;
    cr_assert_eq(cc_domain_drain(domain, 0), -ETIMEDOUT);
    int64_t begin = now_ns();
    cr_assert_eq(cc_domain_drain(domain, 20 * MILLISECOND), -ETIMEDOUT);
    cr_assert_geq(now_ns() - begin, 20 * MILLISECOND);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.stall, CC_STALL_CALLBACK, "%s", cc_smr_stall_name(s.stall));
    cr_assert_eq(s.stalled_thread, slow.tid);
    end_slow_callback(&slow);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_times(&objects[0]), 1);
}

/* ---- drains and other activity at once */

typedef struct {
    cc_domain_t *domain;
    counted_t objects[OBJECTS];
    size_t wrong;
} busy_step_t;

/* What a thread has retired is reclaimed when its drain returns 0, whatever the others do. */
static void step_retire_and_drain(void *arg)
{
    busy_step_t *s = arg;
    for (size_t i = 0; i < OBJECTS; i += 5) {
        for (size_t j = i; j < i + 5; j++)
            counted_retire(s->domain, &s->objects[j]);
        s->wrong += cc_domain_drain(s->domain, -1) != 0;
        s->wrong += counted_with(s->objects, i + 5, 1) != i + 5;
    }
}

RECLAIMING_SCHEME_TEST(drain, several_at_once_keep_their_promises, domain)
{
    enum { THREADS = 4 };
    static busy_step_t steps[THREADS];
    memset(steps, 0, sizeof steps);
    for (int i = 0; i < THREADS; i++)
        steps[i].domain = domain;
    actors_run(THREADS, step_retire_and_drain, steps, sizeof steps[0]);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(steps[i].wrong, 0);
}

typedef struct {
    cc_domain_t *domain;
    atomic_bool *stop;
    size_t retired;
    atomic_int reclaimed;
} restless_step_t;

static void reclaim_malloced(void *ptr, void *ctx)
{
    free(ptr);
    atomic_fetch_add((atomic_int *)ctx, 1);
}

static void step_retire_until_stopped(void *arg)
{
    restless_step_t *s = arg;
    while (!atomic_load(s->stop)) {
        void *object = malloc(64);
        if (object == NULL || cc_retire(s->domain, object, 64, reclaim_malloced, &s->reclaimed) != 0)
            break;
        s->retired++;
    }
}

RECLAIMING_SCHEME_TEST(drain, ends_however_busy_the_others_are, domain)
{
    enum { THREADS = 2, DRAINS = 30 };
    atomic_bool stop = false;
    actor_t busy[THREADS];
    restless_step_t steps[THREADS];
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        steps[i] = (restless_step_t){.domain = domain, .stop = &stop};
        actor_start(&busy[i]);
        actor_begin(&busy[i], step_retire_until_stopped, &steps[i]);
    }
    static counted_t own[DRAINS];
    memset(own, 0, sizeof own);
    for (int i = 0; i < DRAINS; i++) {
        counted_retire(domain, &own[i]);
        wrong += cc_domain_drain(domain, 30 * SECOND) != 0 || counted_times(&own[i]) != 1;
    }
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) {
        actor_wait(&busy[i]);
        actor_stop(&busy[i]);
    }
    cr_assert_eq(wrong, 0);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq((size_t)atomic_load(&steps[i].reclaimed), steps[i].retired);
}

/* ---- where a drain would wait for itself */

RECLAIMING_SCHEME_TEST(drain, inside_an_own_guard_is_a_deadlock, domain)
{
    retire_step_t retire = all_objects(domain);
    cc_guard_t *outer = cc_guard_enter(domain);
    cc_guard_t *inner = cc_guard_enter(domain);
    step_retire(&retire);
    cr_assert_eq(cc_domain_drain(domain, 0), -EDEADLK);
    cr_assert_eq(cc_domain_drain(domain, -1), -EDEADLK);
    cc_guard_leave(inner);
    cr_assert_eq(cc_domain_drain(domain, -1), -EDEADLK);
    cr_assert_eq(counted_with(objects, OBJECTS, 0), (size_t)OBJECTS);
    cc_guard_leave(outer);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
}

RECLAIMING_SCHEME_TEST(drain, inside_a_guard_of_another_domain_is_fine, domain)
{
    cc_domain_t *other = make_domain(CC_SMR_IBR);
    cc_guard_t *guard = cc_guard_enter(other);
    retire_step_t retire = all_objects(domain);
    step_retire(&retire);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_destroy(other), 0);
}

static bool visit_and_drain(uint64_t key, void *value, void *ctx)
{
    (void)key;
    (void)value;
    return cc_domain_drain(ctx, -1) == -EDEADLK;
}

/* The range holds the values of its chunk. */
RECLAIMING_SCHEME_TEST(drain, by_a_visitor_is_a_deadlock, domain)
{
    cc_skiplist64_t *map;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    for (uint64_t key = 0; key < 3; key++)
        cr_assert_eq(cc_skiplist64_insert(map, key, &map), 0);
    cr_assert_eq(cc_skiplist64_range(map, 0, 9, visit_and_drain, domain), 3);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}
