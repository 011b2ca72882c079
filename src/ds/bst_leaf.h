/* The search tree's leaves: immutable sorted blocks of entries, each replaced as a whole. What one looks like depends on the
 * kind of key, which defines
 *
 *   struct cc__bst_leaf    with the members `birth` (epoch of its allocation, IBR) and `count`
 *   leaf_size              its bytes
 *   leaf_alloc             memory for so many entries with so many bytes of keys
 *   leaf_put, leaf_copy    an entry, and some of another leaf's, into one that is private
 *   leaf_key, leaf_values  what is in it
 *   leaf_bytes             of the keys from one place up to another
 *   leaf_fits              is there room for so many entries with so many bytes of keys?
 *   leaf_seek              the place of a key; is it there? */
#ifndef CC_DS_BST_LEAF_H
#define CC_DS_BST_LEAF_H

#include "base/prefetch.h"
#include "cc/alloc.h"
#include "ds/key.h"

#ifndef CC_BST_ENTRIES
#define CC_BST_ENTRIES 31 /* of a leaf: with uint64 keys it then fills eight cache lines */
#endif

typedef struct cc__bst_leaf cc__bst_leaf_t;

/* The lines of a large one at once, before it is known how large this one is: else the header, the keys and the value would be
 * waited for one after the other. */
static inline void leaf_fetch(const cc__bst_leaf_t *leaf)
{
    for (size_t i = 1; i < 8; i++)
        cc__prefetch_read((const void *)((uintptr_t)leaf + i * CC_CACHE_LINE_SIZE)); // NOLINT: may lie behind it
}

#if CC_KEY == CC__KEY_U64
#include "ds/bst_leaf_u64.h"
#else
#include "ds/bst_leaf_bytes.h"
#endif

#endif
