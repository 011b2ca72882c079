/* Maps with opts.max_entries. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_BOUND_H
#define CC_TEST_CONTRACT_BOUND_H

static map_t *make_bounded(cc_domain_t *domain, uint64_t max_entries, cc_full_t when_full)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map = NULL;
    opts.value_reclaim = counted_reclaim;
    opts.value_size = sizeof(counted_t);
    opts.max_entries = max_entries;
    opts.when_full = when_full;
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    return map;
}

/* 0 .. n - 1, by their bits. */
static unsigned present_in(map_t *map)
{
    unsigned present = 0;
    for (uint64_t n = 0; n < OWNED; n++)
        present |= (unsigned)VERB(contains)(map, KEY(n)) << n;
    return present;
}

MAP_SCHEME_TEST(bound_options_are_checked, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map = (map_t *)&nothing;
    cr_assert_eq(opts.max_entries, 0);
    opts.when_full = CC_FULL_EVICT_MIN;
    cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL, "a policy without a bound");
    opts.max_entries = 1;
    opts.when_full = (cc_full_t)(CC_FULL_EVICT_MAX + 1);
    cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL);
    opts.when_full = (cc_full_t)-1;
    cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL);
    cr_assert_eq((void *)map, (void *)&nothing);
    cr_assert_eq(VERB(evicted)(NULL), 0);
}

OWNERSHIP_TEST(full_map_refuses)
{
    void *old = &nothing;
    map_t *map = make_bounded(domain, 2, CC_FULL_REFUSE);
    maker_t m = {.value = &owned[6]};
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[0]), 0);
    cr_assert_eq(VERB(put)(map, KEY(2), &owned[1], NULL), 0);
    cr_assert_eq(VERB(insert)(map, KEY(3), &owned[2]), -ENOSPC);
    cr_assert_eq(VERB(put)(map, KEY(3), &owned[2], &old), -ENOSPC);
    cr_assert_eq(old, (void *)&nothing);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[2]), -EEXIST, "a key that is there is there, full or not");
    expect_reclaimed(domain, 0);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(3), make_it, &m, NULL), -ENOSPC);
    expect_reclaimed(domain, 0x40);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(2), make_it, &m, NULL), 0);
    cr_assert_eq(present_in(map), 0x6);
    cr_assert_eq(VERB(count)(map), 2);
    cr_assert_eq(VERB(evicted)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x43;
}

/* No verb takes a place for good that adds no entry, and each that removes one gives its place back. */
OWNERSHIP_TEST(places_of_a_full_map_are_neither_lost_nor_doubled)
{
    void *old = &nothing, *v;
    map_t *map = make_bounded(domain, 2, CC_FULL_REFUSE);
    for (uint64_t round = 0; round < 3; round++) {
        for (uint64_t n = 1; n <= 2; n++)
            cr_assert_eq(VERB(insert)(map, KEY(n), &owned[n]), 0);
        cr_assert_eq(VERB(put)(map, KEY(1), &owned[3], &old), 1, "changes, full as it is");
        cr_assert_eq(old, (void *)&owned[1]);
        cr_assert_eq(VERB(put)(map, KEY(1), &owned[3], &old), 1);
        cr_assert_null(old, "it is there already");
        cr_assert_eq(VERB(replace)(map, KEY(1), &owned[3], &owned[3]), 0);
        cr_assert_eq(VERB(remove)(map, KEY(7), NULL), -ENOENT);
        cr_assert_eq(VERB(remove_if)(map, KEY(1), &owned[1], NULL), -ECANCELED);
        cr_assert_eq(VERB(insert)(map, KEY(3), &owned[4]), -ENOSPC);
        cr_assert_eq(VERB(remove_if)(map, KEY(1), &owned[3], &old), 0);
        cr_assert_eq(VERB(insert)(map, KEY(2), &owned[4]), -EEXIST, "not full, and takes nothing");
        cr_assert_eq(VERB(put)(map, KEY(2), &owned[2], NULL), 1);
        cr_assert_eq(VERB(insert)(map, KEY(3), &owned[4]), 0);
        cr_assert_eq(VERB(insert)(map, KEY(4), &owned[5]), -ENOSPC);
        cr_assert_eq(VERB(pop_max)(map, NULL, &v), 0);
        cr_assert_eq(v, (void *)&owned[4]);
        cr_assert_eq(VERB(pop_min)(map, NULL, &v), 0);
        cr_assert_eq(v, (void *)&owned[2]);
    }
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[0]), 0);
    cr_assert_eq(VERB(clear)(map), 1);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[1]), 0);
    cr_assert_eq(VERB(insert)(map, KEY(2), &owned[2]), 0);
    cr_assert_eq(VERB(insert)(map, KEY(3), &owned[3]), -ENOSPC);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x7;
}

