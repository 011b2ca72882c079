/* The contract of limbo_bytes_max: what is refused over the memory cap, what goes on, what an effort reaches. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <cc/fifo.h>
#include <cc/lifo.h>

#include <errno.h>
#include <string.h>

enum { CAP = 64 * 1024 };

static cc_domain_t *make_capped(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.scheme = scheme;
    opts.limbo_bytes_max = CAP;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    return domain;
}

/* As RECLAIMING_SCHEME_TEST, with a domain that has a cap. */
#define CAP_TEST(name, domain)                                                                                         \
    static void name##_body(cc_domain_t *domain);                                                                      \
    EACH_RECLAIMING_SCHEME(CAP_TEST_WITH_SCHEME_, name)                                                                \
    static void name##_body(cc_domain_t *domain)

#define CAP_TEST_WITH_SCHEME_(suffix, scheme, name)                                                                    \
    Test(cap, name##_##suffix)                                                                                         \
    {                                                                                                                  \
        cc_domain_t *domain = make_capped(scheme);                                                                     \
        name##_body(domain);                                                                                           \
        cr_assert_eq(cc_domain_destroy(domain), 0);                                                                    \
    }

/* A value of a map that counts as much as the cap, held by another thread's guard. */
static counted_t values[4];

typedef struct {
    cc_domain_t *domain;
    cc_skiplist64_t *map;
    cc_fifo_t *fifo;
    cc_lifo_t *lifo;
    actor_t holder;
    cc_guard_t *guard;
} full_t;

static void step_hold(void *arg)
{
    full_t *f = arg;
    void *value;
    f->guard = cc_guard_enter(f->domain);
    if (cc_skiplist64_get(f->map, 1, &value) != 0)
        f->guard = NULL;
}

static void step_let_go(void *arg)
{
    cc_guard_leave(((full_t *)arg)->guard);
}

static void make_structures(full_t *f, cc_domain_t *domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = counted_reclaim;
    opts.value_size = CAP;
    memset(values, 0, sizeof values);
    *f = (full_t){.domain = domain};
    cr_assert_eq(cc_skiplist64_create(domain, &opts, &f->map), 0);
    cr_assert_eq(cc_fifo_create(domain, NULL, &f->fifo), 0);
    cr_assert_eq(cc_lifo_create(domain, NULL, &f->lifo), 0);
    for (uint64_t key = 1; key <= 3; key++)
        cr_assert_eq(cc_skiplist64_insert(f->map, key, &values[key]), 0);
    cr_assert_eq(cc_fifo_push(f->fifo, &values[0]), 0);
    cr_assert_eq(cc_lifo_push(f->lifo, &values[0]), 0);
}

static void fill(full_t *f, cc_domain_t *domain)
{
    make_structures(f, domain);
    actor_start(&f->holder);
    actor_do(&f->holder, step_hold, f);
    cr_assert_not_null(f->guard);
    cr_assert_eq(cc_skiplist64_remove(f->map, 1, NULL), 0);
}

static void destroy_structures(full_t *f)
{
    cr_assert_eq(cc_skiplist64_validate(f->map), 0);
    cr_assert_eq(cc_skiplist64_destroy(f->map), 0);
    cr_assert_eq(cc_fifo_destroy(f->fifo), 0);
    cr_assert_eq(cc_lifo_destroy(f->lifo), 0);
}

static void empty(full_t *f)
{
    actor_do(&f->holder, step_let_go, f);
    actor_stop(&f->holder);
    destroy_structures(f);
}

Test(cap, needs_a_scheme_that_reclaims)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.scheme = CC_SMR_LEAK;
    opts.limbo_bytes_max = CAP;
    cr_assert_eq(cc_domain_create(&opts, &domain), -EINVAL);
    opts.scheme = CC_SMR_IBR;
    opts.limbo_bytes_max = UINT64_MAX;
    cr_assert_eq(cc_domain_create(&opts, &domain), -EINVAL);
    cr_assert_null(domain);
}

SCHEME_TEST(cap, is_none_by_default, domain)
{
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.limbo_bytes_max, 0);
    cr_assert_null(s.cap);
}

CAP_TEST(is_in_the_snapshot, domain)
{
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.limbo_bytes_max, CAP);
    cr_assert_eq(s.refused, 0);
    cr_assert_not_null(s.cap);
    cr_assert_eq(strstr(s.cap, "refusing") != NULL, !guards_are_slots(domain), "robust or not, it says so: %s", s.cap);
}

/* What one thread pins is as much as the cap: whoever looks at the numbers is told, once somebody was refused. */
CAP_TEST(is_said_to_be_too_small, domain)
{
    full_t f;
    make_structures(&f, domain);
    cr_assert_eq(cc_skiplist64_remove(f.map, 2, NULL), 0);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(snapshot_of(domain).cap_pinned, 0, "nothing was pinned");
    actor_start(&f.holder);
    actor_do(&f.holder, step_hold, &f);
    cr_assert_eq(cc_skiplist64_remove(f.map, 1, NULL), 0);
    cr_assert_eq(cc_skiplist64_insert(f.map, 4, &values[0]), -ENOSPC);
    cr_assert_gt(snapshot_of(domain).cap_pinned, 0);
    empty(&f);
}

