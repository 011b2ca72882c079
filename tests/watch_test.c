/* The contract of the stall watchdog, of the statistics of single threads, and of the histograms of time. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/prctl.h>

/* Another thread, called "holder", with an object in its guard that is retired. */
typedef struct {
    cc_domain_t *domain;
    actor_t holder;
    counted_t object;
    CC_ATOMIC_PTR shared;
    cc_guard_t *guard, *inner;
    int err;
    bool moved;
} held_t;

static void step_hold(void *arg)
{
    held_t *h = arg;
    void *ptr;
    prctl(PR_SET_NAME, "holder");
    h->guard = cc_guard_enter(h->domain);
    h->err = cc_guard_protect(h->guard, &h->shared, &ptr);
}

static void step_refresh(void *arg)
{
    held_t *h = arg;
    void *ptr;
    cc_guard_refresh(h->guard);
    atomic_store(&h->shared, &h->object);
    h->err = cc_guard_protect(h->guard, &h->shared, &ptr);
}

static void step_leave(void *arg)
{
    cc_guard_leave(((held_t *)arg)->guard);
}

static void hold_by(held_t *h, cc_domain_t *domain, step_fn *step)
{
    memset(h, 0, sizeof *h);
    h->domain = domain;
    atomic_store(&h->shared, &h->object);
    actor_start(&h->holder);
    actor_do(&h->holder, step, h);
    cr_assert_eq(h->err, 0);
    cr_assert_eq(counted_retire(domain, &h->object), 0);
}

static void hold(held_t *h, cc_domain_t *domain)
{
    hold_by(h, domain, step_hold);
}

/* Rounds enough for every scheme to find that the object must wait. */
static void look(cc_domain_t *domain)
{
    for (int i = 0; i < 3; i++)
        cc_domain_flush(domain);
}

/* What it holds when it exits it holds no more. */
static void hold_again(held_t *h, cc_domain_t *domain)
{
    memset(&h->object, 0, sizeof h->object);
    atomic_store(&h->shared, &h->object);
    actor_do(&h->holder, step_hold, h);
    cr_assert_eq(counted_retire(domain, &h->object), 0);
    look(domain);
}

static void step_attach(void *arg)
{
    (void)!cc_thread_attach(arg);
}

static void let_go(held_t *h)
{
    actor_do(&h->holder, step_leave, h);
    actor_stop(&h->holder);
    cr_assert_eq(cc_domain_drain(h->domain, -1), 0);
    cr_assert_eq(counted_times(&h->object), 1);
}

RECLAIMING_SCHEME_TEST(watch, snapshot_names_who_pins_and_how_much, domain)
{
    static held_t h;
    hold(&h, domain);
    look(domain);
    sleep_ms(20);
    look(domain);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.stall, CC_STALL_GUARD);
    cr_assert_eq(s.stalled_thread, h.holder.tid);
    cr_assert_str_eq(s.stalled_name, "holder");
    cr_assert_eq(s.stalled_objects, 1);
    cr_assert_eq(s.stalled_bytes, sizeof h.object);
    cr_assert_geq((int64_t)s.stalled_ns, 20 * MILLISECOND);
    cr_assert_lt((int64_t)s.stalled_ns, 600 * SECOND);
    let_go(&h);
    look(domain);
    s = snapshot_of(domain);
    cr_assert_eq(s.stalled_objects + s.stalled_bytes + s.stalled_ns, 0);
    cr_assert_eq(s.stall, CC_STALL_NONE);
}

/* A guard that lets go of everything now and then is not stalled, whatever it holds at each look. */
RECLAIMING_SCHEME_TEST(watch, a_refreshed_guard_moves, domain)
{
    static held_t h;
    hold(&h, domain);
    look(domain);
    sleep_ms(20);
    actor_do(&h.holder, step_refresh, &h);
    cr_assert_lt((int64_t)snapshot_of(domain).stalled_ns, 1);
    let_go(&h);
}

