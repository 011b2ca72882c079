/* The search tree's inner nodes and map, per kind of key; its leaves: bst_leaf.h. */
#ifndef CC_DS_BST_NODE_H
#define CC_DS_BST_NODE_H

#include "base/mark.h"
#include "cc/alloc.h"
#include "ds/bst_leaf.h"
#include "ds/map.h"
#include "smr/types.h"

/* An edge is a word:
 *
 *     63                                  3   2   1   0
 *     +-------------------------------------+---+---+---+   L = 1: the child is a leaf
 *     | node address (at least 32-aligned)  | L | T | F |   F = 1: that leaf's one entry is removed, it will be cut off;
 *     +-------------------------------------+---+---+---+   T = 1: its sibling will; either way the edge never changes again */
#define BST_FLAG   CC__MARK
#define BST_TAG    ((uintptr_t)2)
#define BST_LEAF   ((uintptr_t)4)
#define BST_FROZEN (BST_FLAG | BST_TAG)

/* An inner node, and behind it the bytes of a byte-string key. It has a key of its own, since the leaf from which it has it
 * goes before. */
typedef struct {
    uint64_t birth;       /* epoch of its allocation (IBR) */
    cc__stored_key_t key; /* immutable */
    cc__link_t child[2];  /* [0] keys below `key`, [1] the others */
} cc__bst_node_t;

struct CC__MAP_TAG {
    const cc__map_ops_t *ops;
    cc_domain_t *domain;
    cc__bst_node_t *head;  /* without a key: the tree is its child [0] */
    cc__bst_leaf_t *empty; /* the one leaf of an empty map. Neither is ever freed before the map */
    cc_map_opts_t opts;
    CC__ATOMIC(int64_t) cursors; /* open ones */
    cc__map_count_t count[CC__MAP_STRIPES];
    cc__map_ops_t bounded;                                   /* with opts.max_entries, the verbs: map_bound.h */
    _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(uint64_t) taken; /* of these places */
    CC__ATOMIC(uint64_t) evicted;
};

static inline cc__bst_node_t *bst_node(uintptr_t edge)
{
    return (cc__bst_node_t *)(edge & ~BST_FROZEN); // NOLINT(performance-no-int-to-ptr)
}

static inline cc__bst_leaf_t *bst_leaf(uintptr_t edge)
{
    return (cc__bst_leaf_t *)(edge & ~(BST_LEAF | BST_FROZEN)); // NOLINT(performance-no-int-to-ptr)
}

static inline bool bst_is_leaf(uintptr_t edge)
{
    return (edge & BST_LEAF) != 0;
}

static inline uintptr_t bst_leaf_edge(const cc__bst_leaf_t *leaf)
{
    return (uintptr_t)leaf | BST_LEAF;
}

static inline void *bst_key_room(const cc__bst_node_t *node)
{
    return (void *)(uintptr_t)(node + 1); /* the key's bytes are written before the node is shared */
}

static inline cc__key_t bst_key(const cc__bst_node_t *node)
{
    return key_of(&node->key, bst_key_room(node));
}

_Static_assert((sizeof(cc__bst_node_t) & (sizeof(cc__bst_node_t) - 1)) == 0, "an alignment");

/* Bytes of a node with so many of its key behind it. Without any two share a cache line, and none lies in two: a search in a
 * large tree then misses half as often (docs/rationale.md). With them each has lines of its own. */
static inline size_t bst_size(size_t room)
{
    const size_t line = CC_CACHE_LINE_SIZE, size = sizeof(cc__bst_node_t) + room;
    return room == 0 ? size : (size + line - 1) & ~(line - 1);
}

/* NULL: no memory. */
static inline cc__bst_node_t *bst_alloc(size_t room)
{
    return room == 0 ? cc_alloc_aligned(bst_size(0), sizeof(cc__bst_node_t)) : cc_alloc_node(bst_size(room));
}

static inline size_t bst_node_size(const cc__bst_node_t *node)
{
    return bst_size(stored_key_room(&node->key));
}

#endif
