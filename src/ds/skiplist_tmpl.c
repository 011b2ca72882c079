/* Lock-free skip list: get, insert, put, replace, remove. Compiled once per scheme and kind of key.
 *
 * After Fraser (2004) and Herlihy and Shavit (2008), with these deviations:
 *   - The value word decides. A node is present while its value is not NULL; insert, put, replace and remove
 *     of a key all linearize on that word or on the bottom link. NULL is never replaced: a removed node stays
 *     removed.
 *   - A search unlinks every marked node that it meets and never walks over one (the read rule of IBR); there
 *     is no wait-free contains that does.
 *   - Two bits decide who retires a node that its inserter is still linking (below); the idea is Fraser's, who has one
 *     flag (READY_FOR_FREE) for it.
 *
 * Life of a node:
 *
 *   private --CAS of pred.next[0]--> present --CAS value to NULL--> removed --mark all levels, top first--> marked
 *                                       |                                                              |
 *                  inserter links levels 1 .. h-1                                                 remover sets
 *                  (stops at a mark, or when value                                                 UNLINK_DONE
 *                  is NULL), then sets LINK_DONE                                                       |
 *                                       +------- who sets the second bit: one clean-up search ---------+
 *                                                of all levels, then the node is retired
 *
 * Labelled guarantees
 *   A  An unmarked link of a node that was once linked at that level means: the node is still linked there.
 *   B  At each level no two linked nodes have equal keys: nobody links in front of an equal key. Such a successor is
 *      removed already (or the node to be linked is): its levels are marked, and the search begins again.
 *   C  A node is linked at level l only after level l - 1, and marked at l before l - 1.
 *   D  After both bits are set nobody links the node any more, and its links are frozen. So once a search for its key
 *      has passed all levels, it is unreachable from any linked node. A late linker of ANOTHER node whose frozen link
 *      leads to it can no longer succeed: it would have to find it linked.
 *   E  Absence is answered at the bottom level only. A removed node found above proves nothing.
 *
 * Linearization. get: the read of a value that is not NULL; for an absent key the read of the bottom link
 * over which the search stepped, or the moment at which the value found became NULL (the node was linked
 * then, so by B no other had the key). insert: the CAS of the bottom link; -EEXIST: the read of the value.
 * put and replace on a present key: the CAS of the value. remove: the CAS of the value to NULL.
 *
 * Progress: lock-free. A search begins again only if a link changed or was marked, which another operation
 * did, and a link is marked once per node.
 *
 * Reclamation. Retired by whoever sets the second bit, after its clean-up search (D): exactly one thread,
 * once. Under IBR every node a search stands on was linked when the link to it was read (A), hence not yet
 * retired, and the epoch had been announced: it stays until the operation ends. A node that is still being
 * linked is not retired, its LINK_DONE is missing.
 *
 * Caught by: B, D stress_map (validate, key sums), skiplist tests; the read rule fault/read_rule_test; A, C
 * validate. */
#include "ds/skiplist_search.h"

#include "ds/skiplist_range.h"

static void owe_node(op_t *op, node_t *node)
{
    owe(op, (cc__entry_t){.ptr = node, .u.birth = node->birth, .size = skiplist_node_size(node)});
}

/* ---- get
 * ------------------------------------------------------------------------------------------------------- */

/* The bottom level answers what is absent (E); any level may answer what is present. */
SMR_SEARCH look_up_step(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    place_t at = search_walk(op, &hold, PAST_BELOW, true);
    op->at.frozen = at.frozen;
    if (__builtin_expect(at.frozen == 0, 1)) {
        smr_leave(op->rec);
        return;
    }
    op->at = at;
    smr_commit(op->rec, at.pred, at.curr);
}

static void *look_up(op_t *op)
{
    search_from_head(op);
    for (;;) {
        smr_search(op->rec, look_up_step, op);
        if (__builtin_expect(op->at.frozen == 0, 1))
            return op->value;
        search_unlink(op);
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
        if (found == NULL)
            err = -ENOENT;
        else if (value != NULL)
            *value = found;
    }
    op_settle(&op, err == 0);
    return err;
}

/* ---- insert, put
 * ----------------------------------------------------------------------------------------------- */

/* Geometric with p = 1/4. */
static uint32_t random_height(cc__rec_t *rec)
{
    uint64_t bits = cc__rng_next(&rec->rng) | UINT64_C(1) << 2 * (CC__SKIPLIST_LEVELS - 1);
    return 1 + (uint32_t)__builtin_ctzll(bits) / 2;
}

static node_t *make_node(cc__rec_t *rec, cc__key_t key, void *value)
{
    uint32_t height = random_height(rec);
    node_t *node = cc_alloc_node(sizeof *node + height * sizeof node->next[0] + key_room(key));
    if (node == NULL)
        return NULL;
    node->height = height;
    cc__store_relaxed(&node->value, value); /* all of it is published by the CAS of the bottom link */
    cc__store_relaxed(&node->state, 0);
    for (uint32_t l = 0; l < height; l++)
        cc__store_relaxed(&node->next[l], 0);
    key_store(&node->key, skiplist_key_room(node), key);
    node->birth = smr_birth(rec);
    return node;
}

/* The second of the two bits: nobody links the node any more, all its levels are marked. */
static void set_done(op_t *op, node_t *node, cc__key_t key, uint32_t bit)
{
    /* [skiplist.done] pairs with [skiplist.done]: the second thread sees all links or marks of the first. */
    if (cc__fetch_or_acq_rel(&node->state, bit) == 0)
        return;
    search_find(op, PAST_EQUAL, key, 0); /* stops only at a greater key: unlinks by identity */
    owe_node(op, node);
}

