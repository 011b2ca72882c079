/* A map of uint64 keys behind the table of verbs. Included after MAP(verb), map_t, KIND and KIND_NAME are defined. */
#ifndef STRESS_MAP_KIND_U64_H
#define STRESS_MAP_KIND_U64_H

#include "map_kind.h"

static int u64_create(cc_domain_t *domain, const cc_map_opts_t *opts, void **map)
{
    map_t *made;
    int rc = MAP(create)(domain, opts, &made);
    if (rc == 0)
        *map = made;
    return rc;
}

static int u64_destroy(void *map)
{
    return MAP(destroy)(map);
}

static int u64_get(void *map, uint64_t key, void **value)
{
    return MAP(get)(map, key, value);
}

static bool u64_contains(void *map, uint64_t key)
{
    return MAP(contains)(map, key);
}

static int u64_insert(void *map, uint64_t key, void *value)
{
    return MAP(insert)(map, key, value);
}

static int u64_put(void *map, uint64_t key, void *value, void **old)
{
    return MAP(put)(map, key, value, old);
}

static int u64_replace(void *map, uint64_t key, void *expected, void *desired)
{
    return MAP(replace)(map, key, expected, desired);
}

static int u64_remove(void *map, uint64_t key, void **old)
{
    return MAP(remove)(map, key, old);
}

static int u64_min(void *map, uint64_t *k, void **v)
{
    return MAP(min)(map, k, v);
}

static int u64_max(void *map, uint64_t *k, void **v)
{
    return MAP(max)(map, k, v);
}

static int u64_floor(void *map, uint64_t key, uint64_t *k, void **v)
{
    return MAP(floor)(map, key, k, v);
}

static int u64_ceil(void *map, uint64_t key, uint64_t *k, void **v)
{
    return MAP(ceil)(map, key, k, v);
}

static int u64_pop_min(void *map, uint64_t *k, void **v)
{
    return MAP(pop_min)(map, k, v);
}

static int u64_pop_max(void *map, uint64_t *k, void **v)
{
    return MAP(pop_max)(map, k, v);
}

static int64_t u64_range(void *map, uint64_t from, uint64_t to, cc_visit64_fn *visit, void *ctx)
{
    return MAP(range)(map, from, to, visit, ctx);
}

static size_t u64_count(void *map)
{
    return MAP(count)(map);
}

static int u64_validate(void *map)
{
    return MAP(validate)(map);
}

const map_kind_t KIND = {
    .name = KIND_NAME,
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
    .pop_min = u64_pop_min,
    .pop_max = u64_pop_max,
    .range = u64_range,
    .count = u64_count,
    .validate = u64_validate,
};

#endif
