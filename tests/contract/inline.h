/* Maps with opts.value_inline: bytes go in and come out, whole, and nothing of the caller's is kept. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_INLINE_H
#define CC_TEST_CONTRACT_INLINE_H

/* Of key n, its version v. The words behind make a torn copy, or one of freed memory, show. */
typedef struct {
    uint64_t n, version;
    uint64_t word[5];
} payload_t;

static payload_t payload(uint64_t n, uint64_t version)
{
    payload_t p = {n, version, {0}};
    for (unsigned i = 0; i < 5; i++)
        p.word[i] = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (version + i) * UINT64_C(0xd6e8feb86659fd93);
    return p;
}

static bool is_payload(const payload_t *p, uint64_t n, uint64_t version)
{
    payload_t expected = payload(n, version);
    return memcmp(p, &expected, sizeof expected) == 0;
}

/* What no call has written to. */
static const payload_t untouched = {.n = 0x5A5A5A5A, .version = 0x5A5A5A5A};

static bool is_untouched(const payload_t *p)
{
    return memcmp(p, &untouched, sizeof untouched) == 0;
}

static map_t *make_inline(cc_domain_t *domain, size_t value_size)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map = NULL;
    opts.value_inline = true;
    opts.value_size = value_size;
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    return map;
}

static void put_payload(map_t *map, uint64_t n, uint64_t version)
{
    payload_t p = payload(n, version);
    cr_assert_geq(VERB(put)(map, KEY(n), &p, NULL), 0);
    p = untouched;
}

/* What the map holds under n. */
static void expect_payload(map_t *map, uint64_t n, uint64_t version)
{
    payload_t p = untouched;
    void *room = &p;
    cr_assert_eq(VERB(get)(map, KEY(n), &room), 0);
    cr_assert(is_payload(&p, n, version), "key %d", (int)n);
    cr_assert_eq(room, (void *)&p);
}

MAP_SCHEME_TEST(inline_options_are_checked, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map = (map_t *)&nothing;
    cr_assert_not(opts.value_inline);
    opts.value_inline = true;
    cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL, "no size");
    opts.value_size = CC_VALUE_SIZE_MAX + 1;
    cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL, "too large");
    opts.value_size = SIZE_MAX;
    cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL);
    opts.value_size = 1;
    opts.value_reclaim = counted_reclaim;
    cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL, "nothing is left for a callback");
    cr_assert_eq(VERB(create_sorted)(domain, &opts, NULL, NULL, 0, &map), -EINVAL);
    cr_assert_eq((void *)map, (void *)&nothing);
}

VISITOR(see_aligned)
{
    size_t *size = ctx;
    if ((uintptr_t)value % (*size < 16 ? 8 : 16) != 0)
        *size = 0;
    return true;
}

/* Not a byte more is read or written than value_size, whatever it is. */
MAP_SCHEME_TEST(inline_values_of_every_size, domain)
{
    static unsigned char in[CC_VALUE_SIZE_MAX], out[CC_VALUE_SIZE_MAX + 1];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (unsigned char)(i * 7 + i / 251);
    for (size_t size = 1; size <= CC_VALUE_SIZE_MAX; size = size < 200 ? size + 1 : size * 16) {
        if (size > CC_VALUE_SIZE_MAX / 16)
            size = CC_VALUE_SIZE_MAX;
        map_t *map = make_inline(domain, size);
        memset(out, '#', size + 1);
        cr_assert_eq(VERB(insert)(map, KEY(1), in + CC_VALUE_SIZE_MAX - size), 0);
        cr_assert_eq(VERB(get)(map, KEY(1), CC_INTO(out)), 0);
        cr_assert_eq(memcmp(out, in + CC_VALUE_SIZE_MAX - size, size), 0, "size %zu", size);
        cr_assert_eq(out[size], '#', "size %zu", size);
        size_t aligned = size;
        cr_assert_eq(VERB(for_each)(map, see_aligned, &aligned), 1);
        cr_assert_eq(aligned, size);
        memset(out, '#', size + 1);
        cr_assert_eq(VERB(remove)(map, KEY(1), CC_INTO(out)), 0);
        cr_assert_eq(memcmp(out, in + CC_VALUE_SIZE_MAX - size, size), 0, "size %zu", size);
        cr_assert_eq(out[size], '#', "size %zu", size);
        cr_assert_eq(VERB(destroy)(map), 0);
    }
}

