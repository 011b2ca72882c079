/* cc/bst64.h: a lock-free ordered map from uint64 keys to pointers, as a search tree.
 *
 * All calls but create, destroy and validate may run at the same time, from any number of threads. None of
 * them waits for another thread: a thread that sleeps, anywhere, never stops the others. (Only a thread's first call in a
 * domain takes a lock for a moment, see cc_thread_attach.)
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
 * | insert, put, replace, remove, | yes          | lock-free | yes            | yes           |
 * | remove_if                     |              |           |                |               |
 * | min, max, floor, ceil,        | yes          | lock-free | yes            | yes           |
 * | lower, higher                 |              |           |                |               |
 * | pop_min, pop_max              | see there    | lock-free | yes            | yes           |
 * | range, range_desc, for_each   | weakly       | lock-free | yes            | yes           |
 * | cursor_...                    | weakly       | lock-free | yes            | yes           |
 * | get_or_insert                 | yes          | lock-free | yes            | yes           |
 * | clear                         | per entry    | lock-free | yes            | yes           |
 * | freeze                        | weakly       | lock-free | yes            | yes           |
 * | count, evicted                | approximate  | wait-free | yes            | yes           |
 * | domain                        | -            | wait-free | yes            | yes           |
 * | validate                      | quiet map    | alone     | yes            | yes           |
 * | create, create_sorted,        | -            | locks     | yes            | yes           |
 * | destroy                       |              |           |                |               |
 *
 * Complexity: O(log n) per call if keys arrive in no order; range, for_each O(log n + entries visited);
 * range_desc O(log n) per entry visited; clear and create_sorted O(n log n); freeze, destroy, validate O(n); create, count,
 * evicted O(1).
 * Cost: the tree is not balanced, and keys that arrive in order make every call O(n), and clear O(n) for each entry: take
 * cc_skiplist64 for those. Leaves hold up to 31 entries and are immutable: a change copies one, and the old one waits to be
 * reclaimed, so 64 to 512 bytes count towards limbo per change. An entry takes 16 bytes of a leaf (one to eight cache
 * lines, with a header of 16 bytes) and a share of an inner node of 32 bytes, one for each leaf: about 20 to 30 bytes. Leaves
 * are not merged: after removals up to 96 bytes per entry remain.
 * Source: the external tree of Natarajan and Mittal (PPoPP 2014), with blocks of entries as leaves and one node cut off
 * at a time; how memory is reclaimed safely is argued in docs/bst.md. Ownership of values, and inline values, which need
 * no guard: see cc/map.h. */
#ifndef CC_BST64_H
#define CC_BST64_H

#include <cc/map.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cc_bst64 cc_bst64_t;
typedef cc_cursor64_t cc_bst64_cursor_t;

/** Creates an empty map in `domain` (NULL: the default domain). `opts` NULL: the defaults.
 *  @return 0; -EINVAL (`out` NULL, wrong opts->size, opts->compare set, value_size too great, inline values with
 *          value_size 0 or with value_reclaim, when_full unknown or without max_entries, default domain wanted but
 *          CC_SMR is bad); -ENOMEM. */
CC_API CC_NODISCARD int cc_bst64_create(cc_domain_t *domain, const cc_map_opts_t *opts, cc_bst64_t **out);

/** Creates a map with these `n` entries. `keys` are strictly ascending; values[i] belongs to keys[i]. All or nothing:
 *  on an error the caller keeps all values. The tree comes out as low as can be; inserted in ascending order by one
 *  call each, it would be as high as it has leaves. O(n log n).
 *
 *      uint64_t keys[] = {1, 2};
 *      void *values[] = {"one", "two"};
 *      int err = cc_bst64_create_sorted(NULL, NULL, keys, values, 2, &map);
 *
 *  @return as create; also -EINVAL (keys or values NULL with n > 0; keys not strictly ascending; a value NULL);
 *          -ENOSPC (memory cap; too many). */
CC_API CC_NODISCARD int cc_bst64_create_sorted(cc_domain_t *domain, const cc_map_opts_t *opts, const uint64_t *keys,
                                               void *const *values, size_t n, cc_bst64_t **out);

