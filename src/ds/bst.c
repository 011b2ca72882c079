/* The search tree, per kind of key: how one is made, freed, and checked. Its public functions: map_public.h. */
#include "ds/bst_node.h"

#include "base/cancel.h"
#include "ds/map_public.h"

#include <stdio.h>
#include <string.h>

static cc__bst_node_t *make_sentinel(void)
{
    cc__bst_node_t *node = bst_alloc(0);
    if (node != NULL)
        memset(node, 0, sizeof *node);
    return node;
}

/* False: no memory. */
static bool map_init(cc__map_t *map)
{
    map->head = make_sentinel();
    map->begin = make_sentinel();
    if (map->head == NULL || map->begin == NULL) {
        cc_free(map->head, sizeof *map->head);
        cc_free(map->begin, sizeof *map->begin);
        return false;
    }
    cc__store_relaxed(&map->begin->value, map->begin); /* not removed; nobody shares the map yet */
    cc__store_relaxed(&map->head->child[0], bst_leaf_edge(map->begin));
    return true;
}

static uintptr_t edge_of(const cc__bst_node_t *node, unsigned side)
{
    return cc__load_relaxed(&node->child[side]); /* nobody else is inside */
}

static void free_leaf(cc__map_t *map, cc__bst_node_t *leaf)
{
    if (leaf != map->begin)
        map_retire_value(map, cc__load_relaxed(&leaf->value)); /* nobody else is inside */
    cc_free(leaf, bst_node_size(leaf));
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
            free_leaf(map, bst_node(left));
            cc_free(node, bst_node_size(node));
        } else {
            cc__store_relaxed(&node->child[0], edge_of(bst_node(left), 1)); /* nobody else is inside */
            cc__store_relaxed(&bst_node(left)->child[1], edge);
            edge = left;
        }
    }
    free_leaf(map, bst_node(edge));
    cc_free(map->head, sizeof *map->head);
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

/* A walk in order: `before` is the leaf or inner node before; an inner node may have the key of the leaf behind it. */
typedef struct {
    cc__map_t *map;
    pending_t stack;
    const cc__bst_node_t *before;
    size_t leaves;
} walk_t;

static int in_order(walk_t *w, const cc__bst_node_t *node, bool may_be_equal)
{
    const cc_map_opts_t *opts = &w->map->opts;
    if (w->before != NULL && w->before != w->map->begin) {
        int order = key_order(bst_key(w->before), bst_key(node), opts->compare, opts->compare_ctx);
        if (order > 0 || (order == 0 && !may_be_equal))
            return broken("keys are out of order");
    }
    w->before = node;
    return 0;
}

static int leaf_valid(walk_t *w, const cc__bst_node_t *leaf)
{
    if ((leaf == w->map->begin) != (w->before == NULL))
        return broken("the first leaf is another one");
    if (cc__load_relaxed(&leaf->value) == NULL) /* the map is quiet, here and below */
        return broken("a removed leaf is linked");
    w->leaves++;
    return in_order(w, leaf, w->before != NULL);
}

/* Down to the left, to a leaf. */
static int walk_down(walk_t *w, uintptr_t edge)
{
    for (; !bst_is_leaf(edge); edge = edge_of(bst_node(edge), 0)) {
        if ((edge & BST_FROZEN) != 0)
            return broken("an edge is frozen");
        if (bst_node(edge) == NULL)
            return broken("an edge leads nowhere");
        if (!push(&w->stack, bst_node(edge)))
            return -ENOMEM;
    }
    return (edge & BST_FROZEN) != 0 ? broken("an edge is frozen") : leaf_valid(w, bst_node(edge));
}

static int map_valid(cc__map_t *map)
{
    walk_t w = {.map = map};
    int err = walk_down(&w, edge_of(map->head, 0));
    while (err == 0 && w.stack.count != 0) {
        cc__bst_node_t *node = w.stack.node[--w.stack.count];
        err = in_order(&w, node, false);
        if (err == 0)
            err = walk_down(&w, edge_of(node, 1));
    }
    cc_free(w.stack.node, w.stack.cap * sizeof *w.stack.node);
    if (err == 0 && w.leaves != PUBLIC(count)(map) + 1)
        return broken("the count is wrong");
    return err;
}
