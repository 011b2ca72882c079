/* The contract of cc/base.h and cc/domain.h: deferred callbacks. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <string.h>

/* ---- how they are called */

typedef struct {
    void *ptr;
    int calls;
} call_t;

static void record_call(void *ptr, void *ctx)
{
    call_t *call = ctx;
    call->ptr = ptr;
    call->calls++;
}

SCHEME_TEST(callback, gets_the_object_and_the_context, domain)
{
    int objects[2];
    static call_t calls[2];
    memset(calls, 0, sizeof calls);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_retire(domain, &objects[i], sizeof objects[i], record_call, &calls[i]), 0);
    if (domain_is(domain, "leak"))
        return;
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(calls[i].calls, 1);
        cr_assert_eq(calls[i].ptr, (void *)&objects[i]);
    }
}

typedef struct {
    cc_domain_t *domain;
    counted_t objects[3000];
} crowd_step_t;

static void step_retire_and_flush(void *arg)
{
    crowd_step_t *s = arg;
    for (size_t i = 0; i < sizeof s->objects / sizeof s->objects[0]; i++) {
        counted_retire(s->domain, &s->objects[i]);
        if (i % 97 == 0)
            cc_domain_flush(s->domain);
    }
}

SCHEME_TEST(callback, runs_once_per_object, domain)
{
    enum { THREADS = 4 };
    static crowd_step_t steps[THREADS];
    memset(steps, 0, sizeof steps);
    for (int i = 0; i < THREADS; i++)
        steps[i].domain = domain;
    actors_run(THREADS, step_retire_and_flush, steps, sizeof steps[0]);
    bool leak = domain_is(domain, "leak");
    if (!leak)
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(counted_with(steps[i].objects, 3000, leak ? 0 : 1), 3000);
}

/* ---- callbacks that retire */

typedef struct link {
    cc_domain_t *domain;
    struct link *next;
    int calls;
} link_t;

static _Thread_local int depth;
static atomic_int deepest;

/* Retires the next, and does what would run it, if callbacks could nest. */
static void reclaim_link(void *ptr, void *ctx)
{
    link_t *link = ptr;
    (void)ctx;
    if (++depth > atomic_load(&deepest))
        atomic_store(&deepest, depth);
    link->calls++;
    if (link->next != NULL) {
        cc_retire(link->domain, link->next, sizeof *link, reclaim_link, NULL);
        cc_domain_flush(link->domain);
        cc_guard_leave(cc_guard_enter(link->domain));
    }
    depth--;
}

#ifdef CC_TEST_ADAPTERS
enum { CHAIN = 50 }; /* each link takes liburcu two grace periods */
#else
enum { CHAIN = 1000 };
#endif
static link_t chain[CHAIN];

static void retire_chain(cc_domain_t *domain)
{
    atomic_store(&deepest, 0);
    for (int i = 0; i < CHAIN; i++)
        chain[i] = (link_t){domain, i + 1 < CHAIN ? &chain[i + 1] : NULL, 0};
    cr_assert_eq(cc_retire(domain, &chain[0], sizeof chain[0], reclaim_link, NULL), 0);
}

static size_t called_once(void)
{
    size_t n = 0;
    for (int i = 0; i < CHAIN; i++)
        n += chain[i].calls == 1;
    return n;
}

/* Retires all others, which is enough for rounds, and for frees at the end of each call. */
static void reclaim_first(void *ptr, void *ctx)
{
    link_t *link = ptr;
    (void)ctx;
    depth++;
    link->calls++;
    for (int i = 1; i < CHAIN; i++)
        cc_retire(link->domain, &chain[i], sizeof chain[i], reclaim_link, NULL);
    depth--;
}