/** Frees the map and its nodes; with value_reclaim the values left in it are retired (guards of other threads
 *  may still hold them). No other thread may be inside a call on the map.
 *  @return 0; -EINVAL (NULL); -EBUSY (a cursor is open: nothing changed). O(n). */
CC_API int cc_bst64_destroy(cc_bst64_t *map);

/** Looks `key` up. `value` NULL: as contains. Inside a guard of the map's domain the value is held in it.
 *  Linearizes at a read of the edge to the key's leaf.
 *  @return 0; -ENOENT; -EINVAL (map NULL); inside a guard also -ENOMEM (the guard cannot grow). */
CC_API int cc_bst64_get(cc_bst64_t *map, uint64_t key, void **value);

/** True if `key` is there. False for a NULL map. Never needs memory. Linearizes as get. */
CC_API bool cc_bst64_contains(cc_bst64_t *map, uint64_t key);

/** Adds an entry. Linearizes when the edge to the key's leaf is changed, or at its read if the key is there.
 *  @return 0; -EEXIST; -EINVAL (map or value NULL); -ENOMEM; -ENOSPC (memory cap; full). */
CC_API int cc_bst64_insert(cc_bst64_t *map, uint64_t key, void *value);

/** Adds an entry or replaces its value. Linearizes when the edge to the key's leaf is changed, or at its read if
 *  `value` was there already.
 *  `old` NULL: a replaced value is retired if the map has value_reclaim. `old` given: *old is the replaced
 *  value if the duty to retire it passed to the caller, else NULL (new entry, or `value` was there already).
 *  @return 0: a new entry; 1: replaced; -EINVAL (map or value NULL); -ENOMEM; -ENOSPC (memory cap; full). */
CC_API int cc_bst64_put(cc_bst64_t *map, uint64_t key, void *value, void **old);

/** The value of `key`, or, if it is not there, the one that `make` returns, inserted. make(ctx) is called at most
 *  once, outside every operation. If another thread was faster, the made value is retired and the other one is the
 *  answer: so the map must have value_reclaim, or inline values. Inside a guard of the map's domain the value is held in
 *  it, whoever made it; `value` may be NULL. Linearizes as get or as insert.
 *
 *      static void *make_session(void *ctx) { return calloc(1, sizeof(session_t)); }
 *      void *session;
 *      int made = cc_bst64_get_or_insert(map, 42, make_session, NULL, &session);
 *
 *  @return 0: it was there; 1: the made one is in; -ECANCELED (make returned NULL); -EINVAL (map or make NULL, neither
 *          value_reclaim nor inline values); -ENOMEM, -ENOSPC (memory cap; full): a value that was made is retired. */
CC_API int cc_bst64_get_or_insert(cc_bst64_t *map, uint64_t key, cc_make_fn *make, void *ctx, void **value);

/** Changes the value of `key` from `expected` to `desired`; the old one is retired if the map has
 *  value_reclaim. `expected` is open to ABA unless it was read inside a guard that is still open. Linearizes
 *  when the edge to the key's leaf is changed, or at its read when that answers otherwise.
 *  @return 0; -ENOENT; -ECANCELED (another value is there); -EINVAL (map, expected or desired NULL);
 *          -ENOMEM; -ENOSPC (memory cap). */
CC_API int cc_bst64_replace(cc_bst64_t *map, uint64_t key, void *expected, void *desired);

/** Removes an entry. Linearizes when the edge to the key's leaf is changed, or at its read if the key is not there.
 *  `old` NULL: the value is retired if the map has value_reclaim; given: the value, whose retirement is now the
 *  caller's duty.
 *  @return 0; -ENOENT; -EINVAL (map NULL); -ENOMEM (nothing changed: what a removal needs, a copy of the leaf too, is in
 *          hand before anything is touched). */
CC_API int cc_bst64_remove(cc_bst64_t *map, uint64_t key, void **old);

/** Removes the entry of `key` if its value is `expected`, as remove does. `expected` is open to ABA unless it was read inside
 *  a guard that is still open. Linearizes when the edge to the key's leaf is changed, or at its read when that answers otherwise.
 *
 *      if (cc_bst64_get(map, 42, &session) == 0 && has_expired(session))   // inside a guard
 *          cc_bst64_remove_if(map, 42, session, NULL);                     // unless somebody has renewed it since
 *
 *  @return 0; -ENOENT; -ECANCELED (another value is there); -EINVAL (map or expected NULL); -ENOMEM
 *          (nothing changed). */
