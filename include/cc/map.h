/* cc/map.h: what all ordered maps share: their options, their visitors, and the rules of ownership.
 *
 * Values are pointers that the library never looks into; they must not be NULL.
 *   - A pointer that get returns may be dereferenced only inside a guard of the map's domain that was open at
 *     the call, if values can be reclaimed at all. Outside a guard it is a token to compare.
 *   - With `value_reclaim` set, the map retires a value that is replaced, removed or popped with `old` (or `v`) NULL, and
 *     those that are left at destroy. With `old` given, *old is non-NULL exactly when the duty to retire the old
 *     value (cc_retire in the same domain; not the right to free it) has passed to the caller, who may read it
 *     until then. A pointer then stands in at most one map.
 *   - Without `value_reclaim`, and if guards are in use, the caller retires a value, once, after it left the
 *     last map.
 *   - On any error the caller keeps `value`, and out parameters are untouched.
 *   - Over the domain's memory cap (limbo_bytes_max of cc_domain_opts_t) insert, put and replace return -ENOSPC before
 *     they begin; all other calls go on.
 *   - put and replace with the pointer that is there already change and reclaim nothing.
 *
 * Inline values (opts.value_inline): the map keeps copies of values, value_size bytes each, so that nobody needs a guard or a
 * callback and no rule above applies. Every call takes bytes in and gives bytes out:
 *   - `value`, `desired`, each of `values` (create_sorted) and what `make` returns (get_or_insert) point to value_size bytes,
 *     which are copied before the call returns, and stay the caller's.
 *   - `value`, `old` and `v` of type void ** lead to a pointer to value_size bytes of the caller's: the value is copied
 *     there, the pointer stays what it is. CC_INTO(&x) makes one of a variable. A pointer that was never set is written
 *     through! NULL as the pointer: -EINVAL. Without a value to give, and on any error, nothing is written.
 *   - put copies the value that it replaced into `old`, remove and pop the one that they removed. No duty passes.
 *   - replace compares the bytes of `expected` with those in the map, padding too.
 *   - Visitors, encoders and cursors are given the map's own copy: immutable; good during the call, or until the cursor
 *     moves; aligned to 8 bytes, to 16 if value_size is at least 16.
 *   - freeze copies value_size bytes of each value unless told otherwise.
 *   - put, insert, replace and get_or_insert need memory for one value. What copies a value out can return -ENOMEM too, if
 *     the thread has not used the domain before, or is inside several guards, ranges and cursors of it.
 * A copy waits to be reclaimed like any value, and counts value_size bytes towards limbo. Cost: one allocation per change; per
 * value copied out a slot and the copying.
 *
 *     cc_map_opts_t opts = CC_MAP_OPTS_INIT;
 *     opts.value_inline = true;
 *     opts.value_size = sizeof(point_t);
 *     ...
 *     point_t at = {3, 4}, before;
 *     int replaced = cc_skiplist64_put(map, 42, &at, CC_INTO(&before));
 *     if (cc_skiplist64_get(map, 42, CC_INTO(&at)) == 0)
 *         show(at);
 *
 * A bounded map (opts.max_entries) holds at most so many entries at every moment, whoever inserts meanwhile. Room that a
 * call is about to make or to use counts as taken, in a removal until the callbacks that it runs have returned: near the bound
 * a call can be refused, or evict one, although the map is not quite full. An evicted value is retired if the map has
 * value_reclaim, else forgotten. Evicting is a step of its own: others may see it before the new entry, and it is not undone
 * if that fails (no memory, memory cap). The new key need not be on the better side of what goes for it. insert of a key that is
 * there evicts nothing, nor does put, which changes its value. A sorted input longer than the bound gives no map (-ENOSPC).
 * In the child of a fork, a call that another thread was in the middle of keeps its room for ever. Cost: one contended word
 * per insertion and removal; at the bound a second search, with an eviction four.
 *
 *     cc_map_opts_t opts = CC_MAP_OPTS_INIT;
 *     opts.max_entries = 1000;
 *     opts.when_full = CC_FULL_EVICT_MIN; // keys are times: the latest thousand
 */
#ifndef CC_MAP_H
#define CC_MAP_H

#include <cc/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest byte-string key, in bytes. */
#define CC_KEY_LEN_MAX ((size_t)65535)

/** Largest inline value, in bytes. */
#define CC_VALUE_SIZE_MAX ((size_t)1 << 20)

/** Of a map with inline values, where a value is copied to: `room` points to value_size bytes. For one call. */
#ifdef __cplusplus
struct cc_into_t {
    void *room;
    operator void **() noexcept
    {
        return &room;
    }
};
#define CC_INTO(room) (cc_into_t{(room)})
#else
#define CC_INTO(room) (&(void *){(room)})
#endif

