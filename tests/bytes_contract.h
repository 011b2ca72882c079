/* The contract of every map whose keys are byte strings: what it shares with those of uint64 keys stands in
 * map_contract.h; here is what only byte strings have: lengths, buffers, comparators. (Further parts: bytes_long.h.)
 *
 * The including source defines SUITE, VERB(name) and map_t, as for map_contract.h. */
#ifndef CC_TEST_BYTES_CONTRACT_H
#define CC_TEST_BYTES_CONTRACT_H

#include "support/number_keys.h"

#include <cc/cc.h>

#define KEY(n)       number_key(n)
#define FROZEN(name) cc_frozen_##name
#define MAP_HAS_PREFIX
#define VISITOR(name)                                                                                                  \
    static bool name##_of_number(uint64_t n, void *value, void *ctx);                                                  \
    static bool name(cc_bytes_t key, void *value, void *ctx)                                                           \
    {                                                                                                                  \
        return name##_of_number(number_of(key), value, ctx);                                                           \
    }                                                                                                                  \
    static bool name##_of_number(uint64_t n, void *value, void *ctx)

typedef number_out_t out_t;
typedef cc_frozen_t frozen_t;
typedef cc_bytes_t sorted_key_t;

#define key_number number_of

#define OUT(o)        number_out(&(o))
#define OUT_UNTOUCHED NUMBER_UNTOUCHED
#define out_number    number_of_out

#include "map_contract.h"

/* A key from a literal, zero bytes and all. */
#define BYTES(s)                                                                                                       \
    {                                                                                                                  \
        s, sizeof(s) - 1                                                                                               \
    }
#define LITERAL(s) ((cc_bytes_t)BYTES(s))

/* ---- malformed keys */

static void expect_refused(map_t *map, cc_bytes_t key)
{
    void *out = &nothing;
    out_t k;
    bool called = false;
    cr_assert_eq(VERB(get)(map, key, &out), -EINVAL);
    cr_assert_eq(VERB(get)(map, key, NULL), -EINVAL);
    cr_assert_not(VERB(contains)(map, key));
    cr_assert_eq(VERB(insert)(map, key, &map), -EINVAL);
    cr_assert_eq(VERB(put)(map, key, &map, &out), -EINVAL);
    cr_assert_eq(VERB(put)(map, key, &map, NULL), -EINVAL);
    cr_assert_eq(VERB(replace)(map, key, &map, &out), -EINVAL);
    cr_assert_eq(VERB(remove)(map, key, &out), -EINVAL);
    cr_assert_eq(VERB(floor)(map, key, OUT(k), &out), -EINVAL);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(VERB(ceil)(map, key, OUT(k), &out), -EINVAL);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(VERB(range)(map, key, LITERAL("z"), never_called, &called), -EINVAL);
    cr_assert_eq(VERB(range)(map, key, CC_BYTES_MAX, never_called, &called), -EINVAL);
    if (key.len != SIZE_MAX)
        cr_assert_eq(VERB(range)(map, LITERAL(""), key, never_called, &called), -EINVAL);
    cr_assert_not(called);
    cr_assert_eq(out, (void *)&nothing);
    cr_assert_eq(VERB(count)(map), 1);
}

MAP_SCHEME_TEST(malformed_keys_are_refused, domain)
{
    static char bytes[CC_KEY_LEN_MAX + 1];
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(insert)(map, LITERAL("k"), &map), 0);
    expect_refused(map, (cc_bytes_t){bytes, CC_KEY_LEN_MAX + 1});
    expect_refused(map, (cc_bytes_t){bytes, SIZE_MAX});
    expect_refused(map, (cc_bytes_t){NULL, 1});
    expect_refused(map, (cc_bytes_t){NULL, CC_KEY_LEN_MAX});
    expect_refused(map, CC_BYTES_MAX);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- bytes */

/* In order. The empty key, prefixes, zero bytes, bytes above 127, and differences on both sides of eight bytes. */
static const cc_bytes_t strange[] = {
    {NULL, 0},
    BYTES("\0"),
    BYTES("\0\0"),
    BYTES("\0\0\0\0\0\0\0\0"),
    BYTES("\0\0\0\0\0\0\0\0\0"),
    BYTES("\0\x01"),
    BYTES("\x01"),
    BYTES("abc"),
    BYTES("abc\0"),
    BYTES("abc\0d"),
    BYTES("abcd"),
    BYTES("abcdefg"),
    BYTES("abcdefgh"),
    BYTES("abcdefgh\0"),
    BYTES("abcdefghi"),
    BYTES("abcdefghij"),
    BYTES("abcdefghijklmnop"),
    BYTES("abcdefghijklmnoq"),
    BYTES("abcdefgi"),
    BYTES("\x7f"),
    BYTES("\x80"),
    BYTES("\x80\x80\x80\x80\x80\x80\x80\x80"),
    BYTES("\xff"),
    BYTES("\xff\0"),
    BYTES("\xff\xff"),
    BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"),
    BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
};
enum { STRANGE = sizeof strange / sizeof strange[0] };
static char strange_values[STRANGE];