OWNERSHIP_TEST(full_map_evicts_the_smallest)
{
    map_t *map = make_bounded(domain, 2, CC_FULL_EVICT_MIN);
    maker_t m = {.value = &owned[5]};
    for (uint64_t n = 1; n <= 3; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &owned[n]), 0);
    expect_reclaimed(domain, 0x2);
    cr_assert_eq(present_in(map), 0xc);
    cr_assert_eq(VERB(insert)(map, KEY(3), &owned[4]), -EEXIST, "evicts nothing");
    cr_assert_eq(VERB(put)(map, KEY(2), &owned[4], NULL), 1, "evicts nothing");
    cr_assert_eq(VERB(evicted)(map), 1);
    expect_reclaimed(domain, 0x6);
    cr_assert_eq(VERB(put)(map, KEY(0), &owned[0], NULL), 0, "smaller than what must go for it");
    cr_assert_eq(present_in(map), 0x9);
    cr_assert_eq(VERB(get_or_insert)(map, KEY(5), make_it, &m, NULL), 1);
    cr_assert_eq(present_in(map), 0x28);
    cr_assert_eq(VERB(evicted)(map), 3);
    cr_assert_eq(VERB(count)(map), 2);
    expect_reclaimed(domain, 0x17);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x3f;
}

OWNERSHIP_TEST(full_map_evicts_the_greatest)
{
    map_t *map = make_bounded(domain, 1, CC_FULL_EVICT_MAX);
    for (uint64_t n = 0; n < 4; n++) {
        cr_assert_eq(VERB(insert)(map, KEY(n), &owned[n]), 0);
        cr_assert_eq(present_in(map), 1u << n);
    }
    cr_assert_eq(VERB(evicted)(map), 3);
    expect_reclaimed(domain, 0x7);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0xf;
}

MAP_SCHEME_TEST(sorted_input_above_the_bound_gives_no_map, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    sorted_key_t keys[3] = {KEY(1), KEY(2), KEY(3)};
    void *values[3] = {&nothing, &nothing, &nothing};
    map_t *map = (map_t *)&nothing;
    opts.max_entries = 2;
    opts.when_full = CC_FULL_EVICT_MIN;
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 3, &map), -ENOSPC);
    cr_assert_eq((void *)map, (void *)&nothing);
    cr_assert_eq(VERB(create_sorted)(domain, &opts, keys, values, 2, &map), 0);
    cr_assert_eq(VERB(insert)(map, KEY(4), &nothing), 0);
    cr_assert_eq(VERB(evicted)(map), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- several threads */

enum { BOUND = 8 };

typedef struct {
    map_t *map;
    uint64_t number;
    int64_t made, added;
    int wrong;
} full_step_t;

static void step_crowd_in(void *arg)
{
    full_step_t *s = arg;
    random_t random = random_start(s->number);
    for (int i = 0; i < CROWD_STEPS / 4; i++) {
        uint64_t n = random_below(&random, CROWD_KEYS);
        if (random_below(&random, 4) == 0) {
            int err = VERB(remove)(s->map, KEY(n), NULL);
            s->added -= err == 0;
            s->wrong += err != 0 && err != -ENOENT;
            continue;
        }
        void *value = malloc(16);
        int err = i % 2 == 0 ? VERB(put)(s->map, KEY(n), value, NULL) : VERB(insert)(s->map, KEY(n), value);
        s->added += err == 0;
        s->made += err >= 0;
        s->wrong += err < 0 && err != -EEXIST && err != -ENOSPC;
        if (err < 0)
            free(value);
    }
}

/* What came in, less what was removed and evicted, is there, and is no more than the bound; no place is lost. */
static void crowd_a_bounded_map(cc_domain_t *domain, cc_full_t when_full)
{
    full_step_t steps[CROWD];
    atomic_llong reclaimed = 0;
    int64_t made = 0, entries = 0, visits = 0;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map;
    opts.value_reclaim = reclaim_one;
    opts.value_ctx = &reclaimed;
    opts.max_entries = BOUND;
    opts.when_full = when_full;
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    random_seed();
    for (uint64_t i = 0; i < CROWD; i++)
        steps[i] = (full_step_t){map, i, 0, 0, 0};
    actors_run(CROWD, step_crowd_in, steps, sizeof steps[0]);
    for (int i = 0; i < CROWD; i++) {
        cr_assert_eq(steps[i].wrong, 0);
        made += steps[i].made;
        entries += steps[i].added;
    }
    entries -= (int64_t)VERB(evicted)(map);
    cr_assert_eq(VERB(for_each)(map, count_visits, &visits), entries);
    cr_assert_leq(visits, BOUND);
    cr_assert_eq((VERB(evicted)(map) == 0), (when_full == CC_FULL_REFUSE));
    cr_assert_eq(VERB(clear)(map), entries);
    for (uint64_t n = 0; n < BOUND; n++, made++)
        cr_assert_eq(VERB(insert)(map, KEY(n), malloc(16)), 0);
    cr_assert_eq(VERB(count)(map), (size_t)BOUND, "every place can be taken");
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(atomic_load(&reclaimed), made);
}

MAP_TEST(bound_holds_in_a_crowd)
{
    for (int scheme = 0; scheme < SCHEMES; scheme++) {
        for (cc_full_t when_full = CC_FULL_REFUSE; when_full <= CC_FULL_EVICT_MAX; when_full++)
            crowd_a_bounded_map(make_domain(every_scheme[scheme]), when_full);
    }
}

#endif
