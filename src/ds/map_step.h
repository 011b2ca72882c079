/* Step by step from key to key: what pops, cursors and all that walks over a map is made of, whatever the structure.
 * Included by map_public.h. */
#ifndef CC_DS_MAP_STEP_H
#define CC_DS_MAP_STEP_H

#include "ds/map.h"

#include <errno.h>

/* The entry nearest to `from`, or to the key that is kept if `from` is NULL (CC__MIN and CC__MAX look at neither). Its key
 * is kept instead. On an error nothing changes. */
static int map_step(cc__map_t *map, cc__nearest_t which, const cc__key_t *from, cc__key_hold_t *hold, void **v)
{
    for (;;) {
        cc__key_t kept = key_hold_get(hold);
        cc__key_copy_t copy = key_hold_room(hold);
        int err = map->ops->nearest(map, which, from != NULL ? from : &kept, &copy, v);
        if (err == 0)
            key_hold_set(hold, &copy);
        if (err != -ENOBUFS)
            return err;
        if (!key_hold_grow(hold))
            return -ENOMEM;
    }
}

#endif