CAP_TEST(refuses_what_adds, domain)
{
    full_t f;
    fill(&f, domain);
    void *old = &f, *items[2] = {&values[0], &values[0]};
    cr_assert_eq(cc_skiplist64_insert(f.map, 9, &values[0]), -ENOSPC);
    cr_assert_eq(cc_skiplist64_put(f.map, 2, &values[0], &old), -ENOSPC);
    cr_assert_eq(old, &f);
    cr_assert_eq(cc_skiplist64_replace(f.map, 2, &values[2], &values[0]), -ENOSPC);
    cr_assert_eq(cc_fifo_push(f.fifo, &values[0]), -ENOSPC);
    cr_assert_eq(cc_fifo_push_n(f.fifo, items, 2), -ENOSPC);
    cr_assert_eq(cc_lifo_push(f.lifo, &values[0]), -ENOSPC);
    cr_assert_eq(cc_lifo_push_n(f.lifo, items, 2), -ENOSPC);
    cr_assert_eq(snapshot_of(domain).refused, 7);
    cr_assert_eq(cc_skiplist64_count(f.map), 2);
    cr_assert_eq(cc_fifo_count(f.fifo), 1);
    cr_assert_eq(cc_lifo_count(f.lifo), 1);
    cr_assert_eq(counted_times(&values[0]) + counted_times(&values[2]), 0);
    empty(&f);
}

CAP_TEST(what_is_closed_says_so, domain)
{
    full_t f;
    fill(&f, domain);
    void *items[2] = {&values[0], &values[0]};
    cr_assert_eq(cc_fifo_close(f.fifo), 0);
    cr_assert_eq(cc_lifo_close(f.lifo), 0);
    cr_assert_eq(cc_fifo_push(f.fifo, &values[0]), -EPIPE);
    cr_assert_eq(cc_fifo_push_n(f.fifo, items, 2), -EPIPE);
    cr_assert_eq(cc_lifo_push(f.lifo, &values[0]), -EPIPE);
    cr_assert_eq(cc_lifo_push_n(f.lifo, items, 2), -EPIPE);
    cr_assert_eq(snapshot_of(domain).refused, 0);
    cr_assert_eq(cc_lifo_count(f.lifo), 1);
    empty(&f);
}

/* Before it looks whether the key is there, and what its value is. */
CAP_TEST(refuses_to_replace_a_copy, domain)
{
    full_t f;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_bst64_t *map;
    int one = 1, two = 2;
    opts.value_inline = true;
    opts.value_size = sizeof one;
    cr_assert_eq(cc_bst64_create(domain, &opts, &map), 0);
    cr_assert_eq(cc_bst64_insert(map, 1, &one), 0);
    fill(&f, domain);
    cr_assert_eq(cc_bst64_replace(map, 9, &one, &two), -ENOSPC, "not there");
    cr_assert_eq(cc_bst64_replace(map, 1, &two, &one), -ENOSPC, "another value");
    cr_assert_eq(cc_bst64_replace(map, 1, &one, &two), -ENOSPC);
    cr_assert_eq(snapshot_of(domain).refused, 3);
    empty(&f);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(cc_bst64_replace(map, 9, &one, &two), -ENOENT);
    cr_assert_eq(cc_bst64_replace(map, 1, &two, &one), -ECANCELED);
    cr_assert_eq(cc_bst64_destroy(map), 0);
}

/* What it will not let in makes no room for itself. */
CAP_TEST(refuses_before_anything_is_evicted, domain)
{
    full_t f;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_bst64_t *map;
    opts.max_entries = 2;
    opts.when_full = CC_FULL_EVICT_MIN;
    cr_assert_eq(cc_bst64_create(domain, &opts, &map), 0);
    cr_assert_eq(cc_bst64_insert(map, 1, &values[0]), 0);
    cr_assert_eq(cc_bst64_insert(map, 2, &values[0]), 0);
    fill(&f, domain);
    cr_assert_eq(cc_bst64_insert(map, 3, &values[0]), -ENOSPC);
    cr_assert_eq(cc_bst64_put(map, 3, &values[0], NULL), -ENOSPC);
    cr_assert_eq(cc_bst64_evicted(map), 0);
    cr_assert_eq(cc_bst64_count(map), 2);
    empty(&f);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(cc_bst64_insert(map, 3, &values[0]), 0);
    cr_assert_eq(cc_bst64_evicted(map), 1);
    cr_assert_eq(cc_bst64_destroy(map), 0);
}

static void *make_value(void *ctx)
{
    ++*(int *)ctx;
    return &values[0];
}

/* Nor is it made, only to wait with the rest. */
CAP_TEST(refuses_before_anything_is_made, domain)
{
    full_t f;
    void *value = NULL;
    int made = 0;
    fill(&f, domain);
    cr_assert_eq(cc_skiplist64_get_or_insert(f.map, 9, make_value, &made, &value), -ENOSPC);
    cr_assert_eq(cc_skiplist64_get_or_insert(f.map, 2, make_value, &made, &value), 0, "it is there");
    cr_assert_eq(value, &values[2]);
    cr_assert_eq(made, 0);
    cr_assert_eq(snapshot_of(domain).refused, 1);
    empty(&f);
}

