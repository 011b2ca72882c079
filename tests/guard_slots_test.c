/* The contract of cc/guard.h: cc_guard_protect, and guards that hold many pointers. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <string.h>

enum { MOST = 1000 };

static counted_t objects[MOST];
static CC_ATOMIC_PTR slots[MOST];

static void publish_all(void)
{
    memset(objects, 0, sizeof objects);
    for (int i = 0; i < MOST; i++)
        atomic_store(&slots[i], &objects[i]);
}

static void protect(cc_guard_t *guard, int i)
{
    void *out = NULL;
    cr_assert_eq(cc_guard_protect(guard, &slots[i], &out), 0);
    cr_assert_eq(out, (void *)&objects[i]);
}

static void unlink_and_retire(cc_domain_t *domain, int from, int to)
{
    int wrong = 0;
    for (int i = from; i < to; i++) {
        atomic_store(&slots[i], NULL);
        wrong += counted_retire(domain, &objects[i]) != 0;
    }
    cr_assert_eq(wrong, 0);
}

/* ---- protect */

RECLAIMING_SCHEME_TEST(protect, holds_until_leave, domain)
{
    publish_all();
    cc_guard_t *guard = cc_guard_enter(domain);
    protect(guard, 0);
    unlink_and_retire(domain, 0, 2);
    cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
    cr_assert_eq(counted_times(&objects[0]), 0);
    cr_assert_eq(counted_times(&objects[1]), guards_are_slots(domain));
    cc_guard_leave(guard);
    cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
    cr_assert_eq(counted_with(objects, 2, 1), 2);
}

/* In the guard that is named, which need not be the innermost. */
RECLAIMING_SCHEME_TEST(protect, works_on_an_outer_guard, domain)
{
    publish_all();
    cc_guard_t *outer = cc_guard_enter(domain);
    cc_guard_t *inner = cc_guard_enter(domain);
    protect(outer, 0);
    protect(inner, 1);
    cc_guard_leave(inner);
    unlink_and_retire(domain, 0, 2);
    cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
    cr_assert_eq(counted_times(&objects[0]), 0);
    cr_assert_eq(counted_times(&objects[1]), guards_are_slots(domain));
    cc_guard_leave(outer);
    cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
}

RECLAIMING_SCHEME_TEST(protect, keeps_marks_and_holds_the_object_all_the_same, domain)
{
    for (uintptr_t mark = 0; mark < 16; mark++) {
        publish_all();
        void *marked = (char *)&objects[0] + mark, *out = NULL;
        atomic_store(&slots[0], marked);
        cc_guard_t *guard = cc_guard_enter(domain);
        cr_assert_eq(cc_guard_protect(guard, &slots[0], &out), 0);
        cr_assert_eq(out, marked);
        unlink_and_retire(domain, 0, 1);
        cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
        cr_assert_eq(counted_times(&objects[0]), 0);
        cc_guard_leave(guard);
        cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
        cr_assert_eq(counted_times(&objects[0]), 1);
    }
}

/* Null, with or without marks, is nothing to be held: no guard grows by it. */
SCHEME_TEST(protect, returns_null_as_it_is, domain)
{
    CC_ATOMIC_PTR empty = NULL;
    static char nothing;
    uint64_t allocated = 0;
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < 10000; i++) {
        void *marked = (void *)(uintptr_t)(i % 16), *out = &nothing;
        atomic_store(&empty, marked);
        if (cc_guard_protect(guard, &empty, &out) != 0 || out != marked)
            cr_assert_fail("at %d: %p", i, out);
        if (i == 0)
            allocated = cc_alloc_stats_snapshot().current_allocated;
    }
    cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, allocated);
    cc_guard_leave(guard);
}

/* Nor by keys that are not there. */
SCHEME_TEST(protect, misses_take_no_room, domain)
{
    cc_skiplist64_t *map;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated, k;
    void *v;
    int wrong = 0;
    for (uint64_t key = 0; key < 10000; key++)
        wrong += cc_skiplist64_get(map, key, &v) != -ENOENT || cc_skiplist64_ceil(map, key, &k, &v) != -ENOENT;
    cr_assert_eq(wrong, 0);
    cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, allocated);
    cc_guard_leave(guard);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}

/* ---- a slot that changes */

