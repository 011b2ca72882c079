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
