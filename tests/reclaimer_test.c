/* The contract of opts.reclaimer: who calls back, when, and what callbacks may do. */
#include "test.h"

#include "support/actor.h"
#include "support/child.h"
#include "support/counted.h"
#include "support/domains.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OBJECTS = 2000 };
static counted_t objects[OBJECTS];

static cc_domain_t *make(cc_smr_scheme_t scheme, cc_reclaimer_t reclaimer, uint64_t bytes, int64_t ns)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    opts.scheme = scheme;
    opts.reclaimer = reclaimer;
    opts.reclaim_bytes = bytes;
    opts.reclaim_ns = ns;
    memset(objects, 0, sizeof objects);
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    return domain;
}

#define EACH_RECLAIMER_TEST(name)                                                                                      \
    static void name(cc_smr_scheme_t scheme);                                                                          \
    EACH_RECLAIMING_SCHEME(RECLAIMER_TEST_, name)                                                                      \
    static void name(cc_smr_scheme_t scheme)

#define RECLAIMER_TEST_(suffix, scheme, name)                                                                          \
    Test(reclaimer, name##_##suffix)                                                                                   \
    {                                                                                                                  \
        name(scheme);                                                                                                  \
    }

static void retire_from(cc_domain_t *domain, size_t first, size_t n)
{
    retire_step_t step = {domain, objects + first, n, 0};
    step_retire(&step);
    cr_assert_eq(step.err, 0);
}

static void retire(cc_domain_t *domain, size_t n)
{
    retire_from(domain, 0, n);
}

static bool reclaimed_soon(cc_domain_t *domain, uint64_t n)
{
    for (int i = 0; i < 10000 && snapshot_of(domain).reclaimed < n; i++)
        sleep_ms(1);
    return snapshot_of(domain).reclaimed == n;
}

static int threads_here(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/task");
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* A thread that was joined stands there for a moment longer. */
static int threads_soon(int expected)
{
    int n = threads_here();
    for (int i = 0; i < 1000 && n != expected; i++) {
        sleep_ms(1);
        n = threads_here();
    }
    return n;
}

Test(reclaimer, bad_options)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.reclaimer = (cc_reclaimer_t)(CC_RECLAIM_MANUAL + 1);
    cr_assert_eq(cc_domain_create(&opts, &domain), -EINVAL);
    opts.reclaimer = CC_RECLAIM_THREAD;
    opts.reclaim_ns = -1;
    cr_assert_eq(cc_domain_create(&opts, &domain), -EINVAL);
    opts.reclaim_ns = 0;
    opts.scheme = CC_SMR_LEAK;
    cr_assert_eq(cc_domain_create(&opts, &domain), -EINVAL);
    opts.reclaimer = CC_RECLAIM_MANUAL;
    cr_assert_eq(cc_domain_create(&opts, &domain), -EINVAL);
    cr_assert_null(domain);
}

/* ---- a thread of the domain */

/* One object, no further call: time wakes it, whatever the bytes. */
EACH_RECLAIMER_TEST(thread_wakes_by_time)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, UINT64_MAX / 4, 5 * MILLISECOND);
    retire(domain, 1);
    cr_assert(reclaimed_soon(domain, 1));
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_with(objects, 1, 1), 1);
}

/* Nothing but what is retired, and an hour to wait: bytes wake it. Under epochs an object takes three looks. */
EACH_RECLAIMER_TEST(thread_wakes_by_bytes)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, 4096, 3600 * SECOND);
    for (size_t i = 0; i < OBJECTS; i += 100) {
        retire_step_t step = {domain, objects + i, 100, 0};
        step_retire(&step);
        sleep_ms(2);
    }
    for (int i = 0; i < 10000 && snapshot_of(domain).reclaimed < OBJECTS / 2; i++)
        sleep_ms(1);
    cr_assert_geq(snapshot_of(domain).reclaimed, OBJECTS / 2);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), OBJECTS);
}

#ifndef CC_TEST_IN_PROCESS /* ThreadSanitizer starts no thread in the child of a fork; gcc's allocator can hang there */
EACH_RECLAIMER_TEST(thread_starts_again_in_a_child)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, 4096, 5 * MILLISECOND);
    pid_t child = fork();
    if (child == 0) {
        retire(domain, OBJECTS);
        for (int i = 0; i < 10000 && snapshot_of(domain).reclaimed < OBJECTS / 2; i++)
            sleep_ms(1);
        _exit(snapshot_of(domain).reclaimed < OBJECTS / 2);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}
#endif

static atomic_int strangers; /* callbacks on another thread than the first one's */
static atomic_int caller;

