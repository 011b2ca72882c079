/* min, max, floor, ceil, lower, higher. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_ORDERED_H
#define CC_TEST_CONTRACT_ORDERED_H

typedef enum { MIN, MAX, FLOOR, CEIL, LOWER, HIGHER, NEAREST } nearest_t;

static int nearest(map_t *map, nearest_t which, uint64_t n, out_t *k, void **v)
{
    switch (which) {
    case MIN:
        return VERB(min)(map, k != NULL ? OUT(*k) : NULL, v);
    case MAX:
        return VERB(max)(map, k != NULL ? OUT(*k) : NULL, v);
    case FLOOR:
        return VERB(floor)(map, KEY(n), k != NULL ? OUT(*k) : NULL, v);
    case CEIL:
        return VERB(ceil)(map, KEY(n), k != NULL ? OUT(*k) : NULL, v);
    case LOWER:
        return VERB(lower)(map, KEY(n), k != NULL ? OUT(*k) : NULL, v);
    default:
        return VERB(higher)(map, KEY(n), k != NULL ? OUT(*k) : NULL, v);
    }
}

/* The entry of `expected` is found, whichever of the out parameters are wanted; it holds &values[expected % 8]. */
static char ordered_values[8];

static void expect_nearest(map_t *map, nearest_t which, uint64_t n, uint64_t expected)
{
    for (int wanted = 0; wanted < 4; wanted++) {
        out_t k;
        void *v = &nothing;
        cr_assert_eq(nearest(map, which, n, (wanted & 1) != 0 ? &k : NULL, (wanted & 2) != 0 ? &v : NULL), 0);
        if ((wanted & 1) != 0)
            cr_assert_eq(out_number(&k), expected);
        if ((wanted & 2) != 0)
            cr_assert_eq(v, (void *)&ordered_values[expected % 8]);
    }
}

static void expect_none(map_t *map, nearest_t which, uint64_t n)
{
    out_t k;
    void *v = &nothing;
    cr_assert_eq(nearest(map, which, n, &k, &v), -ENOENT);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(v, (void *)&nothing);
    cr_assert_eq(nearest(map, which, n, NULL, NULL), -ENOENT);
}

static void add_entry(map_t *map, uint64_t n)
{
    cr_assert_eq(VERB(insert)(map, KEY(n), &ordered_values[n % 8]), 0);
}

MAP_SCHEME_TEST(nearest_in_an_empty_map, domain)
{
    static const uint64_t keys[] = {0, 1, 1000, UINT64_MAX};
    map_t *map = make_map(domain, NULL);
    for (int round = 0; round < 2; round++) { /* never used, and emptied */
        for (nearest_t which = MIN; which < NEAREST; which++)
            for (int i = 0; i < 4; i++)
                expect_none(map, which, keys[i]);
        add_entry(map, 1000);
        cr_assert_eq(VERB(remove)(map, KEY(1000), NULL), 0);
    }
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(nearest_to_a_single_entry, domain)
{
    static const uint64_t keys[] = {0, 1, 1000, UINT64_MAX - 1, UINT64_MAX};
    for (int i = 0; i < 5; i++) {
        uint64_t n = keys[i];
        map_t *map = make_map(domain, NULL);
        add_entry(map, n);
        expect_nearest(map, MIN, 0, n);
        expect_nearest(map, MAX, 0, n);
        expect_nearest(map, FLOOR, n, n);
        expect_nearest(map, CEIL, n, n);
        expect_nearest(map, FLOOR, UINT64_MAX, n);
        expect_nearest(map, CEIL, 0, n);
        expect_none(map, LOWER, n);
        expect_none(map, HIGHER, n);
        if (n > 0) {
            expect_none(map, FLOOR, n - 1);
            expect_nearest(map, HIGHER, n - 1, n);
        }
        if (n < UINT64_MAX) {
            expect_none(map, CEIL, n + 1);
            expect_nearest(map, LOWER, n + 1, n);
        }
        cr_assert_eq(VERB(destroy)(map), 0);
    }
}

MAP_SCHEME_TEST(nearest_among_many, domain)
{
    enum { KEYS = 300 };
    map_t *map = make_map(domain, NULL);
    for (uint64_t i = 0; i < KEYS; i++)
        add_entry(map, 10 + i * 7 % KEYS * 10);
    expect_nearest(map, MIN, 0, 10);
    expect_nearest(map, MAX, 0, 10 * KEYS);
    for (uint64_t n = 10; n < 10 * KEYS; n += 10) {
        expect_nearest(map, FLOOR, n, n);
        expect_nearest(map, FLOOR, n + 1, n);
        expect_nearest(map, FLOOR, n + 9, n);
        expect_nearest(map, CEIL, n, n);
        expect_nearest(map, CEIL, n + 1, n + 10);
        expect_nearest(map, CEIL, n + 9, n + 10);
        expect_nearest(map, LOWER, n + 1, n);
        expect_nearest(map, LOWER, n + 10, n);
        expect_nearest(map, HIGHER, n, n + 10);
        expect_nearest(map, HIGHER, n + 9, n + 10);
    }
    expect_none(map, LOWER, 10);
    expect_none(map, HIGHER, 10 * KEYS);
    expect_none(map, FLOOR, 9);
    expect_nearest(map, CEIL, 0, 10);
    expect_nearest(map, FLOOR, UINT64_MAX, 10 * KEYS);
    expect_none(map, CEIL, 10 * KEYS + 1);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(nearest_at_the_ends_of_all_keys, domain)
{
    map_t *map = make_map(domain, NULL);
    add_entry(map, 0);
    add_entry(map, UINT64_MAX);
    expect_nearest(map, MIN, 0, 0);
    expect_nearest(map, MAX, 0, UINT64_MAX);
    expect_nearest(map, FLOOR, 0, 0);
    expect_nearest(map, FLOOR, UINT64_MAX - 1, 0);
    expect_nearest(map, FLOOR, UINT64_MAX, UINT64_MAX);
    expect_nearest(map, CEIL, 0, 0);
    expect_nearest(map, CEIL, 1, UINT64_MAX);
    expect_nearest(map, CEIL, UINT64_MAX, UINT64_MAX);
    expect_none(map, LOWER, 0);
    expect_nearest(map, LOWER, UINT64_MAX, 0);
    expect_nearest(map, HIGHER, 0, UINT64_MAX);
    expect_none(map, HIGHER, UINT64_MAX);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* The ends move inwards as entries go. */
MAP_SCHEME_TEST(min_and_max_follow_removals, domain)
{
    enum { KEYS = 100 };
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 0; n < KEYS; n++)
        add_entry(map, n);
    for (uint64_t n = 0; n < KEYS / 2; n++) {
        expect_nearest(map, MIN, 0, n);
        expect_nearest(map, MAX, 0, KEYS - 1 - n);
        cr_assert_eq(VERB(remove)(map, KEY(n), NULL), 0);
        cr_assert_eq(VERB(remove)(map, KEY(KEYS - 1 - n), NULL), 0);
    }
    expect_none(map, MIN, 0);
    expect_none(map, MAX, 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
