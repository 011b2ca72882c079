/* A long random run of all verbs against a sorted array that does the same. Part of map_contract.h. The verbs that walk, and
 * those that make another map, stand in random_walks.h.
 *
 * The seed is printed; the environment variable CC_TEST_SEED repeats a run, and CC_TEST_STEPS makes it longer. */
#ifndef CC_TEST_CONTRACT_RANDOM_H
#define CC_TEST_CONTRACT_RANDOM_H

#include "support/random.h"

#include <stdlib.h>

/* On one thread, where ThreadSanitizer has nothing to find: less under it. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RANDOM_STEPS 40000
#endif
#endif
#ifndef RANDOM_STEPS
#define RANDOM_STEPS 200000
#endif

enum { UNIVERSE = 300, VALIDATE_EVERY = 4096, VALUE_BYTES = 16 };

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
    cc_guard_t *guard; /* now and then one is open, */
    cursor_t cursor;   /* and a cursor */
    bool cursor_open;
    size_t cursor_at; /* the place of its key; UNIVERSE: nowhere */
    random_t random;
    void *value[UNIVERSE]; /* the reference: at the place of its key; NULL: absent */
    size_t count;
    int64_t made; /* values */
    atomic_llong reclaimed;
    const char *wrong;
} run_t;

#define SAME_IN(r, cond) ((r)->wrong = (r)->wrong == NULL && !(cond) ? #cond : (r)->wrong)
#define SAME(cond)       SAME_IN(r, cond)

static void reclaim_value(void *ptr, void *ctx)
{
    run_t *r = ctx;
    free(ptr);
    atomic_fetch_add(&r->reclaimed, 1);
}

/* It knows its key's place: who holds it can tell. */
static void *make_value(run_t *r, size_t i)
{
    size_t *value = malloc(VALUE_BYTES);
    r->made++;
    *value = i;
    return value;
}

/* A value that did not get in, or whose duty has passed to us. */
static void drop_value(run_t *r, void *value)
{
    SAME(cc_retire(r->domain, value, VALUE_BYTES, reclaim_value, r) == 0);
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
    void *value = make_value(r, i);
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
    void *value = random_below(&r->random, 8) == 0 && r->value[i] != NULL ? r->value[i] : make_value(r, i);
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
    void *value = random_below(&r->random, 8) == 0 ? expected : make_value(r, i);
    int err = VERB(replace)(r->map, KEY(universe(i)), expected, value);
    SAME(err == (r->value[i] == NULL ? -ENOENT : expected == r->value[i] ? 0 : -ECANCELED));
    if (err == 0)
        r->value[i] = value;
    else if (value != &nothing)
        drop_value(r, value);
}

typedef struct {
    run_t *run;
    size_t i;
    void *made;
} random_make_t;

static void *make_at_random(void *ctx)
{
    random_make_t *m = ctx;
    SAME_IN(m->run, m->made == NULL);
    return m->made = make_value(m->run, m->i);
}

static void random_get_or_insert(run_t *r, size_t i)
{
    random_make_t m = {r, i, NULL};
    void *value = &nothing;
    bool there = r->value[i] != NULL, ask = random_below(&r->random, 2) == 0;
    int err = VERB(get_or_insert)(r->map, KEY(universe(i)), make_at_random, &m, ask ? &value : NULL);
    SAME(err == !there);
    SAME((m.made == NULL) == there);
    if (!there)
        r->value[i] = m.made;
    SAME(value == (ask ? r->value[i] : &nothing));
    r->count += !there;
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

static void random_remove_if(run_t *r, size_t i)
{
    void *old = &nothing, *expected = random_below(&r->random, 2) == 0 && r->value[i] != NULL ? r->value[i] : &nothing;
    bool ask = random_below(&r->random, 2) == 0;
    int err = VERB(remove_if)(r->map, KEY(universe(i)), expected, ask ? &old : NULL);
    SAME(err == (r->value[i] == NULL ? -ENOENT : expected == r->value[i] ? 0 : -ECANCELED));
    SAME(old == (ask && err == 0 ? r->value[i] : &nothing));
    if (err != 0)
        return;
    if (ask)
        drop_value(r, old);
    r->count--;
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

#include "contract/random_walks.h"

static void random_guard(run_t *r)
{
    if (r->guard == NULL) {
        r->guard = cc_guard_enter(r->domain);
    } else {
        cc_guard_leave(r->guard);
        r->guard = NULL;
    }
}

static void random_count(run_t *r)
{
    SAME(VERB(count)(r->map) == r->count);
    SAME(VERB(evicted)(r->map) == 0);
}

/* What costs as much as there are entries, or empties the map. */
static void random_whole(run_t *r)
{
    unsigned verb = random_below(&r->random, 100);
    if (verb < 5)
        random_clear(r);
    else if (verb < 20)
        random_create_sorted(r);
    else if (verb < 40)
        random_freeze(r);
    else
        random_for_each(r);
}

static void random_step(run_t *r)
{
    size_t i = random_below(&r->random, UNIVERSE);
    unsigned verb = random_below(&r->random, 1000);
    if (verb < 180)
        random_get(r, i);
    else if (verb < 360)
        random_insert(r, i);
    else if (verb < 460)
        random_put(r, i);
    else if (verb < 560)
        random_replace(r, i);
    else if (verb < 590)
        random_get_or_insert(r, i);
    else if (verb < 770)
        random_remove(r, i);
    else if (verb < 810)
        random_remove_if(r, i);
    else if (verb < 840)
        random_pop(r);
    else if (verb < 920)
        random_nearest(r, i);
    else if (verb < 965)
        random_cursor(r, i);
    else if (verb < 975)
        random_range(r, i);
    else if (verb < 978)
        random_prefix(r, i);
    else if (verb < 980)
        random_whole(r);
    else if (verb < 990)
        random_guard(r);
    else
        random_count(r);
}

/* Leaking keeps all nodes: no longer than usual. */
static uint64_t steps_under(cc_smr_scheme_t scheme)
{
    return scheme == CC_SMR_LEAK ? RANDOM_STEPS : random_steps(RANDOM_STEPS);
}

static void random_run(run_t *r, cc_smr_scheme_t scheme)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    r->domain = make_domain(scheme);
    opts.value_reclaim = reclaim_value;
    opts.value_ctx = r;
    opts.value_size = VALUE_BYTES;
    cr_assert_eq(VERB(create)(r->domain, &opts, &r->map), 0);
    uint64_t step = 0;
    for (; step < steps_under(scheme) && r->wrong == NULL; step++) {
        random_step(r);
        if (step % VALIDATE_EVERY == 0)
            SAME(VERB(validate)(r->map) == 0);
    }
    cr_assert_null(r->wrong, "seed %llu, step %llu: not so: %s", random_seed(), (unsigned long long)step, r->wrong);
    VERB(cursor_fini)(r->cursor_open ? &r->cursor : NULL);
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
