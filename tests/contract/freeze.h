/* freeze: what a frozen copy of this map holds. (What a copy answers, and its files: frozen_contract.h.) Part of
 * map_contract.h. */
#ifndef CC_TEST_CONTRACT_FREEZE_H
#define CC_TEST_CONTRACT_FREEZE_H

static frozen_t *freeze(map_t *map, const cc_freeze_opts_t *opts)
{
    frozen_t *frozen = NULL;
    cr_assert_eq(VERB(freeze)(map, opts, &frozen), 0);
    return frozen;
}

/* Entry i has this key, and for a value these bytes. */
static void expect_frozen(const frozen_t *frozen, size_t i, uint64_t n, const void *bytes, size_t len)
{
    sorted_key_t key;
    cc_bytes_t value;
    cr_assert_eq(FROZEN(at)(frozen, i, &key, &value), 0);
    cr_assert_eq(key_number(key), n, "entry %zu", i);
    cr_assert_eq(value.len, len, "entry %zu", i);
    cr_assert(len == 0 || memcmp(value.data, bytes, len) == 0, "entry %zu", i);
    cr_assert_eq((uintptr_t)value.data % 8, 0, "entry %zu", i);
}

MAP_SCHEME_TEST(frozen_copy_outlives_the_map, domain)
{
    enum { KEYS = 300 };
    map_t *map = make_map(domain, NULL);
    frozen_t *none = freeze(map, NULL);
    for (uint64_t i = 0; i < KEYS; i++)
        add_entry(map, i * 7 % KEYS * 10);
    frozen_t *all = freeze(map, NULL);
    cr_assert_eq(VERB(clear)(map), KEYS);
    cr_assert_eq(VERB(destroy)(map), 0);
    cr_assert_eq(FROZEN(count)(none), 0);
    cr_assert_eq(FROZEN(count)(all), KEYS);
    for (uint64_t i = 0; i < KEYS; i++) {
        void *value = &ordered_values[i * 10 % 8];
        expect_frozen(all, i, i * 10, &value, sizeof value);
    }
    cr_assert_eq(FROZEN(destroy)(none), 0);
    cr_assert_eq(FROZEN(destroy)(all), 0);
}

/* ---- what becomes of values */

static char frozen_texts[] = "abcdefghij";

/* As many bytes as the text is from the end of the texts: 10 of the first one, none of the last one. Each is asked for
 * its length first, as if it had forgotten. */
static int64_t encode_text(void *value, void *room, size_t cap, void *ctx)
{
    int *calls = ctx;
    size_t len = strlen(value);
    ++*calls;
    if (len <= cap && len != 0)
        memcpy(room, value, len);
    return (int64_t)len;
}

MAP_SCHEME_TEST(frozen_values_are_copied, domain)
{
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 0; n <= 8; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), frozen_texts + n), 0);
    opts.value_size = 3; /* of the last one, "ij" and the zero */
    frozen_t *frozen = freeze(map, &opts);
    char before[sizeof frozen_texts];
    memcpy(before, frozen_texts, sizeof before);
    memset(frozen_texts, 'x', sizeof frozen_texts - 1);
    for (uint64_t n = 0; n <= 8; n++)
        expect_frozen(frozen, n, n, before + n, 3);
    memcpy(frozen_texts, before, sizeof before);
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(frozen_values_are_encoded, domain)
{
    enum { LONG = 10000 };
    static char long_text[LONG + 1];
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    int calls = 0;
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 0; n <= 10; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), frozen_texts + n), 0);
    memset(long_text, 'y', LONG);
    cr_assert_eq(VERB(insert)(map, KEY(11), long_text), 0);
    opts.encode = encode_text;
    opts.encode_ctx = &calls;
    frozen_t *frozen = freeze(map, &opts);
    for (uint64_t n = 0; n <= 10; n++)
        expect_frozen(frozen, n, n, frozen_texts + n, 10 - n);
    expect_frozen(frozen, 11, 11, long_text, LONG);
    cr_assert_leq(calls, 14, "a second time only for want of room");
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

