/* The public functions of an ordered map: arguments are checked here, the work is done by the variant that belongs to
 * the map's scheme. Included once by each structure, per kind of key, after its struct is defined. */
#ifndef CC_DS_MAP_PUBLIC_H
#define CC_DS_MAP_PUBLIC_H

#include "smr/cap.h"
#include "smr/domain.h"
#include "smr/registry.h"

#include <string.h>

/* The structure's own part of create (false: no memory), destroy and validate (0, -EINVAL, -ENOMEM). */
static bool map_init(cc__map_t *map);
static void map_fini(cc__map_t *map);
static int map_valid(cc__map_t *map);

/* A value, or NULL, that is left when the map is destroyed. Nobody holds an inline one beyond a call or a cursor. */
static void map_retire_value(cc__map_t *map, void *value)
{
    const cc_map_opts_t *opts = &map->opts;
    if (opts->value_inline)
        cc_free(value, opts->value_size);
    else if (opts->value_reclaim != NULL && value != NULL)
        cc_retire(map->domain, value, opts->value_size, opts->value_reclaim, opts->value_ctx);
}

/* The memory cap, asked before anything is evicted or made for what it would then refuse. 0, -ENOSPC. */
static int map_admit(const cc__map_t *map)
{
    cc__rec_t *rec = cc__rec_get(map->domain);
    int err = cc__limbo_admit(rec, 0);
    cc__rec_return(rec);
    return err;
}

#ifndef MAP_OPS_OF /* a structure that is compiled more often has its own */
static const cc__map_ops_t *ops_of(const cc_domain_t *domain)
{
    switch (domain->scheme_id) {
    case CC_SMR_DEBRA:
        return &VARIANT_OF(CC__MAP_OPS, KEY_NAME, debra);
    case CC_SMR_EPOCH:
        return &VARIANT_OF(CC__MAP_OPS, KEY_NAME, epoch);
    case CC_SMR_LEAK:
        return &VARIANT_OF(CC__MAP_OPS, KEY_NAME, leak);
#if CC_WITH_URCU
    case CC_SMR_URCU:
        return &VARIANT_OF(CC__MAP_OPS, KEY_NAME, urcu);
#endif
#if CC_WITH_CK
    case CC_SMR_CK:
        return &VARIANT_OF(CC__MAP_OPS, KEY_NAME, ck);
#endif
    default:
        return &VARIANT_OF(CC__MAP_OPS, KEY_NAME, ibr);
    }
}
#endif

#include "ds/map_inline.h"

int PUBLIC(create)(cc_domain_t *domain, const cc_map_opts_t *opts, cc__map_t **out)
{
    const cc_map_opts_t defaults = CC_MAP_OPTS_INIT;
    if (opts == NULL)
        opts = &defaults;
    if (out == NULL || opts->size != sizeof *opts || (opts->compare != NULL && !CC__KEY_HAS_COMPARE) ||
        !value_valid(opts) || (unsigned)opts->when_full > (opts->max_entries != 0 ? CC_FULL_EVICT_MAX : CC_FULL_REFUSE))
        return -EINVAL;
    int err = cc__domain_resolve(domain, &domain);
    if (err != 0)
        return err;
    cc__map_t *map = cc_alloc_aligned(sizeof *map, CC_CACHE_LINE_SIZE);
    if (map == NULL)
        return -ENOMEM;
    memset(map, 0, sizeof *map);
    map->ops = ops_of(domain);
    map->domain = domain;
    map->opts = *opts;
    map_bound(map);
    map_inline(map);
    if (!map_init(map)) {
        cc_free(map, sizeof *map);
        return -ENOMEM;
    }
    cc__domain_hold(domain);
    *out = map;
    return 0;
}

int PUBLIC(destroy)(cc__map_t *map)
{
    if (map == NULL)
        return -EINVAL;
    if (cc__load_relaxed(&map->cursors) != 0) /* stale: a thread that is still inside, which must not be */
        return -EBUSY;
    map_fini(map);
    cc__domain_release(map->domain);
    cc_free(map, sizeof *map);
    return 0;
}

