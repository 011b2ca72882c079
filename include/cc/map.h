/* cc/map.h: what all ordered maps share: their options, their visitors, and the rules of ownership.
 *
 * Values are pointers that the library never looks into. They must not be NULL. (In C++ a string literal as a value needs a
 * cast: (void *)"42".)
 *   - Looking into a value. If values are freed one day, the pointer that get returns may be dereferenced only inside a guard of
 *     the map's domain that was open when get was called. Outside a guard it is a token: compare it, do nothing else with it.
 *   - With opts.value_reclaim the map owns its values. It retires a value that has been replaced, removed or popped, and at
 *     destroy those that are left. A pointer then stands in one place of one map at most.
 *   - A call can take such a value over from the map: put and remove with `old`, pop_min and pop_max with `v` not NULL. If a value
 *     has left the map, the pointer is set to it, and the caller must retire it: cc_retire in the same domain, not free, since
 *     others may still read it. Until then the caller may read it, too. put of a new entry, or of the pointer that is there
 *     already, sets the pointer to NULL.
 *   - Without value_reclaim values are the caller's all the time. If guards are in use, a value is retired too, not freed: once,
 *     after it has left the last map.
 *   - On any error the caller keeps `value`, and out parameters are untouched.
 *   - Over the domain's memory cap (limbo_bytes_max of cc_domain_opts_t) insert, put, replace, get_or_insert of a new key and
 *     create_sorted return -ENOSPC before they change or make anything; all other calls go on.
 *   - put and replace with the pointer that is there already change and reclaim nothing.
 *
 * Keys that come out of a map of byte strings (min, floor, pop_min and so on) are copied into a cc_buf_t. If it has too little
 * room the call returns -ENOBUFS and says in k.len how much the key needs. Since another, longer key can be the answer the next
 * time, ask in a loop:
 *
 *     cc_buf_t k = {NULL, 0, 0};
 *     int err;
 *     while ((err = cc_skiplist_min(map, &k, &value)) == -ENOBUFS) {
 *         void *larger = realloc(k.data, k.len);
 *         if (larger == NULL)
 *             break;
 *         k.data = larger;
 *         k.cap = k.len;
 *     }
 *     if (err == 0)
 *         use(k.data, k.len, value);
 *     free(k.data);
 *
 * Inline values (opts.value_inline): the map keeps copies of values, value_size bytes each, so that nobody needs a guard or a
 * callback and no rule above about values applies. Every call takes bytes in and gives bytes out:
 *   - `value`, `desired`, each of `values` (create_sorted) and what `make` returns (get_or_insert) point to value_size bytes,
 *     which are copied before the call returns, and stay the caller's.
 *   - `value`, `old` and `v` of type void ** lead to a pointer to value_size bytes of the caller's: the value is copied
 *     there, the pointer stays what it is. CC_INTO(&x) makes one of a variable. A pointer that was never set is written
 *     through! NULL as the pointer: -EINVAL. Without a value to give, and on any error, nothing is written.
 *   - put copies the value that it replaced into `old`, remove, remove_if and pop the one that they removed. No duty passes.
 *   - replace and remove_if compare the bytes of `expected` with those in the map, padding too.
 *   - Visitors, encoders and cursors are given the map's own copy: immutable; good during the call, or until the cursor
 *     moves; aligned to 8 bytes, to 16 if value_size is at least 16.
 *   - freeze copies value_size bytes of each value unless told otherwise.
 *   - Memory: put, insert, replace and get_or_insert allocate room for one value. remove_if, get and the others that copy a value
 *     out need memory in two cases: the thread has not used the domain before, or it has several guards, ranges and cursors of
 *     the domain open. Where there is none they return -ENOMEM.
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
 * A bounded map (opts.max_entries) holds at most so many entries at every moment, whoever inserts meanwhile. What a call does
 * that would add one to a full map, opts.when_full says: it is refused, or it first evicts (removes) the entry at one end.
 *   - A call can be refused, or evict, when the map is almost full, and not quite: a place counts as taken from the moment at which
 *     an insertion asks for it. A removal gives it back when it is over, after the callbacks that it runs.
 *   - An evicted value is retired if the map has value_reclaim, else forgotten.
 *   - Evicting is a step of its own. Others may see the old entry gone and the new one not there yet. If the new one then cannot
 *     be added (no memory, a memory cap that is reached just then), the old one is gone all the same.
 *   - The new key is not compared with the evicted one: it may be the smaller of the two where the smallest is evicted.
 *   - insert of a key that is there evicts nothing, nor does put, which changes its value.
 *   - create_sorted with more entries than the bound makes no map (-ENOSPC).
 *   - In the child of a fork, the place that a call of another thread had just taken stays taken for ever.
 * Cost: one contended word per insertion and removal; at the bound a second search, with an eviction four.
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
