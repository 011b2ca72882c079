/* The contract of cc/skiplist64.h: what it shares with cc/skiplist.h stands in map_contract.h. */
#include <cc/cc.h>

#define SUITE         skiplist64
#define VERB(name)    cc_skiplist64_##name
#define FROZEN(name)  cc_frozen64_##name
#define KEY(n)        ((uint64_t)(n))
#define VISITOR(name) static bool name(uint64_t n, void *value, void *ctx)

typedef cc_skiplist64_t map_t;
typedef cc_skiplist64_cursor_t cursor_t;
typedef cc_frozen64_t frozen_t;
typedef uint64_t sorted_key_t;

#define key_number(key) (key)

typedef struct {
    uint64_t number;
} out_t;

/* A number that no test asks for. */
#define OUT_UNTOUCHED UINT64_C(0x5A5A5A5A5A5A5A5A)
#define OUT(o)        ((o).number = OUT_UNTOUCHED, &(o).number)

static uint64_t out_number(const out_t *o)
{
    return o->number;
}

#include "map_contract.h"

static int by_nothing(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    (void)a;
    (void)b;
    (void)ctx;
    return 0;
}

SCHEME_TEST(skiplist64, comparator_is_refused, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_skiplist64_t *map = (void *)&nothing;
    opts.compare = by_nothing;
    cr_assert_eq(cc_skiplist64_create(domain, &opts, &map), -EINVAL);
    cr_assert_eq(map, (void *)&nothing);
}

/* What changes exchange goes round within the thread: the allocator is hardly asked. */
RECLAIMING_SCHEME_TEST(skiplist64, blocks_are_used_again, domain)
{
    enum { CHANGES = 20000 };
    static char a, b;
    cc_alloc_info_t info = CC_ALLOC_INFO_INIT;
    cc_skiplist64_t *map;
    uint64_t before = 0;
    cr_assert_eq(cc_alloc_info(&info), 0);
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    for (int i = 0; i < 2 * CHANGES; i++) {
        if (i == CHANGES)
            before = cc_alloc_stats_snapshot().alloc_count;
        cr_assert_geq(cc_skiplist64_put(map, 1, i % 2 == 0 ? &a : &b, NULL), 0);
    }
    uint64_t asked = cc_alloc_stats_snapshot().alloc_count - before;
    if (strcmp(info.name, "mimalloc") == 0 && !is_slow(domain)) /* under others freed memory is watched */
        cr_assert_lt(asked, CHANGES / 4);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}

enum { FEW = 5, BETWEEN = 20, SMALL_MAPS = 1000, INDEX_BYTES = 1500 /* a level of it stays, less than two blocks */ };

/* Of so many maps with FEW entries each, of which others were removed from above if `had_more`. */
static uint64_t bytes_of_small_maps(cc_domain_t *domain, bool had_more)
{
    static cc_skiplist64_t *map[SMALL_MAPS];
    uint64_t before = cc_alloc_stats_snapshot().current_allocated;
    for (int i = 0; i < SMALL_MAPS; i++) {
        cr_assert_eq(cc_skiplist64_create(domain, NULL, &map[i]), 0);
        for (uint64_t key = 0; key < (uint64_t)FEW * BETWEEN; key++) {
            if (had_more || key % BETWEEN == 0)
                cr_assert_eq(cc_skiplist64_insert(map[i], key, &nothing), 0);
        }
        for (uint64_t key = (uint64_t)FEW * BETWEEN; had_more && key-- > 0;) {
            if (key % BETWEEN != 0)
                cr_assert_eq(cc_skiplist64_remove(map[i], key, NULL), 0);
        }
    }
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    uint64_t bytes = cc_alloc_stats_snapshot().current_allocated - before;
    for (int i = 0; i < SMALL_MAPS; i++)
        cr_assert_eq(cc_skiplist64_destroy(map[i]), 0);
    return bytes;
}

/* Two blocks become one, though the left one is the leftmost and has no neighbour to go into. */
RECLAIMING_SCHEME_TEST(skiplist64, the_first_block_takes_in_the_second, domain)
{
    (void)bytes_of_small_maps(domain, true); /* the thread keeps what it keeps */
    uint64_t few = bytes_of_small_maps(domain, false), many = bytes_of_small_maps(domain, true);
    cr_assert_leq(many, few + (uint64_t)SMALL_MAPS * INDEX_BYTES, "%llu, %llu bytes", (unsigned long long)few,
                  (unsigned long long)many);
}
