/* The search tree, per kind of key: how one is made, freed, and checked. Its public functions: map_public.h. */
#include "ds/bst_node.h"

#include "base/cancel.h"
#include "ds/map_public.h"

#include <stdio.h>
#include <string.h>

/* False: no memory. */
static bool map_init(cc__map_t *map)
{
    map->head = bst_alloc(0);
    map->empty = leaf_alloc(0, 0);
    if (map->head == NULL || map->empty == NULL) {
        cc_free_unsized(map->head);
        cc_free_unsized(map->empty);
        return false;
    }
    memset(map->head, 0, sizeof *map->head);
    map->empty->birth = 0;
    cc__store_relaxed(&map->head->child[0], bst_leaf_edge(map->empty)); /* nobody shares the map yet */
    return true;
}

static uintptr_t edge_of(const cc__bst_node_t *node, unsigned side)
{
    return cc__load_relaxed(&node->child[side]); /* nobody else is inside */
}

static void free_leaf(cc__map_t *map, cc__bst_leaf_t *leaf)
{
    if (leaf == map->empty)
        return;
    for (uint64_t i = 0; i < leaf->count; i++)
        map_retire_value(map, leaf_values(leaf)[i]);
    cc_free(leaf, leaf_size(leaf));
}

/* Rotates to the right while there is an inner node on the left, so that no path is too deep for it. */
static void map_fini(cc__map_t *map)
{
    uintptr_t edge = edge_of(map->head, 0);
    while (!bst_is_leaf(edge)) {
        cc__bst_node_t *node = bst_node(edge);
        uintptr_t left = edge_of(node, 0);
        if (bst_is_leaf(left)) {
            edge = edge_of(node, 1);
            free_leaf(map, bst_leaf(left));
            cc_free(node, bst_node_size(node));
        } else {
            cc__store_relaxed(&node->child[0], edge_of(bst_node(left), 1)); /* nobody else is inside */
            cc__store_relaxed(&bst_node(left)->child[1], edge);
            edge = left;
        }
    }
    free_leaf(map, bst_leaf(edge));
    cc_free(map->empty, leaf_size(map->empty));
    cc_free(map->head, bst_node_size(map->head));
}

/* ---- validate */

static int broken(const char *what)
{
    int cancel = cc__cancel_hold(); /* writing is a cancellation point */
    fprintf(stderr, "libcc: search tree: %s\n", what);
    cc__cancel_allow(cancel);
    return -EINVAL;
}

/* The inner nodes whose right side is still to come: as many as the path is deep. */
typedef struct {
    cc__bst_node_t **node;
    size_t count, cap;
} pending_t;

static bool push(pending_t *stack, cc__bst_node_t *node)
{
    if (stack->count == stack->cap) {
        size_t cap = stack->cap == 0 ? 64 : 2 * stack->cap;
        cc__bst_node_t **more = cc_alloc(cap * sizeof *more);
        if (more == NULL)
            return false;
        if (stack->count != 0)
            memcpy(more, stack->node, stack->count * sizeof *more);
        cc_free(stack->node, stack->cap * sizeof *more);
        stack->node = more;
        stack->cap = cap;
    }
    stack->node[stack->count++] = node;
    return true;
}

/* A walk in order. */
typedef struct {
    cc__map_t *map;
    pending_t stack;
    cc__key_t before; /* key of an entry or inner node, */
    bool has_before;  /* if there was one */
    size_t entries;
} walk_t;

static int in_order(walk_t *w, cc__key_t key, bool may_be_equal)
{
    const cc_map_opts_t *opts = &w->map->opts;
    if (w->has_before) {
        int order = key_order(w->before, key, opts->compare, opts->compare_ctx);
        if (order > 0 || (order == 0 && !may_be_equal))
            return broken("keys are out of order");
    }
    w->before = key;
    w->has_before = true;
    return 0;
}

/* The first key of a leaf may be that of the inner node before it. */
static int leaf_valid(walk_t *w, cc__bst_leaf_t *leaf)
{
    if (leaf->count > CC_BST_ENTRIES) /* first of what looks into it: where things are depends on it */
        return broken("a leaf is overfull");
    if (leaf->count == 0 && edge_of(w->map->head, 0) != bst_leaf_edge(w->map->empty))
        return broken("a leaf is empty");
    int err = 0;
    for (unsigned i = 0; err == 0 && i < leaf->count; i++) {
        err = in_order(w, leaf_key(leaf, i), i == 0);
        if (err == 0 && leaf_values(leaf)[i] == NULL)
            err = broken("a value is NULL");
    }
    w->entries += leaf->count;
    return err;
}

/* Down to the left, to a leaf. */
static int walk_down(walk_t *w, uintptr_t edge)
{
    for (;; edge = edge_of(bst_node(edge), 0)) {
        if ((edge & BST_FROZEN) != 0)
            return broken("an edge is frozen");
        if (bst_leaf(edge) == NULL)
            return broken("an edge leads nowhere");
        if (bst_is_leaf(edge))
            return leaf_valid(w, bst_leaf(edge));
        if (!push(&w->stack, bst_node(edge)))
            return -ENOMEM;
    }
}

static int map_valid(cc__map_t *map)
{
    walk_t w = {.map = map};
    int err = walk_down(&w, edge_of(map->head, 0));
    while (err == 0 && w.stack.count != 0) {
        cc__bst_node_t *node = w.stack.node[--w.stack.count];
        err = in_order(&w, bst_key(node), false);
        if (err == 0)
            err = walk_down(&w, edge_of(node, 1));
    }
    cc_free(w.stack.node, w.stack.cap * sizeof *w.stack.node);
    if (err == 0 && w.entries != PUBLIC(count)(map))
        return broken("the count is wrong");
    return err;
}
