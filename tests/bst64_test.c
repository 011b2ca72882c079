/* The contract of cc/bst64.h: what it shares with cc/bst.h stands in map_contract.h. */
#include <cc/cc.h>

#define SUITE         bst64
#define VERB(name)    cc_bst64_##name
#define FROZEN(name)  cc_frozen64_##name
#define KEY(n)        ((uint64_t)(n))
#define VISITOR(name) static bool name(uint64_t n, void *value, void *ctx)

typedef cc_bst64_t map_t;
typedef cc_bst64_cursor_t cursor_t;
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

SCHEME_TEST(bst64, comparator_is_refused, domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_bst64_t *map = (void *)&nothing;
    opts.compare = by_nothing;
    cr_assert_eq(cc_bst64_create(domain, &opts, &map), -EINVAL);
    cr_assert_eq(map, (void *)&nothing);
}
