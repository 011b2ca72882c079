/* Bad arguments: the documented error, nothing changed, nothing given out. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_ARGUMENTS_H
#define CC_TEST_CONTRACT_ARGUMENTS_H

static char nothing;

MAP_SCHEME_TEST(create_refuses_bad_options, domain)
{
    static const size_t sizes[] = {0, 1, sizeof(cc_map_opts_t) - 1, sizeof(cc_map_opts_t) + 1, SIZE_MAX};
    cr_assert_eq(VERB(create)(domain, NULL, NULL), -EINVAL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cc_map_opts_t opts = CC_MAP_OPTS_INIT;
        map_t *map = (void *)&nothing;
        opts.size = sizes[i];
        cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL);
        cr_assert_eq(map, (void *)&nothing);
    }
    static const size_t value_sizes[] = {SIZE_MAX, INT64_MAX, (size_t)1 << 60, (size_t)1 << 59};
    for (size_t i = 0; i < sizeof value_sizes / sizeof value_sizes[0]; i++) {
        cc_map_opts_t opts = CC_MAP_OPTS_INIT;
        map_t *map = (void *)&nothing;
        opts.value_size = value_sizes[i];
        cr_assert_eq(VERB(create)(domain, &opts, &map), -EINVAL);
        cr_assert_eq(VERB(create_sorted)(domain, &opts, NULL, NULL, 0, &map), -EINVAL);
        cr_assert_eq(map, (void *)&nothing);
    }
    /* None of these made a structure that the domain would have to wait for: the test ends with its destruction. */
}

MAP_SCHEME_TEST(a_map_knows_its_domain, domain)
{
    map_t *map;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    cr_assert_eq(VERB(domain)(map), domain);
    cr_assert_eq(VERB(destroy)(map), 0);
    cr_assert_eq(VERB(create)(NULL, NULL, &map), 0);
    cr_assert_eq(VERB(domain)(map), cc_domain_default());
    cr_assert_eq(VERB(destroy)(map), 0);
    cr_assert_null(VERB(domain)(NULL));
}

MAP_TEST(null_map_is_refused)
{
    void *out = &nothing;
    out_t k;
    cr_assert_eq(VERB(destroy)(NULL), -EINVAL);
    cr_assert_eq(VERB(get)(NULL, KEY(1), &out), -EINVAL);
    cr_assert_eq(VERB(get)(NULL, KEY(1), NULL), -EINVAL);
    cr_assert_not(VERB(contains)(NULL, KEY(1)));
    cr_assert_eq(VERB(insert)(NULL, KEY(1), &nothing), -EINVAL);
    cr_assert_eq(VERB(put)(NULL, KEY(1), &nothing, &out), -EINVAL);
    cr_assert_eq(VERB(put)(NULL, KEY(1), &nothing, NULL), -EINVAL);
    cr_assert_eq(VERB(replace)(NULL, KEY(1), &nothing, &nothing), -EINVAL);
    cr_assert_eq(VERB(remove)(NULL, KEY(1), &out), -EINVAL);
    cr_assert_eq(VERB(remove)(NULL, KEY(1), NULL), -EINVAL);
    cr_assert_eq(VERB(remove_if)(NULL, KEY(1), &nothing, &out), -EINVAL);
    cr_assert_eq(VERB(min)(NULL, OUT(k), &out), -EINVAL);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(VERB(max)(NULL, OUT(k), &out), -EINVAL);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(VERB(floor)(NULL, KEY(1), OUT(k), &out), -EINVAL);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(VERB(ceil)(NULL, KEY(1), OUT(k), &out), -EINVAL);
    cr_assert_eq(VERB(lower)(NULL, KEY(1), OUT(k), &out), -EINVAL);
    cr_assert_eq(VERB(higher)(NULL, KEY(1), OUT(k), &out), -EINVAL);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(VERB(pop_min)(NULL, OUT(k), &out), -EINVAL);
    cr_assert_eq(VERB(pop_max)(NULL, NULL, NULL), -EINVAL);
    cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
    cr_assert_eq(VERB(count)(NULL), 0);
    cr_assert_eq(VERB(validate)(NULL), -EINVAL);
    cr_assert_eq(out, (void *)&nothing);
}

