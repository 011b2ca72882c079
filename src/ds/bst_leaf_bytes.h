/* A leaf with byte-string keys, as large as it must be. See bst_leaf.h.
 *
 *   +-------+-------+------+---------------+-------------------+-------------------------+
 *   | birth | count | size | values[count] | starts[count + 1] | bytes: key 0, key 1 ... |
 *   +-------+-------+------+---------------+-------------------+-------------------------+ */
#ifndef CC_DS_BST_LEAF_BYTES_H
#define CC_DS_BST_LEAF_BYTES_H

#include <string.h>

#ifndef CC_BST_BYTES
#define CC_BST_BYTES 960 /* of keys in a leaf with more than one, about; so much is copied for a change */
#endif

struct cc__bst_leaf {
    uint64_t birth;
    uint32_t count;
    uint32_t size; /* of the leaf */
    void *values[];
};

static inline size_t leaf_size(const cc__bst_leaf_t *leaf)
{
    return leaf->size;
}

/* Written, like what follows, only while the leaf is private. */
static inline void **leaf_values(const cc__bst_leaf_t *leaf)
{
    return (void **)(uintptr_t)leaf->values;
}

/* Where each key begins, and the last one ends. */
static inline uint32_t *leaf_starts(const cc__bst_leaf_t *leaf)
{
    return (uint32_t *)(leaf_values(leaf) + leaf->count);
}

static inline unsigned char *leaf_room(const cc__bst_leaf_t *leaf)
{
    return (unsigned char *)(leaf_starts(leaf) + leaf->count + 1);
}

static inline cc__key_t leaf_key(const cc__bst_leaf_t *leaf, unsigned i)
{
    return key_run_get(leaf_room(leaf), leaf_starts(leaf), i);
}

static inline size_t leaf_bytes(const cc__bst_leaf_t *leaf, unsigned from, unsigned to)
{
    return leaf_starts(leaf)[to] - leaf_starts(leaf)[from];
}

static inline bool leaf_fits(uint64_t count, size_t bytes)
{
    return count <= 1 || (count <= CC_BST_ENTRIES && bytes <= CC_BST_BYTES);
}

/* NULL: no memory. */
static inline cc__bst_leaf_t *leaf_alloc(unsigned count, size_t bytes)
{
    size_t size = sizeof(cc__bst_leaf_t) + count * sizeof(void *) + (count + 1) * sizeof(uint32_t) + bytes;
    cc__bst_leaf_t *leaf = cc_alloc_node(size);
    if (leaf == NULL)
        return NULL;
    leaf->count = count;
    leaf->size = (uint32_t)size;
    leaf_starts(leaf)[0] = 0;
    return leaf;
}

/* In order, from place 0 on. */
static inline void leaf_put(cc__bst_leaf_t *leaf, unsigned at, cc__key_t key, void *value)
{
    uint32_t *start = leaf_starts(leaf) + at;
    start[1] = start[0] + (uint32_t)key.len;
    bytes_copy(leaf_room(leaf) + start[0], key);
    leaf->values[at] = value;
}

/* Entries [from, to) of `old`, likewise. */
static inline void leaf_copy(cc__bst_leaf_t *leaf, unsigned at, const cc__bst_leaf_t *old, unsigned from, unsigned to)
{
    uint32_t *start = leaf_starts(leaf) + at;
    const uint32_t *was = leaf_starts(old);
    memcpy(leaf->values + at, old->values + from, (to - from) * sizeof(void *));
    memcpy(leaf_room(leaf) + start[0], leaf_room(old) + was[from], was[to] - was[from]);
    for (unsigned i = from; i < to; i++)
        start[i - from + 1] = start[i - from] + (was[i + 1] - was[i]);
}

static inline bool leaf_seek(const cc_map_opts_t *opts, const cc__bst_leaf_t *leaf, cc__key_t key, unsigned *at)
{
    leaf_fetch(leaf);
    return key_run_seek(leaf_room(leaf), leaf_starts(leaf), 0, leaf->count, key, opts, at);
}

#endif
