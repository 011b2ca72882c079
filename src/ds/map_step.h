/* Step by step from key to key: what pops, cursors and all that walks over a map is made of, whatever the structure.
 * Included by map_public.h. */
#ifndef CC_DS_MAP_STEP_H
#define CC_DS_MAP_STEP_H

#include "ds/map.h"
#include "smr/guard.h"
#include "smr/registry.h"

#include <errno.h>

/* Of the library's own, for values that it looks at. NULL: no memory. */
static cc_guard_t *frame_open(cc__map_t *map)
{
    cc__rec_t *rec = cc__rec(map->domain);
    return rec != NULL ? cc__frame_open(rec, false) : NULL;
}

/* Values are given to the frame, until what this returns is `innermost` again. */
static cc_guard_t *frame_in_front(cc_guard_t *frame)
{
    cc_guard_t *around = frame->rec->innermost;
    frame->outer = around; /* a cursor is open while guards come and go */
    frame->rec->innermost = frame;
    return around;
}

/* Where a value is to go: inline values are copied to a place that the caller names. */
static bool room_valid(const cc__map_t *map, void *const *value)
{
    return value == NULL || !map->opts.value_inline || *value != NULL;
}

/* The entry nearest to `from`, or to the key that is kept if `from` is NULL (CC__MIN and CC__MAX look at neither). Its key
 * is kept instead. Its value is the pointer that the structure holds, inline or not. On an error nothing changes. */
static int map_step(cc__map_t *map, cc__nearest_t which, const cc__key_t *from, cc__key_hold_t *hold, void **v)
{
    for (;;) {
        cc__key_t kept = key_hold_get(hold);
        cc__key_copy_t copy = key_hold_room(hold);
        int err = ops_of(map->domain)->nearest(map, which, from != NULL ? from : &kept, &copy, v);
        if (err == 0)
            key_hold_set(hold, &copy);
        if (err != -ENOBUFS)
            return err;
        if (!key_hold_grow(hold))
            return -ENOMEM;
    }
}

#endif
