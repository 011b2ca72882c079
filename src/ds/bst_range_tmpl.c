/* The search tree's ordered verbs: min, max, floor, ceil, lower, higher, range. Compiled once per scheme and kind of key.
 *
 * A search for the key ends at the leaf where it belongs. If that one is no answer, the answer is the nearest leaf on the
 * other side of the last turn that was taken towards the key: the edge of that node is read now, and like every edge it is
 * left only if it is not frozen, so the node was linked at that moment (guarantee A of bst_tmpl.c).
 *
 * But by B that other side can have grown across the turn before its leaf is read: the turn is cut off, and a key comes
 * that belongs on the side where the search was. So the leaf's key is looked at again; if it is on the wrong side, the
 * search begins anew (somebody has removed and inserted), and a range passes the leaf over.
 *
 * An answer was present when its value was read. A key that was present throughout would have been met before it: each
 * leaf on the way was, when the edge to it was read, the only one for all keys between two neighbouring turns, and what a
 * turn has on its two sides meets at its key. Not linearizable: a nearer key may come and go between the reads of two
 * edges.
 *
 * A range does the same again and again: it keeps the last 64 turns to the left, takes up the last one at each leaf, and
 * ends its chunk when they are used up (a deeper path forgets its oldest) or when an edge is frozen.
 *
 * Tests: contract tests (verbs against a sorted reference), model nearest, range, stress_map phase `order`. */
#include "ds/bst_range.h"

#include "ds/bst_search.h"

#include "ds/map_range.h"

/* A node at which the search went to one side, and how it was reached. */
typedef struct {
    node_t *above; /* NULL: none */
    unsigned above_side;
    node_t *node;
} turn_t;

SMR_INLINE turn_t turn_at(const place_t *at)
{
    return (turn_t){at->above, at->above_side, at->node};
}

/* To the leaf next to the turn, on the side that was not taken. */
SMR_INLINE place_t search_turn(smr_hold_t *hold, turn_t turn, unsigned side)
{
    place_t at = {.above = turn.above, .above_side = turn.above_side, .node = turn.node, .side = side};
    while (search_down(hold, &at))
        at.side = !side;
    return at;
}

/* ---- min, max, floor, ceil, lower, higher */

typedef struct {
    op_t op;
    cc__nearest_t which;
    bool up; /* the answer is not below the key */
    bool found;
    bool moved; /* the other side of the turn has grown across it */
} nearest_t;

/* Is the leaf's key where the answer has to be? */
SMR_INLINE bool qualifies(const nearest_t *n, const node_t *leaf)
{
    if (n->which == CC__MIN || n->which == CC__MAX)
        return true;
    int order = search_order(&n->op, leaf);
    switch (n->which) {
    case CC__FLOOR:
        return order <= 0;
    case CC__CEIL:
        return order >= 0;
    case CC__LOWER:
        return order < 0;
    case CC__HIGHER:
        return order > 0;
    default:
        return false;
    }
}

SMR_INLINE place_t nearest_walk(nearest_t *n, smr_hold_t *hold)
{
    op_t *op = &n->op;
    route_t route = n->which == CC__MIN ? LEFTMOST : n->which == CC__MAX ? RIGHTMOST : BY_KEY;
    turn_t turn = {NULL, 0, NULL};
    place_t at = search_from_head(op);
    while (search_down(hold, &at)) {
        at.side = search_side(op, route, at.node);
        if (at.side != n->up)
            turn = turn_at(&at);
    }
    if (at.frozen != 0)
        return at;
    n->found = at.leaf != op->map->begin && qualifies(n, at.leaf);
    if (n->found || turn.above == NULL)
        return at;
    at = search_turn(hold, turn, n->up);
    if (at.frozen == 0 && at.leaf != op->map->begin) {
        n->found = qualifies(n, at.leaf);
        n->moved = !n->found;
    }
    return at;
}

SMR_SEARCH nearest_step(void *arg)
{
    nearest_t *n = arg;
    op_t *op = &n->op;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    n->found = n->moved = false;
    op->at = nearest_walk(n, &hold);
    if (n->found)
        op->value = map_value(&op->at.leaf->value, op->slot);
    smr_commit(op->rec, op->at.above, op->at.node, op->at.leaf);
}

