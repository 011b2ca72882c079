/* The skip list's ordered verbs: min, max, floor, ceil, lower, higher, range. Compiled once per scheme and kind of key.
 *
 * A search that lands on a removed node marks its levels and searches again, which unlinks it: nothing here
 * walks over a marked link. So an answer was present when its value was read, and a key that was present
 * throughout would have been met before it. Not linearizable: a smaller key may come and go between the
 * search and the read of the value.
 *
 * A range works in chunks. Each is one operation; keys are copied out, values are held in the slots of a
 * frame of the range's own (under epochs by its announcement), the visitor is called outside, and the next
 * chunk resumes by the last key. Every key that is present throughout is met: the search for the next chunk
 * begins after a key, not at a node, and within a chunk the walk leaves a node only over an unmarked link
 * (guarantee A of skiplist_tmpl.c).
 *
 * Tests: skiplist tests (verbs against a sorted reference), stress_map phase `ordered`. */
#include "ds/skiplist_range.h"

#include "ds/skiplist_search.h"

#include <string.h>

/* ---- min, max, floor, ceil
 * ------------------------------------------------------------------------------------- */

/* The node before the place or the one after it, and its value; NULL: there is none. */
typedef struct {
    op_t op;
    bool after;
    node_t *node;
} nearest_t;

SMR_SEARCH nearest_step(void *arg)
{
    nearest_t *n = arg;
    op_t *op = &n->op;
    smr_hold_t hold = smr_enter(op->rec, search_is_foreign(op));
    op->at = search_walk(op, &hold, op->past, false);
    n->node = n->after ? op->at.curr : op->at.pred != op->map->head ? op->at.pred : NULL;
    if (op->at.frozen == 0 && n->node != NULL)
        op->value = search_value(n->node, op->slot);
    smr_commit(op->rec, op->at.pred, op->at.curr);
}

/* False: there is none. */
static bool find_nearest(nearest_t *n)
{
    op_t *op = &n->op;
    search_from_head(op);
    for (;;) {
        smr_search(op->rec, nearest_step, n);
        if (op->at.frozen != 0)
            search_unlink(op);
        else if (n->node == NULL || op->value != NULL)
            return n->node != NULL;
        else
            search_mark(n->node);
    }
}

int VARIANT(cc__skiplist_nearest)(map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v)
{
    static const past_t past[] = {[CC__MIN] = PAST_NONE,   [CC__MAX] = PAST_ALL,     [CC__FLOOR] = PAST_EQUAL,
                                  [CC__CEIL] = PAST_BELOW, [CC__LOWER] = PAST_BELOW, [CC__HIGHER] = PAST_EQUAL};
    nearest_t n;
    search_init(&n.op, map, cc__rec_get(map->domain));
    n.op.key = key != NULL ? *key : (cc__key_t){0};
    n.op.past = past[which];
    n.after = which == CC__MIN || which == CC__CEIL || which == CC__HIGHER;
    int err = search_prepare_slot(&n.op, v != NULL);
    if (err == 0) {
        smr_begin(n.op.rec);
        err = find_nearest(&n) ? key_copy_out(k, skiplist_key(n.node)) : -ENOENT;
        smr_end(n.op.rec);
    }
    if (err == 0 && v != NULL)
        *v = n.op.value;
    search_settle(&n.op, err == 0);
    return err;
}

/* ---- range
 * ----------------------------------------------------------------------------------------------------- */

typedef struct {
    cc__key_list_t keys;
    void *values[CC__CHUNK];
    unsigned count;
} chunk_t;

typedef struct {
    op_t op;
    cc_guard_t *frame;
    cc__slot_t *slots[CC__CHUNK]; /* of the frame, taken once; value i of a chunk stands in slot i */
    cc__key_t to;
    chunk_t *chunk; /* being filled */
    bool end;       /* nothing beyond what was collected */
    bool no_room;   /* for the next key */
} range_t;

