/* The skip list's ordered verbs: min, max, floor, ceil, lower, higher, range. Compiled once per scheme and kind of key.
 *
 * A search that lands on a removed node marks its levels and searches again, which unlinks it: nothing here
 * walks over a marked link. So an answer was present when its value was read, and a key that was present
 * throughout would have been met before it. Not linearizable: a smaller key may come and go between the
 * search and the read of the value.
 *
 * In a range every key that is present throughout is met: within a chunk the walk leaves a node only over an unmarked
 * link (guarantee A of skiplist_tmpl.c), and the next one begins at a key (map_range.h).
 *
 * Tests: skiplist tests (verbs against a sorted reference), stress_map phase `ordered`. */
#include "ds/skiplist_range.h"

#include "ds/skiplist_search.h"

#include "ds/map_range.h"

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
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    op->at = search_walk(op, &hold, op->past, false);
    n->node = n->after ? op->at.curr : op->at.pred != op->map->head ? op->at.pred : NULL;
    if (op->at.frozen == 0 && n->node != NULL)
        op->value = map_value(&n->node->value, op->slot);
    smr_commit(op->rec, op->at.pred, op->at.curr);
}

/* Removed, but not marked yet by its remover, for whom nobody waits: the next search unlinks it. */
static void search_past(op_t *op, node_t *removed)
{
    search_mark(removed);
    search_go_on(op);
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
            search_past(op, n->node);
    }
}

int VARIANT(cc__skiplist_nearest)(map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v)
{
    static const past_t past[] = {[CC__MIN] = PAST_NONE,   [CC__MAX] = PAST_ALL,     [CC__FLOOR] = PAST_EQUAL,
                                  [CC__CEIL] = PAST_BELOW, [CC__LOWER] = PAST_BELOW, [CC__HIGHER] = PAST_EQUAL};
    nearest_t n;
    op_init(&n.op, map, cc__rec_get(map->domain));
    n.op.key = key != NULL ? *key : (cc__key_t){0};
    n.op.past = past[which];
    n.after = which == CC__MIN || which == CC__CEIL || which == CC__HIGHER;
    int err = op_prepare_slot(&n.op, v != NULL);
    if (err == 0) {
        smr_begin(n.op.rec);
        err = find_nearest(&n) ? key_copy_out(k, skiplist_key(n.node)) : -ENOENT;
        smr_end(n.op.rec);
    }
    if (err == 0 && v != NULL)
        *v = n.op.value;
    op_settle(&n.op, err == 0);
    return err;
}

/* ---- range
 * ----------------------------------------------------------------------------------------------------- */

/* Up to the end, or a full chunk, or a node that was removed meanwhile: it is not left over its frozen link. An empty chunk
 * began with a removed node, op->at.curr. */
SMR_INLINE void collect(range_t *range, smr_hold_t *hold, node_t *node)
{
    uintptr_t link = (uintptr_t)node;
    while (!cc__is_marked(link) || STEP_OVER_MARKS) {
        node = cc__unmarked(link);
        range->end = node == NULL;
        if (node == NULL || !range_add(range, skiplist_key(node), &node->value))
            return;
        link = smr_read(hold, &node->next[0]);
    }
}

SMR_SEARCH collect_step(void *arg)
{
    range_t *range = arg;
    op_t *op = &range->op;
    range_begin(range);
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    op->at = search_walk(op, &hold, op->past, false);
    if (op->at.frozen == 0)
        collect(range, &hold, op->at.curr);
    smr_commit(op->rec, op->at.pred, op->at.curr);
}

static void map_collect(range_t *range)
{
    op_t *op = &range->op;
    op->past = range->after ? PAST_EQUAL : PAST_BELOW;
    smr_begin(op->rec);
    search_from_head(op);
    for (;;) {
        smr_search(op->rec, collect_step, range);
        if (op->at.frozen != 0)
            search_unlink(op);
        else if (range->chunk->count != 0 || range->end || range->no_room)
            break;
        else
            search_past(op, op->at.curr);
    }
    smr_end(op->rec);
}

int64_t VARIANT(cc__skiplist_range)(map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    return map_range(map, from, to, visit, ctx);
}
