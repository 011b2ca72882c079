/* The skip list's node and map, per kind of key. */
#ifndef CC_DS_SKIPLIST_NODE_H
#define CC_DS_SKIPLIST_NODE_H

#include "base/mark.h"
#include "base/names.h"
#include "cc/alloc.h"
#include "ds/key.h"
#include "smr/types.h"

#ifndef CC_SKIPLIST_LEVELS
#define CC_SKIPLIST_LEVELS 16
#endif

enum {
    CC__SKIPLIST_LEVELS = CC_SKIPLIST_LEVELS, /* with p = 1/4: good for 4^16 entries */
    CC__SKIPLIST_STRIPES = 16,                /* of the counter */
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

typedef enum { CC__INSERT, CC__PUT } cc__place_t;
typedef enum { CC__MIN, CC__MAX, CC__FLOOR, CC__CEIL } cc__nearest_t;

/* The verbs, per scheme. Arguments were checked. */
typedef struct {
    int (*get)(cc__skiplist_t *map, cc__key_t key, void **value);
    int (*place)(cc__skiplist_t *map, cc__key_t key, void *value, void **old, cc__place_t how);
    int (*replace)(cc__skiplist_t *map, cc__key_t key, void *expected, void *desired);
    int (*remove)(cc__skiplist_t *map, cc__key_t key, void **old);
    int (*nearest)(cc__skiplist_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v);
    int64_t (*range)(cc__skiplist_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx);
} cc__skiplist_ops_t;

/* A tag that tells the two kinds apart is the public struct's own name: struct cc_skiplist64, struct
 * cc_skiplist. */
struct
#if CC_KEY == CC__KEY_U64
    cc_skiplist64
#else
    cc_skiplist
#endif
{
    const cc__skiplist_ops_t *ops;
    cc_domain_t *domain;
    cc__skiplist_node_t *head; /* full height, before every key, never removed */
    cc_map_opts_t opts;
    CC__ATOMIC(uint32_t) levels; /* no node is higher; grows only */
    struct {
        _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(int64_t) entries;
    } count[CC__SKIPLIST_STRIPES]; /* by thread record, so that writers do not share a line */
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

/* Defined once per scheme. */
extern const cc__skiplist_ops_t VARIANT_OF(cc__skiplist_ops, KEY_NAME, ibr) __attribute__((visibility("hidden")));
extern const cc__skiplist_ops_t VARIANT_OF(cc__skiplist_ops, KEY_NAME, debra) __attribute__((visibility("hidden")));
extern const cc__skiplist_ops_t VARIANT_OF(cc__skiplist_ops, KEY_NAME, epoch) __attribute__((visibility("hidden")));
extern const cc__skiplist_ops_t VARIANT_OF(cc__skiplist_ops, KEY_NAME, leak) __attribute__((visibility("hidden")));

#endif
