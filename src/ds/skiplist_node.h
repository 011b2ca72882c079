/* The skip list's node and map, per kind of key. */
#ifndef CC_DS_SKIPLIST_NODE_H
#define CC_DS_SKIPLIST_NODE_H

#include "base/mark.h"
#include "base/names.h"
#include "cc/alloc.h"
#include "ds/map.h"
#include "smr/types.h"

#ifndef CC_SKIPLIST_LEVELS
#define CC_SKIPLIST_LEVELS 16
#endif

enum {
    CC__SKIPLIST_LEVELS = CC_SKIPLIST_LEVELS, /* with p = 1/4: good for 4^16 entries */
    CC__SKIPLIST_LINK_DONE = 1,               /* the inserter will link the node at no further level */
    CC__SKIPLIST_UNLINK_DONE = 2,             /* all levels are marked */
};

/* One allocation, cache-line aligned: header, `height` links, the bytes of a byte-string key. */
typedef struct {
    uint64_t birth;             /* epoch of its allocation (IBR) */
    CC__ATOMIC(void *) value;   /* NULL: removed, for ever */
    cc__stored_key_t key;       /* immutable */
    CC__ATOMIC(uint32_t) state; /* LINK_DONE | UNLINK_DONE: who sets the second one retires the node */
    uint32_t height;            /* immutable, 1 ... CC__SKIPLIST_LEVELS */
    cc__link_t next[];          /* next[l]: the successor at level l; marked: this node is removed from level l */
} cc__skiplist_node_t;

struct CC__MAP_TAG {
    const cc__map_ops_t *ops;
    cc_domain_t *domain;
    cc__skiplist_node_t *head; /* full height, before every key, never removed */
    cc_map_opts_t opts;
    CC__ATOMIC(int64_t) cursors; /* open ones */
    CC__ATOMIC(uint32_t) levels; /* no node is higher; grows only */
    cc__map_count_t count[CC__MAP_STRIPES];
    cc__map_ops_t bounded;                                   /* with opts.max_entries, the verbs: map_bound.h */
    _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(uint64_t) taken; /* of these places */
    CC__ATOMIC(uint64_t) evicted;
};

static inline void *skiplist_key_room(const cc__skiplist_node_t *node)
{
    return (void *)(uintptr_t)&node->next[node->height]; /* the key's bytes are written before the node is shared */
}

static inline cc__key_t skiplist_key(const cc__skiplist_node_t *node)
{
    return key_of(&node->key, skiplist_key_room(node));
}

static inline size_t skiplist_node_size(const cc__skiplist_node_t *node)
{
    return sizeof *node + node->height * sizeof node->next[0] + stored_key_room(&node->key);
}

#endif
