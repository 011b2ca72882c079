/* get, contains, insert, put, replace, remove, remove_if, count: what they return and what they do. Part of
 * map_contract.h. */
#ifndef CC_TEST_CONTRACT_VERBS_H
#define CC_TEST_CONTRACT_VERBS_H

static void expect_value(map_t *map, uint64_t n, const void *expected)
{
    void *value = NULL;
    cr_assert_eq(VERB(get)(map, KEY(n), &value), 0);
    cr_assert_eq(value, (void *)(uintptr_t)expected);
    cr_assert_eq(VERB(get)(map, KEY(n), NULL), 0);
    cr_assert(VERB(contains)(map, KEY(n)));
}

static void expect_absent(map_t *map, uint64_t n)
{
    void *value = &nothing;
    cr_assert_eq(VERB(get)(map, KEY(n), &value), -ENOENT);
    cr_assert_eq(value, (void *)&nothing);
    cr_assert_not(VERB(contains)(map, KEY(n)));
}

MAP_SCHEME_TEST(new_map_is_empty, domain)
{
    map_t *map = NULL;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(validate)(map), 0);
    expect_absent(map, 0);
    expect_absent(map, UINT64_MAX);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(insert_adds_once, domain)
{
    int a, b;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(insert)(map, KEY(7), &a), 0);
    expect_value(map, 7, &a);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(insert)(map, KEY(7), &b), -EEXIST);
    cr_assert_eq(VERB(insert)(map, KEY(7), &a), -EEXIST);
    expect_value(map, 7, &a);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(put_adds_or_replaces, domain)
{
    int a, b;
    void *old = &nothing;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(put)(map, KEY(7), &a, &old), 0);
    cr_assert_null(old);
    old = &nothing;
    cr_assert_eq(VERB(put)(map, KEY(7), &b, &old), 1);
    cr_assert_eq(old, (void *)&a);
    expect_value(map, 7, &b);
    cr_assert_eq(VERB(put)(map, KEY(7), &b, &old), 1, "the pointer that is there already");
    cr_assert_null(old);
    cr_assert_eq(VERB(put)(map, KEY(7), &a, NULL), 1);
    expect_value(map, 7, &a);
    cr_assert_eq(VERB(put)(map, KEY(8), &b, NULL), 0);
    cr_assert_eq(VERB(count)(map), 2);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(replace_wants_the_value_it_expects, domain)
{
    int a, b, c;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(replace)(map, KEY(7), &a, &b), -ENOENT);
    expect_absent(map, 7);
    cr_assert_eq(VERB(insert)(map, KEY(7), &a), 0);
    cr_assert_eq(VERB(replace)(map, KEY(7), &b, &c), -ECANCELED);
    expect_value(map, 7, &a);
    cr_assert_eq(VERB(replace)(map, KEY(7), &b, &a), -ECANCELED, "though it would be the result");
    cr_assert_eq(VERB(replace)(map, KEY(7), &b, &b), -ECANCELED);
    cr_assert_eq(VERB(replace)(map, KEY(7), &a, &b), 0);
    expect_value(map, 7, &b);
    cr_assert_eq(VERB(replace)(map, KEY(7), &b, &b), 0);
    expect_value(map, 7, &b);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(remove_takes_out_once, domain)
{
    int a;
    void *old = &nothing;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(insert)(map, KEY(7), &a), 0);
    cr_assert_eq(VERB(remove)(map, KEY(7), &old), 0);
    cr_assert_eq(old, (void *)&a);
    expect_absent(map, 7);
    cr_assert_eq(VERB(count)(map), 0);
    old = &nothing;
    cr_assert_eq(VERB(remove)(map, KEY(7), &old), -ENOENT);
    cr_assert_eq(old, (void *)&nothing);
    cr_assert_eq(VERB(replace)(map, KEY(7), &a, &a), -ENOENT);
    cr_assert_eq(VERB(insert)(map, KEY(7), &a), 0);
    cr_assert_eq(VERB(remove)(map, KEY(7), NULL), 0);
    expect_absent(map, 7);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(remove_if_wants_the_value_it_expects, domain)
{
    int a, b;
    void *old = &nothing;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(remove_if)(map, KEY(7), &a, &old), -ENOENT);
    cr_assert_eq(VERB(insert)(map, KEY(7), &a), 0);
    cr_assert_eq(VERB(remove_if)(map, KEY(7), &b, &old), -ECANCELED);
    cr_assert_eq(VERB(remove_if)(map, KEY(7), &b, NULL), -ECANCELED);
    cr_assert_eq(VERB(remove_if)(map, KEY(8), &a, &old), -ENOENT);
    cr_assert_eq(old, (void *)&nothing);
    expect_value(map, 7, &a);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(remove_if)(map, KEY(7), &a, &old), 0);
    cr_assert_eq(old, (void *)&a);
    expect_absent(map, 7);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(remove_if)(map, KEY(7), &a, NULL), -ENOENT);
    cr_assert_eq(VERB(insert)(map, KEY(7), &b), 0);
    cr_assert_eq(VERB(remove_if)(map, KEY(7), &b, NULL), 0);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* Neighbours, ends and everything between, in an order that is none. */
