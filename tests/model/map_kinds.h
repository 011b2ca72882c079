/* The maps under test behind one interface: keys are 0 ... 9, whatever the map makes of them. */
#ifndef MODEL_MAP_KINDS_H
#define MODEL_MAP_KINDS_H

#include "cc/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAP_KEYS = 10 };

typedef enum { MAP_MIN, MAP_MAX, MAP_FLOOR, MAP_CEIL, MAP_LOWER, MAP_HIGHER } map_nearest_t;
typedef void map_seen_fn(unsigned key, void *value, void *ctx);

typedef struct {
    const char *name;      /* NULL: the end of the table */
    const char *structure; /* what it is called */
    unsigned nodes;        /* of an entry */
    unsigned named;        /* by a search, for the WRITE after it */
    int (*create)(cc_domain_t *domain, const cc_map_opts_t *opts, void **map);
    int (*destroy)(void *map);
    int (*validate)(void *map);
    size_t (*count)(void *map);
    int64_t (*clear)(void *map);
    uint64_t (*evicted)(void *map);
    int (*get)(void *map, unsigned key, void **value);
    int (*insert)(void *map, unsigned key, void *value);
    int (*put)(void *map, unsigned key, void *value, void **old);
    int (*replace)(void *map, unsigned key, void *expected, void *desired);
    int (*remove)(void *map, unsigned key, void **old);
    int (*remove_if)(void *map, unsigned key, void *expected, void **old);
    int (*nearest)(void *map, map_nearest_t which, unsigned key, unsigned *found, void **value);
    int (*pop)(void *map, map_nearest_t which, unsigned *found, void **value); /* MAP_MIN or MAP_MAX */
    int (*get_or_insert)(void *map, unsigned key, cc_make_fn *make, void *ctx, void **value);
    int64_t (*range_desc)(void *map, map_seen_fn *seen, void *ctx); /* all keys, downwards */
    void (*walk)(void *map, map_seen_fn *seen, void *ctx);          /* with a cursor, upwards */
    int64_t (*range)(void *map, map_seen_fn *seen, void *ctx);      /* all keys */
    bool (*thawed)(void *map);                                      /* of a skip list: no span is frozen; else NULL */
} map_kind_t;

extern const map_kind_t map_kinds[];

#endif