VISITOR(never_called)
{
    (void)n;
    (void)value;
    *(bool *)ctx = true;
    return true;
}

MAP_SCHEME_TEST(range_refuses_null, domain)
{
    bool called = false;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(insert)(map, KEY(1), &nothing), 0);
    cr_assert_eq(VERB(range)(NULL, KEY(0), KEY(9), never_called, &called), -EINVAL);
    cr_assert_eq(VERB(range)(map, KEY(0), KEY(9), NULL, &called), -EINVAL);
    cr_assert_not(called);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(null_value_is_refused, domain)
{
    void *out = &nothing;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(insert)(map, KEY(1), &map), 0);
    uint64_t retired = snapshot_of(domain).retired;
    for (uint64_t n = 1; n <= 2; n++) { /* there and not there */
        cr_assert_eq(VERB(insert)(map, KEY(n), NULL), -EINVAL);
        cr_assert_eq(VERB(put)(map, KEY(n), NULL, &out), -EINVAL);
        cr_assert_eq(VERB(put)(map, KEY(n), NULL, NULL), -EINVAL);
        cr_assert_eq(VERB(replace)(map, KEY(n), &map, NULL), -EINVAL);
        cr_assert_eq(VERB(replace)(map, KEY(n), NULL, &map), -EINVAL);
        cr_assert_eq(VERB(replace)(map, KEY(n), NULL, NULL), -EINVAL);
        cr_assert_eq(VERB(remove_if)(map, KEY(n), NULL, &out), -EINVAL);
    }
    cr_assert_eq(out, (void *)&nothing);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(get)(map, KEY(1), &out), 0);
    cr_assert_eq(out, (void *)&map);
    cr_assert_not(VERB(contains)(map, KEY(2)));
    cr_assert_eq(snapshot_of(domain).retired, retired);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* Of what is not there nothing is given out. */
MAP_SCHEME_TEST(misses_touch_nothing, domain)
{
    void *out = &nothing;
    out_t k;
    map_t *map = make_map(domain, NULL);
    for (int round = 0; round < 2; round++) { /* in an empty map, and on both sides of its only key */
        uint64_t retired = snapshot_of(domain).retired;
        cr_assert_eq(VERB(get)(map, KEY(4), &out), -ENOENT);
        cr_assert_eq(VERB(get)(map, KEY(6), &out), -ENOENT);
        cr_assert_eq(VERB(get)(map, KEY(6), NULL), -ENOENT);
        cr_assert_eq(VERB(remove)(map, KEY(4), &out), -ENOENT);
        cr_assert_eq(VERB(remove)(map, KEY(6), &out), -ENOENT);
        cr_assert_eq(VERB(remove)(map, KEY(6), NULL), -ENOENT);
        cr_assert_eq(VERB(replace)(map, KEY(4), &nothing, &map), -ENOENT);
        cr_assert_eq(VERB(floor)(map, KEY(4), OUT(k), &out), -ENOENT);
        cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
        cr_assert_eq(VERB(ceil)(map, KEY(6), OUT(k), &out), -ENOENT);
        cr_assert_eq(VERB(higher)(map, KEY(6), OUT(k), &out), -ENOENT);
        cr_assert_eq(out_number(&k), OUT_UNTOUCHED);
        cr_assert_eq(out, (void *)&nothing);
        cr_assert_eq(VERB(count)(map), (size_t)round);
        cr_assert_eq(snapshot_of(domain).retired, retired);
        if (round == 0)
            cr_assert_eq(VERB(insert)(map, KEY(5), &map), 0);
    }
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