static void step_nest(void *arg)
{
    held_t *h = arg;
    step_hold(h);
    h->inner = cc_guard_enter(h->domain);
}

static void step_refresh_and_leave_inner(void *arg)
{
    held_t *h = arg;
    step_refresh(h);
    h->moved = snapshot_of(h->domain).stalled_ns == 0;
    cc_guard_leave(h->inner);
}

/* Nor is one that is refreshed while another is open inside it. */
RECLAIMING_SCHEME_TEST(watch, a_refreshed_outer_guard_moves, domain)
{
    static held_t h;
    hold_by(&h, domain, step_nest);
    look(domain);
    sleep_ms(20);
    cr_assert_gt(snapshot_of(domain).stalled_ns, 0);
    actor_do(&h.holder, step_refresh_and_leave_inner, &h);
    cr_assert_eq(h.moved, guards_are_slots(domain)); /* else the inner one goes on pinning what the outer one did */
    let_go(&h);
}

/* ---- a range, and calls that have frames of their own for what they hold */

typedef struct {
    held_t held;
    cc_skiplist64_t *map;
} traveller_t;

static bool visit(uint64_t key, void *value, void *ctx)
{
    (void)key, (void)value, (void)ctx;
    return true;
}

static void step_travel(void *arg)
{
    traveller_t *t = arg;
    t->held.err = cc_skiplist64_range_desc(t->map, 0, UINT64_MAX, visit, NULL) == 2 ? 0 : -EIO;
}

/* What comes and goes inside of a guard does not move it. */
RECLAIMING_SCHEME_TEST(watch, a_guard_around_ranges_does_not_move, domain)
{
    static traveller_t t;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &t.map), 0);
    cr_assert_eq(cc_skiplist64_insert(t.map, 1, &t), 0);
    cr_assert_eq(cc_skiplist64_insert(t.map, 2, &t), 0);
    hold(&t.held, domain);
    look(domain);
    sleep_ms(20);
    actor_do(&t.held.holder, step_travel, &t);
    cr_assert_eq(t.held.err, 0);
    look(domain);
    cr_assert_geq((int64_t)snapshot_of(domain).stalled_ns, 20 * MILLISECOND);
    let_go(&t.held);
    cr_assert_eq(cc_skiplist64_destroy(t.map), 0);
}

enum { STOPS = 2 };

typedef struct {
    cc_domain_t *domain;
    void *map;
    uint64_t stop[STOPS];
    sem_t there, go;
    int64_t visited;
} walk_t;

static bool pause_at_stops(uint64_t key, void *value, void *ctx)
{
    walk_t *w = ctx;
    (void)value;
    if (key == w->stop[0] || key == w->stop[1]) {
        sem_post(&w->there);
        sem_wait(&w->go);
    }
    return true;
}

/* A range takes the frame of the inner one. */
static void nest_guards(cc_domain_t *domain)
{
    cc_guard_t *outer = cc_guard_enter(domain);
    cc_guard_leave(cc_guard_enter(domain));
    cc_guard_leave(outer);
}

/* It lets go of its values chunk by chunk or one by one: as long as it goes on it is not stalled. Maps of blocks and maps of nodes go on each in
 * their own way. */
