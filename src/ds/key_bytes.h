/* Byte-string keys: copied into the nodes. See key.h. */
#ifndef CC_DS_KEY_BYTES_H
#define CC_DS_KEY_BYTES_H

#include "cc/alloc.h"
#include "cc/map.h"

#include <errno.h>
#include <string.h>

#define KEY_NAME bytes

typedef cc_bytes_t cc__key_t;
typedef cc_buf_t *cc__key_out_t;
typedef uint64_t cc__stored_key_t; /* the length */
typedef cc_visit_fn cc__visit_fn;
typedef cc_cursor_t cc__cursor_t;

enum { CC__KEY_HAS_COMPARE = 1 };

#define CC__KEY_END CC_BYTES_MAX

static inline bool key_valid(cc__key_t key)
{
    return key.len <= CC_KEY_LEN_MAX && (key.data != NULL || key.len == 0);
}

/* CC_BYTES_MAX, the end of a range that has none. */
static inline bool key_is_max(cc__key_t key)
{
    return key.data == NULL && key.len == SIZE_MAX;
}

static inline bool key_valid_end(cc__key_t key)
{
    return key_valid(key) || key_is_max(key);
}

static inline size_t key_room(cc__key_t key)
{
    return key.len;
}

static inline size_t stored_key_room(const cc__stored_key_t *stored)
{
    return *stored;
}

static inline void key_store(cc__stored_key_t *stored, void *room, cc__key_t key)
{
    *stored = key.len;
    if (key.len != 0)
        memcpy(room, key.data, key.len);
}

static inline cc__key_t key_of(const cc__stored_key_t *stored, const void *room)
{
    return (cc__key_t){room, *stored};
}

/* Eight bytes anywhere. Not through memcpy, whose calls are kept as calls where a SEARCH is compiled. */
typedef uint64_t __attribute__((aligned(1), may_alias)) cc__word_t;

