/* Lock-free external search tree with blocked leaves: get, insert, put, replace, remove. Compiled once per scheme and kind of key.
 *
 * After Natarajan and Mittal (PPoPP 2014): no descriptors, a removal freezes the two edges of the leaf's parent and swings
 * one edge above it. Deviations:
 *   - A leaf is an immutable sorted block of entries, and every change but the removal of its last entry puts another one in its
 *     place, by one CAS of the edge; a full one gives way to an inner node over its two halves. So there is an inner node for
 *     twenty entries instead of one for each, and most of them stay in the processor's cache.
 *   - No operation passes a frozen edge (the read rule of IBR): it cuts the node off first. So one edge is cut at a time,
 *     with one node and one leaf, never a chain, and who cuts knows all that it retires.
 *
 *          above                 above      A leaf's life:
 *            |                     |        private --CAS of the edge--> linked --CAS of the edge--> replaced
 *          node                    |                                       |
 *         F/  \T         --->      |                     (one entry) --flag its edge--> removed, and its entry with it
 *      leaf   sibling           sibling                                                    |
 *                                           cut off <--tag the sibling's, swing the edge above--
 *
 * The leaf right under the head has no node that could be cut off: its last entry goes by a CAS to map.empty, the only leaf
 * without entries.
 *
 * Labelled guarantees
 *   A  A node with an edge that is not frozen is linked, if it ever was: it is cut off after both its edges are frozen.
 *   B  The keys for which an inner node is on the way only become more while it is linked. So a search that stands on a
 *      linked node is on the way of its key, and the leaf on that edge is the one that has the key if the map does.
 *   C  What a leaf on an edge without a flag has is in the map, as long as it is linked; what one on a flagged edge has is not.
 *      A cut keeps the flag of the leaf that it moves up.
 *
 * Linearization. insert, put, replace, remove: the CAS of the edge, for the last entry of a leaf the one that flags it. What
 * changes nothing, and get: the read of the edge (in a guard: the second read).
 *
 * Progress: lock-free. A search begins again at a frozen edge, which it cuts off or finds cut off: once per removal of a
 * last entry; a change also where its CAS failed, because another one has changed the same leaf. get needs no memory.
 *
 * Reclamation. A replaced leaf is retired by the one whose CAS replaced it; a node and its removed leaf by the one whose
 * CAS swung the edge above. Under IBR every node and leaf that a search stands on was linked when the edge to it was read (A),
 * hence not yet retired, and the epoch had been announced: it stays until the operation ends. Under DEBRA+ above, node and leaf
 * are committed: no expected word of a CAS can come back by reuse, and nothing else is touched, but what the thread cut off
 * itself and owes. map.empty comes back, but it always says the same. docs/bst.md has the whole argument.
 *
 * Caught by: A, read rule model bst-frozen; B stress_map (validate, key sums); C model bst-two, bst-last. */
#include "ds/bst_make.h"

#include "ds/bst_range.h"

/* ---- get */

/* False: nothing was found yet, but a frozen edge (op->at). */
SMR_INLINE bool look_up(op_t *op, smr_hold_t *hold)
{
    const cc_map_opts_t *opts = &op->map->opts;
    for (;;) {
        place_t at = search_walk(op, hold);
        if (__builtin_expect(at.frozen != 0, 0)) {
            op->at = at;
            return false;
        }
        unsigned pos;
        bool found = leaf_seek(opts, at.leaf, op->key, &pos);
        void *value = op->value = found ? leaf_values(at.leaf)[pos] : NULL;
        if (op->slot == NULL || value == NULL)
            return true;
        cc__slot_hold(op->slot, value);
        if (search_holds(&at)) /* it was still in the map when it stood in the slot */
            return true;
    }
}

SMR_SEARCH look_up_step(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    op->at.frozen = 0;
    if (__builtin_expect(look_up(op, &hold), 1))
        smr_leave(op->rec);
    else
        smr_commit(op->rec, op->at.above, op->at.node, NULL);
}

static int get(map_t *map, cc__key_t key, void **value)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    op.key = key;
    int err = op_prepare_slot(&op, value != NULL);
    if (err == 0) {
        smr_begin(op.rec);
        for (;;) {
            smr_search(op.rec, look_up_step, &op);
            if (__builtin_expect(op.at.frozen == 0, 1))
                break;
            search_help(&op);
            search_again(&op);
        }
        smr_end(op.rec);
        op_pay(&op);
        if (op.value == NULL)
            err = -ENOENT;
        else if (value != NULL)
            *value = op.value;
    }
    op_settle(&op, err == 0);
    return err;
}

