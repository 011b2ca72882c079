/* A map with inline values, made of one that holds pointers: its verbs, around those beneath. Included by map_public.h. A map
 * of pointers has the verbs beneath and pays nothing.
 *
 * The pointer that the map beneath holds leads to a cell: a copy of the user's bytes, immutable from the moment at which it is
 * published.
 *
 *     put:  a cell is made --> CAS publishes it --> replaced or removed: copied out by the one who did it, then retired
 *     get:  the cell is held in a slot of a frame of the call's own --> the operation ends --> it is copied out --> let go of
 *
 * So nothing is copied inside a SEARCH, which may be thrown back, nor under a reservation: when the copying begins the cell
 * stands in a slot in which it was seen to be still in the map (under epochs: the frame is announced), exactly as a value that a
 * guard of the user's holds. A copy is never torn, since no cell changes; and none is read after its end, since it is retired
 * once, by the one whose CAS took it out of the map, and freed when it stands in no slot. Cells are guard objects without
 * a callback: the domain frees them as it frees nodes of users' own structures.
 *
 * replace and remove_if hold the cell that they have compared until their own CAS is done: no other cell can have that address
 * meanwhile, so the CAS succeeds only on the bytes that were compared.
 *
 * Linearization, progress: each verb is the one beneath, at its steps. replace and remove_if begin again only when the value was
 * changed by another call meanwhile.
 *
 * Tests: contract/inline.h; fault/oom_copies_impl.h; fault/step_inline.c (what replace holds); model clients inline-*; stress_map
 * phase `values`; mutants `inline: ...`. */
#ifndef CC_DS_MAP_INLINE_H
#define CC_DS_MAP_INLINE_H

#include "ds/map_bound.h"
#include "smr/cap.h"

static const cc__map_ops_t *beneath(const cc__map_t *map)
{
    return map->opts.max_entries != 0 ? &map->bounded : unbounded(map);
}

/* NULL: no memory. */
static void *cell_make(const cc__map_t *map, const void *bytes)
{
    void *cell = cc_alloc(map->opts.value_size);
    if (cell != NULL)
        memcpy(cell, bytes, map->opts.value_size);
    return cell;
}

/* One that nobody else has: it was not published, or the map is at its end. */
static void cell_free(const cc__map_t *map, void *cell)
{
    cc_free(cell, map->opts.value_size);
}

/* It stands in the frame. */
static int cell_get(cc__map_t *map, cc_guard_t *frame, cc__key_t key, void **cell)
{
    cc_guard_t *around = frame_in_front(frame);
    int err = beneath(map)->get(map, key, cell);
    frame->rec->innermost = around;
    return err;
}

static int inline_get(cc__map_t *map, cc__key_t key, void **value)
{
    if (value == NULL)
        return beneath(map)->get(map, key, NULL);
    if (!room_valid(map, value))
        return -EINVAL;
    cc_guard_t *frame = frame_open(map);
    if (frame == NULL)
        return -ENOMEM;
    void *cell;
    int err = cell_get(map, frame, key, &cell);
    if (err == 0)
        memcpy(*value, cell, map->opts.value_size);
    cc__frame_close(frame);
    return err;
}

static int inline_nearest(cc__map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v)
{
    if (v == NULL)
        return beneath(map)->nearest(map, which, key, k, NULL);
    if (!room_valid(map, v))
        return -EINVAL;
    cc_guard_t *frame = frame_open(map);
    if (frame == NULL)
        return -ENOMEM;
    void *cell;
    cc_guard_t *around = frame_in_front(frame);
    int err = beneath(map)->nearest(map, which, key, k, &cell);
    frame->rec->innermost = around;
    if (err == 0)
        memcpy(*v, cell, map->opts.value_size);
    cc__frame_close(frame);
    return err;
}

/* What is copied to `old` is copied by hand_over. */
static int inline_place(cc__map_t *map, cc__key_t key, void *value, void **old, cc__place_t how)
{
    if (!room_valid(map, old))
        return -EINVAL;
    void *cell = cell_make(map, value);
    if (cell == NULL)
        return -ENOMEM;
    int result = beneath(map)->place(map, key, cell, old, how);
    if (result < 0)
        cell_free(map, cell);
    return result;
}

/* desired NULL: it is removed, and copied to `old`. */
static int cell_change(cc__map_t *map, cc_guard_t *frame, cc__key_t key, const void *expected, void *desired,
                       void **old)
{
    int err;
    do {
        void *present;
        cc__frame_clear(frame);
        err = cell_get(map, frame, key, &present);
        if (err == 0 && memcmp(present, expected, map->opts.value_size) != 0)
            return -ECANCELED;
        if (err == 0 && desired == NULL)
            err = beneath(map)->remove(map, key, present, old);
        else if (err == 0)
            err = beneath(map)->replace(map, key, present, desired, NULL);
    } while (err == -ECANCELED); /* another one has changed it since */
    return err;
}

static int inline_remove(cc__map_t *map, cc__key_t key, void *expected, void **old)
{
    if (!room_valid(map, old))
        return -EINVAL;
    if (expected == NULL)
        return beneath(map)->remove(map, key, NULL, old);
    cc_guard_t *frame = frame_open(map);
    if (frame == NULL)
        return -ENOMEM;
    int err = cell_change(map, frame, key, expected, NULL, old);
    cc__frame_close(frame);
    return err;
}

static int inline_replace(cc__map_t *map, cc__key_t key, void *expected, void *desired, void **old)
{
    (void)old; /* nobody asks for it */
    cc__rec_t *rec = cc__rec(map->domain);
    int err = rec != NULL ? cc__limbo_admit(rec, 0) : -ENOMEM; /* the cap is asked before anything is compared */
    if (err != 0)
        return err;
    cc_guard_t *frame = cc__frame_open(rec, false);
    if (frame == NULL)
        return -ENOMEM;
    void *cell = cell_make(map, desired);
    err = cell != NULL ? cell_change(map, frame, key, expected, cell, NULL) : -ENOMEM;
    cc__frame_close(frame);
    if (err != 0)
        cell_free(map, cell);
    return err;
}

/* Each cell stands in a slot of the range's own while it is visited. */
static int64_t inline_range(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    return beneath(map)->range(map, from, to, visit, ctx);
}

static const cc__map_ops_t inline_ops = {
    .get = inline_get,
    .place = inline_place,
    .replace = inline_replace,
    .remove = inline_remove,
    .nearest = inline_nearest,
    .range = inline_range,
};

static bool value_valid(const cc_map_opts_t *opts)
{
    if (!opts->value_inline)
        return opts->value_size < CC__OBJECT_BYTES_END;
    return opts->value_size != 0 && opts->value_size <= CC_VALUE_SIZE_MAX && opts->value_reclaim == NULL;
}

/* While nobody shares the map, after map_bound. */
static void map_inline(cc__map_t *map)
{
    if (map->opts.value_inline)
        map->ops = &inline_ops;
}

#endif
