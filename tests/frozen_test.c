/* The contract of cc/frozen.h: what it shares with cc/frozen64.h stands in frozen_contract.h; here is what only byte strings
 * have. */
#include "frozen_keys.h"

#include "frozen_contract.h"

static const cc_bytes_t malformed[] = {{NULL, 1}, {"x", CC_KEY_LEN_MAX + 1}, {NULL, SIZE_MAX}};

FROZEN_TEST(refuses_malformed_keys)
{
    cc_frozen_t *frozen = make_frozen(1);
    cc_bytes_t k, v;
    frozen_visits_t visits = {0};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        const cc_bytes_t bad = malformed[i];
        cr_assert_eq(cc_frozen_get(frozen, bad, &v), -EINVAL);
        cr_assert_not(cc_frozen_contains(frozen, bad));
        cr_assert_eq(cc_frozen_floor(frozen, bad, &k, &v), -EINVAL);
        cr_assert_eq(cc_frozen_ceil(frozen, bad, &k, &v), -EINVAL);
        cr_assert_eq(cc_frozen_lower(frozen, bad, &k, &v), -EINVAL);
        cr_assert_eq(cc_frozen_higher(frozen, bad, &k, &v), -EINVAL);
        cr_assert_eq(cc_frozen_rank(frozen, bad), 0);
        cr_assert_eq(cc_frozen_range(frozen, bad, KEY(1), visit_frozen, &visits), -EINVAL);
        if (bad.len != SIZE_MAX)
            cr_assert_eq(cc_frozen_range(frozen, KEY(0), bad, visit_frozen, &visits), -EINVAL);
    }
    visits = (frozen_visits_t){10, INT64_MAX};
    cr_assert_eq(cc_frozen_range(frozen, KEY(0), CC_BYTES_MAX, visit_frozen, &visits), 1);
    cr_assert_eq(cc_frozen_destroy(frozen), 0);
}

/* ---- keys of all lengths */

static bool stop_at_longest(cc_bytes_t key, cc_bytes_t value, void *ctx)
{
    (void)value;
    *(size_t *)ctx = key.len;
    return true;
}

FROZEN_TEST(keys_may_be_empty_or_long)
{
    static unsigned char longest[CC_KEY_LEN_MAX];
    folder_t folder = folder_make();
    cc_skiplist_t *map = NULL;
    cc_frozen_t *frozen = NULL;
    size_t len = 0;
    cr_assert_eq(cc_skiplist_create(NULL, NULL, &map), 0);
    cr_assert_eq(cc_skiplist_insert(map, (cc_bytes_t){NULL, 0}, &nothing), 0);
    cr_assert_eq(cc_skiplist_insert(map, (cc_bytes_t){"\0", 1}, &nothing), 0);
    cr_assert_eq(cc_skiplist_insert(map, (cc_bytes_t){longest, CC_KEY_LEN_MAX}, &nothing), 0);
    cr_assert_eq(cc_skiplist_freeze(map, NULL, &frozen), 0);
    save(frozen, folder.file);
    cr_assert_eq(cc_frozen_destroy(frozen), 0);
    cr_assert_eq(cc_frozen_load(folder.file, NULL, NULL, &frozen), 0);
    cr_assert(cc_frozen_contains(frozen, (cc_bytes_t){NULL, 0}));
    cr_assert(cc_frozen_contains(frozen, (cc_bytes_t){"\0", 1}));
    cr_assert(cc_frozen_contains(frozen, (cc_bytes_t){longest, CC_KEY_LEN_MAX}));
    cr_assert_not(cc_frozen_contains(frozen, (cc_bytes_t){longest, CC_KEY_LEN_MAX - 1}));
    cr_assert_eq(cc_frozen_range(frozen, (cc_bytes_t){NULL, 0}, CC_BYTES_MAX, stop_at_longest, &len), 3);
    cr_assert_eq(len, CC_KEY_LEN_MAX);
    cr_assert_eq(cc_frozen_destroy(frozen), 0);
    cr_assert_eq(cc_skiplist_destroy(map), 0);
    folder_remove(&folder);
}

/* ---- comparators */

/* Downwards, as ctx says. */
static int by_sign(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    uint64_t x = number_of(a), y = number_of(b);
    return (x < y ? -1 : x > y) * *(const int *)ctx;
}

FROZEN_TEST(comparators_stay)
{
    folder_t folder = folder_make();
    int down = -1, up = 1;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_skiplist_t *map = NULL;
    cc_frozen_t *frozen = NULL, *none = (void *)&nothing;
    cc_bytes_t k;
    opts.compare = by_sign;
    opts.compare_ctx = &down;
    cr_assert_eq(cc_skiplist_create(NULL, &opts, &map), 0);
    for (uint64_t n = 1; n < 10; n++)
        cr_assert_eq(cc_skiplist_insert(map, KEY(n), &nothing), 0);
    cr_assert_eq(cc_skiplist_freeze(map, NULL, &frozen), 0);
    cr_assert_eq(cc_skiplist_destroy(map), 0);
    for (int round = 0; round < 2; round++) {
        cr_assert(cc_frozen_min(frozen, &k, NULL) == 0 && key_number(k) == 9);
        cr_assert(cc_frozen_higher(frozen, KEY(5), &k, NULL) == 0 && key_number(k) == 4);
        save(frozen, folder.file);
        cr_assert_eq(cc_frozen_destroy(frozen), 0);
        cr_assert_eq(cc_frozen_load(folder.file, by_sign, &down, &frozen), 0);
    }
    cr_assert_eq(cc_frozen_destroy(frozen), 0);
    cr_assert_eq(cc_frozen_load(folder.file, NULL, NULL, &none), -EINVAL, "it has a comparator");
    cr_assert_eq(cc_frozen_load(folder.file, by_sign, &up, &none), -EINVAL, "which orders otherwise");
    save_some(3, folder.file);
    cr_assert_eq(cc_frozen_load(folder.file, by_sign, &up, &none), -EINVAL, "it has none");
    cr_assert_eq(none, (void *)&nothing);
    folder_remove(&folder);
}