CC_API int cc_bst64_remove_if(cc_bst64_t *map, uint64_t key, void *expected, void **old);

/** The smallest / greatest key; the greatest key <= `key` (floor), < `key` (lower); the smallest key >= `key` (ceil),
 *  > `key` (higher); with its value (held in the innermost guard, as get). `k` or `v` may be NULL. Linearizable: at one
 *  moment during the call the answer was the right one.
 *  @return 0; -ENOENT (no such key); -EINVAL (map NULL); inside a guard also -ENOMEM. */
CC_API int cc_bst64_min(cc_bst64_t *map, uint64_t *k, void **v);
CC_API int cc_bst64_max(cc_bst64_t *map, uint64_t *k, void **v);
CC_API int cc_bst64_floor(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);
CC_API int cc_bst64_ceil(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);
CC_API int cc_bst64_lower(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);
CC_API int cc_bst64_higher(cc_bst64_t *map, uint64_t key, uint64_t *k, void **v);

/** Removes the entry with the smallest / greatest key, as remove does: each entry goes to exactly one caller. `k`
 *  (its key) may be NULL. `v` NULL: the value is retired if the map has value_reclaim; given: the value, whose
 *  retirement is now the caller's duty; it may be read until then, inside a guard or not. What they promise: the
 *  removal is linearizable as one of remove; no key that was present throughout the call is a better answer; so is
 *  the answer -ENOENT. They are not linearizable as "the smallest": a smaller key may come between the search and the
 *  removal. While nothing is inserted, keys come out in order. Lock-free, O(log n), two searches.
 *
 *      void *job;
 *      while (cc_bst64_pop_min(map, NULL, &job) == 0) {
 *          run(job);
 *          cc_retire(domain, job, sizeof(job_t), free_job, NULL); // not free: readers may still hold it
 *      }
 *
 *  @return 0; -ENOENT (nothing there); -EINVAL (map NULL); -ENOMEM (nothing was removed). */
CC_API int cc_bst64_pop_min(cc_bst64_t *map, uint64_t *k, void **v);
CC_API int cc_bst64_pop_max(cc_bst64_t *map, uint64_t *k, void **v);

/** Calls visit(key, value, ctx) for the entries with from <= key <= to, in order, until it returns false.
 *  Weakly consistent: every key that is present during the whole call is visited exactly once, none twice,
 *  none that was never there; what is taken from one leaf was there at one moment. The visitor runs outside operations;
 *  key and value are good during its call. Works in chunks: however long the range, a sleeping visitor pins at most one
 *  chunk of values; under CC_SMR_EPOCH, URCU and CK all that is retired meanwhile.
 *  @return entries visited; -EINVAL (map or visit NULL); -ENOMEM (before the first visit or between two). */
CC_API int64_t cc_bst64_range(cc_bst64_t *map, uint64_t from, uint64_t to, cc_visit64_fn *visit, void *ctx);

/** As range, from the greatest key down: `from` is the lower end all the same. One search each: O(log n). */
CC_API int64_t cc_bst64_range_desc(cc_bst64_t *map, uint64_t from, uint64_t to, cc_visit64_fn *visit, void *ctx);

/** A range over all keys. */
CC_API int64_t cc_bst64_for_each(cc_bst64_t *map, cc_visit64_fn *visit, void *ctx);

/** Removes entries, one after the other, from the smallest on: each that is present throughout the call; of those
 *  that come meanwhile some. It ends whatever others insert. Values are retired if the map has value_reclaim.
 *  @return how many; -EINVAL (NULL); -ENOMEM (before the first one. If memory runs out later, it returns how many are
 *          gone, and entries are left). */
CC_API int64_t cc_bst64_clear(cc_bst64_t *map);

