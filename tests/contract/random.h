/* A long random run of all verbs against a sorted array that does the same. Part of map_contract.h.
 *
 * The seed is printed; the environment variable CC_TEST_SEED repeats a run. */
#ifndef CC_TEST_CONTRACT_RANDOM_H
#define CC_TEST_CONTRACT_RANDOM_H

#include "support/random.h"

#include <stdlib.h>

enum { UNIVERSE = 300, RANDOM_STEPS = 200000, VALIDATE_EVERY = 4096 };

/* Keys in use: the ends of all numbers, neighbours, and some between. */
static uint64_t universe(size_t i)
{
    const size_t edge = 20;
    if (i < edge)
        return i;
    if (i >= UNIVERSE - edge)
        return UINT64_MAX - (UNIVERSE - 1 - i);
    return UINT64_C(0x0003000100000000) * i + i % 3;
}

typedef struct {
    map_t *map;
    cc_domain_t *domain;
    cc_guard_t *guard; /* now and then one is open */
    random_t random;
    void *value[UNIVERSE]; /* the reference: at the place of its key; NULL: absent */
    size_t count;
    int64_t made; /* values */
    atomic_llong reclaimed;
    const char *wrong;
} run_t;

#define SAME(cond) (r->wrong = r->wrong == NULL && !(cond) ? #cond : r->wrong)

static void reclaim_value(void *ptr, void *ctx)
{
    run_t *r = ctx;
    free(ptr);
    atomic_fetch_add(&r->reclaimed, 1);
}

static void *make_value(run_t *r)
{
    r->made++;
    return malloc(16);
}

/* A value that did not get in, or whose duty has passed to us. */
static void drop_value(run_t *r, void *value)
{
    SAME(cc_retire(r->domain, value, 16, reclaim_value, r) == 0);
}

static void random_get(run_t *r, size_t i)
{
    void *value = &nothing;
    int err = VERB(get)(r->map, KEY(universe(i)), &value);
    SAME(err == (r->value[i] != NULL ? 0 : -ENOENT));
    SAME(value == (r->value[i] != NULL ? r->value[i] : &nothing));
    SAME(VERB(contains)(r->map, KEY(universe(i))) == (r->value[i] != NULL));
}

static void random_insert(run_t *r, size_t i)
{
    void *value = make_value(r);
    int err = VERB(insert)(r->map, KEY(universe(i)), value);
    SAME(err == (r->value[i] != NULL ? -EEXIST : 0));
    if (err != 0)
        drop_value(r, value);
    else
        r->value[i] = value;
    r->count += err == 0;
}

static void random_put(run_t *r, size_t i)
{
    void *value = random_below(&r->random, 8) == 0 && r->value[i] != NULL ? r->value[i] : make_value(r);
    void *old = &nothing;
    bool ask = random_below(&r->random, 2) == 0;
    int err = VERB(put)(r->map, KEY(universe(i)), value, ask ? &old : NULL);
    SAME(err == (r->value[i] != NULL));
    if (ask) {
        SAME(old == (r->value[i] != value ? r->value[i] : NULL));
        if (old != NULL)
            drop_value(r, old);
    }
    r->count += r->value[i] == NULL;
    r->value[i] = value;
}

static void random_replace(run_t *r, size_t i)
{
    bool right = random_below(&r->random, 2) == 0;
    void *expected = right && r->value[i] != NULL ? r->value[i] : &nothing;
    void *value = random_below(&r->random, 8) == 0 ? expected : make_value(r);
    int err = VERB(replace)(r->map, KEY(universe(i)), expected, value);
    SAME(err == (r->value[i] == NULL ? -ENOENT : expected == r->value[i] ? 0 : -ECANCELED));
    if (err == 0)
        r->value[i] = value;
    else if (value != &nothing)
        drop_value(r, value);
}

static void random_remove(run_t *r, size_t i)
{
    void *old = &nothing;
    bool ask = random_below(&r->random, 2) == 0;
    int err = VERB(remove)(r->map, KEY(universe(i)), ask ? &old : NULL);
    SAME(err == (r->value[i] != NULL ? 0 : -ENOENT));
    if (ask)
        SAME(old == (err == 0 ? r->value[i] : &nothing));
    if (ask && err == 0)
        drop_value(r, old);
    r->count -= err == 0;
    r->value[i] = NULL;
}

/* The place of the answer in the reference; UNIVERSE: none. */
static size_t nearest_place(const run_t *r, nearest_t which, size_t i)
{
    size_t at = which == MIN ? 0 : which == MAX ? UNIVERSE - 1 : which == LOWER ? i - 1 : which == HIGHER ? i + 1 : i;
    bool up = which == MIN || which == CEIL || which == HIGHER;
    while (at < UNIVERSE && r->value[at] == NULL)
        at = up ? at + 1 : at - 1; /* below 0 it is above UNIVERSE */
    return at < UNIVERSE ? at : UNIVERSE;
}

