/* pop_min and pop_max, of a search for the end and a removal of the key that it found. Included by map_public.h.
 *
 * What they promise: the removal is one of remove, linearizable as such, so each value goes to one caller; the search
 * promises what min and max do, and nobody undoes it: a key that was present throughout the pop was met by the last search.
 * Not linearizable, whatever the search is: a smaller key may come between the search and the removal, and whoever sees
 * both keys then sees the pop take the greater one.
 *
 * Lock-free: it searches again only if another call has removed the key meanwhile. The key found may have come back in
 * between, with another value: it is removed all the same, as an entry that was at the end when its key was found.
 *
 * Tests: contract/pop.h, model pop clients, stress_map phase `whole`. */
#ifndef CC_DS_MAP_POP_H
#define CC_DS_MAP_POP_H

#include "ds/map_step.h"

/* -ENOENT: another one was faster. */
static int pop_found(cc__map_t *map, const cc__key_hold_t *hold, cc__key_out_t k, void **v)
{
    int err = key_fits(k, key_hold_get(hold));
    if (err == 0)
        err = map->ops->remove(map, key_hold_get(hold), NULL, v);
    return err == 0 ? key_copy_out(k, key_hold_get(hold)) : err;
}

static int map_pop(cc__map_t *map, cc__nearest_t which, cc__key_out_t k, void **v)
{
    cc__key_hold_t hold;
    key_hold_init(&hold);
    int err = map_step(map, which, NULL, &hold, NULL);
    while (err == 0 && (err = pop_found(map, &hold, k, v)) == -ENOENT)
        err = map_step(map, which, NULL, &hold, NULL);
    key_hold_free(&hold);
    return err;
}

int PUBLIC(pop_min)(cc__map_t *map, cc__key_out_t k, void **v)
{
    return map != NULL && room_valid(map, v) ? map_pop(map, CC__MIN, k, v) : -EINVAL;
}

int PUBLIC(pop_max)(cc__map_t *map, cc__key_out_t k, void **v)
{
    return map != NULL && room_valid(map, v) ? map_pop(map, CC__MAX, k, v) : -EINVAL;
}

#endif
