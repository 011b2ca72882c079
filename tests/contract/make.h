/* get_or_insert, create_sorted. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_MAKE_H
#define CC_TEST_CONTRACT_MAKE_H

/* ---- get_or_insert */

typedef struct {
    void *value; /* to make */
    int calls;
    map_t *map; /* what another thread does meanwhile, as it were: inserts `instead` under the key */
    void *instead;
    uint64_t n;
} maker_t;

static void *make_it(void *ctx)
{
    maker_t *m = ctx;
    m->calls++;
    if (m->instead != NULL)
        cr_assert_eq(VERB(insert)(m->map, KEY(m->n), m->instead), 0);
    return m->value;
}

OWNERSHIP_TEST(get_or_insert_makes_what_is_missing)
{
    void *value = &nothing;
    map_t *map = make_map(domain, counted_reclaim);
    maker_t m = {.value = &owned[0]};
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_it, &m, &value), 1);
    cr_assert_eq(value, (void *)&owned[0]);
    value = &nothing;
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_it, &m, &value), 0);
    cr_assert_eq(value, (void *)&owned[0]);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_it, &m, NULL), 0);
    cr_assert_eq(m.calls, 1, "not for a key that is there");
    m.value = &owned[1];
    cr_assert_eq(VERB(get_or_insert)(map, KEY(6), make_it, &m, NULL), 1);
    cr_assert_eq(VERB(count)(map), 2);
    expect_reclaimed(domain, 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x3;
}

/* Another thread is faster: its value is the answer, ours is retired. */
OWNERSHIP_TEST(get_or_insert_gives_way)
{
    void *value = &nothing;
    map_t *map = make_map(domain, counted_reclaim);
    for (uint64_t n = 0; n < 2; n++) { /* outside and inside a guard */
        maker_t m = {&owned[2 * n], 0, map, &owned[2 * n + 1], n};
        cc_guard_t *guard = n == 1 ? cc_guard_enter(domain) : NULL;
        cr_assert_eq(VERB(get_or_insert)(map, KEY(n), make_it, &m, &value), 0);
        cr_assert_eq(value, (void *)&owned[2 * n + 1]);
        cr_assert_eq(m.calls, 1);
        cc_guard_leave(guard);
    }
    expect_reclaimed(domain, 0x5);
    cr_assert_eq(VERB(count)(map), 2);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0xf;
}

OWNERSHIP_TEST(get_or_insert_refuses)
{
    void *value = &nothing;
    map_t *map = make_map(domain, counted_reclaim), *bare = make_map(domain, NULL);
    maker_t m = {.value = NULL};
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_it, &m, &value), -ECANCELED);
    cr_assert_eq(VERB(get_or_insert)(bare, KEY(5), make_it, &m, &value), -EINVAL, "no value_reclaim");
    cr_assert_eq(VERB(get_or_insert)(NULL, KEY(5), make_it, &m, &value), -EINVAL);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), NULL, &m, &value), -EINVAL);
    cr_assert_eq(m.calls, 1);
    cr_assert_eq(value, (void *)&nothing);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    cr_assert_eq(VERB(destroy)(bare), 0);
    return 0;
}

/* What was made is held in the guard as what was found is. */
MAP_RECLAIMING_TEST(get_or_insert_holds_what_it_made, domain)
{
    actor_t other;
    actor_start(&other);
    memset(guarded, 0, sizeof guarded);
    map_t *map = make_map(domain, counted_reclaim);
    maker_t m = {.value = &guarded[0]};
    void *value = NULL;
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(1), make_it, &m, &value), 1);
    remove_hard(&other, domain, map, 1);
    cr_assert_not(VERB(contains)(map, KEY(1)));
    cr_assert_eq(counted_times(&guarded[0]), 0);
    cr_assert(counted_lives(value));
    cc_guard_leave(guard);
    remove_hard(&other, domain, map, 1);
    cr_assert_eq(counted_times(&guarded[0]), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
    actor_stop(&other);
}

/* All threads get the same value for a key, and all others that were made are reclaimed. */
enum { MAKERS = 4, MADE_KEYS = 500 };