MAP_SCHEME_TEST(many_keys_are_kept_apart, domain)
{
    enum { KEYS = 2000, STEP = 7 * 11 * 13 };
    static char values[KEYS];
    static const uint64_t edges[] = {0, 1, 255, 256, UINT32_MAX, (uint64_t)1 << 32, UINT64_MAX - 1, UINT64_MAX};
    enum { EDGES = sizeof edges / sizeof edges[0] };
    int wrong = 0;
    map_t *map = make_map(domain, NULL);
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t n = i * STEP % KEYS;
        wrong += VERB(insert)(map, KEY(1000 + 2 * n), &values[n]) != 0;
    }
    for (size_t i = 0; i < EDGES; i++)
        cr_assert_eq(VERB(insert)(map, KEY(edges[i]), (void *)(uintptr_t)&edges[i]), 0);
    for (uint64_t n = 0; n < KEYS; n++) {
        void *value = NULL;
        wrong += VERB(get)(map, KEY(1000 + 2 * n), &value) != 0 || value != &values[n];
        wrong += VERB(contains)(map, KEY(1001 + 2 * n));
    }
    cr_assert_eq(wrong, 0);
    cr_assert_eq(VERB(count)(map), (size_t)KEYS + EDGES);
    cr_assert_eq(VERB(validate)(map), 0);
    for (uint64_t n = 0; n < KEYS; n += 2)
        wrong += VERB(remove)(map, KEY(1000 + 2 * n), NULL) != 0;
    for (uint64_t n = 0; n < KEYS; n++)
        wrong += VERB(contains)(map, KEY(1000 + 2 * n)) != (n % 2 == 1);
    cr_assert_eq(wrong, 0);
    for (size_t i = 0; i < EDGES; i++)
        expect_value(map, edges[i], &edges[i]);
    cr_assert_eq(VERB(count)(map), (size_t)KEYS / 2 + EDGES);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* Maps of one domain have nothing else in common. */
MAP_SCHEME_TEST(maps_are_independent, domain)
{
    enum { MAPS = 20 };
    map_t *maps[MAPS];
    for (uint64_t i = 0; i < MAPS; i++) {
        maps[i] = make_map(domain, NULL);
        for (uint64_t n = 0; n <= i; n++)
            cr_assert_eq(VERB(insert)(maps[i], KEY(n), &maps[i]), 0);
    }
    for (uint64_t i = 0; i < MAPS; i++) {
        cr_assert_eq(VERB(count)(maps[i]), (size_t)i + 1);
        expect_value(maps[i], i, &maps[i]);
        expect_absent(maps[i], i + 1);
        cr_assert_eq(VERB(destroy)(maps[i]), 0);
    }
}

#endif
