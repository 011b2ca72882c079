/* What a map takes follows what is in it, in whatever order the others were removed. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_SHRINK_H
#define CC_TEST_CONTRACT_SHRINK_H

enum { SHRINK_FROM = 24000, SHRINK_KEEPS = 60 }; /* one entry of so many is left */

static uint64_t shrink_upwards(uint64_t i)
{
    return i;
}

static uint64_t shrink_downwards(uint64_t i)
{
    return SHRINK_FROM - 1 - i;
}

static uint64_t shrink_across(uint64_t i)
{
    return i * 1009 % SHRINK_FROM;
}

static void shrink(cc_domain_t *domain, uint64_t (*nth)(uint64_t i))
{
    enum { BYTES_EACH = 300, BESIDE = 100000 }; /* BESIDE: what the thread keeps for its next changes */
    uint64_t before = cc_alloc_stats_snapshot().current_allocated;
    map_t *map = make_map(domain, NULL);
    for (uint64_t i = 0; i < SHRINK_FROM; i++)
        add_entry(map, shrink_across(i)); /* in order a tree would be as high as it is large */
    for (uint64_t i = 0; i < SHRINK_FROM; i++) {
        if (nth(i) % SHRINK_KEEPS != 0)
            cr_assert_eq(VERB(remove)(map, KEY(nth(i)), NULL), 0);
    }
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    uint64_t left = cc_alloc_stats_snapshot().current_allocated - before;
    cr_assert_leq(left, SHRINK_FROM / SHRINK_KEEPS * BYTES_EACH + BESIDE, "%llu bytes", (unsigned long long)left);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_RECLAIMING_TEST(shrinks_from_below, domain)
{
    shrink(domain, shrink_upwards);
}

MAP_RECLAIMING_TEST(shrinks_from_above, domain)
{
    shrink(domain, shrink_downwards);
}

MAP_RECLAIMING_TEST(shrinks_across, domain)
{
    shrink(domain, shrink_across);
}

#endif