RECLAIMING_SCHEME_TEST(callback, do_not_nest_when_rounds_are_due, domain)
{
    atomic_store(&deepest, 0);
    for (int i = 0; i < CHAIN; i++)
        chain[i] = (link_t){domain, NULL, 0};
    cr_assert_eq(cc_retire(domain, &chain[0], sizeof chain[0], reclaim_first, NULL), 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(called_once(), (size_t)CHAIN);
    cr_assert_eq(atomic_load(&deepest), 1, "callbacks were nested");
}

RECLAIMING_SCHEME_TEST(callback, may_retire_one_after_the_other, domain)
{
    retire_chain(domain);
    for (int i = 0; i < CHAIN; i++)
        cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(called_once(), (size_t)CHAIN, "each drain reclaims what the one before it has left");
    cr_assert_eq(atomic_load(&deepest), 1, "callbacks were nested");
}

Test(callback, chain_ends_with_the_domain)
{
    for (int i = 0; i < SCHEMES; i++) {
        cc_domain_t *domain = make_domain(every_scheme[i]);
        retire_chain(domain);
        cr_assert_eq(cc_domain_destroy(domain), 0);
        cr_assert_eq(called_once(), (size_t)CHAIN);
        cr_assert_eq(atomic_load(&deepest), 1, "callbacks were nested");
    }
}

static void reclaim_pair(void *ptr, void *ctx)
{
    counted_t *object = ptr;
    counted_reclaim(object, NULL);
    for (int i = 1; i <= 40; i++)
        counted_retire(ctx, object + i);
}

/* Many at once, so that the queue behind the running callback fills blocks. */
RECLAIMING_SCHEME_TEST(callback, may_retire_many, domain)
{
    enum { GROUPS = 50, GROUP = 41 };
    static counted_t objects[GROUPS * GROUP];
    memset(objects, 0, sizeof objects);
    for (int i = 0; i < GROUPS; i++)
        cr_assert_eq(cc_retire(domain, &objects[i * GROUP], 1, reclaim_pair, domain), 0);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(counted_with(objects, GROUPS * GROUP, 1), (size_t)GROUPS * GROUP);
}

#ifndef CC_TEST_ADAPTERS
static atomic_int freed;

static void count_freed(void *ptr, void *ctx)
{
    (void)ptr;
    (void)ctx;
    atomic_fetch_add(&freed, 1);
}

static void retire_forty(void *ptr, void *ctx)
{
    count_freed(ptr, NULL);
    for (int i = 0; i < 40; i++)
        (void)cc_retire(ctx, ptr, 1, count_freed, NULL);
}

/* More per call than a call frees in passing. */
RECLAIMING_SCHEME_TEST(callback, what_they_retire_does_not_pile_up, domain)
{
    enum { CALLS = 40000 };
    static counted_t object;
    atomic_store(&freed, 0);
    for (int i = 0; i < CALLS; i++)
        cr_assert_eq(cc_retire(domain, &object, 1, retire_forty, domain), 0);
    cr_assert_lt(snapshot_of(domain).limbo_count, CALLS);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(atomic_load(&freed), CALLS * 41);
}
#endif

static void end_thread(void *ptr, void *ctx)
{
    counted_reclaim(ptr, ctx);
    pthread_exit(ptr);
}

typedef struct {
    cc_domain_t *domain;
    counted_t object;
} last_t;

static void *flush_one_last(void *arg)
{
    last_t *last = arg;
    cc_retire(last->domain, &last->object, sizeof last->object, end_thread, NULL);
    flush_all(last->domain);
    return NULL;
}

static void *drain_one_last(void *arg)
{
    last_t *last = arg;
    cc_retire(last->domain, &last->object, sizeof last->object, end_thread, NULL);
    (void)cc_domain_drain(last->domain, -1);
    return NULL;
}

static void end_in(cc_domain_t *domain, void *(*body)(void *))
{
    static last_t last;
    pthread_t thread;
    void *result = NULL;
    last = (last_t){.domain = domain};
    cr_assert_eq(pthread_create(&thread, NULL, body, &last), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_assert_eq(result, (void *)&last.object);
    cr_assert_eq(counted_times(&last.object), 1);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(snapshot_of(domain).limbo_bytes, 0);
    cr_assert_eq(snapshot_of(domain).leaked, 1);
}

RECLAIMING_SCHEME_TEST(callback, that_ends_its_thread_is_not_waited_for, domain)
{
    end_in(domain, flush_one_last);
}

RECLAIMING_SCHEME_TEST(callback, that_ends_its_thread_in_a_drain_lets_others_drain, domain)
{
    end_in(domain, drain_one_last);
}

/* ---- callbacks that use the library */

typedef struct {
    cc_domain_t *domain;
    cc_domain_t *made;
    counted_t *value, *object;
    const char *wrong; /* the first call that did not do as it should */
} caller_t;

static bool stop_at_once(uint64_t key, void *value, void *ctx)
{
    (void)key;
    (void)value;
    (void)ctx;
    return false;
}

static bool stop_at_once_bytes(cc_bytes_t key, void *value, void *ctx)
{
    (void)key;
    (void)value;
    (void)ctx;
    return false;
}

#define WANT(call) (c->wrong = c->wrong == NULL && !(call) ? #call : c->wrong)

static void use_map64(caller_t *c)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_skiplist64_t *map = NULL;
    uint64_t k;
    void *v;
    int a, b;
    opts.value_reclaim = counted_reclaim;
    WANT(cc_skiplist64_create(c->domain, NULL, &map) == 0);
    WANT(cc_skiplist64_insert(map, 1, &a) == 0);
    WANT(cc_skiplist64_put(map, 1, &b, NULL) == 1);
    WANT(cc_skiplist64_replace(map, 1, &b, &a) == 0);
    WANT(cc_skiplist64_get(map, 1, &v) == 0 && v == &a);
    WANT(cc_skiplist64_contains(map, 1));
    WANT(cc_skiplist64_min(map, &k, &v) == 0 && cc_skiplist64_max(map, &k, &v) == 0);
    WANT(cc_skiplist64_floor(map, 5, &k, &v) == 0 && cc_skiplist64_ceil(map, 0, &k, &v) == 0);
    WANT(cc_skiplist64_range(map, 0, 9, stop_at_once, NULL) == 1);
    WANT(cc_skiplist64_remove(map, 1, NULL) == 0);
    WANT(cc_skiplist64_count(map) == 0 && cc_skiplist64_validate(map) == 0);
    WANT(cc_skiplist64_destroy(map) == 0);
    WANT(cc_skiplist64_create(c->domain, &opts, &map) == 0);
    WANT(cc_skiplist64_insert(map, 2, c->value) == 0);
    WANT(cc_skiplist64_destroy(map) == 0);
}

static void use_map(caller_t *c)
{
    const cc_bytes_t key = {"key", 3};
    cc_skiplist_t *map = NULL;
    char room[8];
    cc_buf_t k = {room, sizeof room, 0};
    void *v;
    int a;
    WANT(cc_skiplist_create(c->domain, NULL, &map) == 0);
    WANT(cc_skiplist_insert(map, key, &a) == 0);
    WANT(cc_skiplist_get(map, key, &v) == 0 && v == &a);
    WANT(cc_skiplist_min(map, &k, &v) == 0 && k.len == 3);
    WANT(cc_skiplist_range(map, key, CC_BYTES_MAX, stop_at_once_bytes, NULL) == 1);
    WANT(cc_skiplist_remove(map, key, NULL) == 0);
    WANT(cc_skiplist_destroy(map) == 0);
}

static void use_guards(caller_t *c)
{
    int object;
    CC_ATOMIC_PTR slot = &object;
    void *out;
    cc_guard_t *guard = cc_guard_enter(c->domain);
    WANT(guard != NULL && cc_guard_protect(guard, &slot, &out) == 0 && out == &object);
    cc_guard_refresh(guard);
    cc_guard_release(guard, &object);
    cc_guard_leave(guard);
    void *node = cc_node_alloc(c->domain, 100);
    WANT(node != NULL);
    cc_node_discard(c->domain, node);
    WANT(cc_retire_reserve(c->domain, 3) == 0);
    node = cc_node_alloc(c->domain, 100);
    WANT(node != NULL && cc_retire(c->domain, node, 100, NULL, NULL) == 0);
}

static void use_domains(caller_t *c)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    WANT(cc_thread_attach(c->domain) == 0);
    WANT(cc_smr_stats_snapshot(c->domain, &s) == 0);
    WANT(cc_domain_flush(c->domain) == 0);
    WANT(cc_domain_create(NULL, &c->made) == 0);
    WANT(counted_retire(c->made, c->object) == 0);
    WANT(cc_domain_flush(c->made) == 0);
    WANT(cc_domain_drain(c->domain, -1) == (strcmp(s.scheme, "leak") == 0 ? -ENOTSUP : -EDEADLK));
    WANT(cc_domain_drain(c->made, 0) == -EDEADLK);
    WANT(cc_domain_destroy(c->domain) == -EDEADLK);
    WANT(cc_domain_destroy(c->made) == -EDEADLK);
    WANT(cc_thread_detach(c->domain) == -EDEADLK);
}