static bool find_nearest(nearest_t *n)
{
    op_t *op = &n->op;
    for (;;) {
        smr_search(op->rec, nearest_step, n);
        if (op->at.frozen != 0)
            search_help(op);
        else if (!n->moved && (!n->found || op->value != NULL))
            return n->found;
        else if (n->found)
            search_bury(op);
        search_again(op);
    }
}

int VARIANT(cc__bst_nearest)(map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v)
{
    nearest_t n;
    op_init(&n.op, map, cc__rec_get(map->domain));
    n.op.key = key != NULL ? *key : (cc__key_t){0};
    n.which = which;
    n.up = which == CC__MIN || which == CC__CEIL || which == CC__HIGHER;
    int err = op_prepare_slot(&n.op, v != NULL);
    if (err == 0) {
        smr_begin(n.op.rec);
        err = find_nearest(&n) ? key_copy_out(k, bst_key(n.op.at.leaf)) : -ENOENT;
        smr_end(n.op.rec);
        op_pay(&n.op);
    }
    if (err == 0 && v != NULL)
        *v = n.op.value;
    op_settle(&n.op, err == 0);
    return err;
}

/* ---- range */

enum { TURNS = 64 };

/* The last TURNS turns to the left: [lost, count) are there. */
typedef struct {
    turn_t turn[TURNS];
    unsigned count, lost;
} path_t;

SMR_INLINE void descend(const op_t *op, smr_hold_t *hold, path_t *path, place_t *at, route_t route)
{
    while (search_down(hold, at)) {
        at->side = search_side(op, route, at->node);
        if (at->side != 0)
            continue;
        path->turn[path->count++ % TURNS] = turn_at(at);
        if (path->count - path->lost > TURNS)
            path->lost++;
    }
}

/* On to the next leaf. False: there is none, or none that can be reached from here. */
SMR_INLINE bool next_leaf(range_t *range, smr_hold_t *hold, path_t *path, place_t *at)
{
    range->end = path->count == 0;
    if (path->count == path->lost)
        return false;
    turn_t turn = path->turn[--path->count % TURNS];
    *at = (place_t){.above = turn.above, .above_side = turn.above_side, .node = turn.node, .side = 1};
    descend(&range->op, hold, path, at, LEFTMOST);
    return at->frozen == 0;
}

/* Behind all that the range has met. */
SMR_INLINE bool is_ahead(const range_t *range, const node_t *leaf)
{
    const op_t *op = &range->op;
    const cc_map_opts_t *opts = &op->map->opts;
    unsigned met = range->chunk->count;
    if (met == 0 || leaf == op->map->begin) {
        int order = search_order(op, leaf);
        return order > 0 || (order == 0 && !range->after);
    }
    return key_order(bst_key(leaf), key_list_get(&range->chunk->keys, met - 1), opts->compare, opts->compare_ctx) > 0;
}

/* Removed leaves are passed over, but for those in front: they are buried, or a chunk of them would come back empty. */
SMR_INLINE place_t collect(range_t *range, smr_hold_t *hold)
{
    path_t path;
    path.count = path.lost = 0;
    place_t at = search_from_head(&range->op);
    descend(&range->op, hold, &path, &at, BY_KEY);
    for (bool more = at.frozen == 0; more; more = next_leaf(range, hold, &path, &at)) {
        if (!is_ahead(range, at.leaf))
            continue;
        if (!range_add(range, bst_key(at.leaf), &at.leaf->value) || range->chunk->count == 0)
            break;
    }
    return at;
}

SMR_SEARCH collect_step(void *arg)
{
    range_t *range = arg;
    op_t *op = &range->op;
    range_begin(range);
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    op->at = collect(range, &hold);
    smr_commit(op->rec, op->at.above, op->at.node, op->at.leaf);
}

static void map_collect(range_t *range)
{
    op_t *op = &range->op;
    smr_begin(op->rec);
    for (;;) {
        smr_search(op->rec, collect_step, range);
        if (range->chunk->count != 0 || range->end || range->no_room)
            break;
        if (op->at.frozen != 0)
            search_help(op);
        else if (map_value(&op->at.leaf->value, NULL) == NULL)
            search_bury(op); /* the one in front; else the turns were used up by leaves that the range has passed */
        search_again(op);
    }
    smr_end(op->rec);
    op_pay(op);
}

int64_t VARIANT(cc__bst_range)(map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    return map_range(map, from, to, visit, ctx);
}
