/* pop_min, pop_max. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_POP_H
#define CC_TEST_CONTRACT_POP_H

typedef enum { POP_MIN, POP_MAX, POPS } pop_t;

static int pop(map_t *map, pop_t which, out_t *k, void **v)
{
    return which == POP_MIN ? VERB(pop_min)(map, k != NULL ? OUT(*k) : NULL, v)
                            : VERB(pop_max)(map, k != NULL ? OUT(*k) : NULL, v);
}

MAP_SCHEME_TEST(pop_from_an_empty_map, domain)
{
    map_t *map = make_map(domain, NULL);
    for (int round = 0; round < 2; round++) { /* never used, and emptied */
        for (pop_t which = POP_MIN; which < POPS; which++) {
            out_t k;
            void *v = &nothing;
            cr_assert_eq(pop(map, which, &k, &v), -ENOENT);
            cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
            cr_assert_eq(v, (void *)&nothing);
            cr_assert_eq(pop(map, which, NULL, NULL), -ENOENT);
        }
        add_entry(map, 1000);
        cr_assert_eq(pop(map, (pop_t)round, NULL, NULL), 0);
        cr_assert_eq(VERB(count)(map), 0);
    }
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* The entry of `expected` comes out, whichever of the out parameters are wanted, and is gone. */
static void expect_popped(map_t *map, pop_t which, unsigned wanted, uint64_t expected)
{
    out_t k;
    void *v = &nothing;
    size_t before = VERB(count)(map);
    cr_assert_eq(pop(map, which, (wanted & 1) != 0 ? &k : NULL, (wanted & 2) != 0 ? &v : NULL), 0);
    if ((wanted & 1) != 0)
        cr_assert_eq(out_number(&k), expected);
    if ((wanted & 2) != 0)
        cr_assert_eq(v, (void *)&ordered_values[expected % 8]);
    cr_assert_not(VERB(contains)(map, KEY(expected)));
    cr_assert_eq(VERB(count)(map), before - 1);
}

MAP_SCHEME_TEST(pops_come_in_order_from_both_ends, domain)
{
    enum { KEYS = 300 };
    map_t *map = make_map(domain, NULL);
    add_entry(map, 0);
    add_entry(map, UINT64_MAX);
    for (uint64_t i = 0; i < KEYS; i++)
        add_entry(map, 10 + i * 7 % KEYS * 10);
    expect_popped(map, POP_MIN, 3, 0);
    expect_popped(map, POP_MAX, 3, UINT64_MAX);
    for (uint64_t i = 0; i < KEYS / 2; i++) {
        expect_popped(map, POP_MIN, i % 4, 10 + 10 * i);
        expect_popped(map, POP_MAX, i % 4, 10 * (KEYS - i));
    }
    cr_assert_eq(pop(map, POP_MIN, NULL, NULL), -ENOENT);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- whose is the value? */

OWNERSHIP_TEST(popped_values_are_retired_or_handed_over)
{
    void *v = &nothing;
    map_t *map = make_map(domain, counted_reclaim);
    for (uint64_t n = 0; n < 6; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &owned[n]), 0);
    cr_assert_eq(pop(map, POP_MIN, NULL, NULL), 0);
    expect_reclaimed(domain, 0x1);
    cr_assert_eq(pop(map, POP_MAX, NULL, NULL), 0);
    expect_reclaimed(domain, 0x21);
    cr_assert_eq(pop(map, POP_MIN, NULL, &v), 0);
    cr_assert_eq(v, (void *)&owned[1]);
    cr_assert_eq(pop(map, POP_MAX, NULL, &v), 0);
    cr_assert_eq(v, (void *)&owned[4]);
    expect_reclaimed(domain, 0x21);
    cr_assert(counted_lives(&owned[1]) && counted_lives(&owned[4]), "the caller may read them until then");
    cr_assert_eq(counted_retire(domain, &owned[1]), 0);
    expect_reclaimed(domain, 0x23);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x2f; /* and 4 is not retired */
}

/* ---- several threads */

enum { POPPERS = 4, POPPED = 4000 };

typedef struct {
    map_t *map;
    _Atomic(uint64_t) *low, *high; /* the ends of what has surely been popped from below and above */
    atomic_int *times;             /* by key */
    bool inserts;
    uint64_t number;
    int wrong;
} popper_t;

static void advance(_Atomic(uint64_t) *end, uint64_t to, bool up)
{
    uint64_t at = atomic_load(end);
    while ((up ? at < to : at > to) && !atomic_compare_exchange_weak(end, &at, to)) {
    }
}

/* While nothing is inserted: what had been popped before the call began was smaller. */
static void pop_in_order(popper_t *s, pop_t which)
{
    uint64_t low = atomic_load(s->low), high = atomic_load(s->high);
    out_t k;
    void *v = NULL;
    if (pop(s->map, which, &k, &v) != 0)
        return;
    uint64_t n = out_number(&k);
    s->wrong += n >= POPPED || v != &s->times[n] || atomic_fetch_add(&s->times[n], 1) != 0;
    s->wrong += !s->inserts && (which == POP_MIN ? n + 1 <= low : n >= high);
    advance(which == POP_MIN ? s->low : s->high, which == POP_MIN ? n + 1 : n, which == POP_MIN);
}

static void step_pop(void *arg)
{
    popper_t *s = arg;
    for (uint64_t i = s->number; i < POPPED; i += POPPERS) {
        if (s->inserts)
            s->wrong += VERB(insert)(s->map, KEY(i), &s->times[i]) != 0;
        pop_in_order(s, i / POPPERS % 4 == 0 ? POP_MAX : POP_MIN);
    }
}

/* Alone: what is left, in order. Returns what the count says. */
static uint64_t pop_the_rest(map_t *map, atomic_int *times)
{
    uint64_t last = 0, rest = 0;
    out_t k;
    for (; pop(map, POP_MIN, &k, NULL) == 0; rest++) {
        cr_assert(rest == 0 || out_number(&k) > last);
        last = out_number(&k);
        atomic_fetch_add(&times[last], 1);
    }
    return rest;
}

/* As many pops as entries, by several threads: each entry goes to one of them. */
static void pop_together(cc_domain_t *domain, bool inserts)
{
    static atomic_int times[POPPED];
    _Atomic(uint64_t) low = 0, high = POPPED;
    popper_t poppers[POPPERS];
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 0; n < POPPED; n++) {
        atomic_store(&times[n], 0);
        if (!inserts)
            cr_assert_eq(VERB(insert)(map, KEY(n), &times[n]), 0);
    }
    for (uint64_t i = 0; i < POPPERS; i++)
        poppers[i] = (popper_t){map, &low, &high, times, inserts, i, 0};
    actors_run(POPPERS, step_pop, poppers, sizeof poppers[0]);
    size_t left = VERB(count)(map);
    cr_assert_eq(pop_the_rest(map, times), left);
    int missing = 0;
    for (uint64_t n = 0; n < POPPED; n++)
        missing += atomic_load(&times[n]) != 1;
    for (int i = 0; i < POPPERS; i++)
        cr_assert_eq(poppers[i].wrong, 0);
    cr_assert_eq(missing, 0);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(entries_go_to_one_popper_each, domain)
{
    pop_together(domain, false);
    pop_together(domain, true);
}

#endif