CAP_TEST(lets_the_rest_go_on, domain)
{
    full_t f;
    uint64_t key;
    void *value;
    static counted_t own;
    own = (counted_t){0};
    fill(&f, domain);
    cr_assert_eq(cc_skiplist64_get(f.map, 2, &value), 0);
    cr_assert_eq(cc_skiplist64_min(f.map, &key, &value), 0);
    cr_assert_eq(cc_skiplist64_remove(f.map, 2, NULL), 0);
    cr_assert_eq(cc_fifo_pop(f.fifo, &value), 0);
    cr_assert_eq(cc_lifo_pop(f.lifo, &value), 0);
    cr_assert_eq(counted_retire(domain, &own), 0, "never refused");
    cr_assert_eq(snapshot_of(domain).refused, 0);
    empty(&f);
}

/* A vain effort is not repeated at once, so the first call after may still be refused. */
static int insert_soon(full_t *f)
{
    int err = -ENOSPC;
    for (int i = 0; i < 2000 && err == -ENOSPC; i++) {
        err = cc_skiplist64_insert(f->map, 9, &values[0]);
        sleep_ms(1);
    }
    return err;
}

CAP_TEST(ends_when_the_holder_lets_go, domain)
{
    full_t f;
    fill(&f, domain);
    cr_assert_eq(cc_skiplist64_insert(f.map, 9, &values[0]), -ENOSPC);
    actor_do(&f.holder, step_let_go, &f);
    cr_assert_eq(insert_soon(&f), 0);
    cr_assert_eq(counted_times(&values[1]), 1);
    actor_stop(&f.holder);
    destroy_structures(&f);
}

/* What idle threads have retired is within reach, and nobody holds it. */
CAP_TEST(effort_reaches_idle_threads, domain)
{
    full_t f;
    counted_t object = {0};
    actor_t idle;
    make_structures(&f, domain);
    actor_start(&idle);
    actor_do(&idle, step_let_go, &(full_t){.guard = NULL});
    retire_step_t retire = {domain, &object, 1, 0};
    actor_do(&idle, step_retire, &retire);
    cr_assert_eq(cc_skiplist64_remove(f.map, 1, NULL), 0);
    cr_assert_eq(cc_skiplist64_insert(f.map, 9, &values[0]), 0);
    cr_assert_eq(counted_times(&object), 1);
    cr_assert_eq(snapshot_of(domain).refused, 0);
    actor_stop(&idle);
    destroy_structures(&f);
}

CAP_TEST(effort_in_a_guard_calls_nobody_back, domain)
{
    full_t f;
    make_structures(&f, domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(cc_skiplist64_remove(f.map, 1, NULL), 0);
    cr_assert_eq(cc_skiplist64_insert(f.map, 9, &values[0]), -ENOSPC);
    cr_assert_eq(counted_times(&values[1]), 0);
    cc_guard_leave(guard);
    cr_assert_eq(insert_soon(&f), 0);
    destroy_structures(&f);
}

typedef struct {
    full_t *full;
    int err;
} inside_t;

static void insert_from_callback(void *ptr, void *ctx)
{
    inside_t *inside = ctx;
    (void)ptr;
    inside->err = cc_skiplist64_insert(inside->full->map, 9, &values[0]);
}

/* A callback that adds is refused like everybody, and nothing waits for itself. */
CAP_TEST(in_a_callback, domain)
{
    full_t f;
    static counted_t object;
    inside_t inside = {&f, 1};
    fill(&f, domain);
    actor_do(&f.holder, step_let_go, &f);
    cr_assert_eq(cc_retire(domain, &object, 2 * CAP, insert_from_callback, &inside), 0);
    cr_assert_eq(cc_domain_drain(domain, 10 * SECOND), 0);
    cr_assert(inside.err == -ENOSPC || inside.err == 0, "%d", inside.err);
    cr_assert_eq(insert_soon(&f), inside.err == 0 ? -EEXIST : 0);
    actor_stop(&f.holder);
    destroy_structures(&f);
}

/* The account is right when threads come and go that retire so little that the domain hears of it at their exit only, and
 * others reclaim it: the cap is neither reached too early nor too late. */
CAP_TEST(counts_over_threads, domain)
{
    enum { FEW = CAP / 256 / sizeof(counted_t) };
    full_t f;
    static counted_t objects[FEW];
    for (int round = 0; round < 20; round++) {
        memset(objects, 0, sizeof objects);
        retire_step_t retire = {domain, objects, FEW, 0};
        actors_run(1, step_retire, &retire, sizeof retire);
        cr_assert_eq(cc_domain_drain(domain, 10 * SECOND), 0);
    }
    fill(&f, domain);
    cr_assert_eq(cc_skiplist64_insert(f.map, 9, &values[0]), -ENOSPC);
    actor_do(&f.holder, step_let_go, &f);
    cr_assert_eq(insert_soon(&f), 0);
    actor_stop(&f.holder);
    destroy_structures(&f);
}
