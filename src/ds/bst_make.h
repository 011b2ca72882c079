/* Making the search tree's leaves and nodes. They are private until the compare-and-swap that publishes them; NULL: no memory,
 * nothing was made. What is copied stands in the leaf that was committed. Part of bst_tmpl.c. */
#ifndef CC_DS_BST_MAKE_H
#define CC_DS_BST_MAKE_H

#include "ds/bst_search.h"

static inline leaf_t *make_leaf(const op_t *op, unsigned count, size_t bytes)
{
    leaf_t *leaf = leaf_alloc(count, bytes);
    if (leaf != NULL)
        leaf->birth = smr_birth(op->rec);
    return leaf;
}

static inline void drop_leaf(leaf_t *leaf)
{
    if (leaf != NULL)
        cc_free(leaf, leaf_size(leaf));
}

/* Places [from, to) of what the leaf that was found and the new entry are together. */
static inline leaf_t *make_part(const op_t *op, unsigned from, unsigned to, void *value)
{
    const leaf_t *old = op->at.leaf;
    unsigned pos = op->pos, first = from - (from > pos), end = to - (to > pos); /* of the old one's */
    bool has_new = from <= pos && pos < to;
    leaf_t *leaf = make_leaf(op, to - from, leaf_bytes(old, first, end) + (has_new ? key_room(op->key) : 0));
    if (leaf == NULL)
        return NULL;
    unsigned before = has_new ? pos : end;
    leaf_copy(leaf, 0, old, first, before);
    if (has_new) {
        leaf_put(leaf, pos - from, op->key, value);
        leaf_copy(leaf, pos - from + 1, old, pos, end);
    }
    return leaf;
}

static inline leaf_t *make_replaced(const op_t *op, void *value)
{
    const leaf_t *old = op->at.leaf;
    unsigned count = (unsigned)old->count;
    leaf_t *leaf = make_leaf(op, count, leaf_bytes(old, 0, count));
    if (leaf == NULL)
        return NULL;
    leaf_copy(leaf, 0, old, 0, count);
    leaf_values(leaf)[op->pos] = value;
    return leaf;
}

static inline leaf_t *make_removed(const op_t *op)
{
    const leaf_t *old = op->at.leaf;
    unsigned count = (unsigned)old->count, pos = op->pos;
    leaf_t *leaf = make_leaf(op, count - 1, leaf_bytes(old, 0, pos) + leaf_bytes(old, pos + 1, count));
    if (leaf == NULL)
        return NULL;
    leaf_copy(leaf, 0, old, 0, pos);
    leaf_copy(leaf, pos, old, pos + 1, count);
    return leaf;
}

/* Over two leaves. */
static inline node_t *make_inner(const op_t *op, const leaf_t *left, const leaf_t *right)
{
    cc__key_t key = key_between(leaf_key(left, (unsigned)left->count - 1), leaf_key(right, 0), op->map->opts.compare);
    node_t *node = bst_alloc(key_room(key));
    if (node == NULL)
        return NULL;
    key_store(&node->key, bst_key_room(node), key);
    node->birth = smr_birth(op->rec);
    cc__store_relaxed(&node->child[0], bst_leaf_edge(left)); /* published with the node */
    cc__store_relaxed(&node->child[1], bst_leaf_edge(right));
    return node;
}

/* A full leaf and the new entry, as two leaves. */
static inline node_t *make_split(const op_t *op, void *value)
{
    unsigned all = (unsigned)op->at.leaf->count + 1, half = all / 2;
    leaf_t *left = make_part(op, 0, half, value), *right = make_part(op, half, all, value);
    node_t *node = left != NULL && right != NULL ? make_inner(op, left, right) : NULL;
    if (node == NULL) {
        drop_leaf(left);
        drop_leaf(right);
    }
    return node;
}

static inline void drop_split(node_t *node)
{
    for (unsigned side = 0; side < 2; side++)
        drop_leaf(bst_leaf(cc__load_relaxed(&node->child[side]))); /* still private */
    cc_free(node, bst_node_size(node));
}

#endif