static void random_nearest(run_t *r, size_t i)
{
    nearest_t which = (nearest_t)random_below(&r->random, NEAREST);
    size_t at = nearest_place(r, which, i);
    out_t k;
    void *value = &nothing;
    int err = nearest(r->map, which, universe(i), &k, &value);
    SAME(err == (at < UNIVERSE ? 0 : -ENOENT));
    SAME(out_number(&k) == (at < UNIVERSE ? universe(at) : OUT_UNTOUCHED));
    SAME(value == (at < UNIVERSE ? r->value[at] : &nothing));
}

static void random_pop(run_t *r)
{
    pop_t which = (pop_t)random_below(&r->random, POPS);
    size_t at = nearest_place(r, which == POP_MIN ? MIN : MAX, 0);
    bool ask = random_below(&r->random, 2) == 0;
    out_t k;
    void *value = &nothing;
    int err = pop(r->map, which, &k, ask ? &value : NULL);
    SAME(err == (at < UNIVERSE ? 0 : -ENOENT));
    SAME(out_number(&k) == (at < UNIVERSE ? universe(at) : OUT_UNTOUCHED));
    SAME(value == (ask && err == 0 ? r->value[at] : &nothing));
    if (ask && err == 0)
        drop_value(r, value);
    r->count -= err == 0;
    if (at < UNIVERSE)
        r->value[at] = NULL;
}

typedef struct {
    run_t *run;
    size_t at; /* where the next one must be looked for */
    int64_t stop_after;
} random_walk_t;

VISITOR(follow)
{
    random_walk_t *w = ctx;
    run_t *r = w->run;
    size_t at = nearest_place(r, CEIL, w->at);
    SAME(at < UNIVERSE && n == universe(at) && value == r->value[at]);
    w->at = at + 1;
    return --w->stop_after != 0;
}

static void random_range(run_t *r, size_t i)
{
    size_t to = random_below(&r->random, UNIVERSE);
    int64_t expected = 0;
    random_walk_t w = {r, i, random_below(&r->random, 2) == 0 ? 1 + (int64_t)random_below(&r->random, 100) : INT64_MAX};
    for (size_t at = i; at <= to; at++)
        expected += r->value[at] != NULL;
    expected = expected < w.stop_after ? expected : w.stop_after;
    SAME(VERB(range)(r->map, KEY(universe(i)), KEY(universe(to)), follow, &w) == expected);
}

static void random_guard(run_t *r)
{
    if (r->guard == NULL) {
        r->guard = cc_guard_enter(r->domain);
    } else {
        cc_guard_leave(r->guard);
        r->guard = NULL;
    }
}

static void random_step(run_t *r)
{
    size_t i = random_below(&r->random, UNIVERSE);
    unsigned verb = random_below(&r->random, 100);
    if (verb < 20)
        random_get(r, i);
    else if (verb < 40)
        random_insert(r, i);
    else if (verb < 50)
        random_put(r, i);
    else if (verb < 60)
        random_replace(r, i);
    else if (verb < 82)
        random_remove(r, i);
    else if (verb < 85)
        random_pop(r);
    else if (verb < 97)
        random_nearest(r, i);
    else if (verb < 98)
        random_range(r, i);
    else if (verb < 99)
        random_guard(r);
    else
        SAME(VERB(count)(r->map) == r->count);
}

static void random_run(run_t *r, cc_smr_scheme_t scheme)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    r->domain = make_domain(scheme);
    opts.value_reclaim = reclaim_value;
    opts.value_ctx = r;
    opts.value_size = 16;
    cr_assert_eq(VERB(create)(r->domain, &opts, &r->map), 0);
    int step = 0;
    for (; step < RANDOM_STEPS && r->wrong == NULL; step++) {
        random_step(r);
        if (step % VALIDATE_EVERY == 0)
            SAME(VERB(validate)(r->map) == 0);
    }
    cr_assert_null(r->wrong, "seed %llu, step %d: not so: %s", random_seed(), step, r->wrong);
    if (r->guard != NULL)
        cc_guard_leave(r->guard);
    cr_assert_eq(VERB(validate)(r->map), 0);
    cr_assert_eq(VERB(destroy)(r->map), 0);
    cr_assert_eq(cc_domain_destroy(r->domain), 0);
    cr_assert_eq(atomic_load(&r->reclaimed), r->made, "seed %llu", random_seed());
}

MAP_TEST(agrees_with_a_sorted_array)
{
    for (int i = 0; i < SCHEMES; i++) {
        static run_t run;
        memset(&run, 0, sizeof run);
        run.random = random_start((uint64_t)i);
        random_run(&run, every_scheme[i]);
    }
}

#endif
