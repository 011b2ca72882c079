/* The contract of cc/domain.h: attaching, detaching and exiting threads. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <string.h>

SCHEME_TEST(threads, attach_counts_once, domain)
{
    cr_assert_eq(snapshot_of(domain).threads, 0);
    cr_assert_eq(cc_thread_attach(domain), 0);
    cr_assert_eq(cc_thread_attach(domain), 0);
    cr_assert_eq(snapshot_of(domain).threads, 1);
}

SCHEME_TEST(threads, attachment_is_automatic, domain)
{
    static counted_t object;
    object = (counted_t){0};
    cr_assert_eq(counted_retire(domain, &object), 0);
    cr_assert_eq(snapshot_of(domain).threads, 1);
    cr_assert_eq(cc_thread_detach(domain), 0);
    cc_guard_leave(cc_guard_enter(domain));
    cr_assert_eq(snapshot_of(domain).threads, 1);
}

SCHEME_TEST(threads, detach_of_a_stranger_is_fine, domain)
{
    cr_assert_eq(cc_thread_detach(domain), 0);
    cr_assert_eq(cc_thread_attach(domain), 0);
    cr_assert_eq(cc_thread_detach(domain), 0);
    cr_assert_eq(cc_thread_detach(domain), 0);
    cr_assert_eq(snapshot_of(domain).threads, 0);
}

SCHEME_TEST(threads, detach_hands_over_what_is_retired, domain)
{
    enum { OBJECTS = 300 };
    static counted_t objects[OBJECTS];
    memset(objects, 0, sizeof objects);
    retire_step_t retire = {domain, objects, OBJECTS, 0};
    step_retire(&retire);
    cr_assert_eq(cc_thread_detach(domain), 0);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.orphans, s.limbo_count);
    cr_assert_eq(s.retired, (uint64_t)OBJECTS);
    if (domain_is(domain, "leak"))
        return;
    flush_all(domain); /* attached again, it finds its own objects among the orphans */
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    cr_assert_eq(snapshot_of(domain).orphans, 0);
}

SCHEME_TEST(threads, detach_is_refused_inside_a_guard, domain)
{
    static counted_t object;
    object = (counted_t){0};
    cc_guard_t *outer = cc_guard_enter(domain);
    cc_guard_t *inner = cc_guard_enter(domain);
    cr_assert_eq(counted_retire(domain, &object), 0);
    cr_assert_eq(cc_thread_detach(domain), -EBUSY);
    cc_guard_leave(inner);
    cr_assert_eq(cc_thread_detach(domain), -EBUSY);
    cr_assert_eq(snapshot_of(domain).threads, 1);
    cr_assert_eq(snapshot_of(domain).guards, 1);
    cc_guard_leave(outer);
    cr_assert_eq(cc_thread_detach(domain), 0);
    cr_assert_eq(snapshot_of(domain).threads, 0);
}

static bool visit_and_detach(uint64_t key, void *value, void *ctx)
{
    (void)key;
    (void)value;
    return cc_thread_detach(ctx) == -EBUSY;
}

/* The range needs the thread's record until it returns. */
SCHEME_TEST(threads, detach_is_refused_by_a_visitor, domain)
{
    cc_skiplist64_t *map;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    for (uint64_t key = 0; key < 3; key++)
        cr_assert_eq(cc_skiplist64_insert(map, key, &map), 0);
    cr_assert_eq(cc_skiplist64_range(map, 0, 9, visit_and_detach, domain), 3);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}

/* A guard of another domain is no obstacle. */
SCHEME_TEST(threads, detach_from_one_domain_leaves_the_others, domain)
{
    cc_domain_t *other = make_domain(CC_SMR_IBR);
    cc_guard_t *guard = cc_guard_enter(other);
    cr_assert_eq(cc_thread_attach(domain), 0);
    cr_assert_eq(cc_thread_detach(domain), 0);
    cr_assert_eq(snapshot_of(other).threads, 1);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_destroy(other), 0);
}

SCHEME_TEST(threads, may_attach_again_and_again, domain)
{
    cc_skiplist64_t *map;
    int value;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    for (uint64_t key = 0; key < 100; key++) {
        cr_assert_eq(cc_skiplist64_insert(map, key, &value), 0);
        cr_assert_eq(cc_thread_detach(domain), 0);
        cr_assert_eq(snapshot_of(domain).threads, 0);
    }
    cr_assert_eq(cc_skiplist64_count(map), 100);
    cr_assert_eq(cc_skiplist64_validate(map), 0);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}

/* ---- exit */

enum { THREADS = 100, EACH = 50 };
static counted_t objects[THREADS][EACH];

static void prepare(retire_step_t *steps, cc_domain_t *domain)
{
    memset(objects, 0, sizeof objects);
    for (int i = 0; i < THREADS; i++)
        steps[i] = (retire_step_t){domain, objects[i], EACH, 1};
}

static void check_all_retired(const retire_step_t *steps, cc_domain_t *domain)
{
    int wrong = 0;
    for (int i = 0; i < THREADS; i++)
        wrong += steps[i].err != 0;
    cr_assert_eq(wrong, 0);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.threads, 0, "all have exited");
    cr_assert_eq(s.orphans, s.limbo_count);
    if (domain_is(domain, "leak")) {
        cr_assert_eq(s.orphans, (uint64_t)THREADS * EACH);
        return;
    }
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(objects[0], THREADS * EACH, 1), (size_t)THREADS * EACH);
    s = snapshot_of(domain);
    cr_assert_eq(s.limbo_count, 0);
    cr_assert_eq(s.orphans, 0);
}