static int64_t refuse_second(void *value, void *room, size_t cap, void *ctx)
{
    int *calls = ctx;
    return ++*calls == 2 ? -EXDEV : 0;
}

MAP_SCHEME_TEST(freeze_refuses, domain)
{
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    frozen_t *out = (void *)&nothing;
    int calls = 0;
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 0; n < 3; n++)
        add_entry(map, n);
    cr_assert_eq(VERB(freeze)(NULL, NULL, &out), -EINVAL);
    cr_assert_eq(VERB(freeze)(map, NULL, NULL), -EINVAL);
    opts.size--;
    cr_assert_eq(VERB(freeze)(map, &opts, &out), -EINVAL);
    opts.size++;
    opts.encode = refuse_second;
    opts.encode_ctx = &calls;
    opts.value_size = 1;
    cr_assert_eq(VERB(freeze)(map, &opts, &out), -EINVAL, "both");
    opts.value_size = 0;
    cr_assert_eq(VERB(freeze)(map, &opts, &out), -EXDEV);
    cr_assert_eq(calls, 2);
    cr_assert_eq(out, (void *)&nothing);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- while others change the map */

enum { STILL_KEYS = 500, FREEZES = 20 }; /* even numbers stay, odd ones come and go */

typedef struct {
    map_t *map;
    atomic_bool *over;
    int wrong;
} stir_t;

static void free_value(void *ptr, void *ctx)
{
    (void)ctx;
    free(ptr);
}

static uint64_t *value_of(uint64_t n)
{
    uint64_t *value = malloc(2 * sizeof *value);
    value[0] = n;
    value[1] = ~n;
    return value;
}

static void step_stir(void *arg)
{
    stir_t *s = arg;
    for (uint64_t n = 1; !atomic_load(s->over); n = (n + 2) % (2 * STILL_KEYS)) {
        s->wrong += VERB(put)(s->map, KEY(n), value_of(n), NULL) != 0;
        s->wrong += VERB(put)(s->map, KEY(n ^ 1), value_of(n ^ 1), NULL) != 1;
        s->wrong += VERB(remove)(s->map, KEY(n), NULL) != 0;
    }
}

/* All that stays, in order, with a value of its own; and of the others none that is not whole. */
static void expect_consistent(const frozen_t *frozen)
{
    size_t still = 0;
    uint64_t next = 0;
    for (size_t i = 0; i < FROZEN(count)(frozen); i++) {
        sorted_key_t key;
        cc_bytes_t value;
        uint64_t words[2];
        cr_assert_eq(FROZEN(at)(frozen, i, &key, &value), 0);
        uint64_t n = key_number(key);
        cr_assert(n >= next && n < 2 * STILL_KEYS);
        memcpy(words, value.data, sizeof words);
        cr_assert(words[0] == n && words[1] == ~n);
        still += n % 2 == 0;
        next = n + 1;
    }
    cr_assert_eq(still, STILL_KEYS);
}

MAP_SCHEME_TEST(frozen_copy_is_consistent_while_others_change_the_map, domain)
{
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    map_t *map = make_map(domain, free_value);
    for (uint64_t n = 0; n < 2 * STILL_KEYS; n += 2)
        cr_assert_eq(VERB(insert)(map, KEY(n), value_of(n)), 0);
    atomic_bool over = false;
    stir_t stir = {map, &over, 0};
    actor_t other;
    actor_start(&other);
    actor_begin(&other, step_stir, &stir);
    opts.value_size = 2 * sizeof(uint64_t);
    for (int i = 0; i < FREEZES; i++) {
        frozen_t *frozen = freeze(map, &opts);
        expect_consistent(frozen);
        cr_assert_eq(FROZEN(destroy)(frozen), 0);
    }
    atomic_store(&over, true);
    actor_wait(&other);
    cr_assert_eq(stir.wrong, 0);
    actor_stop(&other);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
