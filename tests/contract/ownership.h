/* Who retires a value that leaves the map: the map or the caller, exactly one of them, exactly once. Part of
 * map_contract.h. */
#ifndef CC_TEST_CONTRACT_OWNERSHIP_H
#define CC_TEST_CONTRACT_OWNERSHIP_H

enum { OWNED = 8 };
static counted_t owned[OWNED];

/* A bit for each value that must have been reclaimed, once, by now; the others not. */
static void expect_reclaimed_of(unsigned due, const char *when)
{
    for (int i = 0; i < OWNED; i++)
        cr_assert_eq(counted_times(&owned[i]), (int)(due >> i & 1), "value %d %s", i, when);
}

static void expect_reclaimed(cc_domain_t *domain, unsigned due)
{
    if (!domain_is(domain, "leak")) {
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
        expect_reclaimed_of(due, "after a drain");
    }
}

/* The body uses `domain`, calls expect_reclaimed as it goes, destroys its maps, and returns what must have been
 * reclaimed when the domain is gone. */
#define OWNERSHIP_TEST(name)                                                                                           \
    static unsigned name##_body(cc_domain_t *domain);                                                                  \
    MAP_TEST(name)                                                                                                     \
    {                                                                                                                  \
        for (int i = 0; i < SCHEMES; i++) {                                                                            \
            cc_domain_t *domain = make_domain(every_scheme[i]);                                                        \
            memset(owned, 0, sizeof owned);                                                                            \
            unsigned due = name##_body(domain);                                                                        \
            expect_reclaimed(domain, due);                                                                             \
            cr_assert_eq(cc_domain_destroy(domain), 0);                                                                \
            expect_reclaimed_of(due, "after the end of the domain");                                                   \
        }                                                                                                              \
    }                                                                                                                  \
    static unsigned name##_body(cc_domain_t *domain)

/* ---- with value_reclaim */

OWNERSHIP_TEST(map_retires_what_nobody_asked_for)
{
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[0]), 0);
    cr_assert_eq(VERB(put)(map, KEY(2), &owned[1], NULL), 0);
    cr_assert_eq(VERB(insert)(map, KEY(3), &owned[2]), 0);
    expect_reclaimed(domain, 0);
    cr_assert_eq(VERB(remove)(map, KEY(1), NULL), 0);
    expect_reclaimed(domain, 0x1);
    cr_assert_eq(VERB(put)(map, KEY(2), &owned[3], NULL), 1);
    expect_reclaimed(domain, 0x3);
    cr_assert_eq(VERB(replace)(map, KEY(3), &owned[2], &owned[4]), 0);
    expect_reclaimed(domain, 0x7);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x1f;
}

OWNERSHIP_TEST(map_retires_what_is_left_at_its_end)
{
    map_t *map = make_map(domain, counted_reclaim);
    for (uint64_t n = 0; n < OWNED - 1; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &owned[n]), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x7f;
}

/* The duty passes with the pointer; who drops it, leaks. */
OWNERSHIP_TEST(old_passes_the_duty_to_the_caller)
{
    void *old = &nothing;
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(put)(map, KEY(1), &owned[0], &old), 0);
    cr_assert_null(old);
    cr_assert_eq(VERB(put)(map, KEY(1), &owned[1], &old), 1);
    cr_assert_eq(old, (void *)&owned[0]);
    cr_assert_eq(VERB(remove)(map, KEY(1), &old), 0);
    cr_assert_eq(old, (void *)&owned[1]);
    expect_reclaimed(domain, 0);
    cr_assert(counted_lives(&owned[0]) && counted_lives(&owned[1]), "the caller may read it until then");
    cr_assert_eq(counted_retire(domain, old), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x2;
}

/* It may also go into a map again: nobody else has it. */
OWNERSHIP_TEST(old_may_be_put_in_again)
{
    void *old;
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[0]), 0);
    cr_assert_eq(VERB(remove)(map, KEY(1), &old), 0);
    cr_assert_eq(VERB(insert)(map, KEY(2), old), 0);
    expect_reclaimed(domain, 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x1;
}

OWNERSHIP_TEST(same_pointer_changes_nothing)
{
    void *old = &nothing;
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[0]), 0);
    uint64_t retired = snapshot_of(domain).retired;
    cr_assert_eq(VERB(put)(map, KEY(1), &owned[0], &old), 1);
    cr_assert_null(old);
    cr_assert_eq(VERB(put)(map, KEY(1), &owned[0], NULL), 1);
    cr_assert_eq(VERB(replace)(map, KEY(1), &owned[0], &owned[0]), 0);
    expect_reclaimed(domain, 0);
    cr_assert_eq(snapshot_of(domain).retired, retired);
    cr_assert_eq(VERB(count)(map), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x1;
}

OWNERSHIP_TEST(errors_leave_the_value_with_the_caller)
{
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[0]), 0);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[1]), -EEXIST);
    cr_assert_eq(VERB(replace)(map, KEY(1), &owned[2], &owned[3]), -ECANCELED);
    cr_assert_eq(VERB(replace)(map, KEY(2), &owned[0], &owned[4]), -ENOENT);
    cr_assert_eq(VERB(remove_if)(map, KEY(1), &owned[2], NULL), -ECANCELED);
    cr_assert_eq(VERB(put)(NULL, KEY(2), &owned[5], NULL), -EINVAL);
    expect_reclaimed(domain, 0);
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x1;
}

/* ---- without */

OWNERSHIP_TEST(values_are_the_callers_business_without_value_reclaim)
{
    void *old = &nothing;
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 0; n < 4; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &owned[n]), 0);
    cr_assert_eq(VERB(remove)(map, KEY(0), NULL), 0);
    cr_assert_eq(VERB(put)(map, KEY(1), &owned[4], NULL), 1);
    cr_assert_eq(VERB(replace)(map, KEY(2), &owned[2], &owned[5]), 0);
    cr_assert_eq(VERB(put)(map, KEY(3), &owned[6], &old), 1);
    cr_assert_eq(old, (void *)&owned[3]);
    cr_assert_eq(VERB(put)(map, KEY(3), &owned[6], &old), 1);
    cr_assert_null(old);
    cr_assert_eq(VERB(remove)(map, KEY(3), &old), 0);
    cr_assert_eq(old, (void *)&owned[6]);
    expect_reclaimed(domain, 0);
    cr_assert_eq(counted_retire(domain, &owned[0]), 0, "as the caller, after it left the last map");
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x1;
}

/* ---- value_ctx */

OWNERSHIP_TEST(reclaimer_gets_its_context)
{
    static atomic_int calls;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map;
    atomic_store(&calls, 0);
    opts.value_reclaim = counted_reclaim;
    opts.value_ctx = &calls;
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    opts.value_ctx = NULL; /* options are copied */
    for (uint64_t n = 0; n < 4; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &owned[n]), 0);
    cr_assert_eq(VERB(remove)(map, KEY(0), NULL), 0);
    cr_assert_eq(VERB(put)(map, KEY(1), &owned[4], NULL), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
    if (!domain_is(domain, "leak")) {
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
        cr_assert_eq(atomic_load(&calls), 5);
    }
    return 0x1f;
}

#endif
