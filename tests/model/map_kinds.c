#include "map_kinds.h"

#include "blocks_thawed.h"

#include "cc/cc.h"

/* What the maps have in common but for the type of their keys. */
#define COMMON(kind, prefix, KEY, NUMBER)                                                                              \
    static int kind##_create(cc_domain_t *domain, const cc_map_opts_t *opts, void **map)                               \
    {                                                                                                                  \
        return prefix##_create(domain, opts, (prefix##_t **)map);                                                      \
    }                                                                                                                  \
    static int kind##_destroy(void *map)                                                                               \
    {                                                                                                                  \
        return prefix##_destroy(map);                                                                                  \
    }                                                                                                                  \
    static int kind##_validate(void *map)                                                                              \
    {                                                                                                                  \
        return prefix##_validate(map);                                                                                 \
    }                                                                                                                  \
    static size_t kind##_count(void *map)                                                                              \
    {                                                                                                                  \
        return prefix##_count(map);                                                                                    \
    }                                                                                                                  \
    static int64_t kind##_clear(void *map)                                                                             \
    {                                                                                                                  \
        return prefix##_clear(map);                                                                                    \
    }                                                                                                                  \
    static uint64_t kind##_evicted(void *map)                                                                          \
    {                                                                                                                  \
        return prefix##_evicted(map);                                                                                  \
    }                                                                                                                  \
    static int kind##_get(void *map, unsigned key, void **value)                                                       \
    {                                                                                                                  \
        return prefix##_get(map, KEY(key), value);                                                                     \
    }                                                                                                                  \
    static int kind##_insert(void *map, unsigned key, void *value)                                                     \
    {                                                                                                                  \
        return prefix##_insert(map, KEY(key), value);                                                                  \
    }                                                                                                                  \
    static int kind##_put(void *map, unsigned key, void *value, void **old)                                            \
    {                                                                                                                  \
        return prefix##_put(map, KEY(key), value, old);                                                                \
    }                                                                                                                  \
    static int kind##_replace(void *map, unsigned key, void *expected, void *desired)                                  \
    {                                                                                                                  \
        return prefix##_replace(map, KEY(key), expected, desired);                                                     \
    }                                                                                                                  \
    static int kind##_remove(void *map, unsigned key, void **old)                                                      \
    {                                                                                                                  \
        return prefix##_remove(map, KEY(key), old);                                                                    \
    }                                                                                                                  \
    static int kind##_remove_if(void *map, unsigned key, void *expected, void **old)                                   \
    {                                                                                                                  \
        return prefix##_remove_if(map, KEY(key), expected, old);                                                       \
    }                                                                                                                  \
    static int kind##_get_or_insert(void *map, unsigned key, cc_make_fn *make, void *ctx, void **value)                \
    {                                                                                                                  \
        return prefix##_get_or_insert(map, KEY(key), make, ctx, value);                                                \
    }                                                                                                                  \
    static void kind##_walk(void *map, map_seen_fn *seen, void *ctx)                                                   \
    {                                                                                                                  \
        prefix##_cursor_t cursor;                                                                                      \
        if (prefix##_cursor_init(&cursor, map) != 0)                                                                   \
            return;                                                                                                    \
        for (int err = prefix##_cursor_first(&cursor); err == 0; err = prefix##_cursor_next(&cursor))                  \
            seen(NUMBER(prefix##_cursor_key(&cursor)), prefix##_cursor_value(&cursor), ctx);                           \
        prefix##_cursor_fini(&cursor);                                                                                 \
    }

#define NEAREST(prefix, key, found, value)                                                                             \
    (which == MAP_MIN     ? prefix##_min(map, found, value)                                                            \
     : which == MAP_MAX   ? prefix##_max(map, found, value)                                                            \
     : which == MAP_FLOOR ? prefix##_floor(map, key, found, value)                                                     \
     : which == MAP_CEIL  ? prefix##_ceil(map, key, found, value)                                                      \
     : which == MAP_LOWER ? prefix##_lower(map, key, found, value)                                                     \
                          : prefix##_higher(map, key, found, value))

#define POP(prefix, found, value)                                                                                      \
    (which == MAP_MIN ? prefix##_pop_min(map, found, value) : prefix##_pop_max(map, found, value))

#define KIND(kind, title, entry, is_thawed)                                                                            \
    {                                                                                                                  \
        .name = #kind, .structure = title, .nodes = entry, .named = entry + 1, .create = kind##_create,                \
        .destroy = kind##_destroy, .validate = kind##_validate, .count = kind##_count, .clear = kind##_clear,          \
        .evicted = kind##_evicted, .get = kind##_get, .insert = kind##_insert, .put = kind##_put,                      \
        .replace = kind##_replace, .remove = kind##_remove, .remove_if = kind##_remove_if, .nearest = kind##_nearest,  \
        .pop = kind##_pop, .range = kind##_range, .range_desc = kind##_range_desc, .walk = kind##_walk,                \
        .get_or_insert = kind##_get_or_insert, .thawed = is_thawed                                                     \
    }

typedef struct {
    map_seen_fn *seen;
    void *ctx;
} visitor_t;

/* ---- uint64 keys */

static bool u64_visit(uint64_t key, void *value, void *ctx)
{
    visitor_t *visitor = ctx;
    visitor->seen((unsigned)key, value, visitor->ctx);
    return true;
}

#define U64_KEY(key)    ((uint64_t)(key))
#define U64_NUMBER(key) ((unsigned)(key))
#define U64(kind, prefix)                                                                                              \
    COMMON(kind, prefix, U64_KEY, U64_NUMBER)                                                                          \
    static int kind##_nearest(void *map, map_nearest_t which, unsigned key, unsigned *found, void **value)             \
    {                                                                                                                  \
        uint64_t at = 0;                                                                                               \
        int err = NEAREST(prefix, key, &at, value);                                                                    \
        *found = (unsigned)at;                                                                                         \
        return err;                                                                                                    \
    }                                                                                                                  \
    static int kind##_pop(void *map, map_nearest_t which, unsigned *found, void **value)                               \
    {                                                                                                                  \
        uint64_t at = 0;                                                                                               \
        int err = POP(prefix, &at, value);                                                                             \
        *found = (unsigned)at;                                                                                         \
        return err;                                                                                                    \
    }                                                                                                                  \
    static int64_t kind##_range(void *map, map_seen_fn *seen, void *ctx)                                               \
    {                                                                                                                  \
        return prefix##_range(map, 0, MAP_KEYS, u64_visit, &(visitor_t){seen, ctx});                                   \
    }                                                                                                                  \
    static int64_t kind##_range_desc(void *map, map_seen_fn *seen, void *ctx)                                          \
    {                                                                                                                  \
        return prefix##_range_desc(map, 0, MAP_KEYS, u64_visit, &(visitor_t){seen, ctx});                              \
    }

U64(u64, cc_skiplist64)
U64(bst64, cc_bst64)

/* ---- byte-string keys */

/* Key n is "kkk..." of n letters and eight: each is a prefix of the next, their lengths differ, and their first words are
 * equal. */
enum { BYTES_MORE = 8, BYTES_MOST = BYTES_MORE + MAP_KEYS };
#define BYTES_NUMBER(key) ((unsigned)(key).len - BYTES_MORE)
#define BYTES_KEY(key)    ((cc_bytes_t){"kkkkkkkkkkkkkkkkkk", BYTES_MORE + (key)})
static bool bytes_visit(cc_bytes_t key, void *value, void *ctx)
{
    visitor_t *visitor = ctx;
    visitor->seen(BYTES_NUMBER(key), value, visitor->ctx);
    return true;
}

#define BYTES(kind, prefix)                                                                                            \
    COMMON(kind, prefix, BYTES_KEY, BYTES_NUMBER)                                                                      \
    static int kind##_nearest(void *map, map_nearest_t which, unsigned key, unsigned *found, void **value)             \
    {                                                                                                                  \
        char room[BYTES_MOST];                                                                                         \
        cc_buf_t at = {.data = room, .cap = sizeof room};                                                              \
        int err = NEAREST(prefix, BYTES_KEY(key), &at, value);                                                         \
        *found = BYTES_NUMBER(at);                                                                                     \
        return err;                                                                                                    \
    }                                                                                                                  \
    static int kind##_pop(void *map, map_nearest_t which, unsigned *found, void **value)                               \
    {                                                                                                                  \
        char room[BYTES_MOST];                                                                                         \
        cc_buf_t at = {.data = room, .cap = sizeof room};                                                              \
        int err = POP(prefix, &at, value);                                                                             \
        *found = BYTES_NUMBER(at);                                                                                     \
        return err;                                                                                                    \
    }                                                                                                                  \
    static int64_t kind##_range(void *map, map_seen_fn *seen, void *ctx)                                               \
    {                                                                                                                  \
        return prefix##_range(map, BYTES_KEY(0), CC_BYTES_MAX, bytes_visit, &(visitor_t){seen, ctx});                  \
    }                                                                                                                  \
    static int64_t kind##_range_desc(void *map, map_seen_fn *seen, void *ctx)                                          \
    {                                                                                                                  \
        return prefix##_range_desc(map, BYTES_KEY(0), CC_BYTES_MAX, bytes_visit, &(visitor_t){seen, ctx});             \
    }

BYTES(bytes, cc_skiplist)
BYTES(bst, cc_bst)

const map_kind_t map_kinds[] = {
    KIND(u64, "skiplist64", 1, blocks_thawed_u64),
    KIND(bytes, "skiplist", 1, blocks_thawed_bytes),
    KIND(bst64, "bst64", 2, NULL),
    KIND(bst, "bst", 2, NULL),
    {.name = NULL},
};
