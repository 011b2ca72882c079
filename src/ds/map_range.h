/* A range, what does not depend on the structure. Included after map_op.h; the structure defines map_collect.
 *
 * It works in chunks. Each is one operation; keys are copied out, values are held in the slots of a frame of the
 * range's own (under epochs by its announcement), the visitor is called outside, and the next chunk resumes by the last
 * key: it begins after a key, not at a node. */
#ifndef CC_DS_MAP_RANGE_H
#define CC_DS_MAP_RANGE_H

#include "ds/map_op.h"

#include <string.h>

typedef struct {
    cc__key_list_t keys;
    void *values[CC__CHUNK];
    unsigned count;
} chunk_t;

typedef struct {
    op_t op;    /* op.key: where the next chunk begins, */
    bool after; /* behind that key, not at it */
    cc_guard_t *frame;
    cc__slot_t *slots[CC__CHUNK]; /* of the frame, taken once; value i of a chunk stands in slot i */
    cc__key_t to;
    chunk_t *chunk; /* being filled */
    bool end;       /* nothing beyond what was collected */
    bool no_room;   /* for the next key */
} range_t;

/* One operation: range_begin, then range_add for what follows the key. It may end early, with fewer, but empty only at the
 * end or for want of room: else range would wait for whoever is removing what is in the way. */
static void map_collect(range_t *range);

/* The beginning of a SEARCH that collects: thrown back, it forgets what it had. */
SMR_INLINE void range_begin(range_t *range)
{
    range->chunk->count = 0;
    range->end = range->no_room = false;
    key_list_clear(&range->chunk->keys);
}

/* The next entry. False: there is no room for it, or not for the bytes of its key. */
SMR_INLINE bool range_add(range_t *range, cc__key_t key, void *value)
{
    chunk_t *chunk = range->chunk;
    unsigned at = chunk->count;
    if (at == CC__CHUNK)
        return false;
    range->no_room = !key_list_set(&chunk->keys, at, key);
    if (range->no_room)
        return false;
    chunk->values[at] = value;
    if (SMR_SLOTS) {
        /* [guard.slot] pairs with [slots.read]: what it held before is used no more. */
        cc__store_release(range->slots[at], value);
    }
    chunk->count++;
    return true;
}

/* Until there is something in the chunk, or nothing to come. The first key can be longer than its room. */
static int range_fill(range_t *range)
{
    for (;;) {
        if (!SMR_SLOTS)
            cc__frame_clear(range->frame);
        else
            cc__frame_moved(range->frame);
        map_collect(range);
        if (range->chunk->count != 0 || range->end)
            return 0;
        if (range->no_room && !key_list_grow(&range->chunk->keys))
            return -ENOMEM;
    }
}

static bool visit_chunk(const chunk_t *chunk, cc__visit_fn *visit, void *ctx, int64_t *visited)
{
    for (unsigned i = 0; i < chunk->count; i++) {
        ++*visited;
        if (!visit(key_list_get(&chunk->keys, i), chunk->values[i], ctx))
            return false;
    }
    return true;
}

/* Two chunks take turns, since the next search begins at a key that the last one holds. */
static int64_t range_run(range_t *range, cc__visit_fn *visit, void *ctx)
{
    chunk_t chunks[2];
    key_list_init(&chunks[0].keys);
    key_list_init(&chunks[1].keys);
    int64_t visited = 0;
    for (unsigned turn = 0;; turn ^= 1) {
        chunk_t *chunk = range->chunk = &chunks[turn];
        int err = range_fill(range);
        if (err != 0)
            visited = err;
        if (err != 0 || !visit_chunk(chunk, visit, ctx, &visited) || range->end)
            break;
        range->op.key = key_list_get(&chunk->keys, chunk->count - 1);
        range->after = true;
    }
    key_list_free(&chunks[0].keys);
    key_list_free(&chunks[1].keys);
    return visited;
}

static bool range_take_slots(range_t *range)
{
    memset(range->slots, 0, sizeof range->slots);
    if (!SMR_SLOTS)
        return true;
    if (!cc__frame_reserve(range->frame, CC__CHUNK))
        return false;
    for (unsigned i = 0; i < CC__CHUNK; i++) {
        range->slots[i] = cc__frame_take(range->frame);
        cc__store_release(range->slots[i], NULL); /* [guard.slot] pairs with [slots.read]: what an older frame held */
    }
    return true;
}

static int64_t map_range(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    cc__rec_t *rec = cc__rec(map->domain);
    if (rec == NULL)
        return -ENOMEM;
    cc_guard_t *frame = cc__frame_open(rec, false);
    if (frame == NULL)
        return -ENOMEM;
    range_t range;
    op_init(&range.op, map, rec);
    range.op.key = from;
    range.after = false;
    range.frame = frame;
    range.to = to;
    int64_t visited = range_take_slots(&range) ? range_run(&range, visit, ctx) : -ENOMEM;
    cc__frame_close(range.frame);
    op_settle(&range.op, true);
    return visited;
}

#endif