#define RANGE_TEST(kind, range, first)                                                                                 \
    static void walk_##kind##_##range(void *arg)                                                                       \
    {                                                                                                                  \
        walk_t *w = arg;                                                                                               \
        nest_guards(w->domain);                                                                                        \
        w->visited = cc_##kind##_##range(w->map, 0, UINT64_MAX, pause_at_stops, w);                                    \
    }                                                                                                                  \
                                                                                                                       \
    RECLAIMING_SCHEME_TEST(watch, a_##range##_of_##kind##_moves, domain)                                               \
    {                                                                                                                  \
        enum { KEYS = 200 };                                                                                           \
        static counted_t objects[KEYS];                                                                                \
        cc_##kind##_t *map;                                                                                            \
        walk_t w = {.domain = domain, .stop = {0, KEYS - 1}};                                                          \
        cc_map_opts_t opts = CC_MAP_OPTS_INIT;                                                                         \
        actor_t walker;                                                                                                \
        sem_init(&w.there, 0, 0);                                                                                      \
        sem_init(&w.go, 0, 0);                                                                                         \
        opts.value_reclaim = counted_reclaim;                                                                          \
        cr_assert_eq(cc_##kind##_create(domain, &opts, &map), 0);                                                      \
        for (uint64_t i = 0; i < KEYS; i++)                                                                            \
            cr_assert_eq(cc_##kind##_insert(map, i, &objects[i]), 0);                                                  \
        w.map = map;                                                                                                   \
        actor_start(&walker);                                                                                          \
        actor_begin(&walker, walk_##kind##_##range, &w);                                                               \
        sem_wait(&w.there);                                                                                            \
        cr_assert_eq(cc_##kind##_remove(map, first, NULL), 0);                                                         \
        look(domain);                                                                                                  \
        sleep_ms(20);                                                                                                  \
        cr_assert_gt(snapshot_of(domain).stalled_ns, 0);                                                               \
        sem_post(&w.go);                                                                                               \
        sem_wait(&w.there);                                                                                            \
        cr_assert_eq(snapshot_of(domain).stalled_ns, 0);                                                               \
        sem_post(&w.go);                                                                                               \
        actor_wait(&walker);                                                                                           \
        actor_stop(&walker);                                                                                           \
        cr_assert_eq(w.visited, KEYS);                                                                                 \
        cr_assert_eq(cc_##kind##_destroy(map), 0);                                                                     \
    }

RANGE_TEST(skiplist64, range, 0)
RANGE_TEST(bst64, range, 0)
RANGE_TEST(skiplist64, range_desc, KEYS - 1)
RANGE_TEST(bst64, range_desc, KEYS - 1)

typedef struct {
    held_t held; /* nothing but its thread */
    cc_skiplist64_t *map;
    cc_cursor64_t cursor;
} walker_t;

static void step_first(void *arg)
{
    walker_t *w = arg;
    w->held.err = cc_skiplist64_cursor_init(&w->cursor, w->map);
    if (w->held.err == 0)
        w->held.err = cc_skiplist64_cursor_first(&w->cursor);
}

static void step_next(void *arg)
{
    cc_skiplist64_cursor_next(&((walker_t *)arg)->cursor);
}

static void step_fini(void *arg)
{
    cc_skiplist64_cursor_fini(&((walker_t *)arg)->cursor);
}

static void step_first_in_guard(void *arg)
{
    walker_t *w = arg;
    cc_guard_t *guard = cc_guard_enter(w->held.domain);
    step_first(w);
    cc_guard_leave(guard);
}

static void step_first_and_guard(void *arg)
{
    walker_t *w = arg;
    step_first(w);
    step_hold(&w->held);
}

static void step_enter_and_leave(void *arg)
{
    cc_guard_leave(cc_guard_enter(((walker_t *)arg)->held.domain));
}

/* Whatever guard was open when the cursor was opened. */
static void walk_from(cc_domain_t *domain, step_fn *first, bool stays)
{
    static walker_t w;
    static counted_t values[2];
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    memset(&w, 0, sizeof w);
    memset(values, 0, sizeof values);
    opts.value_reclaim = counted_reclaim;
    w.held.domain = domain;
    atomic_store(&w.held.shared, &w.held.object);
    cr_assert_eq(cc_skiplist64_create(domain, &opts, &w.map), 0);
    for (uint64_t key = 0; key < 2; key++)
        cr_assert_eq(cc_skiplist64_insert(w.map, key, &values[key]), 0);
    actor_start(&w.held.holder);
    actor_do(&w.held.holder, first, &w);
    cr_assert_eq(w.held.err, 0);
    cr_assert_eq(cc_skiplist64_remove(w.map, 0, NULL), 0);
    if (stays)
        cr_assert_eq(counted_retire(domain, &w.held.object), 0);
    look(domain);
    sleep_ms(1);
    cr_assert_gt(snapshot_of(domain).stalled_ns, 0);
    actor_do(&w.held.holder, step_next, &w);
    actor_do(&w.held.holder, step_enter_and_leave, &w); /* under epochs it stays announced, for the cursor */
    cr_assert_eq(snapshot_of(domain).stalled_ns > 0, stays);
    if (stays)
        actor_do(&w.held.holder, step_leave, &w.held);
    actor_do(&w.held.holder, step_fini, &w);
    actor_stop(&w.held.holder);
    cr_assert_eq(cc_skiplist64_destroy(w.map), 0);
}

/* Without slots it is announced as long as it is open, wherever it moves. */
RECLAIMING_SCHEME_TEST(watch, a_cursor_moves, domain)
{
    walk_from(domain, step_first, !guards_are_slots(domain));
    walk_from(domain, step_first_in_guard, !guards_are_slots(domain));
}

RECLAIMING_SCHEME_TEST(watch, a_guard_stays_whose_thread_moves_a_cursor, domain)
{
    walk_from(domain, step_first_and_guard, true);
}

/* ---- the callback */

static struct {
    int calls;
    cc_smr_stall_info_t last;
    int64_t flushed;
} told;

static void note(const cc_smr_stall_info_t *info, void *ctx)
{
    cr_assert_eq(ctx, &told);
    told.calls++;
    told.last = *info;
    told.flushed = cc_domain_flush(info->domain); /* may call the library */
}

static cc_domain_t *make_watched(cc_smr_scheme_t scheme, int64_t stall_ns)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    opts.scheme = scheme;
    opts.stall_ns = stall_ns;
    opts.on_stall = note;
    opts.on_stall_ctx = &told;
    memset(&told, 0, sizeof told);
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    return domain;
}

/* A guard that one round happens to find is none that stays. */
static void tell_at_the_second_look(cc_smr_scheme_t scheme)
{
    static held_t h;
    cc_domain_t *domain = make_watched(scheme, 0);
    hold(&h, domain);
    cc_domain_flush(domain);
    cr_assert_eq(told.calls, 0, "the first");
    look(domain);
    cr_assert_eq(told.calls, 1, "%d times", told.calls);
    let_go(&h);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

static void tell_once(cc_smr_scheme_t scheme)
{
    static held_t h;
    cc_domain_t *domain = make_watched(scheme, 10 * MILLISECOND);
    hold(&h, domain);
    look(domain);
    cr_assert_eq(told.calls, 0, "not yet");
    sleep_ms(20);
    cc_guard_t *guard = cc_guard_enter(domain);
    look(domain);
    cr_assert_eq(told.calls, 0, "not inside a guard");
    cc_guard_leave(guard);
    for (int i = 0; i < 5; i++)
        look(domain);
    cr_assert_eq(told.calls, 1, "once per stall, not %d times", told.calls);
    cr_assert_eq(told.last.domain, domain);
    cr_assert_eq(told.last.stall, CC_STALL_GUARD);
    cr_assert_eq(told.last.tid, h.holder.tid);
    cr_assert_str_eq(told.last.name, "holder");
    cr_assert_geq(told.last.stalled_ns, 10 * MILLISECOND);
    cr_assert_eq(told.last.pinned_objects, 1);
    cr_assert_eq(told.last.pinned_bytes, sizeof h.object);
    cr_assert_not(told.last.signalled);
    let_go(&h);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

#define TELLS(suffix, scheme, ...)                                                                                     \
    Test(watch, tells_once_##suffix)                                                                                   \
    {                                                                                                                  \
        tell_once(scheme);                                                                                             \
    }                                                                                                                  \
    Test(watch, tells_at_the_second_look_##suffix)                                                                     \
    {                                                                                                                  \
        tell_at_the_second_look(scheme);                                                                               \
    }
EACH_RECLAIMING_SCHEME(TELLS, )

Test(watch, needs_a_time_that_is_not_negative)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.stall_ns = -1;
    cr_assert_eq(cc_domain_create(&opts, &domain), -EINVAL);
    cr_assert_null(domain);
}

/* ---- threads */

static uint64_t sum(const uint64_t buckets[CC_SMR_BUCKETS])
{
    uint64_t all = 0;
    for (int i = 0; i < CC_SMR_BUCKETS; i++)
        all += buckets[i];
    return all;
}

typedef struct {
    pid_t wanted;
    cc_smr_thread_t found;
    int visits, most;
} search_t;

static bool find(const cc_smr_thread_t *thread, void *ctx)
{
    search_t *search = ctx;
    if (thread->tid == search->wanted)
        search->found = *thread;
    return ++search->visits < search->most;
}

RECLAIMING_SCHEME_TEST(watch, threads_are_told_apart, domain)
{
    static held_t h;
    hold(&h, domain);
    look(domain);
    look(domain);
    search_t search = {h.holder.tid, {0}, 0, 100};
    cr_assert_eq(cc_smr_stats_threads(domain, find, &search), 2);
    cr_assert_eq(search.visits, 2);
    cr_assert_eq(search.found.tid, h.holder.tid);
    cr_assert_str_eq(search.found.name, "holder");
    cr_assert_eq(search.found.guards, 1);
    cr_assert_eq(search.found.retired, 0);
    cr_assert_eq(search.found.pinned_objects, 1);
    cr_assert_eq(search.found.pinned_bytes, sizeof h.object);
    cr_assert_eq(search.found.stall, CC_STALL_GUARD);
    cr_assert_gt(search.found.stalled_ns, 0);
    search = (search_t){0, {0}, 0, 1};
    cr_assert_eq(cc_smr_stats_threads(domain, find, &search), 1, "a visitor may stop");
    cr_assert_eq(cc_smr_stats_threads(NULL, find, &search), -EINVAL);
    cr_assert_eq(cc_smr_stats_threads(domain, NULL, &search), -EINVAL);
    let_go(&h);
}

RECLAIMING_SCHEME_TEST(watch, what_is_let_go_is_pinned_no_more, domain)
{
    static held_t h;
    hold(&h, domain);
    look(domain);
    actor_do(&h.holder, step_leave, &h);
    look(domain);
    search_t search = {h.holder.tid, {.pinned_objects = 99}, 0, 100};
    cr_assert_eq(cc_smr_stats_threads(domain, find, &search), 2);
    cr_assert_eq(search.found.pinned_objects + search.found.pinned_bytes, 0);
    actor_stop(&h.holder);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(counted_times(&h.object), 1);
}

/* Nor does a thread stand where it was seen once it has left its guard, nor the next owner of its record. */
RECLAIMING_SCHEME_TEST(watch, who_has_left_is_not_stalled, domain)
{
    static held_t h;
    actor_t next;
    hold(&h, domain);
    look(domain);
    actor_do(&h.holder, step_leave, &h);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    sleep_ms(1);
    search_t search = {h.holder.tid, {.stalled_ns = 99}, 0, 100};
    cr_assert_eq(cc_smr_stats_threads(domain, find, &search), 2);
    cr_assert_eq(search.found.stalled_ns, 0);
    hold_again(&h, domain);
    actor_stop(&h.holder);
    actor_start(&next);
    actor_do(&next, step_attach, domain);
    search = (search_t){next.tid, {.stalled_ns = 99}, 0, 100};
    cr_assert_eq(cc_smr_stats_threads(domain, find, &search), 2, "it has the record");
    cr_assert_eq(search.found.stalled_ns, 0);
    cr_assert_eq(search.found.pinned_objects, 0);
    actor_stop(&next);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
}

/* What is known of the holder, whole: a snapshot may be taken in the middle of a round, which counts anew. */
static bool all_is_told(const held_t *h, cc_domain_t *domain)
{
    cc_smr_snapshot_t s = snapshot_of(domain);
    search_t search = {h->holder.tid, {0}, 0, 100};
    cr_assert_geq(cc_smr_stats_threads(domain, find, &search), 1);
    return s.stalled_ns > 0 && s.stalled_objects == 1 && s.stalled_bytes == sizeof h->object &&
           sum(s.garbage_age) == 1 && search.found.pinned_objects == 1 && search.found.stall == CC_STALL_GUARD;
}

/* With a reclaimer thread all rounds are its own. */
static void reclaimer_tells(cc_smr_scheme_t scheme)
{
    static held_t h;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    opts.scheme = scheme;
    opts.reclaimer = CC_RECLAIM_THREAD;
    opts.reclaim_ns = MILLISECOND;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    hold(&h, domain);
    int tries = 0;
    while (!all_is_told(&h, domain) && ++tries < 10000)
        sleep_ms(1);
    cr_assert_lt(tries, 10000, "a round says all of it");
    let_go(&h);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.stalled_objects + sum(s.garbage_age), 0);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

#define RECLAIMER_TELLS(suffix, scheme, ...)                                                                           \
    Test(watch, a_reclaimer_tells_as_well_##suffix)                                                                    \
    {                                                                                                                  \
        reclaimer_tells(scheme);                                                                                       \
    }
EACH_RECLAIMING_SCHEME(RECLAIMER_TELLS, )

/* ---- times */

RECLAIMING_SCHEME_TEST(watch, time_to_reclamation, domain)
{
    enum { OBJECTS = 300 };
    static counted_t objects[OBJECTS];
    memset(objects, 0, sizeof objects);
    cc_guard_t *guard = cc_guard_enter(domain); /* nothing is called back */
    retire_step_t retire = {domain, objects, OBJECTS, 0};
    step_retire(&retire);
    sleep_ms(20);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(sum(s.reclaim_time), OBJECTS);
    cr_assert_eq(sum(s.garbage_age), 0);
    cr_assert_geq((int64_t)s.reclaim_ns_p50, 20 * MILLISECOND);
    cr_assert_geq(s.reclaim_ns_p99, s.reclaim_ns_p50);
    cr_assert_geq(s.reclaim_ns_max, s.reclaim_ns_p99);
    cr_assert_lt((int64_t)s.reclaim_ns_max, 600 * SECOND);
}

RECLAIMING_SCHEME_TEST(watch, age_of_garbage, domain)
{
    static held_t h;
    hold(&h, domain);
    sleep_ms(20);
    look(domain);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(sum(s.garbage_age), 1);
    cr_assert_geq((int64_t)s.age_ns_p50, 20 * MILLISECOND);
    cr_assert_eq(s.age_ns_p50, s.age_ns_max, "there is one");
    let_go(&h);
    look(domain);
    s = snapshot_of(domain);
    cr_assert_eq(sum(s.garbage_age) + s.age_ns_max, 0);
}

typedef struct {
    cc_domain_t *domain;
    atomic_uint looks;
    unsigned misses;
} onlooker_t;

enum { LOOKS = 10000 };

static void step_look_on(void *arg)
{
    onlooker_t *o = arg;
    for (; o->looks < LOOKS; o->looks++)
        o->misses += sum(snapshot_of(o->domain).garbage_age) == 0;
}

/* Where it is counted changes with its age, some twenty times; a round does not begin by forgetting it. */
RECLAIMING_SCHEME_TEST(watch, a_round_under_way_hides_no_garbage, domain)
{
    static held_t h;
    static onlooker_t onlooker;
    actor_t other;
    hold(&h, domain);
    look(domain);
    onlooker = (onlooker_t){.domain = domain};
    actor_start(&other);
    actor_begin(&other, step_look_on, &onlooker);
    while (atomic_load(&onlooker.looks) < LOOKS)
        cc_domain_flush(domain);
    actor_wait(&other);
    cr_assert_lt(onlooker.misses, CC_SMR_BUCKETS);
    actor_stop(&other);
    let_go(&h);
}