typedef struct {
    cc_domain_t *domain;
    CC_ATOMIC_PTR *slot;
    atomic_bool *stop;
    atomic_size_t changes;
    size_t wrong;
} change_step_t;

/* A node that knows whether it lives: its reclaimer says so before it frees it. */
enum { ALIVE = 0x600D, DEAD = 0xBAD };

static void reclaim_node(void *ptr, void *ctx)
{
    *(volatile int *)ptr = DEAD;
    cc_node_discard(ctx, ptr);
}

static void step_exchange(void *arg)
{
    change_step_t *s = arg;
    while (!atomic_load(s->stop)) {
        int *node = cc_node_alloc(s->domain, sizeof *node);
        if (node == NULL)
            break;
        *node = ALIVE;
        int *old = atomic_exchange(s->slot, node);
        s->wrong += cc_retire(s->domain, old, sizeof *old, reclaim_node, s->domain) != 0;
        if (atomic_fetch_add(&s->changes, 1) % 64 == 0)
            cc_domain_flush(s->domain);
    }
}

static size_t read_twice(cc_domain_t *domain, CC_ATOMIC_PTR *slot)
{
    void *one, *two;
    size_t wrong = 0;
    cc_guard_t *guard = cc_guard_enter(domain);
    if (cc_guard_protect(guard, slot, &one) != 0 || cc_guard_protect(guard, slot, &two) != 0)
        wrong++;
    else
        for (int i = 0; i < 20; i++)
            wrong += *(volatile int *)one != ALIVE || *(volatile int *)two != ALIVE;
    cc_guard_leave(guard);
    return wrong;
}

RECLAIMING_SCHEME_TEST(protect, reads_again_when_the_slot_changes, domain)
{
    atomic_bool stop = false;
    int *node = cc_node_alloc(domain, sizeof *node);
    *node = ALIVE;
    CC_ATOMIC_PTR slot = node;
    change_step_t s = {domain, &slot, &stop, 0, 0};
    size_t wrong = 0;
    actor_t changer;
    actor_start(&changer);
    actor_begin(&changer, step_exchange, &s);
    for (int i = 0; i < 3000 || atomic_load(&s.changes) < 1000; i++)
        wrong += read_twice(domain, &slot);
    atomic_store(&stop, true);
    actor_wait(&changer);
    actor_stop(&changer);
    cr_assert_eq(wrong, 0);
    cr_assert_eq(s.wrong, 0);
    cc_node_discard(domain, atomic_load(&slot));
}

/* ---- many */

/* 8 stand in the guard itself, 63 in each further chunk. */
static const int sizes[] = {1, 7, 8, 9, 70, 71, 72, 133, 134, 135, 500, MOST};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

RECLAIMING_SCHEME_TEST(protect, holds_as_many_as_one_likes, domain)
{
    for (int s = 0; s < SIZES; s++) {
        int n = sizes[s];
        publish_all();
        cc_guard_t *guard = cc_guard_enter(domain);
        for (int i = 0; i < n; i++)
            protect(guard, i);
        unlink_and_retire(domain, 0, n);
        cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
        cr_assert_eq(counted_with(objects, (size_t)n, 0), (size_t)n, "of %d", n);
        cc_guard_leave(guard);
        cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
        cr_assert_eq(counted_with(objects, (size_t)n, 1), (size_t)n, "of %d", n);
    }
}

/* What was held before the refresh is let go, though its slots are used again only in part. */
RECLAIMING_SCHEME_TEST(protect, holds_fewer_after_a_refresh, domain)
{
    publish_all();
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < 200; i++)
        protect(guard, i);
    cc_guard_refresh(guard);
    for (int i = 200; i < 300; i++)
        protect(guard, i);
    unlink_and_retire(domain, 0, 300);
    cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
    cr_assert_eq(counted_with(&objects[200], 100, 0), 100);
    if (guards_are_slots(domain))
        cr_assert_eq(counted_with(objects, 200, 1), 200);
    cc_guard_leave(guard);
    cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
    cr_assert_eq(counted_with(objects, 300, 1), 300);
}

static size_t expected_while_held(cc_domain_t *domain, size_t released)
{
    return guards_are_slots(domain) ? released : 0;
}