/** Makes a frozen copy (cc/frozen64.h): sorted, immutable, of the map's keys and of what `opts` makes of its values (NULL:
 *  the pointers, as words). Weakly consistent, as for_each: every key that is present during the whole call is in the copy,
 *  with a value that it had meanwhile; it is the map at one moment only if nothing changes. O(n), lock-free; needs about
 *  twice the copy's memory while it is made.
 *
 *      cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
 *      opts.value_size = sizeof(session_t);
 *      cc_frozen64_t *copy;
 *      int err = cc_bst64_freeze(map, &opts, &copy);
 *
 *  @return 0; -EINVAL (map or out NULL, wrong opts->size, value_size and encode both set, more than an inline value
 *          has); -ENOMEM; what encode returned. */
CC_API CC_NODISCARD int cc_bst64_freeze(cc_bst64_t *map, const cc_freeze_opts_t *opts, cc_frozen64_t **out);

/** A cursor: stands at an entry, and moves both ways while others change the map. It belongs to one thread, from init
 *  to fini; several may be open, in guards or not. Its key is a copy and its value is held, whatever becomes of the
 *  entry, until the next move that succeeds. Weakly consistent: a move goes to an entry that was present at a moment
 *  during it, and passes over no key that was present throughout it. So over a walk in one direction: what is present
 *  throughout is met once, in order. One search per move: O(log n), lock-free.
 *
 *  An open cursor holds up destroy (-EBUSY), a drain by its thread (-EDEADLK) and, under CC_SMR_EPOCH, all
 *  reclamation, as an open guard does: there, close it now and then, and seek again.
 *
 *      cc_bst64_cursor_t at;
 *      if (cc_bst64_cursor_init(&at, map) != 0)
 *          return;
 *      for (int err = cc_bst64_cursor_last(&at); err == 0; err = cc_bst64_cursor_prev(&at))
 *          show(cc_bst64_cursor_key(&at), cc_bst64_cursor_value(&at));
 *      cc_bst64_cursor_fini(&at);
 *
 *  init: it stands nowhere. @return 0; -EINVAL (NULL); -ENOMEM. fini: NULL, or one that is finished, is ignored. */
CC_API CC_NODISCARD int cc_bst64_cursor_init(cc_bst64_cursor_t *cursor, cc_bst64_t *map);
CC_API void cc_bst64_cursor_fini(cc_bst64_cursor_t *cursor);

/** To the smallest key >= `key`; the smallest; the greatest; the next greater than where it stands; the next smaller.
 *  @return 0; -ENOENT (there is none), -ENOMEM (no room for the value): it stays where it was; -EINVAL (not open;
 *          next or prev of one that stands nowhere). */
CC_API int cc_bst64_cursor_seek(cc_bst64_cursor_t *cursor, uint64_t key);
CC_API int cc_bst64_cursor_first(cc_bst64_cursor_t *cursor);
CC_API int cc_bst64_cursor_last(cc_bst64_cursor_t *cursor);
CC_API int cc_bst64_cursor_next(cc_bst64_cursor_t *cursor);
CC_API int cc_bst64_cursor_prev(cc_bst64_cursor_t *cursor);

/** Where it stands: 0 if nowhere. And the value that was there: NULL if nowhere. */
CC_API uint64_t cc_bst64_cursor_key(const cc_bst64_cursor_t *cursor);
CC_API void *cc_bst64_cursor_value(const cc_bst64_cursor_t *cursor);

/** The domain whose guards hold the map's values: cc_guard_enter(cc_bst64_domain(map)). The default one if the map was
 *  created with NULL. NULL for NULL. Wait-free. */
CC_API cc_domain_t *cc_bst64_domain(const cc_bst64_t *map);

/** Entries: exact while nothing changes, else approximate (never wrong by more than the calls in flight).
 *  0 for NULL. Wait-free. */
CC_API size_t cc_bst64_count(cc_bst64_t *map);

/** Entries that were evicted since the map was created to keep it at opts.max_entries (cc/map.h). Off by the calls in
 *  flight. 0 for NULL. Wait-free. */
CC_API uint64_t cc_bst64_evicted(cc_bst64_t *map);

/** Checks every invariant (order, nothing removed still linked, the count).
 *  The map must be quiet. @return 0; -EINVAL (NULL, or an invariant is broken: one line on stderr says
 *  which); -ENOMEM (for as many pointers as the tree is deep). */
CC_API int cc_bst64_validate(cc_bst64_t *map);

#ifdef __cplusplus
}
#endif

#endif
