/* cc/frozen64.h: a frozen copy of a map with uint64 keys: sorted, immutable, one block of memory, saved to a file and loaded.
 *
 * Made by cc_skiplist64_freeze or cc_bst64_freeze, or loaded. Any number of threads read it at the same time, without a guard,
 * and it belongs to no domain: the map may change or be gone. It owns what it holds: values were copied when it was made
 * (cc_freeze_opts_t), and a value that it gives out is good until destroy, in memory aligned to 8 bytes.
 *
 *     cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
 *     opts.value_size = sizeof(session_t);                 // what the values point to, not the pointers
 *     if (cc_skiplist64_freeze(map, &opts, &frozen) != 0)
 *         return 1;
 *     int err = cc_frozen64_save(frozen, "map.frozen");
 *     cc_frozen64_destroy(frozen);
 *     ...
 *     if (cc_frozen64_load("map.frozen", &frozen) != 0)
 *         return 1;
 *     for (size_t i = 0; cc_frozen64_at(frozen, i, &key, &value) == 0; i++)
 *         show(key, value.data, value.len);
 *     cc_frozen64_destroy(frozen);
 *
 * All calls but destroy may run at the same time; those that read are wait-free and need no memory. To replace a copy that
 * others read: cc_guard_protect, and cc_retire with a callback that destroys it.
 *
 * Cost: 16 bytes per entry and its value, rounded up to 8. A look-up is a binary search.
 * Complexity: O(log n); range O(log n + entries visited); at, count and destroy O(1); save and load O(n).
 *
 * The file: a head (kind, version, counts), the arrays as they stand in memory, a CRC-64 of all before it. Numbers are in the
 * byte order of the machine, values as the caller wrote them. Loading reads the file into memory of its own, and trusts
 * nothing in it: size, checksum, every length and the order of the keys are checked before there is a map. */
#ifndef CC_FROZEN64_H
#define CC_FROZEN64_H

#include <cc/map.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Called for each entry of a range; may call the library.
 *  @return false to stop. */
typedef bool cc_frozen64_visit_fn(uint64_t key, cc_bytes_t value, void *ctx);

/** Writes the copy to the file `path`, which then is the old one or the new one, whole, even if the machine fails in between:
 *  a temporary file beside it (path.tmp-..., a long name cut) is written, synchronized and renamed. A symbolic link
 *  there is replaced; permissions are those of a new file.
 *  @return 0; -EINVAL (NULL); -ENOMEM; a negative errno of the file system (-EACCES, -ENOSPC, ...): `path` is as it was. Only if
 *          the folder cannot be synchronized at last is the new file in place all the same, though it may not outlast a power
 *          failure. Blocks on the disk. */
CC_API CC_NODISCARD int cc_frozen64_save(const cc_frozen64_t *frozen, const char *path);

/** Makes a copy of what was saved in the file `path`.
 *  @return 0; -EINVAL (NULL; not a regular file; a file of byte-string keys); -EBADMSG (damaged, cut off, or no file of
 *          this library); -ENOTSUP (of a newer version, or another byte order); -ENOMEM; a negative errno of the file system
 *          (-ENOENT, ...). O(n). */
CC_API CC_NODISCARD int cc_frozen64_load(const char *path, cc_frozen64_t **out);

/** Frees it. No other thread may be inside a call on it. @return 0; -EINVAL (NULL). */
CC_API int cc_frozen64_destroy(cc_frozen64_t *frozen);

/** Looks `key` up. `value` NULL: as contains. @return 0; -ENOENT; -EINVAL (NULL). */
CC_API int cc_frozen64_get(const cc_frozen64_t *frozen, uint64_t key, cc_bytes_t *value);

/** True if `key` is there. False for NULL. */
CC_API bool cc_frozen64_contains(const cc_frozen64_t *frozen, uint64_t key);

/** The smallest / greatest key; the greatest key <= `key` (floor), < `key` (lower); the smallest key >= `key` (ceil), > `key`
 *  (higher); with its value. `k` or `v` may be NULL. @return 0; -ENOENT (no such key); -EINVAL (NULL). */
CC_API int cc_frozen64_min(const cc_frozen64_t *frozen, uint64_t *k, cc_bytes_t *v);
CC_API int cc_frozen64_max(const cc_frozen64_t *frozen, uint64_t *k, cc_bytes_t *v);
CC_API int cc_frozen64_floor(const cc_frozen64_t *frozen, uint64_t key, uint64_t *k, cc_bytes_t *v);
CC_API int cc_frozen64_ceil(const cc_frozen64_t *frozen, uint64_t key, uint64_t *k, cc_bytes_t *v);
CC_API int cc_frozen64_lower(const cc_frozen64_t *frozen, uint64_t key, uint64_t *k, cc_bytes_t *v);
CC_API int cc_frozen64_higher(const cc_frozen64_t *frozen, uint64_t key, uint64_t *k, cc_bytes_t *v);

/** The entry with `i` keys below it, i from 0: a walk in either direction begins at rank, and each step is O(1).
 *  @return 0; -ENOENT (no more than i keys); -EINVAL (NULL). */
CC_API int cc_frozen64_at(const cc_frozen64_t *frozen, size_t i, uint64_t *k, cc_bytes_t *v);

/** How many keys are smaller than `key`. 0 for NULL. */
CC_API size_t cc_frozen64_rank(const cc_frozen64_t *frozen, uint64_t key);

/** Calls visit(key, value, ctx) for the entries with from <= key <= to, in order, until it returns false.
 *  @return entries visited; -EINVAL (frozen or visit NULL). */
CC_API int64_t cc_frozen64_range(const cc_frozen64_t *frozen, uint64_t from, uint64_t to, cc_frozen64_visit_fn *visit,
                                 void *ctx);

/** Entries. 0 for NULL. */
CC_API size_t cc_frozen64_count(const cc_frozen64_t *frozen);

#ifdef __cplusplus
}
#endif

#endif
