/* A leaf with uint64 keys. See bst_leaf.h.
 *
 *   +-------+-------+----------------+------------------+
 *   | birth | count | keys[capacity] | values[capacity] |   capacity: 3, 7, 11 ... 31, so that it fills cache lines
 *   +-------+-------+----------------+------------------+
 *
 * The room behind the keys is filled with the greatest one, which never counts as below another. */
#ifndef CC_DS_BST_LEAF_U64_H
#define CC_DS_BST_LEAF_U64_H

#include <string.h>

struct cc__bst_leaf {
    uint64_t birth;
    uint64_t count;
    uint64_t keys[];
};

static inline uint64_t leaf_capacity(uint64_t count)
{
    return count | 3;
}

static inline size_t leaf_size_of(uint64_t count)
{
    return sizeof(cc__bst_leaf_t) + leaf_capacity(count) * (sizeof(uint64_t) + sizeof(void *));
}

static inline size_t leaf_size(const cc__bst_leaf_t *leaf)
{
    return leaf_size_of(leaf->count);
}

/* Written, like the keys, only while the leaf is private. */
static inline void **leaf_values(const cc__bst_leaf_t *leaf)
{
    return (void **)(uintptr_t)(leaf->keys + leaf_capacity(leaf->count));
}

static inline cc__key_t leaf_key(const cc__bst_leaf_t *leaf, unsigned i)
{
    return leaf->keys[i];
}

static inline size_t leaf_bytes(const cc__bst_leaf_t *leaf, unsigned from, unsigned to)
{
    (void)leaf;
    (void)from;
    (void)to;
    return 0;
}

static inline bool leaf_fits(uint64_t count, size_t bytes)
{
    (void)bytes;
    return count <= CC_BST_ENTRIES;
}

/* NULL: no memory. */
static inline cc__bst_leaf_t *leaf_alloc(unsigned count, size_t bytes)
{
    (void)bytes;
    cc__bst_leaf_t *leaf = cc_alloc_node(leaf_size_of(count));
    if (leaf == NULL)
        return NULL;
    leaf->count = count;
    for (uint64_t i = count; i < leaf_capacity(count); i++)
        leaf->keys[i] = UINT64_MAX;
    return leaf;
}

static inline void leaf_put(cc__bst_leaf_t *leaf, unsigned at, cc__key_t key, void *value)
{
    leaf->keys[at] = key;
    leaf_values(leaf)[at] = value;
}

/* Entries [from, to) of `old`, from place `at` on. */
static inline void leaf_copy(cc__bst_leaf_t *leaf, unsigned at, const cc__bst_leaf_t *old, unsigned from, unsigned to)
{
    memcpy(leaf->keys + at, old->keys + from, (to - from) * sizeof *leaf->keys);
    memcpy(leaf_values(leaf) + at, leaf_values(old) + from, (to - from) * sizeof(void *));
}

/* Counted, the last keys of every four first: no branch depends on where the key is. */
static inline bool leaf_seek(const cc_map_opts_t *opts, const cc__bst_leaf_t *leaf, cc__key_t key, unsigned *at)
{
    (void)opts;
    leaf_fetch(leaf);
    uint64_t fours = 0, capacity = leaf_capacity(leaf->count);
    for (uint64_t i = 3; i < capacity; i += 4)
        fours += leaf->keys[i] < key;
    const uint64_t *four = leaf->keys + 4 * fours; /* of these the last one is not below, or the leaf has only three */
    uint64_t below = 4 * fours + (four[0] < key) + (four[1] < key) + (four[2] < key);
    *at = (unsigned)below;
    return below < leaf->count && leaf->keys[below] == key;
}

#endif