int PUBLIC(get)(cc__map_t *map, cc__key_t key, void **value)
{
    return map != NULL && key_valid(key) ? map->ops->get(map, key, value) : -EINVAL;
}

bool PUBLIC(contains)(cc__map_t *map, cc__key_t key)
{
    return map != NULL && key_valid(key) && map->ops->get(map, key, NULL) == 0;
}

int PUBLIC(insert)(cc__map_t *map, cc__key_t key, void *value)
{
    if (map == NULL || value == NULL || !key_valid(key))
        return -EINVAL;
    return map->ops->place(map, key, value, NULL, CC__INSERT);
}

int PUBLIC(put)(cc__map_t *map, cc__key_t key, void *value, void **old)
{
    if (map == NULL || value == NULL || !key_valid(key))
        return -EINVAL;
    return map->ops->place(map, key, value, old, CC__PUT);
}

int PUBLIC(replace)(cc__map_t *map, cc__key_t key, void *expected, void *desired)
{
    if (map == NULL || expected == NULL || desired == NULL || !key_valid(key))
        return -EINVAL;
    return map->ops->replace(map, key, expected, desired, NULL);
}

int PUBLIC(remove)(cc__map_t *map, cc__key_t key, void **old)
{
    return map != NULL && key_valid(key) ? map->ops->remove(map, key, NULL, old) : -EINVAL;
}

int PUBLIC(remove_if)(cc__map_t *map, cc__key_t key, void *expected, void **old)
{
    if (map == NULL || expected == NULL || !key_valid(key))
        return -EINVAL;
    return map->ops->remove(map, key, expected, old);
}

int PUBLIC(min)(cc__map_t *map, cc__key_out_t k, void **v)
{
    return map != NULL ? map->ops->nearest(map, CC__MIN, NULL, k, v) : -EINVAL;
}

int PUBLIC(max)(cc__map_t *map, cc__key_out_t k, void **v)
{
    return map != NULL ? map->ops->nearest(map, CC__MAX, NULL, k, v) : -EINVAL;
}

int PUBLIC(floor)(cc__map_t *map, cc__key_t key, cc__key_out_t k, void **v)
{
    return map != NULL && key_valid(key) ? map->ops->nearest(map, CC__FLOOR, &key, k, v) : -EINVAL;
}

int PUBLIC(ceil)(cc__map_t *map, cc__key_t key, cc__key_out_t k, void **v)
{
    return map != NULL && key_valid(key) ? map->ops->nearest(map, CC__CEIL, &key, k, v) : -EINVAL;
}

int PUBLIC(lower)(cc__map_t *map, cc__key_t key, cc__key_out_t k, void **v)
{
    return map != NULL && key_valid(key) ? map->ops->nearest(map, CC__LOWER, &key, k, v) : -EINVAL;
}

int PUBLIC(higher)(cc__map_t *map, cc__key_t key, cc__key_out_t k, void **v)
{
    return map != NULL && key_valid(key) ? map->ops->nearest(map, CC__HIGHER, &key, k, v) : -EINVAL;
}

int64_t PUBLIC(range)(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    if (map == NULL || visit == NULL || !key_valid(from) || !key_valid_end(to))
        return -EINVAL;
    return map->ops->range(map, from, to, visit, ctx);
}

cc_domain_t *PUBLIC(domain)(const cc__map_t *map)
{
    return map != NULL ? map->domain : NULL;
}

size_t PUBLIC(count)(cc__map_t *map)
{
    int64_t sum = 0;
    for (int i = 0; map != NULL && i < CC__MAP_STRIPES; i++)
        sum += cc__load_relaxed(&map->count[i].entries); /* stale: off by the calls in flight */
    if (sum <= 0)
        return 0;
    /* An entry that left and the one that came for it may both have been counted. */
    uint64_t bound = map->opts.max_entries;
    return bound != 0 && (uint64_t)sum > bound ? bound : (uint64_t)sum;
}

int PUBLIC(validate)(cc__map_t *map)
{
    return map != NULL ? map_valid(map) : -EINVAL;
}

#include "ds/map_freeze.h"
#include "ds/map_make.h"

#endif