static void use_everything(void *ptr, void *ctx)
{
    (void)ptr;
    use_map64(ctx);
    use_map(ctx);
    use_guards(ctx);
    use_domains(ctx);
}

static void check_may_call_everything(cc_smr_scheme_t scheme, bool by_destroy)
{
    static counted_t value, object;
    value = object = (counted_t){0};
    caller_t caller = {make_domain(scheme), NULL, &value, &object, NULL};
    cr_assert_eq(cc_retire(caller.domain, &caller, sizeof caller, use_everything, &caller), 0);
    if (!by_destroy) {
        cr_assert_eq(cc_domain_drain(caller.domain, 0), 0);
        cr_assert_not_null(caller.made, "the callback has not run");
    }
    cr_assert_eq(cc_domain_destroy(caller.domain), 0);
    cr_assert_null(caller.wrong, "inside a callback: %s", caller.wrong);
    cr_assert_eq(counted_times(&value), 1);
    cr_assert_eq(counted_times(&object), 0);
    cr_assert_eq(cc_domain_destroy(caller.made), 0);
    cr_assert_eq(counted_times(&object), 1);
}

Test(callback, may_use_the_whole_library)
{
    for (int i = 0; i < RECLAIMING_SCHEMES; i++)
        check_may_call_everything(reclaiming_schemes[i], false);
}