/* ---- each verb */

MAP_SCHEME_TEST(inline_values_are_copied_in, domain)
{
    map_t *map = make_inline(domain, sizeof(payload_t));
    payload_t p = payload(1, 1), expected;
    cr_assert_eq(VERB(insert)(map, KEY(1), &p), 0);
    p = payload(1, 2);
    expect_payload(map, 1, 1);
    cr_assert_eq(VERB(insert)(map, KEY(1), &p), -EEXIST);
    expect_payload(map, 1, 1);
    cr_assert_eq(VERB(put)(map, KEY(1), &p, NULL), 1);
    p = payload(1, 3);
    expect_payload(map, 1, 2);
    expected = payload(1, 2);
    cr_assert_eq(VERB(replace)(map, KEY(1), &expected, &p), 0, "other bytes at another place, but the same");
    expected = p = untouched;
    expect_payload(map, 1, 3);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(inline_replace_compares_bytes, domain)
{
    map_t *map = make_inline(domain, sizeof(payload_t));
    payload_t next = payload(1, 2), expected = payload(1, 1);
    cr_assert_eq(VERB(replace)(map, KEY(1), &expected, &next), -ENOENT);
    put_payload(map, 1, 1);
    for (size_t i = 0; i < sizeof expected; i++) {
        ((unsigned char *)&expected)[i] ^= 1;
        cr_assert_eq(VERB(replace)(map, KEY(1), &expected, &next), -ECANCELED, "byte %zu", i);
        ((unsigned char *)&expected)[i] ^= 1;
    }
    expect_payload(map, 1, 1);
    cr_assert_eq(VERB(replace)(map, KEY(1), &expected, &expected), 0);
    expect_payload(map, 1, 1);
    cr_assert_eq(VERB(replace)(map, KEY(1), &expected, &next), 0);
    expect_payload(map, 1, 2);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(inline_remove_if_compares_bytes, domain)
{
    map_t *map = make_inline(domain, sizeof(payload_t));
    payload_t expected = payload(1, 1), old = untouched;
    void *nowhere = NULL;
    cr_assert_eq(VERB(remove_if)(map, KEY(1), &expected, CC_INTO(&old)), -ENOENT);
    put_payload(map, 1, 1);
    for (size_t i = 0; i < sizeof expected; i++) {
        ((unsigned char *)&expected)[i] ^= 1;
        cr_assert_eq(VERB(remove_if)(map, KEY(1), &expected, CC_INTO(&old)), -ECANCELED, "byte %zu", i);
        ((unsigned char *)&expected)[i] ^= 1;
    }
    cr_assert_eq(VERB(remove_if)(map, KEY(1), &expected, &nowhere), -EINVAL);
    cr_assert(is_untouched(&old));
    expect_payload(map, 1, 1);
    cr_assert_eq(VERB(remove_if)(map, KEY(1), &expected, CC_INTO(&old)), 0);
    cr_assert(is_payload(&old, 1, 1));
    put_payload(map, 1, 1);
    cr_assert_eq(VERB(remove_if)(map, KEY(1), &expected, NULL), 0);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(inline_old_values_are_copied_out, domain)
{
    map_t *map = make_inline(domain, sizeof(payload_t));
    payload_t p = payload(1, 1), old = untouched;
    out_t k;
    cr_assert_eq(VERB(put)(map, KEY(1), &p, CC_INTO(&old)), 0);
    cr_assert(is_untouched(&old), "nothing was replaced");
    p = payload(1, 2);
    cr_assert_eq(VERB(put)(map, KEY(1), &p, CC_INTO(&old)), 1);
    cr_assert(is_payload(&old, 1, 1));
    cr_assert_eq(VERB(put)(map, KEY(1), &p, CC_INTO(&p)), 1, "in and out of one place");
    cr_assert(is_payload(&p, 1, 2));
    cr_assert_eq(VERB(remove)(map, KEY(1), CC_INTO(&old)), 0);
    cr_assert(is_payload(&old, 1, 2));
    old = untouched;
    cr_assert_eq(VERB(remove)(map, KEY(1), CC_INTO(&old)), -ENOENT);
    cr_assert_eq(pop(map, POP_MIN, &k, CC_INTO(&old)), -ENOENT);
    cr_assert(is_untouched(&old));
    for (uint64_t n = 1; n <= 4; n++)
        put_payload(map, n, 7);
    cr_assert_eq(pop(map, POP_MIN, &k, CC_INTO(&old)), 0);
    cr_assert(out_number(&k) == 1 && is_payload(&old, 1, 7));
    cr_assert_eq(pop(map, POP_MAX, &k, CC_INTO(&old)), 0);
    cr_assert(out_number(&k) == 4 && is_payload(&old, 4, 7));
    cr_assert_eq(pop(map, POP_MAX, NULL, NULL), 0);
    cr_assert_eq(VERB(clear)(map), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(inline_values_of_ordered_verbs, domain)
{
    static const uint64_t answers[] = {10, 50, 30, 30, 20, 40};
    map_t *map = make_inline(domain, sizeof(payload_t));
    for (nearest_t which = MIN; which < NEAREST; which++) {
        payload_t p = untouched;
        out_t k;
        cr_assert_eq(nearest(map, which, 30, &k, CC_INTO(&p)), -ENOENT);
        cr_assert(is_untouched(&p));
    }
    for (uint64_t n = 10; n <= 50; n += 10)
        put_payload(map, n, n + 1);
    for (nearest_t which = MIN; which < NEAREST; which++) {
        payload_t p = untouched;
        out_t k;
        cr_assert_eq(nearest(map, which, 30, &k, CC_INTO(&p)), 0);
        cr_assert_eq(out_number(&k), answers[which]);
        cr_assert(is_payload(&p, answers[which], answers[which] + 1));
        cr_assert_eq(nearest(map, which, 30, NULL, NULL), 0);
    }
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* A place that leads nowhere, wherever a value would go. */
MAP_SCHEME_TEST(inline_room_must_be_somewhere, domain)
{
    map_t *map = make_inline(domain, sizeof(payload_t));
    payload_t p = payload(2, 1);
    void *nowhere = NULL;
    cr_assert_eq(pop(map, POP_MIN, NULL, &nowhere), -EINVAL);
    put_payload(map, 1, 1);
    cr_assert_eq(VERB(get)(map, KEY(1), &nowhere), -EINVAL);
    cr_assert_eq(VERB(put)(map, KEY(2), &p, &nowhere), -EINVAL);
    cr_assert_eq(VERB(remove)(map, KEY(1), &nowhere), -EINVAL);
    cr_assert_eq(pop(map, POP_MAX, NULL, &nowhere), -EINVAL);
    for (nearest_t which = MIN; which < NEAREST; which++)
        cr_assert_eq(nearest(map, which, 1, NULL, &nowhere), -EINVAL);
    cr_assert_eq(VERB(put)(map, KEY(2), NULL, NULL), -EINVAL);
    cr_assert_eq(VERB(replace)(map, KEY(1), NULL, &p), -EINVAL);
    cr_assert_null(nowhere);
    expect_payload(map, 1, 1);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
}

typedef struct {
    payload_t made;
    int calls;
    map_t *map; /* what another thread does meanwhile, as it were */
} inline_maker_t;

static void *make_inline_value(void *ctx)
{
    inline_maker_t *m = ctx;
    m->calls++;
    if (m->map != NULL)
        put_payload(m->map, m->made.n, 9);
    return m->made.n != 0 ? &m->made : NULL;
}

MAP_SCHEME_TEST(inline_get_or_insert, domain)
{
    map_t *map = make_inline(domain, sizeof(payload_t));
    inline_maker_t m = {payload(5, 1), 0, NULL};
    payload_t p = untouched;
    void *nowhere = NULL;
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_inline_value, &m, &nowhere), -EINVAL);
    cr_assert_eq(m.calls, 0);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_inline_value, &m, CC_INTO(&p)), 1);
    cr_assert(is_payload(&p, 5, 1));
    m.made = payload(5, 2);
    p = untouched;
    expect_payload(map, 5, 1);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_inline_value, &m, CC_INTO(&p)), 0);
    cr_assert(is_payload(&p, 5, 1));
    cr_assert_eq(m.calls, 1);
    m = (inline_maker_t){payload(6, 1), 0, map};
    cr_assert_eq(VERB(get_or_insert)(map, KEY(6), make_inline_value, &m, CC_INTO(&p)), 0);
    cr_assert(is_payload(&p, 6, 9), "another one was faster");
    m = (inline_maker_t){payload(7, 1), 0, NULL};
    cr_assert_eq(VERB(get_or_insert)(map, KEY(7), make_inline_value, &m, NULL), 1);
    expect_payload(map, 7, 1);
    m.made.n = 0;
    p = untouched;
    cr_assert_eq(VERB(get_or_insert)(map, KEY(8), make_inline_value, &m, CC_INTO(&p)), -ECANCELED);
    cr_assert(is_untouched(&p));
    cr_assert_eq(VERB(count)(map), 3);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(inline_create_sorted, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    payload_t payloads[20];
    void *values[20];
    sorted_key_t keys[20];
    map_t *map = (map_t *)&nothing;
    opts.value_inline = true;
    opts.value_size = sizeof(payload_t);
    for (uint64_t n = 0; n < 20; n++) {
        payloads[n] = payload(n, 3);
        values[n] = &payloads[n];
        keys[n] = KEY(n);
    }
    opts.max_entries = 19;
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 20, &map), -ENOSPC);
    cr_assert_eq((void *)map, (void *)&nothing);
    opts.max_entries = 20;
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 20, &map), 0);
    memset(payloads, 0, sizeof payloads);
    for (uint64_t n = 0; n < 20; n++)
        expect_payload(map, n, 3);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- what is looked at in place */

