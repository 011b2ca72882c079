/* The contract of every map whose keys are byte strings, defined as for bytes_contract.h: long keys, and random byte strings against a sorted array. */
#ifndef CC_TEST_BYTES_LONG_H
#define CC_TEST_BYTES_LONG_H

#include "test.h"

#include "support/domains.h"
#include "support/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static unsigned char long_bytes[CC_KEY_LEN_MAX];

/* The number, then filling that belongs to it. Good until the next call. */
static cc_bytes_t long_key(uint16_t number, size_t len)
{
    memset(long_bytes, (int)(number % 251), len);
    long_bytes[0] = (unsigned char)(number >> 8);
    long_bytes[1] = (unsigned char)number;
    return (cc_bytes_t){long_bytes, len};
}

static bool is_long_key(cc_bytes_t key, uint16_t number, size_t len)
{
    return key.len == len && memcmp(key.data, long_key(number, len).data, len) == 0;
}

SCHEME_TEST(long_keys, longest_is_a_key, domain)
{
    static unsigned char room[CC_KEY_LEN_MAX];
    map_t *map;
    void *value = NULL;
    cc_buf_t k = {room, sizeof room, 0};
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    cr_assert_eq(VERB(insert)(map, long_key(7, CC_KEY_LEN_MAX), &map), 0);
    cr_assert_eq(VERB(insert)(map, long_key(7, CC_KEY_LEN_MAX), &map), -EEXIST);
    cr_assert_eq(VERB(insert)(map, long_key(7, CC_KEY_LEN_MAX - 1), &map), 0);
    cr_assert_eq(VERB(get)(map, long_key(7, CC_KEY_LEN_MAX), &value), 0);
    cr_assert_eq(value, (void *)&map);
    cr_assert_eq(VERB(max)(map, &k, &value), 0);
    cr_assert(is_long_key((cc_bytes_t){room, k.len}, 7, CC_KEY_LEN_MAX));
    k.cap--;
    cr_assert_eq(VERB(max)(map, &k, &value), -ENOBUFS);
    cr_assert_eq(k.len, CC_KEY_LEN_MAX);
    cr_assert_eq(VERB(min)(map, &k, &value), 0);
    cr_assert(is_long_key((cc_bytes_t){room, k.len}, 7, CC_KEY_LEN_MAX - 1));
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(remove)(map, long_key(7, CC_KEY_LEN_MAX), NULL), 0);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* A key that is walked over is kept in a small room, which grows. */
SCHEME_TEST(long_keys, are_popped, domain)
{
    static unsigned char room[CC_KEY_LEN_MAX];
    static const size_t lengths[] = {2, 127, 128, 129, 1000, CC_KEY_LEN_MAX};
    enum { LENGTHS = sizeof lengths / sizeof lengths[0] };
    map_t *map;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    for (uint16_t i = 0; i < LENGTHS; i++)
        cr_assert_eq(VERB(insert)(map, long_key(i, lengths[i]), &map), 0);
    for (uint16_t i = 0; i < LENGTHS; i++) {
        cc_buf_t k = {room, lengths[i] - 1, 0};
        cr_assert_eq(VERB(pop_min)(map, &k, NULL), -ENOBUFS);
        cr_assert_eq(k.len, lengths[i]);
        k.cap++;
        cr_assert_eq(VERB(pop_min)(map, &k, NULL), 0);
        cr_assert(is_long_key((cc_bytes_t){room, k.len}, i, lengths[i]));
    }
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* A cursor keeps its place when a longer key is next. */
SCHEME_TEST(long_keys, are_walked_over, domain)
{
    static const size_t lengths[] = {2, 128, 129, 5, CC_KEY_LEN_MAX, 130};
    enum { LENGTHS = sizeof lengths / sizeof lengths[0] };
    map_t *map;
    cursor_t cursor;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    for (uint16_t i = 0; i < LENGTHS; i++)
        cr_assert_eq(VERB(insert)(map, long_key(i, lengths[i]), &map), 0);
    cr_assert_eq(VERB(cursor_init)(&cursor, map), 0);
    cr_assert_eq(VERB(cursor_first)(&cursor), 0);
    for (uint16_t i = 0; i < LENGTHS; i++) {
        cr_assert(is_long_key(VERB(cursor_key)(&cursor), i, lengths[i]));
        cr_assert_eq(VERB(cursor_next)(&cursor), i + 1 < LENGTHS ? 0 : -ENOENT);
    }
    for (uint16_t i = LENGTHS; i-- > 0;) {
        cr_assert(is_long_key(VERB(cursor_key)(&cursor), i, lengths[i]));
        cr_assert_eq(VERB(cursor_prev)(&cursor), i > 0 ? 0 : -ENOENT);
    }
    VERB(cursor_fini)(&cursor);
    cr_assert_eq(VERB(clear)(map), LENGTHS);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- keys that are long where they are equal: a map must not become high by that, nor large */

enum { ALIKE = 100, ALIKE_LEN = 2002 };

static cc_bytes_t alike_key(uint16_t number)
{
    memset(long_bytes, 'x', ALIKE_LEN);
    long_bytes[ALIKE_LEN - 2] = (unsigned char)(number >> 8);
    long_bytes[ALIKE_LEN - 1] = (unsigned char)number;
    return (cc_bytes_t){long_bytes, ALIKE_LEN};
}

static int order_of_bytes(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    (void)ctx;
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static void check_alike(map_t *map)
{
    cr_assert_eq(VERB(validate)(map), 0);
    for (uint16_t i = 0; i < ALIKE; i++)
        cr_assert(VERB(contains)(map, alike_key(i)));
    cr_assert_eq(VERB(count)(map), ALIKE);
}

static void fill_and_empty(cc_domain_t *domain, cc_compare_fn *compare, bool below_a_greater)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    (void)cc_domain_drain(domain, INT64_MAX); /* what an earlier map left */
    uint64_t before = cc_alloc_stats_snapshot().current_allocated;
    map_t *map;
    opts.compare = compare;
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    for (uint16_t i = 0; i < ALIKE; i++)
        cr_assert_eq(VERB(insert)(map, alike_key(below_a_greater && i == 0 ? ALIKE - 1 : i - below_a_greater), map), 0);
    check_alike(map);
    if (cc_domain_drain(domain, INT64_MAX) == 0) /* never where all is leaked */
        cr_assert_lt(cc_alloc_stats_snapshot().current_allocated - before, 20 * ALIKE * ALIKE_LEN);
    for (uint16_t i = 0; i < ALIKE; i++)
        cr_assert_eq(VERB(remove)(map, alike_key(i * 7 % ALIKE), NULL), 0);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

SCHEME_TEST(long_keys, that_are_alike_ascend, domain)
{
    fill_and_empty(domain, NULL, false);
}

SCHEME_TEST(long_keys, that_are_alike_ascend_below_a_greater, domain)
{
    fill_and_empty(domain, NULL, true);
}

SCHEME_TEST(long_keys, that_are_alike_are_compared, domain)
{
    fill_and_empty(domain, order_of_bytes, false);
    fill_and_empty(domain, order_of_bytes, true);
}

/* ---- ranges over long keys */

typedef struct {
    uint16_t next;
    const size_t *lengths; /* of key i: lengths[i % 4] */
    int wrong;
} long_walk_t;

static bool walk_long(cc_bytes_t key, void *value, void *ctx)
{
    long_walk_t *w = ctx;
    w->wrong += value != w->lengths || !is_long_key(key, w->next, w->lengths[w->next % 4]);
    w->next++;
    return true;
}

/* A chunk of a range keeps its keys in a buffer of about 2 KiB, which grows for a key that does not fit. */
static void check_range_of(cc_domain_t *domain, const size_t lengths[4])
{
    enum { KEYS = 150 };
    map_t *map;
    long_walk_t w = {0, lengths, 0};
    void *value = (void *)(uintptr_t)lengths;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    for (uint16_t i = 0; i < KEYS; i++)
        cr_assert_eq(VERB(insert)(map, long_key(i, lengths[i % 4]), value), 0);
    cr_assert_eq(VERB(range)(map, (cc_bytes_t){NULL, 0}, CC_BYTES_MAX, walk_long, &w), KEYS);
    cr_assert_eq(w.wrong, 0);
    cr_assert_eq(w.next, KEYS);
    static unsigned char from[CC_KEY_LEN_MAX], to[CC_KEY_LEN_MAX];
    memcpy(from, long_key(10, lengths[2]).data, lengths[2]);
    memcpy(to, long_key(140, lengths[0]).data, lengths[0]);
    w.next = 10;
    cr_assert_eq(VERB(range)(map, (cc_bytes_t){from, lengths[2]}, (cc_bytes_t){to, lengths[0]}, walk_long, &w), 131);
    cr_assert_eq(w.wrong, 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

SCHEME_TEST(long_keys, range_meets_them_all, domain)
{
    static const size_t lengths[][4] = {
        {2, 10, 30, 33},                                         /* all fit, until the chunk is full */
        {100, 200, 300, 400},                                    /* keys end the chunk */
        {2047, 2048, 2049, 2050},                                /* one in each chunk, or none */
        {60000, 5, 60000, 7},                                    /* mixed */
        {5, 60000, 6, CC_KEY_LEN_MAX},                           /* mixed, beginning with a short one */
        {CC_KEY_LEN_MAX, CC_KEY_LEN_MAX, 30000, CC_KEY_LEN_MAX}, /* all long */
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        check_range_of(domain, lengths[i]);
}

/* ---- random keys */

enum { WORDS = 400, LONGEST = 20 };

typedef struct {
    unsigned char bytes[LONGEST];
    size_t len;
    bool there;
} word_t;

static word_t words[WORDS];

static int compare_words(const void *a, const void *b)
{
    const word_t *x = a, *y = b;
    int order = memcmp(x->bytes, y->bytes, x->len < y->len ? x->len : y->len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* Few letters, so that long prefixes are shared. In order, none twice. */
static size_t make_words(random_t *random)
{
    static const unsigned char letters[] = {0, 1, 'a', 0x7f, 0x80, 0xff};
    memset(words, 0, sizeof words);
    for (int w = 0; w < WORDS; w++) {
        words[w].len = random_below(random, LONGEST + 1);
        for (size_t i = 0; i < words[w].len; i++)
            words[w].bytes[i] = i < 6 ? 'a' : letters[random_below(random, sizeof letters)];
    }
    qsort(words, WORDS, sizeof words[0], compare_words);
    size_t kept = 1;
    for (size_t w = 1; w < WORDS; w++)
        if (compare_words(&words[kept - 1], &words[w]) != 0)
            words[kept++] = words[w];
    return kept;
}

static cc_bytes_t key_of_word(const word_t *word)
{
    return (cc_bytes_t){word->bytes, word->len};
}

typedef struct {
    size_t at, end;
    int wrong;
} word_walk_t;

static size_t next_word(size_t at, size_t end)
{
    while (at < end && !words[at].there)
        at++;
    return at;
}

static bool walk_words(cc_bytes_t key, void *value, void *ctx)
{
    word_walk_t *w = ctx;
    w->at = next_word(w->at, w->end);
    w->wrong += w->at >= w->end || value != &words[w->at] || key.len != words[w->at].len ||
                memcmp(key.data, words[w->at].bytes, key.len) != 0;
    w->at++;
    return true;
}

static int check_words(map_t *map, size_t from, size_t to)
{
    word_walk_t w = {from, to + 1, 0};
    int64_t expected = 0;
    for (size_t i = from; i <= to; i++)
        expected += words[i].there;
    int64_t visited = VERB(range)(map, key_of_word(&words[from]), key_of_word(&words[to]), walk_words, &w);
    return w.wrong + (visited != expected);
}

SCHEME_TEST(long_keys, random_words_agree_with_a_sorted_array, domain)
{
    enum { STEPS = 20000 };
    random_t random = random_start(1000);
    size_t n = make_words(&random);
    map_t *map;
    int wrong = 0;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    for (int step = 0; step < STEPS; step++) {
        size_t i = random_below(&random, (uint32_t)n), j = random_below(&random, (uint32_t)n);
        word_t *word = &words[i];
        bool insert = random_below(&random, 2) == 0;
        if (insert)
            wrong += VERB(insert)(map, key_of_word(word), word) != (word->there ? -EEXIST : 0);
        else
            wrong += VERB(remove)(map, key_of_word(word), NULL) != (word->there ? 0 : -ENOENT);
        word->there = insert;
        if (step % 50 == 0 && i <= j)
            wrong += check_words(map, i, j);
    }
    cr_assert_eq(wrong, 0, "seed %llu", random_seed());
    cr_assert_eq(check_words(map, 0, n - 1), 0);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
