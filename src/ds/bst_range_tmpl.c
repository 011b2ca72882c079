/* The search tree's ordered verbs: min, max, floor, ceil, lower, higher, range. Compiled once per scheme and kind of key.
 *
 * A search for the key ends at the leaf where it belongs. If the answer is not in that one, it is in the nearest leaf on the
 * other side of the last turn that was taken towards the key: the edge of that node is read now, and like every edge it is
 * left only if it is not frozen, so the node was linked at that moment (guarantee A of bst_tmpl.c).
 *
 * Linearizable. An answer in the first leaf, and that there is none, linearizes at the read of the edge to it. Otherwise
 * the edge to the first leaf is read again: if it is unchanged, both leaves were linked when the edge to the second one was
 * read. They were neighbours then: the first one had all keys up to the turn's, the second one those from there on, when each
 * was reached, and while they are linked that only becomes more (B). So nothing was between them.
 *
 * A range does the same again and again: it keeps the last 64 turns to the left, takes up the last one at each leaf, and
 * ends its chunk when they are used up (a deeper path forgets its oldest), when an edge is frozen, or when a leaf has changed
 * while its values were put into slots. What it takes from one leaf was there at one moment. By B the other side of a turn
 * can have grown across it before its leaf is read, so it takes only what is behind all that it has.
 *
 * Tests: contract tests (verbs against a sorted reference), model nearest, range, stress_map phases `ordered`, `order`. */
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

SMR_INLINE place_t place_at(turn_t turn, unsigned side)
{
    return (place_t){.above = turn.above, .above_side = turn.above_side, .node = turn.node, .side = side};
}

/* ---- min, max, floor, ceil, lower, higher */

typedef struct {
    op_t op;
    cc__nearest_t which;
    bool up; /* the answer is not below the key */
} nearest_t;

/* Where the answer is in the leaf where the key belongs; -1, or the leaf's count: not there. */
SMR_INLINE unsigned nearest_here(const nearest_t *n, const leaf_t *leaf)
{
    unsigned at, count = (unsigned)leaf->count;
    if (n->which == CC__MIN || n->which == CC__MAX)
        return n->up ? 0 : count - 1;
    bool there = leaf_seek(&n->op.map->opts, leaf, n->op.key, &at);
    switch (n->which) {
    case CC__FLOOR:
        return at - !there;
    case CC__LOWER:
        return at - 1;
    case CC__CEIL:
        return at;
    default:
        return at + there;
    }
}

/* To the leaf where the key belongs. The last turn at which the answer's side was not taken. */
SMR_INLINE place_t nearest_walk(const nearest_t *n, smr_hold_t *hold, turn_t *turn)
{
    const op_t *op = &n->op;
    route_t route = n->which == CC__MIN ? LEFTMOST : n->which == CC__MAX ? RIGHTMOST : BY_KEY;
    place_t at = search_from_head(op);
    *turn = (turn_t){NULL, 0, NULL};
    while (search_down(hold, &at)) {
        at.side = search_side(op, route, at.node);
        if (at.side != n->up)
            *turn = turn_at(&at);
    }
    return at;
}

/* To the leaf next to the turn. */
SMR_INLINE place_t nearest_across(const nearest_t *n, smr_hold_t *hold, turn_t turn)
{
    place_t at = place_at(turn, n->up);
    while (search_down(hold, &at))
        at.side = !n->up;
    return at;
}

/* True: op->at is the leaf that has the answer, or a frozen edge, or there is none (op->found). */
SMR_INLINE bool nearest_try(nearest_t *n, smr_hold_t *hold)
{
    op_t *op = &n->op;
    turn_t turn;
    place_t first = nearest_walk(n, hold, &turn), at = first;
    op->found = false;
    op->value = NULL;
    if (first.frozen == 0) {
        op->pos = nearest_here(n, first.leaf);
        op->found = op->pos < first.leaf->count;
    }
    bool across = first.frozen == 0 && !op->found && turn.above != NULL;
    if (across) {
        at = nearest_across(n, hold, turn);
        op->found = at.frozen == 0; /* that leaf is not empty: it is not the only one */
        if (op->found)
            op->pos = n->up ? 0 : (unsigned)at.leaf->count - 1;
    }
    op->at = at;
    if (!op->found)
        return true;
    op->value = leaf_values(at.leaf)[op->pos];
    if (op->slot != NULL) {
        cc__slot_hold(op->slot, op->value);
        if (!search_holds(&at))
            return false;
    }
    return !across || search_holds(&first);
}

SMR_SEARCH nearest_step(void *arg)
{
    nearest_t *n = arg;
    op_t *op = &n->op;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    while (!nearest_try(n, &hold)) {
    }
    smr_commit(op->rec, op->at.above, op->at.node, op->at.leaf);
}

static bool find_nearest(nearest_t *n)
{
    op_t *op = &n->op;
    for (;;) {
        smr_search(op->rec, nearest_step, n);
        if (op->at.frozen == 0)
            return op->found;
        search_help(op);
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
        err = find_nearest(&n) ? key_copy_out(k, leaf_key(n.op.at.leaf, n.op.pos)) : -ENOENT;
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
    *at = place_at(path->turn[--path->count % TURNS], 1);
    descend(&range->op, hold, path, at, LEFTMOST);
    return at->frozen == 0;
}

/* The first place in the leaf that is behind all that the range has. */
SMR_INLINE unsigned range_place(const range_t *range, const leaf_t *leaf)
{
    const chunk_t *chunk = range->chunk;
    bool has = chunk->count != 0, after = has || range->after;
    unsigned at;
    bool there =
        leaf_seek(&range->op.map->opts, leaf, has ? key_list_get(&chunk->keys, chunk->count - 1) : range->op.key, &at);
    return at + (there && after);
}

/* The first place that is beyond the range. */
SMR_INLINE unsigned range_limit(const range_t *range, const leaf_t *leaf)
{
    unsigned at;
    if (key_is_max(range->to))
        return (unsigned)leaf->count;
    bool there = leaf_seek(&range->op.map->opts, leaf, range->to, &at);
    return at + there;
}

/* Takes what belongs to the range. False: it needs no further leaf, or cannot take more now. */
SMR_INLINE bool collect_leaf(range_t *range, const place_t *at)
{
    const leaf_t *leaf = at->leaf;
    unsigned had = range->chunk->count, i = range_place(range, leaf), to = range_limit(range, leaf);
    while (i < to && range_add(range, leaf_key(leaf, i), leaf_values(leaf)[i]))
        i++;
    range->end = i >= to && to < leaf->count;
    if (SMR_SLOTS && range->chunk->count != had) {
        cc__fence_light(); /* [guard.hold] pairs with [ibr.look]: seen by the scan, or the change by us */
        if (!search_holds(at)) {
            range->chunk->count = had;
            range->end = range->no_room = false;
            return false;
        }
    }
    return i >= to && !range->end;
}

SMR_INLINE place_t collect(range_t *range, smr_hold_t *hold)
{
    path_t path;
    path.count = path.lost = 0;
    place_t at = search_from_head(&range->op);
    descend(&range->op, hold, &path, &at, BY_KEY);
    if (at.frozen != 0)
        return at;
    while (collect_leaf(range, &at) && next_leaf(range, hold, &path, &at)) {
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
        search_again(op); /* else a leaf has changed, or the turns were used up by leaves that the range has passed */
    }
    smr_end(op->rec);
    op_pay(op);
}

int64_t VARIANT(cc__bst_range)(map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    return map_range(map, from, to, visit, ctx);
}