static void raise_levels(map_t *map, uint32_t height)
{
    uint32_t levels = cc__load_relaxed(&map->levels); /* a hint, see search_top */
    while (levels < height && !cc__cas_relaxed(&map->levels, &levels, height)) {
    }
}

/* False: the node was removed meanwhile, it needs no more levels. */
static bool link_level(op_t *op, node_t *node, cc__key_t key, unsigned level)
{
    for (;;) {
        search_find(op, PAST_BELOW, key, level);
        if (map_value(&node->value, NULL) == NULL)
            return false;
        if (op->at.curr != NULL && op->at.order == 0) { /* B: removed before ours came, or ours is removed by now */
            if (map_value(&op->at.curr->value, NULL) != NULL)
                return false;
            search_mark(op->at.curr);
            continue;
        }
        uintptr_t next = cc__load_relaxed(&node->next[level]); /* only we write it, but for a mark */
        if (cc__is_marked(next) || !cc__cas_relaxed(&node->next[level], &next, (uintptr_t)op->at.curr))
            return false;
        uintptr_t expected = (uintptr_t)op->at.curr;
        /* [node.link] pairs with [node.read]: the node's contents, its links below and its first value. */
        if (cc__cas_seq_cst(&op->at.pred->next[level], &expected, (uintptr_t)node))
            return true;
    }
}

static void link_tower(op_t *op, node_t *node, cc__key_t key)
{
    raise_levels(op->map, node->height);
    for (unsigned l = 1; l < node->height; l++) {
        if (!link_level(op, node, key, l))
            break;
    }
    set_done(op, node, key, CC__SKIPLIST_LINK_DONE);
}

/* The key is there as `node`. 1: its value was replaced (*was); -EEXIST; 0: it is removed. */
static int meet(op_t *op, node_t *node, void *value, cc__place_t how, void **was)
{
    void *present = map_value(&node->value, NULL);
    while (present != NULL) {
        if (how == CC__INSERT)
            return -EEXIST;
        if (present == value)
            return 1;
        /* [map.set] pairs with [map.value]: what the new value points to; acquire: the old one's as well. */
        if (cc__cas_seq_cst(&node->value, &present, value)) {
            *was = present;
            return 1;
        }
    }
    return 0;
}

/* 0: linked as a new entry. */
static int link_or_meet(op_t *op, node_t *node, cc__key_t key, void *value, cc__place_t how, void **was)
{
    for (;;) {
        search_find(op, PAST_BELOW, key, 0);
        if (op->at.curr != NULL && op->at.order == 0) {
            int met = meet(op, op->at.curr, value, how, was);
            if (met != 0)
                return met;
            search_mark(op->at.curr); /* B */
            continue;
        }
        cc__store_relaxed(&node->next[0], (uintptr_t)op->at.curr); /* still private */
        uintptr_t expected = (uintptr_t)op->at.curr;
        /* [node.link] pairs with [node.read]: the node's contents, its links below and its first value. */
        if (cc__cas_seq_cst(&op->at.pred->next[0], &expected, (uintptr_t)node))
            return 0;
    }
}

static int place(map_t *map, cc__key_t key, void *value, void **old, cc__place_t how)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    int err = cc__limbo_admit(op.rec, DEBTS);
    node_t *node = err == 0 ? make_node(op.rec, key, value) : NULL;
    if (node == NULL) {
        cc__rec_return(op.rec);
        return err != 0 ? err : -ENOMEM;
    }
    void *was = NULL;
    smr_begin(op.rec);
    int result = link_or_meet(&op, node, key, value, how, &was);
    if (result == 0) {
        count(&op, 1);
        link_tower(&op, node, key);
    } else {
        cc_free(node, skiplist_node_size(node));
    }
    if (result >= 0)
        hand_over(&op, was, old);
    finish(&op);
    return result;
}

/* ---- replace, remove
 * ------------------------------------------------------------------------------------------- */

/* Finds the key and changes its value, if `expected` is NULL or the value, to `desired`. */
static int change(op_t *op, cc__key_t key, void *expected, void *desired, void **was)
{
    search_find(op, PAST_BELOW, key, 0);
    if (op->at.curr == NULL || op->at.order != 0)
        return -ENOENT;
    void *present = map_value(&op->at.curr->value, NULL);
    for (;;) {
        if (present == NULL)
            return -ENOENT;
        if (expected != NULL && present != expected)
            return -ECANCELED;
        if (present == desired)
            return 0;
        /* [map.set] pairs with [map.value]: what the new value points to, all that came before a removal. */
        if (cc__cas_seq_cst(&op->at.curr->value, &present, desired)) {
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
    void *was = NULL;
    smr_begin(op.rec);
    err = change(&op, key, expected, desired, &was);
    if (err == 0)
        hand_over(&op, was, old);
    finish(&op);
    return err;
}

static int remove_key(map_t *map, cc__key_t key, void **old)
{
    op_t op;
    op_init(&op, map, cc__rec_get(map->domain));
    int err = -ENOMEM;
    if (!cc__limbo_reserve(op.rec, DEBTS)) {
        cc__rec_return(op.rec);
        return err;
    }
    void *was = NULL;
    smr_begin(op.rec);
    err = change(&op, key, NULL, NULL, &was);
    if (err == 0) {
        node_t *node = op.at.curr;
        count(&op, -1);
        hand_over(&op, was, old);
        search_mark(node);
        set_done(&op, node, key, CC__SKIPLIST_UNLINK_DONE);
    }
    finish(&op);
    return err;
}

const cc__map_ops_t VARIANT(cc__skiplist_ops) = {
    .get = get,
    .place = place,
    .replace = replace,
    .remove = remove_key,
    .nearest = VARIANT(cc__skiplist_nearest),
    .range = VARIANT(cc__skiplist_range),
};
