/* A map that never holds more than opts.max_entries, made of one that may: its verbs, around those of the structure.
 * Included by map_public.h. A map without a bound has the structure's verbs and pays nothing.
 *
 *     insert: take a place --> insert; not inserted: give the place back
 *     remove:                  remove; removed: give the place back
 *
 * So entries <= places taken <= max_entries at every moment. A place is given back after its entry is gone, so a call can
 * find the map full although an entry has left it; it is refused then, or evicts one more than it had to.
 *
 * put at a full map: changes the value if the key is there, which needs no place; else makes room and begins again.
 *
 * Linearization, progress: each verb is the structure's, at its steps. Taking a place fails only by another one's success
 * or at the bound. An eviction is a pop (map_pop.h) of its own: it comes before the insertion, and is not undone if that
 * fails.
 *
 * Tests: contract/bound.h, model clients bound-* and evict-*, mutants `bound: ...`. */
#ifndef CC_DS_MAP_BOUND_H
#define CC_DS_MAP_BOUND_H

#include "ds/map_pop.h"

static const cc__map_ops_t *unbounded(const cc__map_t *map)
{
    return ops_of(map->domain);
}

static bool take_place(cc__map_t *map)
{
    uint64_t taken = cc__load_relaxed(&map->taken); /* stale: the exchange fails, or full a moment too long */
    while (taken < map->opts.max_entries) {
        /* [bound.take] pairs with [bound.give]: the removal that made room comes before what takes it. */
        if (cc__cas_acq_rel(&map->taken, &taken, taken + 1))
            return true;
    }
    return false;
}

static void give_place(cc__map_t *map)
{
    cc__fetch_add_acq_rel(&map->taken, (uint64_t)-1); /* [bound.give] pairs with [bound.take]: the entry is gone */
}

/* 0: try again. -ENOSPC: nothing may be evicted, or what there is has not arrived yet; -ENOMEM. */
static int make_room(cc__map_t *map)
{
    if (map->opts.when_full == CC_FULL_REFUSE || map_admit(map) != 0)
        return -ENOSPC;
    int err = map_pop(map, map->opts.when_full == CC_FULL_EVICT_MIN ? CC__MIN : CC__MAX, NULL, NULL);
    if (err == 0)
        cc__fetch_add_relaxed(&map->evicted, 1); /* a statistic */
    return err == -ENOENT ? -ENOSPC : err;
}

/* The map is full. 0: begin again; else the answer. */
static int place_in_full(cc__map_t *map, cc__key_t key, void *value, void **old, cc__place_t how)
{
    const cc__map_ops_t *ops = unbounded(map);
    int err = how == CC__INSERT ? ops->get(map, key, NULL) : ops->replace(map, key, NULL, value, old);
    if (err == 0)
        return how == CC__INSERT ? -EEXIST : 1;
    return err == -ENOENT ? make_room(map) : err;
}

static int bounded_place(cc__map_t *map, cc__key_t key, void *value, void **old, cc__place_t how)
{
    while (!take_place(map)) {
        int err = place_in_full(map, key, value, old, how);
        if (err != 0)
            return err;
    }
    int result = unbounded(map)->place(map, key, value, old, how);
    if (result != 0)
        give_place(map);
    return result;
}

static int bounded_remove(cc__map_t *map, cc__key_t key, void *expected, void **old)
{
    int err = unbounded(map)->remove(map, key, expected, old);
    if (err == 0)
        give_place(map);
    return err;
}

/* While nobody shares the map. */
static void map_bound(cc__map_t *map)
{
    if (map->opts.max_entries == 0)
        return;
    map->bounded = *map->ops;
    map->bounded.place = bounded_place;
    map->bounded.remove = bounded_remove;
    map->ops = &map->bounded;
}

uint64_t PUBLIC(evicted)(cc__map_t *map)
{
    return map != NULL ? cc__load_relaxed(&map->evicted) : 0; /* stale: a statistic */
}

#endif
