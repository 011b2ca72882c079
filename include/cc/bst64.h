/* cc/bst64.h: a lock-free ordered map from uint64 keys to pointers, as a search tree.
 *
 * All calls but create, destroy and validate may run at the same time, from any number of threads. None of
 * them waits for another thread: a thread that sleeps, anywhere, never stops the others.
 *
 *     cc_bst64_t *map;
 *     if (cc_bst64_create(NULL, NULL, &map) != 0)
 *         return 1;
 *     cc_bst64_put(map, 42, "answer", NULL);
 *     void *value;
 *     if (cc_bst64_get(map, 42, &value) == 0)
 *         puts(value);
 *     cc_bst64_destroy(map);
 *
 * | call                          | linearizable | progress  | inside a guard | in a callback |
 * |-------------------------------|--------------|-----------|----------------|---------------|
 * | get, contains                 | yes          | lock-free | yes            | yes           |
 * | insert, put, replace, remove  | yes          | lock-free | yes            | yes           |
 * | min, max, floor, ceil,        | see there    | lock-free | yes            | yes           |
 * | lower, higher                 |              |           |                |               |
 * | pop_min, pop_max              | see there    | lock-free | yes            | yes           |
 * | range                         | weakly       | lock-free | yes            | yes           |
 * | count                         | approximate  | wait-free | yes            | yes           |
 * | create, destroy               | -            | locks     | yes            | yes           |
 *
 * Cost: O(log n) per call for keys that arrive in no order; the tree is not balanced, and keys that arrive in order make
 * every call O(n): take cc_skiplist64 for those. An entry takes two nodes of 64 bytes.
 * Source: the external tree of Natarajan and Mittal (PPoPP 2014), with removal decided by one word per leaf and one node
 * cut off at a time; how memory is reclaimed safely is argued in docs/bst.md. Ownership of values: see
 * cc/map.h. */
#ifndef CC_BST64_H
#define CC_BST64_H

#include <cc/map.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cc_bst64 cc_bst64_t;

/** Creates an empty map in `domain` (NULL: the default domain). `opts` NULL: the defaults.
 *  @return 0; -EINVAL (`out` NULL, wrong opts->size, opts->compare set, default domain wanted but CC_SMR is
 *          bad); -ENOMEM. */
CC_API CC_NODISCARD int cc_bst64_create(cc_domain_t *domain, const cc_map_opts_t *opts, cc_bst64_t **out);

/** Frees the map and its nodes; with value_reclaim the values left in it are retired (guards of other threads
 *  may still hold them). No other thread may be inside a call on the map.
 *  @return 0; -EINVAL (NULL). O(n). */
CC_API int cc_bst64_destroy(cc_bst64_t *map);

/** Looks `key` up. `value` NULL: as contains. Inside a guard of the map's domain the value is held in it.
 *  Linearizes at the read of the entry's value, or for an absent key at the read of the edge to the leaf in
 *  its place.
 *  @return 0; -ENOENT; -EINVAL (map NULL); inside a guard also -ENOMEM (the guard cannot grow). */
CC_API int cc_bst64_get(cc_bst64_t *map, uint64_t key, void **value);

/** True if `key` is there. False for a NULL map. Never needs memory. Linearizes as get. */
CC_API bool cc_bst64_contains(cc_bst64_t *map, uint64_t key);

/** Adds an entry. Linearizes when the entry's leaf is linked.
 *  @return 0; -EEXIST; -EINVAL (map or value NULL); -ENOMEM; -ENOSPC (memory cap). */
CC_API int cc_bst64_insert(cc_bst64_t *map, uint64_t key, void *value);

/** Adds an entry or replaces its value. Replacing linearizes at the change of the value word.
 *  `old` NULL: a replaced value is retired if the map has value_reclaim. `old` given: *old is the replaced
 *  value if the duty to retire it passed to the caller, else NULL (new entry, or `value` was there already).
 *  @return 0: a new entry; 1: replaced; -EINVAL (map or value NULL); -ENOMEM; -ENOSPC (memory cap). */
CC_API int cc_bst64_put(cc_bst64_t *map, uint64_t key, void *value, void **old);