/** As the upper end of a range of byte strings: above every key. */
#ifdef __cplusplus
#define CC_BYTES_MAX (cc_bytes_t{NULL, SIZE_MAX})
#else
#define CC_BYTES_MAX ((cc_bytes_t){NULL, SIZE_MAX})
#endif

/** Orders two keys: negative, 0, positive. Must be pure: no lock, no allocation, no system call, no call into
 *  this library, always the same answer for the same bytes; it runs in the middle of a search. */
typedef int cc_compare_fn(cc_bytes_t a, cc_bytes_t b, void *ctx);

/** Called for each entry of a range, outside every operation: may call the library, sleep or lock. Key and
 *  value are good during the call. It returns: an exception or a longjmp out of it leaves the thread inside the range.
 *  @return false to stop. */
typedef bool cc_visit64_fn(uint64_t key, void *value, void *ctx);
typedef bool cc_visit_fn(cc_bytes_t key, void *value, void *ctx);

/** A key of the library's own keeping, in the room behind it while it is short. */
typedef struct {
    cc_buf_t buf;
    unsigned char local[128];
} cc_key_room_t;

/** Makes the value for a key that is not there (get_or_insert). Called outside every operation: may allocate, lock, call the
 *  library. It returns: never by an exception or a longjmp.
 *  @return the value; NULL: none can be made. */
typedef void *cc_make_fn(void *ctx);

/** Where a cursor stands. The caller's memory, the library's members; not to be copied while it is open. */
typedef struct {
    void *map;
    struct cc_guard *guard;
    void *value;
    unsigned slot;
    uint64_t key;
} cc_cursor64_t;
typedef struct {
    void *map;
    struct cc_guard *guard;
    void *value;
    unsigned slot;
    cc_key_room_t key;
} cc_cursor_t;

/** Writes `value` down in bytes, for a frozen copy (freeze): into `room`, which has `cap` bytes. Called outside every
 *  operation; value is good during the call. It returns: never by an exception or a longjmp.
 *  @return the bytes that it takes; if that is more than `cap`, it is called again with that much room. A negative errno:
 *          freeze returns it. */
typedef int64_t cc_encode_fn(void *value, void *room, size_t cap, void *ctx);

/** What becomes of the values in a frozen copy, which outlives them: by default the pointer itself is kept, as a word, for
 *  values that are numbers or tokens. */
typedef struct {
    size_t size;          /**< sizeof(cc_freeze_opts_t), set by CC_FREEZE_OPTS_INIT */
    size_t value_size;    /**< so many bytes are copied from where each value points to; 0: not so */
    cc_encode_fn *encode; /**< writes each value down; NULL: not so. Not both */
    void *encode_ctx;     /**< its ctx */
} cc_freeze_opts_t;

#define CC_FREEZE_OPTS_INIT                                                                                            \
    {                                                                                                                  \
        sizeof(cc_freeze_opts_t), 0, NULL, NULL                                                                        \
    }

/** A frozen copy of a map: cc/frozen64.h, cc/frozen.h. */
typedef struct cc_frozen64 cc_frozen64_t;
typedef struct cc_frozen cc_frozen_t;

/** What a call does that would add an entry to a map which is full (opts.max_entries). */
typedef enum {
    CC_FULL_REFUSE,    /**< nothing: it returns -ENOSPC */
    CC_FULL_EVICT_MIN, /**< removes the entry with the smallest key first, as pop_min does with `v` NULL */
    CC_FULL_EVICT_MAX  /**< the one with the greatest key */
} cc_full_t;

typedef struct {
    size_t size;                  /**< sizeof(cc_map_opts_t), set by CC_MAP_OPTS_INIT */
    cc_reclaim_fn *value_reclaim; /**< reclaims values that leave the map; NULL: the caller's business */
    void *value_ctx;              /**< its ctx */
    size_t value_size;            /**< bytes of one value, below 2^59: waiting values count; 0: counted as nothing */
    bool value_inline;            /**< the map keeps copies of values; value_size is 1 ... CC_VALUE_SIZE_MAX then, and
                                       value_reclaim NULL */
    cc_compare_fn *compare;       /**< order of byte-string keys; NULL: memcmp, a prefix first. u64 maps: NULL */
    void *compare_ctx;            /**< its ctx */
    uint64_t max_entries;         /**< the map never holds more; 0: no bound */
    cc_full_t when_full;          /**< with max_entries */
} cc_map_opts_t;

#define CC_MAP_OPTS_INIT                                                                                               \
    {                                                                                                                  \
        sizeof(cc_map_opts_t), NULL, NULL, 0, false, NULL, NULL, 0, CC_FULL_REFUSE                                     \
    }

#ifdef __cplusplus
}
#endif

#endif