static void note_caller(void *ptr, void *ctx)
{
    int expected = 0, self = (int)syscall(SYS_gettid);
    if (!atomic_compare_exchange_strong(&caller, &expected, self) && expected != self)
        atomic_fetch_add(&strangers, 1);
    counted_reclaim(ptr, ctx);
}

typedef struct {
    cc_domain_t *domain;
    counted_t *mine;
    int tid, calls_here;
} churn_t;

static void step_churn(void *arg)
{
    churn_t *c = arg;
    c->tid = (int)syscall(SYS_gettid);
    for (int i = 0; i < OBJECTS / 4; i++) {
        cc_guard_t *guard = cc_guard_enter(c->domain);
        cc_guard_leave(guard);
        if (cc_retire(c->domain, &c->mine[i], sizeof c->mine[i], note_caller, NULL) != 0)
            c->calls_here = -1;
    }
}

EACH_RECLAIMER_TEST(thread_alone_calls_back)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, 4096, 5 * MILLISECOND);
    churn_t churn[4];
    atomic_store(&strangers, 0);
    atomic_store(&caller, 0);
    for (int i = 0; i < 4; i++)
        churn[i] = (churn_t){domain, objects + i * (OBJECTS / 4), 0, 0};
    actors_run(4, step_churn, churn, sizeof churn[0]);
    cr_assert(reclaimed_soon(domain, OBJECTS));
    cr_assert_eq(atomic_load(&strangers), 0);
    for (int i = 0; i < 4; i++) {
        cr_assert_neq(atomic_load(&caller), churn[i].tid);
        cr_assert_eq(churn[i].calls_here, 0);
    }
    cr_assert_neq(atomic_load(&caller), (int)syscall(SYS_gettid));
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), OBJECTS);
}

EACH_RECLAIMER_TEST(thread_ends_with_the_domain)
{
    int before = threads_here();
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, 0, 0);
    cr_assert_eq(threads_here(), before + 1);
    retire(domain, 10);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(cc_domain_destroy(domain), -EBUSY);
    cr_assert_eq(threads_here(), before + 1, "nothing has changed");
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(threads_soon(before), before);
    cr_assert_eq(counted_with(objects, 10, 1), 10);
}

EACH_RECLAIMER_TEST(thread_and_drain)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, 64, 1);
    for (size_t i = 0; i < OBJECTS; i += 100) {
        retire_step_t step = {domain, objects + i, 100, 0};
        step_retire(&step);
        cr_assert_eq(cc_domain_drain(domain, 60 * SECOND), 0);
        cr_assert_eq(counted_with(objects, i + 100, 1), i + 100);
    }
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* "Never", and "however much": it sleeps. */
EACH_RECLAIMER_TEST(thread_may_be_told_to_wait_for_ever)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, UINT64_MAX, INT64_MAX);
    cc_guard_t *guard = cc_guard_enter(domain);
    retire(domain, OBJECTS);
    sleep_ms(20);
    cr_assert_leq(snapshot_of(domain).scans, 10);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

static void end_reclaimer(void *ptr, void *ctx)
{
    counted_reclaim(ptr, NULL);
    pthread_exit(ctx);
}

EACH_RECLAIMER_TEST(thread_that_a_callback_has_ended_is_replaced)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD, 64, MILLISECOND);
    cr_assert_eq(cc_retire(domain, &objects[0], sizeof objects[0], end_reclaimer, NULL), 0);
    for (int i = 0; i < 10000 && counted_times(&objects[0]) == 0; i++)
        sleep_ms(1);
    for (int i = 0; i < 10000 && snapshot_of(domain).leaked == 0; i++)
        sleep_ms(1);
    for (size_t i = 1; i < OBJECTS; i++)
        cr_assert_eq(counted_retire(domain, &objects[i]), 0);
    for (int i = 0; i < 10000 && counted_with(objects, OBJECTS, 1) < OBJECTS / 2; i++)
        sleep_ms(1);
    cr_assert_geq(counted_with(objects, OBJECTS, 1), OBJECTS / 2);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), OBJECTS);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* ---- a drain that waits for a guard holds nobody up */

static void step_sleep(void *arg)
{
    (void)arg;
    sleep_ms(1);
}

static void step_flush(void *arg)
{
    (void)cc_domain_flush(arg);
    sleep_ms(1);
}