static inline uint64_t load_big_endian(const unsigned char *p)
{
    uint64_t word = *(const cc__word_t *)p;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

typedef uint32_t __attribute__((aligned(1), may_alias)) cc__half_t;

static inline uint64_t load_big_endian_half(const unsigned char *p)
{
    uint32_t half = *(const cc__half_t *)p;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    half = __builtin_bswap32(half);
#endif
    return half;
}

/* The first eight bytes as a number, with zeros where there are no more: of two keys with different heads the order is theirs. */
static inline uint64_t key_head(cc__key_t key)
{
    const unsigned char *p = key.data;
    size_t n = key.len;
    if (n >= 8)
        return load_big_endian(p);
    if (n >= 4) {
        uint64_t left = load_big_endian_half(p), right = load_big_endian_half(p + n - 4);
        return left << 32 | (right << (64 - 8 * n) & UINT32_MAX);
    }
    if (n == 0)
        return 0;
    return (uint64_t)p[0] << 56 | (uint64_t)p[n / 2] << (56 - 8 * (n / 2)) | (uint64_t)p[n - 1] << (64 - 8 * n);
}

/* memcmp order, a prefix first. Not memcmp itself: nothing on the search path may call out of the library. */
static inline int bytes_order(cc__key_t a, cc__key_t b)
{
    const unsigned char *p = a.data, *q = b.data;
    size_t common = a.len < b.len ? a.len : b.len, i = 0;
    for (; i + 8 <= common; i += 8) {
        uint64_t x = load_big_endian(p + i), y = load_big_endian(q + i);
        if (x != y)
            return x < y ? -1 : 1;
    }
    for (; i < common; i++) {
        if (p[i] != q[i])
            return p[i] < q[i] ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

/* How many bytes both begin with. */
static inline size_t bytes_common(cc__key_t a, cc__key_t b)
{
    const unsigned char *p = a.data, *q = b.data;
    size_t i = 0;
    while (i < a.len && i < b.len && p[i] == q[i])
        i++;
    return i;
}

/* The one way out of a SEARCH (tools/check-search knows it by name). */
static __attribute__((noinline)) int key_compare(cc__key_t a, cc__key_t b, cc_compare_fn *compare, void *ctx)
{
    return compare(a, b, ctx);
}

static inline int key_order(cc__key_t a, cc__key_t b, cc_compare_fn *compare, void *ctx)
{
    return __builtin_expect(compare == NULL, 1) ? bytes_order(a, b) : key_compare(a, b, compare, ctx);
}

/* All ones if a comes before b, else 0. */
static inline uintptr_t key_below(cc__key_t a, cc__key_t b, cc_compare_fn *compare, void *ctx)
{
    return -(uintptr_t)(key_order(a, b, compare, ctx) < 0);
}

/* Above a and not above b, which comes behind a: as short as can be or, where only a comparator knows what that means, b. */
static inline cc__key_t key_between(cc__key_t a, cc__key_t b, cc_compare_fn *compare)
{
    return compare != NULL ? b : (cc__key_t){b.data, bytes_common(a, b) + 1};
}

/* Keys that stand one behind the other: key i is bytes[starts[i], starts[i + 1]). */
static inline cc__key_t key_run_get(const unsigned char *bytes, const uint32_t *starts, unsigned i)
{
    return (cc__key_t){bytes + starts[i], starts[i + 1] - starts[i]};
}

/* The place of a key in a sorted run, of which [from, to) is looked at; is it there? */
static inline bool key_run_seek(const unsigned char *bytes, const uint32_t *starts, unsigned from, unsigned to,
                                cc__key_t key, const cc_map_opts_t *opts, unsigned *at)
{
    while (from < to) {
        unsigned middle = (from + to) / 2;
        int order = key_order(key_run_get(bytes, starts, middle), key, opts->compare, opts->compare_ctx);
        if (order == 0) {
            *at = middle;
            return true;
        }
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    *at = from;
    return false;
}

/* Not memcpy, which is another library's. */
static inline void bytes_copy(unsigned char *to, cc__key_t key)
{
    const unsigned char *from = key.data;
    size_t i = 0;
    for (; i + 8 <= key.len; i += 8)
        *(cc__word_t *)(to + i) = *(const cc__word_t *)(from + i);
    for (; i < key.len; i++)
        to[i] = from[i];
}

/* What key_copy_out would return. */
static inline int key_fits(cc__key_out_t out, cc__key_t key)
{
    if (out == NULL || out->cap >= key.len)
        return 0;
    out->len = key.len;
    return -ENOBUFS;
}

static inline int key_copy_out(cc__key_out_t out, cc__key_t key)
{
    int err = key_fits(out, key);
    if (out == NULL || err != 0)
        return err;
    if (key.len != 0)
        memcpy(out->data, key.data, key.len);
    out->len = key.len;
    return 0;
}

/* A key that is kept for a while: where one is copied out, and an argument of the call after it. In its own room while it
 * is short. */
typedef cc_key_room_t cc__key_hold_t;
typedef cc_buf_t cc__key_copy_t;

static inline void key_hold_init(cc__key_hold_t *hold)
{
    hold->buf = (cc_buf_t){hold->local, sizeof hold->local, 0};
}

static inline void key_hold_free(cc__key_hold_t *hold)
{
    if (hold->buf.data != hold->local)
        cc_free(hold->buf.data, hold->buf.cap);
}

/* To room for every key. What is kept stays. */
static inline bool key_hold_grow(cc__key_hold_t *hold)
{
    unsigned char *bytes = cc_alloc(CC_KEY_LEN_MAX);
    if (bytes == NULL)
        return false;
    memcpy(bytes, hold->buf.data, hold->buf.len);
    key_hold_free(hold);
    hold->buf.data = bytes;
    hold->buf.cap = CC_KEY_LEN_MAX;
    return true;
}

static inline cc__key_t key_hold_get(const cc__key_hold_t *hold)
{
    return (cc__key_t){hold->buf.data, hold->buf.len};
}

/* Room for the next one; it becomes the one that is kept by key_hold_set. */
static inline cc__key_copy_t key_hold_room(const cc__key_hold_t *hold)
{
    return hold->buf;
}

static inline void key_hold_set(cc__key_hold_t *hold, const cc__key_copy_t *copy)
{
    hold->buf.len = copy->len;
}

enum { CC__CHUNK = 64, CC__KEY_LIST_LOCAL = 2048 };

/* Bytes of a chunk's keys: on the stack while they are short. A key that does not fit ends the chunk; if it
 * is the first one, the list grows so that every key fits. */
typedef struct {
    cc_bytes_t keys[CC__CHUNK];
    unsigned char *bytes;
    size_t cap, used;
    unsigned char local[CC__KEY_LIST_LOCAL];
} cc__key_list_t;

static inline void key_list_init(cc__key_list_t *list)
{
    list->bytes = list->local;
    list->cap = sizeof list->local;
    list->used = 0;
}

static inline void key_list_clear(cc__key_list_t *list)
{
    list->used = 0;
}

static inline void key_list_free(cc__key_list_t *list)
{
    if (list->bytes != list->local)
        cc_free(list->bytes, list->cap);
}

/* Only while the list is empty. */
static inline bool key_list_grow(cc__key_list_t *list)
{
    unsigned char *bytes = cc_alloc(CC_KEY_LEN_MAX);
    if (bytes == NULL)
        return false;
    key_list_free(list);
    list->bytes = bytes;
    list->cap = CC_KEY_LEN_MAX;
    return true;
}

static inline bool key_list_set(cc__key_list_t *list, unsigned i, cc__key_t key)
{
    if (key.len > list->cap - list->used)
        return false;
    unsigned char *to = list->bytes + list->used;
    bytes_copy(to, key);
    list->used += key.len;
    list->keys[i] = (cc_bytes_t){to, key.len};
    return true;
}

/* Keys that stand one behind the other. How many there was room for. */
static inline unsigned key_list_run(cc__key_list_t *list, unsigned i, const unsigned char *bytes,
                                    const uint32_t *starts, unsigned n)
{
    while (starts[n] - starts[0] > list->cap - list->used)
        n--;
    unsigned char *to = list->bytes + list->used;
    bytes_copy(to, (cc__key_t){bytes + starts[0], starts[n] - starts[0]});
    list->used += starts[n] - starts[0];
    for (unsigned k = 0; k < n; k++)
        list->keys[i + k] = (cc_bytes_t){to + (starts[k] - starts[0]), starts[k + 1] - starts[k]};
    return n;
}

static inline cc__key_t key_list_get(const cc__key_list_t *list, unsigned i)
{
    return list->keys[i];
}

#endif
