/* map_kind_u64.c: cc_skiplist64 behind the table of verbs. */
#include "map_kind.h"

#include <cc/skiplist64.h>

static int u64_create(cc_domain_t *domain, const cc_map_opts_t *opts, void **map)
{
    cc_skiplist64_t *made;
    int rc = cc_skiplist64_create(domain, opts, &made);
    if (rc == 0)
        *map = made;
    return rc;
}

static int u64_destroy(void *map)
{
    return cc_skiplist64_destroy(map);
}

static int u64_get(void *map, uint64_t key, void **value)
{
    return cc_skiplist64_get(map, key, value);
}

static bool u64_contains(void *map, uint64_t key)
{
    return cc_skiplist64_contains(map, key);
}

static int u64_insert(void *map, uint64_t key, void *value)
{
    return cc_skiplist64_insert(map, key, value);
}

static int u64_put(void *map, uint64_t key, void *value, void **old)
{
    return cc_skiplist64_put(map, key, value, old);
}

static int u64_replace(void *map, uint64_t key, void *expected, void *desired)
{
    return cc_skiplist64_replace(map, key, expected, desired);
}

static int u64_remove(void *map, uint64_t key, void **old)
{
    return cc_skiplist64_remove(map, key, old);
}

static int u64_min(void *map, uint64_t *k, void **v)
{
    return cc_skiplist64_min(map, k, v);
}

static int u64_max(void *map, uint64_t *k, void **v)
{
    return cc_skiplist64_max(map, k, v);
}

static int u64_floor(void *map, uint64_t key, uint64_t *k, void **v)
{
    return cc_skiplist64_floor(map, key, k, v);
}

static int u64_ceil(void *map, uint64_t key, uint64_t *k, void **v)
{
    return cc_skiplist64_ceil(map, key, k, v);
}

static int64_t u64_range(void *map, uint64_t from, uint64_t to, cc_visit64_fn *visit, void *ctx)
{
    return cc_skiplist64_range(map, from, to, visit, ctx);
}

static size_t u64_count(void *map)
{
    return cc_skiplist64_count(map);
}

static int u64_validate(void *map)
{
    return cc_skiplist64_validate(map);
}

const map_kind_t map_kind_u64 = {
    .name = "u64",
    .create = u64_create,
    .destroy = u64_destroy,
    .get = u64_get,
    .contains = u64_contains,
    .insert = u64_insert,
    .put = u64_put,
    .replace = u64_replace,
    .remove = u64_remove,
    .min = u64_min,
    .max = u64_max,
    .floor = u64_floor,
    .ceil = u64_ceil,
    .range = u64_range,
    .count = u64_count,
    .validate = u64_validate,
};