SCHEME_TEST(threads, a_hundred_retire_and_exit, domain)
{
    retire_step_t steps[THREADS];
    prepare(steps, domain);
    actors_run(THREADS, step_retire, steps, sizeof steps[0]);
    check_all_retired(steps, domain);
}

static void step_enter_and_leave(void *arg)
{
    cc_guard_leave(cc_guard_enter(arg));
}

/* Threads that come one after the other need one record: it is not allocated a hundred times. */
SCHEME_TEST(threads, records_are_used_again, domain)
{
    actors_run(1, step_enter_and_leave, domain, 0);
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
    for (int i = 0; i < THREADS; i++) {
        actors_run(1, step_enter_and_leave, domain, 0);
        cr_assert_eq(snapshot_of(domain).threads, 0);
    }
    cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, allocated);
}

typedef struct {
    cc_domain_t *domain;
    CC_ATOMIC_PTR *slot;
    void *held;
    cc_guard_t *guard;
} exit_step_t;

static void step_hold_and_forget(void *arg)
{
    exit_step_t *s = arg;
    cc_guard_t *outer = cc_guard_enter(s->domain);
    cc_guard_t *inner = cc_guard_enter(s->domain);
    if (cc_guard_protect(outer, s->slot, &s->held) != 0 || cc_guard_protect(inner, s->slot, &s->held) != 0)
        s->held = NULL;
}

/* What the guards of an exited thread held is held no more. */
SCHEME_TEST(threads, exit_closes_guards, domain)
{
    static counted_t object;
    CC_ATOMIC_PTR slot = &object;
    exit_step_t s = {domain, &slot, NULL, NULL};
    object = (counted_t){0};
    actors_run(1, step_hold_and_forget, &s, sizeof s);
    cr_assert_eq(s.held, (void *)&object);
    cr_assert_eq(snapshot_of(domain).guards, 0);
    atomic_store(&slot, NULL);
    cr_assert_eq(counted_retire(domain, &object), 0);
    if (!domain_is(domain, "leak")) {
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
        cr_assert_eq(counted_times(&object), 1);
    }
}

typedef struct {
    cc_skiplist64_t *map;
    cc_skiplist64_cursor_t cursor;
    int err;
} late_t;

static void finish_late(void *late)
{
    cc_skiplist64_cursor_fini(&((late_t *)late)->cursor);
}

/* The key is younger than the library's, so its destructor runs later. */
static void step_walk_and_exit(void *late)
{
    late_t *l = late;
    pthread_key_t key;
    l->err = cc_skiplist64_cursor_init(&l->cursor, l->map);
    if (l->err == 0)
        l->err = cc_skiplist64_cursor_first(&l->cursor);
    if (l->err == 0)
        l->err = pthread_key_create(&key, finish_late) + pthread_setspecific(key, l);
}

static void step_hold(void *arg)
{
    exit_step_t *s = arg;
    s->guard = cc_guard_enter(s->domain);
    if (cc_guard_protect(s->guard, s->slot, &s->held) != 0)
        s->held = NULL;
}

static void step_let_go(void *arg)
{
    cc_guard_leave(((exit_step_t *)arg)->guard);
}

/* Then it is closed already, and the next owner of its record is not touched. */
SCHEME_TEST(threads, a_cursor_may_be_finished_after_exit, domain)
{
    static counted_t object;
    CC_ATOMIC_PTR slot = &object;
    exit_step_t s = {domain, &slot, NULL, NULL};
    late_t late = {.err = -1};
    actor_t next;
    object = (counted_t){0};
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &late.map), 0);
    cr_assert_eq(cc_skiplist64_insert(late.map, 1, &late), 0);
    actors_run(1, step_walk_and_exit, &late, sizeof late);
    cr_assert_eq(late.err, 0);
    actor_start(&next);
    actor_do(&next, step_hold, &s);
    cr_assert_eq(s.held, (void *)&object);
    cr_assert_eq(counted_retire(domain, &object), 0);
    if (!domain_is(domain, "leak"))
        cr_assert_eq(cc_domain_drain(domain, 0), -ETIMEDOUT);
    cr_assert_eq(counted_times(&object), 0);
    actor_do(&next, step_let_go, &s);
    actor_stop(&next);
    cr_assert_eq(cc_skiplist64_destroy(late.map), 0, "the cursor is closed");
}

/* Nor does what its rounds had to leave keep the next owner of its record from rounds of its own. */
Test(threads, exit_forgets_what_waited)
{
    enum { FIRST = 40000, THEN = 20000 };
    static counted_t held[FIRST], free_at_once[THEN];
    cc_domain_t *domain = make_domain(CC_SMR_EPOCH);
    retire_step_t first = {domain, held, FIRST, 1}, then = {domain, free_at_once, THEN, 1};
    cc_guard_t *guard = cc_guard_enter(domain);
    actors_run(1, step_retire, &first, sizeof first);
    cc_guard_leave(guard);
    flush_all(domain);
    cr_assert_eq(counted_with(held, FIRST, 1), (size_t)FIRST);
    actors_run(1, step_retire, &then, sizeof then);
    cr_assert_gt(counted_with(free_at_once, THEN, 1), (size_t)THEN / 2);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}