SMR_INLINE bool beyond(range_t *range, const node_t *node)
{
    const cc_map_opts_t *opts = &range->op.map->opts;
    return !key_is_max(range->to) && key_order(skiplist_key(node), range->to, opts->compare, opts->compare_ctx) > 0;
}

/* Adds the entry unless it is removed. False: the chunk has no room for the key. */
SMR_INLINE bool collect_node(range_t *range, node_t *node)
{
    chunk_t *chunk = range->chunk;
    void *value = search_value(node, range->slots[chunk->count]);
    if (value == NULL)
        return true;
    range->no_room = !key_list_set(&chunk->keys, chunk->count, skiplist_key(node));
    if (!range->no_room)
        chunk->values[chunk->count++] = value;
    return !range->no_room;
}

/* Up to the end, or a full chunk, or a node that was removed meanwhile: it is not left over its frozen link. */
SMR_INLINE void collect(range_t *range, smr_hold_t *hold, node_t *node)
{
    uintptr_t link = (uintptr_t)node;
    while (!cc__is_marked(link) || STEP_OVER_MARKS) {
        node = cc__unmarked(link);
        range->end = node == NULL || beyond(range, node);
        if (range->end || range->chunk->count == CC__CHUNK || !collect_node(range, node))
            return;
        link = smr_read(hold, &node->next[0]);
    }
}

SMR_SEARCH collect_step(void *arg)
{
    range_t *range = arg;
    op_t *op = &range->op;
    range->chunk->count = 0;
    range->end = range->no_room = false;
    key_list_clear(&range->chunk->keys);
    smr_hold_t hold = smr_enter(op->rec, search_is_foreign(op));
    op->at = search_walk(op, &hold, op->past, false);
    if (op->at.frozen == 0)
        collect(range, &hold, op->at.curr);
    smr_commit(op->rec, op->at.pred, op->at.curr);
}

/* One operation: fills the chunk with what follows the key. */
static void collect_some(range_t *range)
{
    op_t *op = &range->op;
    if (!SMR_SLOTS)
        cc__frame_clear(range->frame);
    smr_begin(op->rec);
    search_from_head(op);
    for (;;) {
        smr_search(op->rec, collect_step, range);
        if (op->at.frozen == 0)
            break;
        search_unlink(op);
    }
    smr_end(op->rec);
}

/* Until there is something in the chunk, or nothing to come. A removed node can be in the way, which the next
 * search unlinks; the first key can be longer than its room. */
static int fill(range_t *range)
{
    for (;;) {
        collect_some(range);
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
static int64_t run(range_t *range, cc__visit_fn *visit, void *ctx)
{
    chunk_t chunks[2];
    key_list_init(&chunks[0].keys);
    key_list_init(&chunks[1].keys);
    int64_t visited = 0;
    for (unsigned turn = 0;; turn ^= 1) {
        chunk_t *chunk = range->chunk = &chunks[turn];
        int err = fill(range);
        if (err != 0)
            visited = err;
        if (err != 0 || !visit_chunk(chunk, visit, ctx, &visited) || range->end)
            break;
        range->op.key = key_list_get(&chunk->keys, chunk->count - 1);
        range->op.past = PAST_EQUAL;
    }
    key_list_free(&chunks[0].keys);
    key_list_free(&chunks[1].keys);
    return visited;
}

static bool take_slots(range_t *range)
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

int64_t VARIANT(cc__skiplist_range)(map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    cc__rec_t *rec = cc__rec(map->domain);
    if (rec == NULL)
        return -ENOMEM;
    cc_guard_t *frame = cc__frame_open(rec, false);
    if (frame == NULL)
        return -ENOMEM;
    range_t range;
    search_init(&range.op, map, rec);
    range.op.key = from;
    range.op.past = PAST_BELOW;
    range.frame = frame;
    range.to = to;
    int64_t visited = take_slots(&range) ? run(&range, visit, ctx) : -ENOMEM;
    cc__frame_close(range.frame);
    search_settle(&range.op, true);
    return visited;
}
