/* uint64 keys: stored in the node's header. See key.h. */
#ifndef CC_DS_KEY_U64_H
#define CC_DS_KEY_U64_H

#include "cc/map.h"

#include <errno.h>

#define KEY_NAME u64

typedef uint64_t cc__key_t;
typedef uint64_t *cc__key_out_t;
typedef uint64_t cc__stored_key_t;
typedef cc_visit64_fn cc__visit_fn;
typedef cc_cursor64_t cc__cursor_t;

enum { CC__KEY_HAS_COMPARE = 0 };

#define CC__KEY_END UINT64_MAX

static inline bool key_valid(cc__key_t key)
{
    (void)key;
    return true;
}

static inline bool key_valid_end(cc__key_t key)
{
    (void)key;
    return true;
}

static inline bool key_is_max(cc__key_t key)
{
    (void)key;
    return false;
}

static inline size_t key_room(cc__key_t key)
{
    (void)key;
    return 0;
}

static inline size_t stored_key_room(const cc__stored_key_t *stored)
{
    (void)stored;
    return 0;
}

static inline void key_store(cc__stored_key_t *stored, void *room, cc__key_t key)
{
    (void)room;
    *stored = key;
}

static inline cc__key_t key_of(const cc__stored_key_t *stored, const void *room)
{
    (void)room;
    return *stored;
}

static inline int key_order(cc__key_t a, cc__key_t b, cc_compare_fn *compare, void *ctx)
{
    (void)compare;
    (void)ctx;
    if (a < b) /* a branch of its own: the search turns on it */
        return -1;
    return a > b;
}

/* All ones if a < b, else 0. */
static inline uintptr_t key_below(cc__key_t a, cc__key_t b, cc_compare_fn *compare, void *ctx)
{
    (void)compare;
    (void)ctx;
    return -(uintptr_t)(a < b);
}

/* Above a and not above b, which comes behind a. */
static inline cc__key_t key_between(cc__key_t a, cc__key_t b, cc_compare_fn *compare)
{
    (void)a;
    (void)compare;
    return b;
}

/* What key_copy_out would return. */
static inline int key_fits(cc__key_out_t out, cc__key_t key)
{
    (void)out;
    (void)key;
    return 0;
}

static inline int key_copy_out(cc__key_out_t out, cc__key_t key)
{
    if (out != NULL)
        *out = key;
    return 0;
}

/* A key that is kept for a while: where one is copied out, and an argument of the call after it. */
typedef uint64_t cc__key_hold_t;
typedef uint64_t cc__key_copy_t;

static inline void key_hold_init(cc__key_hold_t *hold)
{
    *hold = 0;
}

static inline void key_hold_free(cc__key_hold_t *hold)
{
    (void)hold;
}

static inline bool key_hold_grow(cc__key_hold_t *hold)
{
    (void)hold;
    return false;
}

static inline cc__key_t key_hold_get(const cc__key_hold_t *hold)
{
    return *hold;
}

/* Room for the next one; it becomes the one that is kept by key_hold_set. */
static inline cc__key_copy_t key_hold_room(const cc__key_hold_t *hold)
{
    return *hold;
}

static inline void key_hold_set(cc__key_hold_t *hold, const cc__key_copy_t *copy)
{
    *hold = *copy;
}

enum { CC__CHUNK = 64 };

typedef struct {
    uint64_t keys[CC__CHUNK];
} cc__key_list_t;

static inline void key_list_init(cc__key_list_t *list)
{
    (void)list;
}

static inline void key_list_clear(cc__key_list_t *list)
{
    (void)list;
}

static inline void key_list_free(cc__key_list_t *list)
{
    (void)list;
}

static inline bool key_list_grow(cc__key_list_t *list)
{
    (void)list;
    return false;
}

static inline bool key_list_set(cc__key_list_t *list, unsigned i, cc__key_t key)
{
    list->keys[i] = key;
    return true;
}

static inline cc__key_t key_list_get(const cc__key_list_t *list, unsigned i)
{
    return list->keys[i];
}

#endif
