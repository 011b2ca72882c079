/* What the ordered maps have in common inside the library: the names that -DCC_MAP=... and -DCC_KEY=... pick, and the
 * table of verbs that each structure offers per scheme.
 *
 *   CC__MAP_TAG    the tag of its struct: cc_skiplist64, cc_bst and so on
 *   cc__map_t      that struct, defined by the structure; its members ops, domain, opts, cursors and count have these names in all
 *   CC__MAP_OPS    its tables of verbs: VARIANT_OF(CC__MAP_OPS, u64, ibr)
 *   PUBLIC(verb)   the public function
 *
 * All else (the public functions, and the verbs that are made of others) is written once for every map, against these. */
#ifndef CC_DS_MAP_H
#define CC_DS_MAP_H

#include "base/atomic.h"
#include "base/names.h"
#include "cc/alloc.h"
#include "ds/key.h"

#define CC__MAP_SKIPLIST 1
#define CC__MAP_BST      2

#if CC_MAP == CC__MAP_SKIPLIST
#define CC__MAP_OPS cc__skiplist_ops
#else
#define CC__MAP_OPS cc__bst_ops
#endif

#if CC_MAP == CC__MAP_SKIPLIST && CC_KEY == CC__KEY_U64
#include "cc/skiplist64.h"
#define CC__MAP_TAG  cc_skiplist64
#define PUBLIC(verb) cc_skiplist64_##verb
#elif CC_MAP == CC__MAP_SKIPLIST && CC_KEY == CC__KEY_BYTES
#include "cc/skiplist.h"
#define CC__MAP_TAG  cc_skiplist
#define PUBLIC(verb) cc_skiplist_##verb
#elif CC_MAP == CC__MAP_BST && CC_KEY == CC__KEY_U64
#include "cc/bst64.h"
#define CC__MAP_TAG  cc_bst64
#define PUBLIC(verb) cc_bst64_##verb
#elif CC_MAP == CC__MAP_BST && CC_KEY == CC__KEY_BYTES
#include "cc/bst.h"
#define CC__MAP_TAG  cc_bst
#define PUBLIC(verb) cc_bst_##verb
#else
#error "CC_MAP must name a map"
#endif

typedef struct CC__MAP_TAG cc__map_t;

enum { CC__MAP_STRIPES = 16 }; /* of the counter */

typedef enum { CC__INSERT, CC__PUT } cc__place_t;
typedef enum { CC__MIN, CC__MAX, CC__FLOOR, CC__CEIL, CC__LOWER, CC__HIGHER } cc__nearest_t;

/* The verbs, per scheme. Arguments were checked. */
typedef struct {
    int (*get)(cc__map_t *map, cc__key_t key, void **value);
    int (*place)(cc__map_t *map, cc__key_t key, void *value, void **old, cc__place_t how);
    int (*replace)(cc__map_t *map, cc__key_t key, void *expected, void *desired, void **old); /* expected NULL: any */
    int (*remove)(cc__map_t *map, cc__key_t key, void *expected, void **old);                 /* likewise */
    int (*nearest)(cc__map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v);
    int64_t (*range)(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx);
} cc__map_ops_t;

extern const cc__map_ops_t VARIANT_OF(CC__MAP_OPS, KEY_NAME, ibr) __attribute__((visibility("hidden")));
extern const cc__map_ops_t VARIANT_OF(CC__MAP_OPS, KEY_NAME, debra) __attribute__((visibility("hidden")));
extern const cc__map_ops_t VARIANT_OF(CC__MAP_OPS, KEY_NAME, epoch) __attribute__((visibility("hidden")));
extern const cc__map_ops_t VARIANT_OF(CC__MAP_OPS, KEY_NAME, leak) __attribute__((visibility("hidden")));
extern const cc__map_ops_t VARIANT_OF(CC__MAP_OPS, KEY_NAME, urcu) __attribute__((visibility("hidden")));
extern const cc__map_ops_t VARIANT_OF(CC__MAP_OPS, KEY_NAME, ck) __attribute__((visibility("hidden")));

/* Entries, by thread record, so that writers do not share a line. */
typedef struct {
    _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(int64_t) entries;
} cc__map_count_t;

#endif
