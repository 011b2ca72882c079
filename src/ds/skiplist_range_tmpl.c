/* The skip list's ordered verbs: min, max, floor, ceil, range. Compiled once per scheme and kind of key.
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

/* ---- min, max, floor, ceil
 * ------------------------------------------------------------------------------------- */

static node_t *nearest_node(op_t *op, cc__nearest_t which, const cc__key_t *key)
{
    static const past_t past[] = {
        [CC__MIN] = PAST_NONE, [CC__MAX] = PAST_ALL, [CC__FLOOR] = PAST_EQUAL, [CC__CEIL] = PAST_BELOW};
    const cc__key_t none = {0};
    search_find(op, past[which], key != NULL ? *key : none, 0);
    bool after = which == CC__MIN || which == CC__CEIL;
    node_t *node = after ? op->curr : op->pred;
    return node != op->map->head ? node : NULL;
}

static int nearest(op_t *op, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v, cc__slot_t *slot)
{
    for (;;) {
        node_t *node = nearest_node(op, which, key);
        if (node == NULL)
            return -ENOENT;
        void *value = search_value(node, slot);
        if (value != NULL) {
            int err = key_copy_out(k, skiplist_key(node));
            if (err == 0 && v != NULL)
                *v = value;
            return err;
        }
        smr_commit(op->rec, node);
        search_mark(node);
    }
}

int VARIANT(cc__skiplist_nearest)(map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v)
{
    op_t op = {.map = map, .rec = cc__rec_get(map->domain)};
    cc__slot_t *slot;
    int err = search_prepare_slot(op.rec, v != NULL, &slot);
    if (err == 0) {
        smr_begin(op.rec);
        err = nearest(&op, which, key, k, v, slot);
        smr_end(op.rec);
        if (err != 0 && slot != NULL)
            cc__frame_give_back(op.rec->innermost, slot);
    }
    cc__rec_return(op.rec);
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
    cc__key_t to;
    bool end; /* nothing beyond what was collected */
} range_t;

static bool beyond(range_t *range, const node_t *node)
{
    const cc_map_opts_t *opts = &range->op.map->opts;
    return !key_is_max(range->to) && key_order(skiplist_key(node), range->to, opts->compare, opts->compare_ctx) > 0;
}

/* Adds the entry unless it is removed. False: the chunk has no room for the key. */
static bool collect_node(range_t *range, chunk_t *chunk, node_t *node)
{
    cc__slot_t *slot = SMR_SLOTS ? cc__frame_take(range->frame) : NULL;
    void *value = search_value(node, slot);
    bool room = value == NULL || key_list_set(&chunk->keys, chunk->count, skiplist_key(node));
    if (value != NULL && room)
        chunk->values[chunk->count++] = value;
    else if (slot != NULL)
        cc__frame_give_back(range->frame, slot);
    return room;
}

static node_t *successor(op_t *op, node_t *node)
{
    uintptr_t next = smr_read(op->rec, &node->next[0]);
    if (!cc__is_marked(next))
        return cc__unmarked(next);
    search_find(op, PAST_EQUAL, skiplist_key(node), 0);
    return op->curr;
}

/* One operation: fills the chunk with what follows `from`. */
static void collect(range_t *range, chunk_t *chunk, cc__key_t from, past_t past)
{
    op_t *op = &range->op;
    chunk->count = 0;
    key_list_clear(&chunk->keys);
    smr_begin(op->rec);
    search_find(op, past, from, 0);
    node_t *node = op->curr;
    while (node != NULL && chunk->count < CC__CHUNK && !beyond(range, node) && collect_node(range, chunk, node))
        node = successor(op, node);
    range->end = node == NULL || beyond(range, node);
    smr_end(op->rec);
}

/* The first key of a chunk may be longer than its room. */
static int collect_some(range_t *range, chunk_t *chunk, cc__key_t from, past_t past)
{
    for (;;) {
        cc__frame_clear(range->frame);
        collect(range, chunk, from, past);
        if (chunk->count != 0 || range->end)
            return 0;
        if (!key_list_grow(&chunk->keys))
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
static int64_t run(range_t *range, cc__key_t from, cc__visit_fn *visit, void *ctx)
{
    chunk_t chunks[2];
    key_list_init(&chunks[0].keys);
    key_list_init(&chunks[1].keys);
    past_t past = PAST_BELOW;
    int64_t visited = 0;
    for (unsigned turn = 0;; turn ^= 1) {
        chunk_t *chunk = &chunks[turn];
        int err = collect_some(range, chunk, from, past);
        if (err != 0)
            visited = err;
        if (err != 0 || !visit_chunk(chunk, visit, ctx, &visited) || range->end)
            break;
        from = key_list_get(&chunk->keys, chunk->count - 1);
        past = PAST_EQUAL;
    }
    key_list_free(&chunks[0].keys);
    key_list_free(&chunks[1].keys);
    return visited;
}

int64_t VARIANT(cc__skiplist_range)(map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    cc__rec_t *rec = cc__rec(map->domain);
    if (rec == NULL)
        return -ENOMEM;
    range_t range = {.op = {.map = map, .rec = rec}, .frame = cc__frame_open(rec, false), .to = to};
    if (range.frame == NULL)
        return -ENOMEM;
    int64_t visited = -ENOMEM;
    if (!SMR_SLOTS || cc__frame_reserve(range.frame, CC__CHUNK))
        visited = run(&range, from, visit, ctx);
    cc__frame_close(range.frame);
    return visited;
}