typedef struct {
    cc_domain_t *domain;
    map_t *map;
    CC_ATOMIC_PTR *answer; /* by key */
    atomic_int *made;
    int wrong;
} make_crowd_t;

static void *make_counted(void *ctx)
{
    atomic_fetch_add((atomic_int *)ctx, 1);
    return malloc(16);
}

static void reclaim_counted(void *ptr, void *ctx)
{
    free(ptr);
    atomic_fetch_sub((atomic_int *)ctx, 1);
}

static void step_make(void *arg)
{
    make_crowd_t *s = arg;
    for (uint64_t n = 0; n < MADE_KEYS; n++) {
        void *value = NULL, *first = NULL;
        int err = VERB(get_or_insert)(s->map, KEY(n), make_counted, s->made, &value);
        s->wrong += err != 0 && err != 1;
        if (!atomic_compare_exchange_strong(&s->answer[n], &first, value))
            s->wrong += first != value;
    }
}

MAP_TEST(get_or_insert_agrees)
{
    static CC_ATOMIC_PTR answer[MADE_KEYS];
    for (int i = 0; i < SCHEMES; i++) {
        atomic_int made = 0;
        make_crowd_t steps[MAKERS];
        cc_map_opts_t opts = CC_MAP_OPTS_INIT;
        cc_domain_t *domain = make_domain(every_scheme[i]);
        map_t *map;
        opts.value_reclaim = reclaim_counted;
        opts.value_ctx = &made;
        cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
        for (int n = 0; n < MADE_KEYS; n++)
            atomic_store(&answer[n], NULL);
        for (int t = 0; t < MAKERS; t++)
            steps[t] = (make_crowd_t){domain, map, answer, &made, 0};
        actors_run(MAKERS, step_make, steps, sizeof steps[0]);
        for (int t = 0; t < MAKERS; t++)
            cr_assert_eq(steps[t].wrong, 0);
        cr_assert_eq(VERB(count)(map), MADE_KEYS);
        cr_assert_eq(VERB(destroy)(map), 0);
        cr_assert_eq(cc_domain_destroy(domain), 0);
        cr_assert_eq(atomic_load(&made), 0, "each once");
    }
}

/* ---- create_sorted */

enum { SORTED = 1000 };

MAP_SCHEME_TEST(create_sorted_holds_its_input, domain)
{
    static const size_t sizes[] = {0, 1, 2, 3, 64, SORTED};
    static sorted_key_t keys[SORTED];
    static void *values[SORTED];
    for (uint64_t i = 0; i < SORTED; i++) {
        keys[i] = KEY(10 * i);
        values[i] = &ordered_values[10 * i % 8];
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        map_t *map = NULL;
        walk_visits_t w = {0, 10, INT64_MAX, 0};
        cr_assert_eq(VERB(create_sorted)(domain, NULL, keys, values, sizes[i], &map), 0);
        cr_assert_eq(VERB(count)(map), sizes[i]);
        cr_assert_eq(VERB(for_each)(map, see_next, &w), (int64_t)sizes[i]);
        cr_assert_eq(w.wrong, 0);
        cr_assert_eq(VERB(validate)(map), 0);
        add_entry(map, 10 * SORTED);
        cr_assert_eq(VERB(destroy)(map), 0);
    }
}

OWNERSHIP_TEST(create_sorted_takes_all_or_nothing)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map = (void *)&nothing;
    sorted_key_t keys[] = {KEY(1), KEY(2), KEY(2)};
    void *values[] = {&owned[0], &owned[1], &owned[2]};
    opts.value_reclaim = counted_reclaim;
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 3, &map), -EINVAL, "a key twice");
    keys[2] = KEY(1);
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 3, &map), -EINVAL, "out of order");
    keys[2] = KEY(3);
    values[1] = NULL;
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 3, &map), -EINVAL, "a value that is none");
    cr_assert_eq(VERB(create_sorted)(domain, &opts, NULL, values, 3, &map), -EINVAL);
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, NULL, 3, &map), -EINVAL);
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 1, NULL), -EINVAL);
    cr_assert_eq(map, (void *)&nothing);
    expect_reclaimed(domain, 0);
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 1, &map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x1;
}

#endif
