/* Lock-free external search tree: get, insert, put, replace, remove. Compiled once per scheme and kind of key.
 *
 * After Natarajan and Mittal (PPoPP 2014): no descriptors, a removal freezes the two edges of the leaf's parent and swings
 * one edge above it. Deviations:
 *   - The value word of the leaf decides. A key is present while its leaf's value is not NULL; put, replace and remove of a
 *     present key linearize on that word. NULL is never replaced: a removed leaf stays removed. (The paper's removal
 *     linearizes at the flag.)
 *   - No operation passes a frozen edge (the read rule of IBR): it cuts the node off first. So one edge is cut at a time,
 *     with one node and one leaf, never a chain, and who cuts knows all that it retires.
 *   - A new leaf takes the place of a removed one, in one CAS and without an inner node.
 *
 *          above                 above      A leaf's life:
 *            |                     |        private --CAS of the edge--> present --CAS value to NULL--> removed
 *          node                    |                                                                   |
 *         F/  \T         --->      |        --flag its edge, tag the sibling's, swing the edge above--> cut off, or
 *      leaf   sibling           sibling     --CAS of its edge to a new leaf--> replaced
 *
 * Labelled guarantees
 *   A  A node with an edge that is not frozen is linked, if it ever was: it is cut off after both its edges are frozen.
 *   B  The keys for which an inner node is on the way only become more while it is linked. So a search that stands on a
 *      linked node is on the way of its key, and at most one linked leaf can have that key.
 *   C  A leaf leaves the tree only with value NULL, and by one CAS: the cut, or the replacement. The flag excludes the
 *      second, a replaced edge the first.
 *
 * Linearization. get: the read of a value that is not NULL; for an absent key the read of the edge to the leaf that has
 * another key, or the moment at which the value found became NULL (the leaf was linked then, so by B no other had the key),
 * whichever is later. insert: the CAS of the edge; -EEXIST: the read of the value. put and replace on a present key: the
 * CAS of the value. remove: the CAS of the value to NULL.
 *
 * Progress: lock-free. A search begins again only at a frozen edge, which it cuts off or finds cut off: once per removal.
 *
 * Reclamation. The node and its leaf are retired by the one whose CAS swung the edge above; a replaced leaf by the one whose
 * CAS replaced it. Under IBR every node that a search stands on was linked when the edge to it was read (A), hence not yet
 * retired, and the epoch had been announced: it stays until the operation ends. Under DEBRA+ above, node and leaf are
 * committed: no expected word of a CAS can come back by reuse, and nothing else is touched, but what the thread cut off
 * itself and owes. docs/bst.md has the whole argument.
 *
 * Caught by: A, read rule model bst-frozen; B, C stress_map (validate, key sums), model bst-two, bst-replaced. */
#include "ds/bst_search.h"

#include "ds/bst_range.h"

/* ---- get */

SMR_SEARCH look_up_step(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    place_t at = search_walk(op, &hold);
    if (__builtin_expect(at.frozen != 0, 0)) {
        op->at = at;
        smr_commit(op->rec, at.above, at.node, NULL);
    } else {
        op->at.frozen = 0;
        op->value = at.order == 0 ? map_value(&at.leaf->value, op->slot) : NULL;
        smr_leave(op->rec);
    }
}

static void *look_up(op_t *op)
{
    for (;;) {
        smr_search(op->rec, look_up_step, op);
        if (__builtin_expect(op->at.frozen == 0, 1))
            return op->value;
        search_help(op);
        search_again(op);
    }
}

static int get(map_t *map, cc__key_t key, void **value)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    op.key = key;
    int err = op_prepare_slot(&op, value != NULL);
    if (err == 0) {
        smr_begin(op.rec);
        void *found = look_up(&op);
        smr_end(op.rec);
        op_pay(&op);
        if (found == NULL)
            err = -ENOENT;
        else if (value != NULL)
            *value = found;
    }
    op_settle(&op, err == 0);
    return err;
}

/* ---- insert, put */

static node_t *make_node(cc__rec_t *rec, cc__key_t key)
{
    node_t *node = bst_alloc(key_room(key));
    if (node == NULL)
        return NULL;
    key_store(&node->key, bst_key_room(node), key);
    node->birth = smr_birth(rec);
    return node;
}

static node_t *make_leaf(cc__rec_t *rec, cc__key_t key, void *value)
{
    node_t *leaf = make_node(rec, key);
    if (leaf != NULL)
        cc__store_relaxed(&leaf->value, value); /* published by the CAS of the edge, here and below */
    return leaf;
}

/* What takes the place of the leaf at which the search ended: an inner node over it and the new one. */
static node_t *make_inner(op_t *op, const node_t *leaf)
{
    const place_t *at = &op->at;
    bool right = at->order < 0; /* the new one; the greater key of both parts them */
    node_t *inner = make_node(op->rec, right ? op->key : bst_key(at->leaf));
    if (inner == NULL)
        return NULL;
    cc__store_relaxed(&inner->child[right], bst_leaf_edge(leaf));
    cc__store_relaxed(&inner->child[!right], bst_leaf_edge(at->leaf));
    return inner;
}