/* ---- changes */

enum { AGAIN = 1000 }; /* beside results of calls */

static inline void *present(const op_t *op)
{
    return op->found ? leaf_values(op->at.leaf)[op->pos] : NULL;
}

/* Gives the edge to the leaf that was found another word. False: it has changed. */
static inline bool swing(op_t *op, uintptr_t edge)
{
    const place_t *at = &op->at;
    uintptr_t expected = bst_leaf_edge(at->leaf);
    /* [node.link] pairs with [node.read, bst.again]: the contents of all new nodes, and those of entries that were copied. */
    if (!cc__cas_seq_cst(&at->node->child[at->side], &expected, edge))
        return false;
    owe_leaf(op, at->leaf);
    return true;
}

/* `done`, AGAIN or -ENOMEM (`leaf` is NULL). */
static inline int publish(op_t *op, leaf_t *leaf, int done)
{
    if (leaf == NULL)
        return -ENOMEM;
    if (swing(op, bst_leaf_edge(leaf)))
        return done;
    drop_leaf(leaf);
    return AGAIN;
}

static int write_split(op_t *op, void *value)
{
    node_t *node = make_split(op, value);
    if (node == NULL)
        return -ENOMEM;
    if (swing(op, (uintptr_t)node))
        return 0;
    drop_split(node);
    return AGAIN;
}

static int write_added(op_t *op, void *value)
{
    const leaf_t *leaf = op->at.leaf;
    unsigned count = (unsigned)leaf->count;
    if (leaf_fits(count + 1, leaf_bytes(leaf, 0, count) + key_room(op->key)))
        return publish(op, make_part(op, 0, count + 1, value), 0);
    return write_split(op, value);
}

/* Until the leaf that this thread has flagged is cut off: where another cut has moved it up, nobody else is bound to come back
 * for it. The search does, if it meets it. */
static void bury(op_t *op)
{
    if (search_cut(op, op->at.side))
        return;
    search_again(op);
    search_find(op);
}

static int write_removed(op_t *op)
{
    const place_t *at = &op->at;
    if (at->leaf->count > 1)
        return publish(op, make_removed(op), 0);
    if (at->above == NULL)
        return swing(op, bst_leaf_edge(op->map->empty)) ? 0 : AGAIN;
    uintptr_t expected = bst_leaf_edge(at->leaf);
    /* [node.mark] pairs with [node.read, bst.again]: all that came before the removal. */
    if (!cc__cas_seq_cst(&at->node->child[at->side], &expected, expected | BST_FLAG))
        return AGAIN;
    bury(op);
    return 0;
}

/* insert and put. 0: a new entry; 1: *was was replaced; -EEXIST; -ENOMEM; AGAIN. */
static int write_placed(op_t *op, void *value, cc__place_t how, void **was)
{
    void *old = present(op);
    if (old == NULL)
        return write_added(op, value);
    if (how == CC__INSERT)
        return -EEXIST;
    if (old == value)
        return 1;
    int result = publish(op, make_replaced(op, value), 1);
    if (result == 1)
        *was = old;
    return result;
}

/* replace, and remove (`desired` NULL): if `expected` is NULL or the value. */
static int write_changed(op_t *op, void *expected, void *desired, void **was)
{
    void *old = present(op);
    if (old == NULL)
        return -ENOENT;
    if (expected != NULL && old != expected)
        return -ECANCELED;
    if (old == desired)
        return 0;
    int result = desired == NULL ? write_removed(op) : publish(op, make_replaced(op, desired), 0);
    if (result == 0)
        *was = old;
    return result;
}

static int place(map_t *map, cc__key_t key, void *value, void **old, cc__place_t how)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    int result = cc__limbo_admit(op.rec, DEBTS);
    if (result != 0) {
        cc__rec_return(op.rec);
        return result;
    }
    op.key = key;
    void *was = NULL;
    smr_begin(op.rec);
    for (;;) {
        search_find(&op);
        result = write_placed(&op, value, how, &was);
        if (result != AGAIN)
            break;
        search_again(&op);
    }
    if (result == 0)
        count(&op, 1);
    if (result >= 0)
        hand_over(&op, was, old);
    finish(&op);
    return result;
}

/* Until it has taken effect. */
static int change(op_t *op, void *expected, void *desired, void **was)
{
    for (;;) {
        search_find(op);
        int result = write_changed(op, expected, desired, was);
        if (result != AGAIN)
            return result;
        search_again(op);
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
