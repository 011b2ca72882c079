/* One table of verbs over every kind of map, with numbers as keys: a phase is written once for all of them.
 *
 * For byte-string keys a number becomes eight bytes and a tail of varying length, so that the order of the strings
 * is the order of the numbers; what comes back out of the map is checked to the last byte. */
#ifndef STRESS_MAP_KIND_H
#define STRESS_MAP_KIND_H

#include <cc/map.h>

typedef struct {
    const char *name;
    int (*create)(cc_domain_t *domain, const cc_map_opts_t *opts, void **map);
    int (*destroy)(void *map);
    int (*get)(void *map, uint64_t key, void **value);
    bool (*contains)(void *map, uint64_t key);
    int (*insert)(void *map, uint64_t key, void *value);
    int (*put)(void *map, uint64_t key, void *value, void **old);
    int (*replace)(void *map, uint64_t key, void *expected, void *desired);
    int (*remove)(void *map, uint64_t key, void **old);
    int (*min)(void *map, uint64_t *k, void **v);
    int (*max)(void *map, uint64_t *k, void **v);
    int (*floor)(void *map, uint64_t key, uint64_t *k, void **v);
    int (*ceil)(void *map, uint64_t key, uint64_t *k, void **v);
    int (*pop_min)(void *map, uint64_t *k, void **v);
    int (*pop_max)(void *map, uint64_t *k, void **v);
    int64_t (*range)(void *map, uint64_t from, uint64_t to, cc_visit64_fn *visit, void *ctx);
    size_t (*count)(void *map);
    int (*validate)(void *map);
} map_kind_t;

extern const map_kind_t map_kind_u64;     /* cc_skiplist64 */
extern const map_kind_t map_kind_bytes;   /* cc_skiplist, default order */
extern const map_kind_t map_kind_compare; /* cc_skiplist with a comparator; memcmp would order it wrongly */
extern const map_kind_t map_kind_bst64;
extern const map_kind_t map_kind_bst;
extern const map_kind_t map_kind_bst_compare;

#endif
