/* get_or_insert, and a map from sorted input. Included by map_public.h.
 *
 * Tests: contract/make.h, fault/oom_map_impl.h, model make clients. */
#ifndef CC_DS_MAP_MAKE_H
#define CC_DS_MAP_MAKE_H

#include "ds/map.h"
#include "smr/guard.h"
#include "smr/registry.h"

#include <errno.h>

/* ---- get_or_insert */

/* Nobody else has the value yet. It is given to the innermost guard now: as soon as it is in the map, others can remove
 * and reclaim it. */
static int hold_made(cc__map_t *map, void *made)
{
    cc__rec_t *rec = cc__rec(map->domain);
    if (rec == NULL || rec->innermost == NULL)
        return 0;
    CC_ATOMIC_PTR word;
    void *same;
    cc__store_relaxed(&word, made); /* a local */
    return cc_guard_protect(rec->innermost, &word, &same);
}

/* It did not get in. */
static void drop_made(cc__map_t *map, void *made, bool held)
{
    cc__rec_t *rec = cc__rec(map->domain);
    if (held && rec != NULL)
        cc_guard_release(rec->innermost, made);
    map_retire_value(map, made);
}

/* The made value is in: 1. It is there as another: 0 (*value). Else an error. */
static int insert_or_get(cc__map_t *map, cc__key_t key, void *made, void **value)
{
    int err;
    do {
        err = map->ops->place(map, key, made, NULL, CC__INSERT);
        if (err == 0)
            return 1;
        if (err == -EEXIST)
            err = map->ops->get(map, key, value);
    } while (err == -ENOENT); /* removed between the two */
    return err;
}

/* The map's own value is a copy of the made one, which stays the caller's. */
static int insert_copy(cc__map_t *map, cc__key_t key, void *made, void **value)
{
    int result = insert_or_get(map, key, made, value);
    if (result == 1 && value != NULL)
        memcpy(*value, made, map->opts.value_size);
    return result;
}

static int insert_made(cc__map_t *map, cc__key_t key, void *made, void **value)
{
    int held = value != NULL ? hold_made(map, made) : 0;
    int result = held == 0 ? insert_or_get(map, key, made, value) : held;
    if (result != 1)
        drop_made(map, made, value != NULL && held == 0);
    else if (value != NULL)
        *value = made;
    return result;
}

static int map_get_or_insert(cc__map_t *map, cc__key_t key, cc_make_fn *make, void *ctx, void **value)
{
    int result = map->ops->get(map, key, value);
    if (result != -ENOENT)
        return result;
    if (map_admit(map) != 0)
        return -ENOSPC;
    void *made = make(ctx);
    if (made == NULL)
        return -ECANCELED;
    return map->opts.value_inline ? insert_copy(map, key, made, value) : insert_made(map, key, made, value);
}

int PUBLIC(get_or_insert)(cc__map_t *map, cc__key_t key, cc_make_fn *make, void *ctx, void **value)
{
    if (map == NULL || make == NULL || !key_valid(key) || (map->opts.value_reclaim == NULL && !map->opts.value_inline))
        return -EINVAL;
    return map_get_or_insert(map, key, make, ctx, value);
}

/* ---- sorted input */

typedef struct {
    cc__map_t *map;
    const cc__key_t *keys;
    void *const *values;
} sorted_t;

static bool sorted_valid(const cc_map_opts_t *opts, const cc__key_t *keys, void *const *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!key_valid(keys[i]) || values[i] == NULL)
            return false;
        if (i > 0 && key_order(keys[i - 1], keys[i], opts->compare, opts->compare_ctx) >= 0)
            return false;
    }
    return true;
}

static int sorted_insert(const sorted_t *s, size_t i)
{
    return s->map->ops->place(s->map, s->keys[i], s->values[i], NULL, CC__INSERT);
}

/* The middle one first, then the middle of each half, and so on, so that a tree comes out low. Not one half after the other:
 * leaves that are filled from the left to the right make a list. */
static int sorted_levels(const sorted_t *s, size_t n)
{
    size_t step = 1;
    while (step <= n / 2)
        step *= 2;
    for (; step != 0; step /= 2) {
        for (size_t i = step - 1; i < n; i += 2 * step) {
            int err = sorted_insert(s, i);
            if (err != 0)
                return err;
        }
    }
    return 0;
}

int PUBLIC(create_sorted)(cc_domain_t *domain, const cc_map_opts_t *opts, const cc__key_t *keys, void *const *values,
                          size_t n, cc__map_t **out)
{
    if (out == NULL || (n != 0 && (keys == NULL || values == NULL)))
        return -EINVAL;
    cc__map_t *map;
    int err = PUBLIC(create)(domain, opts, &map);
    if (err != 0)
        return err;
    if (!sorted_valid(&map->opts, keys, values, n))
        err = -EINVAL;
    else if (map->opts.max_entries != 0 && n > map->opts.max_entries)
        err = -ENOSPC;
    else
        err = sorted_levels(&(sorted_t){map, keys, values}, n);
    if (err == 0) {
        *out = map;
        return 0;
    }
    map->opts.value_reclaim = NULL; /* the caller keeps them all, but for copies */
    (void)PUBLIC(destroy)(map);
    return err;
}

#endif