typedef struct {
    cc_domain_t *domain;
    map_t *map;
    uint64_t next;
    int wrong;
} inline_visits_t;

/* The map's own copy stays as it is for the visit, whatever becomes of the entry. */
VISITOR(see_inline)
{
    inline_visits_t *v = ctx;
    v->wrong += n != v->next || !is_payload(value, n, 1) || (uintptr_t)value % 16 != 0;
    put_payload(v->map, n, 2);
    v->wrong += VERB(remove)(v->map, KEY(n), NULL) != 0;
    (void)cc_domain_flush(v->domain);
    v->wrong += !is_payload(value, n, 1);
    v->next += 10;
    return true;
}

VISITOR(see_inline_down)
{
    inline_visits_t *v = ctx;
    v->wrong += n != v->next || !is_payload(value, n, 1);
    v->next -= 10;
    return true;
}

MAP_SCHEME_TEST(inline_values_of_walks, domain)
{
    enum { KEYS = 200 };
    cursor_t cursor;
    map_t *map = make_inline(domain, sizeof(payload_t));
    for (uint64_t i = 1; i <= KEYS; i++)
        put_payload(map, 10 * i, 1);
    inline_visits_t v = {domain, map, (uint64_t)10 * KEYS, 0};
    cr_assert_eq(VERB(range_desc)(map, KEY(0), KEY(UINT64_MAX), see_inline_down, &v), KEYS);
    cr_assert_eq(VERB(cursor_init)(&cursor, map), 0);
    cr_assert_eq(VERB(cursor_seek)(&cursor, KEY(20)), 0);
    v.next = 10;
    cr_assert_eq(VERB(for_each)(map, see_inline, &v), KEYS);
    cr_assert_eq(v.wrong, 0);
    cr_assert_eq(VERB(count)(map), 0);
    (void)reclaim_hard_elsewhere(domain);
    cr_assert(is_payload(VERB(cursor_value)(&cursor), 20, 1), "where it stands");
    VERB(cursor_fini)(&cursor);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(inline_values_in_guards, domain)
{
    enum { DEEP = 6 };
    cc_guard_t *guards[DEEP];
    payload_t p;
    out_t k;
    map_t *map = make_inline(domain, sizeof(payload_t));
    put_payload(map, 1, 1);
    put_payload(map, 2, 1);
    for (int i = 0; i < DEEP; i++)
        guards[i] = cc_guard_enter(domain);
    for (int i = 0; i < 100; i++) {
        expect_payload(map, 1, 1);
        cr_assert_eq(nearest(map, CEIL, 2, &k, CC_INTO(&p)), 0);
        cr_assert(is_payload(&p, 2, 1));
    }
    cr_assert_eq(VERB(remove)(map, KEY(1), NULL), 0);
    if (guards_are_slots(domain))
        cr_assert_eq(reclaim_hard_elsewhere(domain), 0, "guards around hold no copies");
    for (int i = DEEP; i > 0; i--)
        cc_guard_leave(guards[i - 1]);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(inline_values_are_frozen_as_bytes, domain)
{
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    frozen_t *frozen = (frozen_t *)&nothing;
    map_t *map = make_inline(domain, sizeof(payload_t));
    for (uint64_t n = 0; n < 9; n++)
        put_payload(map, n, 4);
    opts.value_size = sizeof(payload_t) + 1;
    cr_assert_eq(VERB(freeze)(map, &opts, &frozen), -EINVAL, "more than there is");
    cr_assert_eq((void *)frozen, (void *)&nothing);
    for (int given = 0; given < 3; given++) { /* no options; the defaults; some of the bytes */
        size_t size = given == 2 ? 8 : sizeof(payload_t);
        opts.value_size = given == 2 ? 8 : 0;
        frozen = freeze(map, given == 0 ? NULL : &opts);
        for (uint64_t n = 0; n < 9; n++) {
            payload_t p = payload(n, 4);
            expect_frozen(frozen, n, n, &p, size);
        }
        cr_assert_eq(FROZEN(destroy)(frozen), 0);
    }
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- bounds, memory */

MAP_TEST(inline_bounded_map_evicts)
{
    for (int i = 0; i < SCHEMES; i++) {
        cc_map_opts_t opts = CC_MAP_OPTS_INIT;
        cc_domain_t *domain = make_domain(every_scheme[i]);
        payload_t p = payload(3, 1);
        map_t *map;
        opts.value_inline = true;
        opts.value_size = sizeof(payload_t);
        opts.max_entries = 2;
        cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
        put_payload(map, 1, 1);
        put_payload(map, 2, 1);
        cr_assert_eq(VERB(put)(map, KEY(3), &p, NULL), -ENOSPC);
        put_payload(map, 2, 2);
        expect_payload(map, 2, 2);
        cr_assert_eq(VERB(destroy)(map), 0);
        opts.when_full = CC_FULL_EVICT_MIN;
        cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
        for (uint64_t n = 1; n <= 10; n++)
            put_payload(map, n, n);
        cr_assert_eq(VERB(evicted)(map), 8);
        expect_payload(map, 9, 9);
        expect_payload(map, 10, 10);
        cr_assert_eq(VERB(destroy)(map), 0);
        cr_assert_eq(cc_domain_destroy(domain), 0);
    }
}

MAP_SCHEME_TEST(inline_values_count_while_they_wait, domain)
{
    enum { BIG = 100000 };
    static const char in[BIG];
    map_t *map = make_inline(domain, BIG);
    cr_assert_eq(VERB(put)(map, KEY(1), (void *)(uintptr_t)in, NULL), 0);
    cr_assert_lt(snapshot_of(domain).limbo_bytes, BIG);
    cr_assert_eq(VERB(put)(map, KEY(1), (void *)(uintptr_t)in, NULL), 1);
    cr_assert_geq(snapshot_of(domain).limbo_bytes, BIG);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* Every copy is retired once and freed, and one that was not wanted after all is not kept. */
MAP_TEST(inline_values_leave_nothing)
{
    for (int i = 0; i < SCHEMES; i++) {
        size_t before = cc_alloc_stats_snapshot().current_allocated;
        cc_domain_t *domain = make_domain(every_scheme[i]);
        map_t *map = make_inline(domain, sizeof(payload_t));
        payload_t p = payload(0, 0), other = payload(0, 1000);
        for (uint64_t n = 0; n < 500; n++) {
            put_payload(map, n % 50, n);
            cr_assert_eq(VERB(insert)(map, KEY(n % 50), &p), -EEXIST);
            cr_assert_eq(VERB(replace)(map, KEY(n % 50), &other, &p), -ECANCELED);
            cr_assert_eq(VERB(replace)(map, KEY(1000), &other, &p), -ENOENT);
            if (n % 7 == 0)
                cr_assert_eq(VERB(remove)(map, KEY(n % 50), n % 2 == 0 ? NULL : CC_INTO(&p)), 0);
        }
        cr_assert_eq(snapshot_of(domain).leaked, 0);
        cr_assert_eq(VERB(destroy)(map), 0);
        cr_assert_eq(cc_domain_destroy(domain), 0);
        cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, before);
    }
}

/* ---- many threads */

enum { INLINE_THREADS = 4, INLINE_KEYS = 8, INLINE_ROUNDS = 3000 };

/* Each adds 1 to the version of keys, by get and replace: no addition may be lost, nor a value be anything but whole. */
typedef struct {
    map_t *map;
    int wrong;
} adder_t;

static bool add_one_to(map_t *map, uint64_t n, int *wrong)
{
    payload_t was = untouched;
    if (VERB(get)(map, KEY(n), CC_INTO(&was)) != 0 || !is_payload(&was, n, was.version)) {
        ++*wrong;
        return true;
    }
    payload_t next = payload(n, was.version + 1);
    int err = VERB(replace)(map, KEY(n), &was, &next);
    *wrong += err != 0 && err != -ECANCELED;
    return err == 0;
}

static void step_add(void *arg)
{
    adder_t *s = arg;
    payload_t p;
    for (int i = 0; i < INLINE_ROUNDS; i++) {
        while (!add_one_to(s->map, (uint64_t)i % INLINE_KEYS, &s->wrong)) {
        }
        if (i % 8 == 0) { /* a key that comes and goes */
            p = payload(INLINE_KEYS, (uint64_t)i);
            s->wrong += VERB(put)(s->map, KEY(INLINE_KEYS), &p, CC_INTO(&p)) < 0 || p.n != INLINE_KEYS;
            s->wrong += !is_payload(&p, INLINE_KEYS, p.version);
            p = payload(INLINE_KEYS, 0);
            (void)VERB(remove)(s->map, KEY(INLINE_KEYS), CC_INTO(&p));
            s->wrong += !is_payload(&p, INLINE_KEYS, p.version);
        }
    }
}

MAP_SCHEME_TEST(inline_values_of_many_threads, domain)
{
    adder_t steps[INLINE_THREADS];
    map_t *map = make_inline(domain, sizeof(payload_t));
    for (uint64_t n = 0; n < INLINE_KEYS; n++)
        put_payload(map, n, 0);
    for (int t = 0; t < INLINE_THREADS; t++)
        steps[t] = (adder_t){map, 0};
    actors_run(INLINE_THREADS, step_add, steps, sizeof steps[0]);
    for (int t = 0; t < INLINE_THREADS; t++)
        cr_assert_eq(steps[t].wrong, 0);
    for (uint64_t n = 0; n < INLINE_KEYS; n++)
        expect_payload(map, n, (uint64_t)INLINE_THREADS * INLINE_ROUNDS / INLINE_KEYS);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