static bool same_bytes(cc_bytes_t a, cc_bytes_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

typedef struct {
    const cc_bytes_t *keys;
    size_t at;
    int step; /* +1, -1 */
    int wrong;
} compare_walk_t;

static bool compare_on(cc_bytes_t key, void *value, void *ctx)
{
    compare_walk_t *w = ctx;
    w->wrong += !same_bytes(key, w->keys[w->at]) || value != &strange_values[w->at];
    w->at += (size_t)w->step;
    return true;
}

static map_t *make_strange_map(cc_domain_t *domain)
{
    map_t *map = make_map(domain, NULL);
    for (size_t i = 0; i < STRANGE; i++) {
        size_t at = i * 10 % STRANGE;
        cr_assert_eq(VERB(insert)(map, strange[at], &strange_values[at]), 0);
    }
    return map;
}

MAP_SCHEME_TEST(order_is_that_of_memcmp_with_prefixes_first, domain)
{
    map_t *map = make_strange_map(domain);
    for (size_t i = 0; i < STRANGE; i++) {
        void *value;
        cr_assert_eq(VERB(get)(map, strange[i], &value), 0);
        cr_assert_eq(value, (void *)&strange_values[i]);
        cr_assert_eq(VERB(insert)(map, strange[i], &map), -EEXIST);
        compare_walk_t w = {strange, i, 1, 0};
        cr_assert_eq(VERB(range)(map, strange[i], CC_BYTES_MAX, compare_on, &w), (int64_t)(STRANGE - i));
        cr_assert_eq(w.wrong, 0);
        w = (compare_walk_t){strange, 0, 1, 0};
        cr_assert_eq(VERB(range)(map, strange[0], strange[i], compare_on, &w), (int64_t)i + 1);
        cr_assert_eq(w.wrong, 0);
    }
    cr_assert_eq(VERB(count)(map), (size_t)STRANGE);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* All keys with a prefix: up to the prefix followed by enough 0xff bytes. */
MAP_SCHEME_TEST(range_of_a_prefix, domain)
{
    map_t *map = make_strange_map(domain);
    compare_walk_t w = {strange, 7, 1, 0};
    cr_assert_eq(VERB(range)(map, LITERAL("abc"), LITERAL("abc\xff\xff"), compare_on, &w), 12);
    cr_assert_eq(w.wrong, 0);
    w = (compare_walk_t){strange, 22, 1, 0};
    cr_assert_eq(VERB(range)(map, LITERAL("\xff"), LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff\xff"), compare_on, &w), 5);
    cr_assert_eq(w.wrong, 0);
    cr_assert_eq(VERB(range)(map, LITERAL("abd"), LITERAL("abd\xff"), compare_on, &w), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* An empty key may have an address, or none. */
MAP_SCHEME_TEST(empty_key_is_a_key, domain)
{
    map_t *map = make_map(domain, NULL);
    void *value = NULL;
    char room[1] = {'x'};
    cc_buf_t k = {room, 0, 7};
    cr_assert_eq(VERB(insert)(map, (cc_bytes_t){NULL, 0}, &value), 0);
    cr_assert_eq(VERB(insert)(map, LITERAL(""), &value), -EEXIST);
    cr_assert_eq(VERB(insert)(map, LITERAL("a"), &value), 0);
    cr_assert_eq(VERB(get)(map, LITERAL(""), &value), 0);
    cr_assert_eq(VERB(min)(map, &k, &value), 0);
    cr_assert_eq(k.len, 0);
    k = (cc_buf_t){NULL, 0, 7};
    cr_assert_eq(VERB(floor)(map, LITERAL(""), &k, &value), 0);
    cr_assert_eq(k.len, 0);
    cr_assert_eq(room[0], 'x');
    cr_assert_eq(VERB(remove)(map, (cc_bytes_t){NULL, 0}, NULL), 0);
    cr_assert_not(VERB(contains)(map, LITERAL("")));
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(keys_are_copied_in, domain)
{
    char bytes[100];
    map_t *map = make_map(domain, NULL);
    for (int i = 0; i < 50; i++) {
        memset(bytes, 'a' + i % 26, sizeof bytes);
        cr_assert_eq(VERB(insert)(map, (cc_bytes_t){bytes, (size_t)i + 1}, &map), 0);
    }
    memset(bytes, '!', sizeof bytes);
    cr_assert_eq(VERB(validate)(map), 0);
    for (int i = 0; i < 50; i++) {
        memset(bytes, 'a' + i % 26, sizeof bytes);
        cr_assert(VERB(contains)(map, (cc_bytes_t){bytes, (size_t)i + 1}));
    }
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- keys that are given out */

typedef int give_fn(map_t *map, cc_buf_t *k, void **v);

static int give_floor(map_t *map, cc_buf_t *k, void **v)
{
    return VERB(floor)(map, LITERAL("m"), k, v);
}

static int give_ceil(map_t *map, cc_buf_t *k, void **v)
{
    return VERB(ceil)(map, LITERAL("a"), k, v);
}

static give_fn *const givers[] = {VERB(min), VERB(max), give_floor, give_ceil};

static void expect_too_small(map_t *map, give_fn *give, size_t cap, cc_bytes_t key)
{
    char room[64];
    void *value = &nothing;
    memset(room, '#', sizeof room);
    cc_buf_t k = {cap > 0 ? room : NULL, cap, 12345};
    cr_assert_eq(give(map, &k, &value), -ENOBUFS);
    cr_assert_eq(k.len, key.len);
    cr_assert_eq(k.cap, cap);
    cr_assert_eq(k.data, cap > 0 ? (void *)room : NULL);
    cr_assert_eq(value, (void *)&nothing);
    for (size_t i = 0; i < sizeof room; i++)
        cr_assert_eq(room[i], '#');
}

static void expect_given(map_t *map, give_fn *give, size_t cap, cc_bytes_t key)
{
    char room[64];
    void *value = &nothing;
    memset(room, '#', sizeof room);
    cc_buf_t k = {room, cap, 12345};
    cr_assert_eq(give(map, &k, &value), 0);
    cr_assert_eq(k.len, key.len);
    cr_assert_eq(memcmp(room, key.data, key.len), 0);
    cr_assert_eq(room[key.len], '#', "not a byte more");
    cr_assert_eq(value, (void *)&strange_values);
}

MAP_SCHEME_TEST(key_needs_a_buffer_of_its_size, domain)
{
    const cc_bytes_t key = LITERAL("key of 17 bytes\0!");
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(insert)(map, key, &strange_values), 0);
    for (size_t i = 0; i < sizeof givers / sizeof givers[0]; i++) {
        for (size_t cap = 0; cap < key.len; cap++)
            expect_too_small(map, givers[i], cap, key);
        expect_given(map, givers[i], key.len, key);
        expect_given(map, givers[i], key.len + 1, key);
        void *value = &nothing;
        cr_assert_eq(givers[i](map, NULL, &value), 0);
        cr_assert_eq(value, (void *)&strange_values);
    }
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- prefixes */

typedef struct {
    const char *expected; /* last letters of the keys, in order */
    int wrong;
} endings_t;

static bool see_ending(cc_bytes_t key, void *value, void *ctx)
{
    endings_t *e = ctx;
    e->wrong += *e->expected != ((const char *)key.data)[key.len - 1];
    return *++e->expected != '.';
}

static void expect_prefixed(map_t *map, cc_bytes_t prefix, const char *endings, int64_t visits)
{
    endings_t e = {endings, 0};
    cr_assert_eq(VERB(prefix)(map, prefix, see_ending, &e), visits);
    cr_assert_eq(e.wrong, 0);
    cr_assert(*e.expected == '\0' || *e.expected == '.');
}

MAP_SCHEME_TEST(prefix_finds_what_begins_so, domain)
{
    static const cc_bytes_t keys[] = {BYTES("aa"),
                                      BYTES("ab"),
                                      BYTES("abc"),
                                      BYTES("abd"),
                                      BYTES("ab\xff\xff\xff"
                                            "e"),
                                      BYTES("acf")};
    map_t *map = make_map(domain, NULL);
    expect_prefixed(map, LITERAL("ab"), "", 0);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        cr_assert_eq(VERB(insert)(map, keys[i], &map), 0);
    expect_prefixed(map, LITERAL("ab"), "bcde", 4);
    expect_prefixed(map, LITERAL("ab"), "bc.", 2);
    expect_prefixed(map, LITERAL("abc"), "c", 1);
    expect_prefixed(map, LITERAL(""), "abcdef", 6);
    expect_prefixed(map, LITERAL("abb"), "", 0);
    expect_prefixed(map, LITERAL("b"), "", 0);
    expect_prefixed(map, LITERAL("ac"), "f", 1);
    cr_assert_eq(VERB(prefix)(map, LITERAL("ab"), NULL, NULL), -EINVAL);
    cr_assert_eq(VERB(prefix)(NULL, LITERAL("ab"), see_ending, NULL), -EINVAL);
    cr_assert_eq(VERB(prefix)(map, CC_BYTES_MAX, see_ending, NULL), -EINVAL);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* A pop that cannot give its key out takes nothing. */
MAP_SCHEME_TEST(pop_with_too_small_a_buffer_changes_nothing, domain)
{
    char room[4] = "none";
    void *out = &nothing;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(insert)(map, LITERAL("eight888"), &map), 0);
    cc_buf_t k = {room, 4, 0};
    cr_assert_eq(VERB(pop_min)(map, &k, &out), -ENOBUFS);
    cr_assert_eq(k.len, 8);
    k.len = 0;
    cr_assert_eq(VERB(pop_max)(map, &k, NULL), -ENOBUFS);
    cr_assert_eq(k.len, 8);
    cr_assert_eq(memcmp(room, "none", 4), 0);
    cr_assert_eq(out, (void *)&nothing);
    cr_assert(VERB(contains)(map, LITERAL("eight888")));
    cr_assert_eq(VERB(pop_min)(map, NULL, &out), 0);
    cr_assert_eq(out, (void *)&map);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* -ENOBUFS gives nothing out, so nothing is held. */
MAP_RECLAIMING_TEST(refused_answer_is_not_held, domain)
{
    static counted_t value;
    value = (counted_t){0};
    void *out;
    cc_buf_t k = {NULL, 0, 0};
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(insert)(map, LITERAL("key"), &value), 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(VERB(min)(map, &k, &out), -ENOBUFS);
    cr_assert_eq(VERB(remove)(map, LITERAL("key"), NULL), 0);
    if (guards_are_slots(domain)) {
        cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
        cr_assert_eq(counted_times(&value), 1);
    }
    cc_guard_leave(guard);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- comparators */

static int backwards(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(b.data, a.data, common) : 0;
    ++*(atomic_int *)ctx;
    return order != 0 ? order : (b.len > a.len) - (b.len < a.len);
}

MAP_SCHEME_TEST(comparator_decides_the_order, domain)
{
    atomic_int calls = 0;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map;
    opts.compare = backwards;
    opts.compare_ctx = &calls;
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    for (size_t i = 0; i < STRANGE; i++) {
        size_t at = i * 10 % STRANGE;
        cr_assert_eq(VERB(insert)(map, strange[at], &strange_values[at]), 0);
    }
    compare_walk_t w = {strange, STRANGE - 1, -1, 0};
    cr_assert_eq(VERB(range)(map, strange[STRANGE - 1], strange[0], compare_on, &w), STRANGE);
    cr_assert_eq(w.wrong, 0);
    w = (compare_walk_t){strange, 9, -1, 0};
    cr_assert_eq(VERB(range)(map, strange[9], CC_BYTES_MAX, compare_on, &w), 10, "above every key all the same");
    cr_assert_eq(w.wrong, 0);
    void *value;
    cr_assert_eq(VERB(min)(map, NULL, &value), 0);
    cr_assert_eq(value, (void *)&strange_values[STRANGE - 1]);
    cr_assert_eq(VERB(ceil)(map, LITERAL("abcc"), NULL, &value), 0);
    cr_assert_eq(value, (void *)&strange_values[9]);
    cr_assert_eq(VERB(floor)(map, LITERAL("abcc"), NULL, &value), 0);
    cr_assert_eq(value, (void *)&strange_values[10]);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_gt(atomic_load(&calls), STRANGE, "it gets its context");
    cr_assert_eq(VERB(destroy)(map), 0);
}

static int without_case(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    const unsigned char *p = a.data, *q = b.data;
    (void)ctx;
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int x = p[i] | 0x20, y = q[i] | 0x20;
        if (x != y)
            return x - y;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static bool note_key(cc_bytes_t key, void *value, void *ctx)
{
    char *text = ctx;
    (void)value;
    strncat(text, key.data, key.len);
    return true;
}

/* Keys that compare equal are one key; the bytes of the first stay. */
MAP_SCHEME_TEST(comparator_decides_what_is_equal, domain)
{
    char text[64] = "";
    int a, b;
    void *old;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map;
    opts.compare = without_case;
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    cr_assert_eq(VERB(insert)(map, LITERAL("Beta"), &a), 0);
    cr_assert_eq(VERB(insert)(map, LITERAL("bETA"), &b), -EEXIST);
    cr_assert_eq(VERB(insert)(map, LITERAL("alpha"), &a), 0);
    cr_assert_eq(VERB(insert)(map, LITERAL("GAMMA"), &a), 0);
    cr_assert_eq(VERB(put)(map, LITERAL("BETA"), &b, &old), 1);
    cr_assert_eq(old, (void *)&a);
    cr_assert(VERB(contains)(map, LITERAL("beta")));
    cr_assert_eq(VERB(range)(map, LITERAL("ALPHA"), LITERAL("gamma"), note_key, text), 3);
    cr_assert_str_eq(text, "alphaBetaGAMMA");
    cr_assert_eq(VERB(remove)(map, LITERAL("gamma"), NULL), 0);
    cr_assert_eq(VERB(count)(map), 2);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