/* The key is there. 1: its value was replaced (*was); -EEXIST; 0: it is removed. */
static int meet(op_t *op, void *value, cc__place_t how, void **was)
{
    node_t *leaf = op->at.leaf;
    void *present = map_value(&leaf->value, NULL);
    while (present != NULL) {
        if (how == CC__INSERT)
            return -EEXIST;
        if (present == value)
            return 1;
        /* [map.set] pairs with [map.value]: what the new value points to; acquire: the old one's as well. */
        if (cc__cas_seq_cst(&leaf->value, &present, value)) {
            *was = present;
            return 1;
        }
    }
    return 0;
}

/* Puts the leaf where the search ended. 0; 1: the edge has changed; -ENOMEM. */
static int link_leaf(op_t *op, node_t *leaf)
{
    const place_t *at = &op->at;
    bool removed = map_value(&at->leaf->value, NULL) == NULL; /* C: it can be replaced, but if it is flagged by now */
    node_t *inner = removed ? NULL : make_inner(op, leaf);
    if (!removed && inner == NULL)
        return -ENOMEM;
    uintptr_t expected = bst_leaf_edge(at->leaf);
    /* [node.link] pairs with [node.read]: the contents of both new nodes, and those of the old leaf. */
    if (cc__cas_seq_cst(&at->node->child[at->side], &expected, removed ? bst_leaf_edge(leaf) : (uintptr_t)inner)) {
        if (removed)
            owe_node(op, at->leaf);
        return 0;
    }
    if (inner != NULL)
        cc_free(inner, bst_node_size(inner));
    return 1;
}

/* 0: a new entry. The leaf is made when it turns out to be needed. */
static int link_or_meet(op_t *op, void *value, cc__place_t how, void **was)
{
    node_t *leaf = NULL;
    int result = 1;
    for (;;) {
        search_find(op);
        if (op->at.order == 0 && (result = meet(op, value, how, was)) != 0)
            break;
        if (leaf == NULL && (leaf = make_leaf(op->rec, op->key, value)) == NULL)
            return -ENOMEM;
        result = link_leaf(op, leaf);
        if (result == 0)
            return 0;
        if (result < 0)
            break;
        search_again(op);
    }
    if (leaf != NULL)
        cc_free(leaf, bst_node_size(leaf));
    return result;
}

static int place(map_t *map, cc__key_t key, void *value, void **old, cc__place_t how)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    int err = cc__limbo_admit(op.rec, DEBTS);
    if (err != 0) {
        cc__rec_return(op.rec);
        return err;
    }
    op.key = key;
    void *was = NULL;
    smr_begin(op.rec);
    int result = link_or_meet(&op, value, how, &was);
    if (result == 0)
        count(&op, 1);
    if (result >= 0)
        hand_over(&op, was, old);
    finish(&op);
    return result;
}

/* ---- replace, remove */

/* Finds the key and changes its value, if `expected` is NULL or the value, to `desired`; NULL: removes it. */
static int change(op_t *op, void *expected, void *desired, void **was)
{
    search_find(op);
    if (op->at.order != 0)
        return -ENOENT;
    void *present = map_value(&op->at.leaf->value, NULL);
    for (;;) {
        if (present == NULL)
            return -ENOENT;
        if (expected != NULL && present != expected)
            return -ECANCELED;
        if (present == desired)
            return 0;
        /* [map.set] pairs with [map.value]: what the new value points to, all that came before a removal. */
        if (cc__cas_seq_cst(&op->at.leaf->value, &present, desired)) {
            *was = present;
            return 0;
        }
    }
}

static int replace(map_t *map, cc__key_t key, void *expected, void *desired, void **old)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    int err = cc__limbo_admit(op.rec, DEBTS);
    if (err != 0) {
        cc__rec_return(op.rec);
        return err;
    }
    op.key = key;
    void *was = NULL;
    smr_begin(op.rec);
    err = change(&op, expected, desired, &was);
    if (err == 0)
        hand_over(&op, was, old);
    finish(&op);
    return err;
}

/* Until no removed leaf of the key is linked: where ours was kept as a sibling, only we are bound to come back for it. */
static void clean_up(op_t *op)
{
    unsigned owed = op->debts;
    search_bury(op);
    while (op->debts == owed) {
        search_again(op);
        search_find(op);
        if (op->at.order != 0 || map_value(&op->at.leaf->value, NULL) != NULL)
            break;
        owed = op->debts;
        search_bury(op);
    }
}

static int remove_key(map_t *map, cc__key_t key, void *expected, void **old)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    if (!cc__limbo_reserve(op.rec, DEBTS)) {
        cc__rec_return(op.rec);
        return -ENOMEM;
    }
    op.key = key;
    void *was = NULL;
    smr_begin(op.rec);
    int err = change(&op, expected, NULL, &was);
    if (err == 0) {
        count(&op, -1);
        hand_over(&op, was, old);
        clean_up(&op);
    }
    finish(&op);
    return err;
}

const cc__map_ops_t VARIANT(CC__MAP_OPS) = {
    .get = get,
    .place = place,
    .replace = replace,
    .remove = remove_key,
    .nearest = VARIANT(cc__bst_nearest),
    .range = VARIANT(cc__bst_range),
};