/* Every third is released, and other pointers fill the holes. */
RECLAIMING_SCHEME_TEST(protect, fills_the_holes_that_release_leaves, domain)
{
    enum { FIRST = 300, HOLES = FIRST / 3 };
    publish_all();
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < FIRST; i++)
        protect(guard, i);
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
    for (int i = 0; i < FIRST; i += 3)
        cc_guard_release(guard, &objects[i]);
    for (int i = FIRST; i < FIRST + HOLES; i++)
        protect(guard, i);
    cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, allocated, "the holes were not used");

    unlink_and_retire(domain, 0, FIRST + HOLES);
    cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
    cr_assert_eq(counted_with(objects, FIRST + HOLES, 1), expected_while_held(domain, HOLES));
    cr_assert_eq(counted_with(&objects[FIRST], HOLES, 0), (size_t)HOLES);
    for (int i = FIRST; i < FIRST + HOLES; i++)
        cc_guard_release(guard, &objects[i]);
    cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
    cr_assert_eq(counted_with(objects, FIRST + HOLES, 1), expected_while_held(domain, 2 * HOLES));
    cc_guard_leave(guard);
    cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
    cr_assert_eq(counted_with(objects, FIRST + HOLES, 1), (size_t)FIRST + HOLES);
}

/* In any order, with new ones between: what is held is exactly what was obtained and not released. */
RECLAIMING_SCHEME_TEST(protect, releases_in_any_order, domain)
{
    publish_all();
    cc_guard_t *guard = cc_guard_enter(domain);
    bool held[MOST] = {false};
    uint64_t random = 12345;
    size_t holding = 0;
    for (int step = 0, next = 0; next < MOST; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        int i = (int)((random >> 33) % MOST);
        if (step % 3 != 0) {
            protect(guard, next);
            held[next++] = true;
        } else if (held[i]) {
            cc_guard_release(guard, &objects[i]);
            held[i] = false;
        }
    }
    unlink_and_retire(domain, 0, MOST);
    cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
    int wrong = 0;
    for (int i = 0; i < MOST; i++) {
        holding += held[i];
        wrong += held[i] && counted_times(&objects[i]) != 0;
    }
    cr_assert_eq(wrong, 0);
    cr_assert_eq(counted_with(objects, MOST, 1), expected_while_held(domain, MOST - holding));
    cc_guard_leave(guard);
    cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
    cr_assert_eq(counted_with(objects, MOST, 1), (size_t)MOST);
}

/* Guards of many threads, more pointers than a scan collects on its stack. */
typedef struct {
    cc_domain_t *domain;
    cc_guard_t *guard;
    int first;
    int err;
} holder_step_t;

static void step_hold_fifty(void *arg)
{
    holder_step_t *s = arg;
    void *out;
    s->guard = cc_guard_enter(s->domain);
    for (int i = s->first; i < s->first + 50; i++)
        s->err |= cc_guard_protect(s->guard, &slots[i], &out);
}

static void step_leave(void *arg)
{
    holder_step_t *s = arg;
    cc_guard_leave(s->guard);
}

RECLAIMING_SCHEME_TEST(protect, is_seen_on_all_threads, domain)
{
    enum { THREADS = 8, HELD = THREADS * 50 };
    actor_t actors[THREADS];
    holder_step_t steps[THREADS];
    publish_all();
    for (int i = 0; i < THREADS; i++) {
        steps[i] = (holder_step_t){domain, NULL, i * 50, 0};
        actor_start(&actors[i]);
        actor_do(&actors[i], step_hold_fifty, &steps[i]);
        cr_assert_eq(steps[i].err, 0);
    }
    unlink_and_retire(domain, 0, HELD + 100);
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(reclaim_hard(domain), -ETIMEDOUT);
        int still = HELD - i * 50;
        cr_assert_eq(counted_with(&objects[i * 50], (size_t)still, 0), (size_t)still);
        if (guards_are_slots(domain))
            cr_assert_eq(counted_with(objects, HELD + 100, 0), (size_t)still);
        actor_do(&actors[i], step_leave, &steps[i]);
    }
    cr_assert_eq(reclaim_hard(domain), 0);
    cr_assert_eq(counted_with(objects, HELD + 100, 1), (size_t)HELD + 100);
    for (int i = 0; i < THREADS; i++)
        actor_stop(&actors[i]);
}