static void beside_a_waiting_drain(cc_smr_scheme_t scheme, cc_reclaimer_t reclaimer)
{
    cc_domain_t *domain = make(scheme, reclaimer, 64, MILLISECOND);
    CC_ATOMIC_PTR held = &objects[0];
    void *out;
    actor_t drainer, other;
    drain_step_t drain = {domain, -1, 1};
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(cc_guard_protect(guard, &held, &out), 0);
    cr_assert_eq(counted_retire(domain, &objects[0]), 0);
    actor_start(&drainer);
    actor_begin(&drainer, step_drain, &drain);
    cr_assert_not(actor_finished_within(&drainer, 20));
    retire_from(domain, 1, OBJECTS - 1);
    actor_start(&other); /* in no guard */
    for (int i = 0; i < 10000 && counted_with(objects, OBJECTS, 1) < OBJECTS / 2; i++)
        actor_do(&other, reclaimer == CC_RECLAIM_MANUAL ? step_flush : step_sleep, domain);
    actor_stop(&other);
    cr_assert_geq(counted_with(objects, OBJECTS, 1), OBJECTS / 2);
    cr_assert_eq(counted_times(&objects[0]), 0);
    cc_guard_leave(guard);
    actor_wait(&drainer);
    cr_assert_eq(drain.result, 0);
    actor_stop(&drainer);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

EACH_RECLAIMER_TEST(a_waiting_drain_holds_nobody_up)
{
    if (!scheme_has_slots(scheme))
        return;
    beside_a_waiting_drain(scheme, CC_RECLAIM_THREAD);
    beside_a_waiting_drain(scheme, CC_RECLAIM_MANUAL);
}

/* ---- only who asks */

EACH_RECLAIMER_TEST(manual_waits_for_a_flush)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_MANUAL, 0, 0);
    retire(domain, OBJECTS);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.reclaimed + s.scans, 0);
    cr_assert_eq(flush_all(domain), OBJECTS);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), OBJECTS);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

static void step_retire_all(void *arg)
{
    retire_step_t step = {arg, objects, OBJECTS, 0};
    step_retire(&step);
}

/* Of a thread that stays idle a flush elsewhere gets all but its last block; a drain gets that as well. */
EACH_RECLAIMER_TEST(manual_flush_reaches_other_threads)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_MANUAL, 0, 0);
    actor_t idle;
    actor_start(&idle);
    actor_do(&idle, step_retire_all, domain);
    int64_t n = flush_all(domain);
    cr_assert_geq(n, OBJECTS - 126);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), OBJECTS);
    actor_stop(&idle);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* ---- what callbacks may do, whoever calls them */

typedef struct {
    cc_domain_t *domain;
    cc_skiplist64_t *map, *doomed;
    atomic_int calls, errors;
} busy_t;

static void do_everything(void *ptr, void *ctx)
{
    busy_t *b = ctx;
    counted_t *object = ptr;
    void *value;
    int n = atomic_fetch_add(&b->calls, 1), errors = 0;
    errors += cc_skiplist64_put(b->map, (uint64_t)n % 8, b, NULL) < 0;
    errors += cc_skiplist64_get(b->map, (uint64_t)n % 8, &value) != 0;
    cc_guard_t *guard = cc_guard_enter(b->domain);
    errors += guard == NULL;
    cc_guard_leave(guard);
    if (n == 0)
        errors += cc_skiplist64_destroy(b->doomed) != 0;
    if (n < 100) /* retires itself again */
        errors += cc_retire(b->domain, object, sizeof *object, do_everything, b) != 0;
    errors += cc_domain_drain(b->domain, 0) != -EDEADLK;
    errors += cc_domain_flush(b->domain) != 0;
    errors += cc_domain_destroy(b->domain) != -EDEADLK;
    atomic_fetch_add(&b->errors, errors);
}

static void busy_callbacks(cc_smr_scheme_t scheme, cc_reclaimer_t reclaimer)
{
    busy_t b = {.domain = make(scheme, reclaimer, 64, MILLISECOND)};
    cr_assert_eq(cc_skiplist64_create(b.domain, NULL, &b.map), 0);
    cr_assert_eq(cc_skiplist64_create(b.domain, NULL, &b.doomed), 0);
    for (uint64_t key = 0; key < 10; key++)
        cr_assert_eq(cc_skiplist64_insert(b.doomed, key, &b), 0);
    cr_assert_eq(cc_retire(b.domain, &objects[0], sizeof objects[0], do_everything, &b), 0);
    for (int i = 0; i < 20000 && atomic_load(&b.calls) < 101; i++) {
        cc_domain_flush(b.domain);
        sleep_ms(1);
    }
    cr_assert_eq(atomic_load(&b.calls), 101);
    cr_assert_eq(cc_domain_drain(b.domain, -1), 0);
    cr_assert_eq(atomic_load(&b.errors), 0);
    cr_assert_eq(cc_skiplist64_destroy(b.map), 0);
    cr_assert_eq(cc_domain_destroy(b.domain), 0);
}

EACH_RECLAIMER_TEST(callbacks_use_the_library)
{
    busy_callbacks(scheme, CC_RECLAIM_INLINE);
    busy_callbacks(scheme, CC_RECLAIM_THREAD);
    busy_callbacks(scheme, CC_RECLAIM_MANUAL);
}