/** Changes the value of `key` from `expected` to `desired`; the old one is retired if the map has
 *  value_reclaim. `expected` is open to ABA unless it was read inside a guard that is still open. Linearizes
 *  at the change of the value word, or at its read when that answers otherwise.
 *  @return 0; -ENOENT; -ECANCELED (another value is there); -EINVAL (map, expected or desired NULL);
 *          -ENOMEM; -ENOSPC (memory cap). */
CC_API int cc_bst64_replace(cc_bst64_t *map, uint64_t key, void *expected, void *desired);

/** Removes an entry. Linearizes when its value word becomes NULL. `old` NULL: the value is retired if the map
 *  has value_reclaim; given: the value, whose retirement is now the caller's duty.
 *  @return 0; -ENOENT; -EINVAL (map NULL); -ENOMEM (nothing changed: room for the retirement is reserved
 *          before anything is touched). */
CC_API int cc_bst64_remove(cc_bst64_t *map, uint64_t key, void **old);

/** The smallest / greatest key; the greatest key <= `key` (floor), < `key` (lower); the smallest key >= `key` (ceil),
 *  > `key` (higher); with its value (held in the innermost guard, as get). `k` or `v` may be NULL. What they promise: the entry was present at a moment
 *  during the call, and no key that was present throughout the call is a better answer. They are not
 *  linearizable against inserts that run at the same time.
 *  @return 0; -ENOENT (no such key); -EINVAL (map NULL); inside a guard also -ENOMEM. */
CC_API int cc_bst64_min(cc_bst64_t *map, uint64_t *k, void **v);
CC_API int cc_bst64_max(cc_bst64_t *map, uint64_t *k, void **v);
CC_API int cc_bst64_floor(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);
CC_API int cc_bst64_ceil(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);
CC_API int cc_bst64_lower(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);
CC_API int cc_bst64_higher(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);

/** Removes the entry with the smallest / greatest key, as remove does: each entry goes to exactly one caller. `k` (its
 *  key) may be NULL. `v` NULL: the value is retired if the map has value_reclaim; given: the value, whose retirement is now
 *  the caller's duty; it may be read until then, inside a guard or not.
 *  What they promise: the removal is linearizable as one of remove; no key that was present throughout the call is a better
 *  answer; so is the answer -ENOENT. They are not linearizable as "the smallest": a smaller key may come between the search
 *  and the removal. While nothing is inserted, keys come out in order. Lock-free, O(log n), two searches.
 *
 *      void *job;
 *      while (cc_bst64_pop_min(map, NULL, &job) == 0)
 *          run(job);
 *
 *  @return 0; -ENOENT (nothing there); -EINVAL (map NULL); -ENOMEM (nothing was
 *          removed). */
CC_API int cc_bst64_pop_min(cc_bst64_t *map, uint64_t *k, void **v);
CC_API int cc_bst64_pop_max(cc_bst64_t *map, uint64_t *k, void **v);

/** Calls visit(key, value, ctx) for the entries with from <= key <= to, in order, until it returns false.
 *  Weakly consistent: every key that is present during the whole call is visited exactly once, none twice,
 *  none that was never there. The visitor runs outside operations; key and value are good during its call.
 *  Works in chunks: however long the range, a sleeping visitor pins at most one chunk of values.
 *  @return entries visited; -EINVAL (map or visit NULL); -ENOMEM (before the first visit or between two). */
CC_API int64_t cc_bst64_range(cc_bst64_t *map, uint64_t from, uint64_t to, cc_visit64_fn *visit, void *ctx);

/** Entries: exact while nothing changes, else approximate (never wrong by more than the calls in flight).
 *  0 for NULL. Wait-free. */
CC_API size_t cc_bst64_count(cc_bst64_t *map);

/** Checks every invariant (order, nothing removed still linked, the count).
 *  The map must be quiet. @return 0; -EINVAL (NULL, or an invariant is broken: one line on stderr says
 *  which); -ENOMEM (for as many pointers as the tree is deep). */
CC_API int cc_bst64_validate(cc_bst64_t *map);

#ifdef __cplusplus
}
#endif

#endif
