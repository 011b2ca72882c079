/* Cursors: a key that is kept, and its value in a frame of the cursor's own. Included by map_public.h.
 *
 * Each move is one search from the key, so nothing of the map is held between two moves but the value: an entry that is
 * removed meanwhile does not disturb, and a key that is present throughout cannot be passed over (as nearest promises).
 * The frame is no guard of the user's: it takes the innermost guard's place during a move only, so that the value is
 * given to it. Under epochs it is announced as long as it is open.
 *
 * Tests: contract/cursor.h, fault/oom_map_impl.h, model cursor clients. */
#ifndef CC_DS_MAP_CURSOR_H
#define CC_DS_MAP_CURSOR_H

#include "base/assert.h"
#include "ds/map_step.h"

static int cursor_open(cc__cursor_t *cursor, cc__map_t *map)
{
    cc_guard_t *frame = frame_open(map);
    if (frame == NULL)
        return -ENOMEM;
    cursor->map = map;
    cursor->guard = frame;
    cursor->value = NULL;
    key_hold_init(&cursor->key);
    return 0;
}

/* Its frame is open, and this thread's. Not so any more in the destructor of a key of the program's that runs after the library's:
 * the thread's exit has closed it, and another thread may have it. */
static bool cursor_is_own(const cc__cursor_t *cursor)
{
    return cursor->guard->open && cursor->guard->rec->owner == cc__thread_peek();
}

static void cursor_close(cc__cursor_t *cursor)
{
    if (cursor_is_own(cursor))
        cc__frame_close(cursor->guard);
    key_hold_free(&cursor->key);
    cursor->map = NULL;
}

/* The new value stands in a slot of the frame: in the first one if none was held, else in the one of the first two that
 * the old value does not stand in, and that one goes back. */
static void cursor_take(cc__cursor_t *cursor, void *value)
{
    cc_guard_t *frame = cursor->guard;
    if (cursor->value == NULL) {
        cursor->slot = 0;
    } else {
        if (frame->rec->domain->scheme->slots)
            cc__frame_give_back(frame, &frame->slot[cursor->slot]);
        cursor->slot = !cursor->slot;
        cc__frame_moved(frame);
    }
    cursor->value = value;
}

/* To the entry nearest to `from`, or to where it stands. On an error it stays. */
static int cursor_move(cc__cursor_t *cursor, cc__nearest_t which, const cc__key_t *from)
{
    CC_REQUIRE(cursor_is_own(cursor), "a cursor was moved by another thread than its own, or after that thread's exit");
    cc_guard_t *frame = cursor->guard, *around = frame_in_front(frame);
    void *value;
    int err = map_step(cursor->map, which, from, &cursor->key, &value);
    frame->rec->innermost = around;
    if (err == 0)
        cursor_take(cursor, value);
    return err;
}

/* ---- the public calls */

int PUBLIC(cursor_init)(cc__cursor_t *cursor, cc__map_t *map)
{
    if (cursor == NULL || map == NULL)
        return -EINVAL;
    int err = cursor_open(cursor, map);
    if (err == 0)
        cc__fetch_add_relaxed(&map->cursors, 1); /* read by destroy, which is told from outside that all are done */
    return err;
}

void PUBLIC(cursor_fini)(cc__cursor_t *cursor)
{
    if (cursor == NULL || cursor->map == NULL)
        return;
    cc__map_t *map = cursor->map;
    cursor_close(cursor);
    cc__fetch_add_relaxed(&map->cursors, -1); /* as above */
}

static bool cursor_is_open(const cc__cursor_t *cursor)
{
    return cursor != NULL && cursor->map != NULL;
}

/* The value is the proof: it is never NULL where a cursor stands. */
static bool cursor_stands(const cc__cursor_t *cursor)
{
    return cursor_is_open(cursor) && cursor->value != NULL;
}

int PUBLIC(cursor_seek)(cc__cursor_t *cursor, cc__key_t key)
{
    return cursor_is_open(cursor) && key_valid(key) ? cursor_move(cursor, CC__CEIL, &key) : -EINVAL;
}

int PUBLIC(cursor_first)(cc__cursor_t *cursor)
{
    return cursor_is_open(cursor) ? cursor_move(cursor, CC__MIN, NULL) : -EINVAL;
}

int PUBLIC(cursor_last)(cc__cursor_t *cursor)
{
    return cursor_is_open(cursor) ? cursor_move(cursor, CC__MAX, NULL) : -EINVAL;
}

int PUBLIC(cursor_next)(cc__cursor_t *cursor)
{
    return cursor_stands(cursor) ? cursor_move(cursor, CC__HIGHER, NULL) : -EINVAL;
}

int PUBLIC(cursor_prev)(cc__cursor_t *cursor)
{
    return cursor_stands(cursor) ? cursor_move(cursor, CC__LOWER, NULL) : -EINVAL;
}

cc__key_t PUBLIC(cursor_key)(const cc__cursor_t *cursor)
{
    return cursor_stands(cursor) ? key_hold_get(&cursor->key) : (cc__key_t){0};
}

void *PUBLIC(cursor_value)(const cc__cursor_t *cursor)
{
    return cursor_stands(cursor) ? cursor->value : NULL;
}

#endif