Test(callback, may_use_the_whole_library_while_the_domain_is_destroyed)
{
    for (int i = 0; i < SCHEMES; i++)
        check_may_call_everything(every_scheme[i], true);
}

/* ---- when they do not run */

static _Thread_local bool inside;
static atomic_int inside_calls, other_calls;

static void tell_where(void *ptr, void *ctx)
{
    (void)ctx;
    atomic_fetch_add(inside ? &inside_calls : &other_calls, 1);
    free(ptr);
}

/* Enough retirements for many rounds, with operations between them: none of the callbacks may run in here. */
RECLAIMING_SCHEME_TEST(callback, waits_until_its_thread_has_left_its_guard, domain)
{
    enum { RETIREMENTS = 10000 };
    cc_skiplist64_t *map;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    atomic_store(&inside_calls, 0);
    atomic_store(&other_calls, 0);
    int wrong = 0;
    cc_guard_t *guard = cc_guard_enter(domain);
    inside = true;
    for (int i = 0; i < RETIREMENTS; i++) {
        wrong += cc_retire(domain, malloc(32), 32, tell_where, NULL) != 0;
        wrong += cc_skiplist64_put(map, (uint64_t)i % 16, &map, NULL) < 0;
        if (i % 16 == 15)
            wrong += cc_skiplist64_remove(map, (uint64_t)i % 16, NULL) != 0;
        if (i % 1000 == 0)
            cc_guard_leave(cc_guard_enter(domain));
    }
    inside = false;
    cc_guard_leave(guard);
    cr_assert_eq(wrong, 0);
    cr_assert_eq(atomic_load(&inside_calls), 0);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(atomic_load(&other_calls), RETIREMENTS);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}

/* Garbage is reclaimed in passing, by whoever makes it. */
RECLAIMING_SCHEME_TEST(callback, runs_in_passing, domain)
{
    enum { RETIREMENTS = 50000 };
    atomic_store(&other_calls, 0);
    int wrong = 0;
    for (int i = 0; i < RETIREMENTS; i++)
        wrong += cc_retire(domain, malloc(32), 32, tell_where, NULL) != 0;
    cr_assert_eq(wrong, 0);
    cr_assert(is_slow(domain) || atomic_load(&other_calls) > RETIREMENTS / 2);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(atomic_load(&other_calls), RETIREMENTS);
}
