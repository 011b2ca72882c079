/* cc/frozen.h: a frozen copy of a map with byte-string keys: sorted, immutable, one block of memory, saved to a file and loaded.
 *
 * Made by cc_skiplist_freeze or cc_bst_freeze, or loaded. Any number of threads read it at the same time, without a guard,
 * and it belongs to no domain: the map may change or be gone. It owns what it holds: values were copied when it was made
 * (cc_freeze_opts_t), and keys and values that it gives out are good until destroy; values are aligned to 8 bytes.
 *
 *     cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
 *     opts.value_size = sizeof(session_t);                 // what the values point to, not the pointers
 *     if (cc_skiplist_freeze(map, &opts, &frozen) != 0)
 *         return 1;
 *     int err = cc_frozen_save(frozen, "map.frozen");
 *     cc_frozen_destroy(frozen);
 *     ...
 *     if (cc_frozen_load("map.frozen", NULL, NULL, &frozen) != 0)
 *         return 1;
 *     for (size_t i = 0; cc_frozen_at(frozen, i, &key, &value) == 0; i++)
 *         show(key, value);
 *     cc_frozen_destroy(frozen);
 *
 * All calls but destroy may run at the same time; those that read are wait-free and need no memory. To replace a copy that
 * others read: cc_guard_protect, and cc_retire with a callback that destroys it.
 *
 * Cost: 16 bytes per entry, its key, and its value, rounded up to 8. A look-up is a binary search.
 * Complexity: O(log n); range O(log n + entries visited); at, count and destroy O(1); save and load O(n).
 *
 * The file: a head (kind, version, counts), the arrays as they stand in memory, a CRC-64 of all before it. Numbers are in the
 * byte order of the machine, values as the caller wrote them. Loading reads the file into memory of its own, and trusts
 * nothing in it: size, checksum, every length and the order of the keys are checked before there is a map. */
#ifndef CC_FROZEN_H
#define CC_FROZEN_H

#include <cc/map.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Called for each entry of a range; may call the library.
 *  @return false to stop. */
typedef bool cc_frozen_visit_fn(cc_bytes_t key, cc_bytes_t value, void *ctx);

/** Writes the copy to the file `path`, which then is the old one or the new one, whole, even if the machine fails in between:
 *  a temporary file beside it (path.tmp-..., a long name cut) is written, synchronized and renamed. A symbolic link
 *  there is replaced; permissions are those of a new file.
 *  @return 0; -EINVAL (NULL); -ENOMEM; a negative errno of the file system (-EACCES, -ENOSPC, ...): `path` is as it was. Only if
 *          the folder cannot be synchronized at last is the new file in place all the same, though it may not outlast a power
 *          failure. Blocks on the disk. */
CC_API CC_NODISCARD int cc_frozen_save(const cc_frozen_t *frozen, const char *path);

/** Makes a copy of what was saved in the file `path`. `compare` is the comparator of the map that was frozen, with its ctx, and
 *  stays in use; NULL if it had none.
 *  @return 0; -EINVAL (path or out NULL; not a regular file; a file of uint64 keys, or one in another order than
 *          `compare`); -EBADMSG (damaged, cut off, or no file of this library); -ENOTSUP (of a newer version, or another
 *          byte order); -ENOMEM; a negative errno of the file system (-ENOENT, ...). O(n). */
CC_API CC_NODISCARD int cc_frozen_load(const char *path, cc_compare_fn *compare, void *compare_ctx, cc_frozen_t **out);

/** Frees it. No other thread may be inside a call on it. @return 0; -EINVAL (NULL). */
CC_API int cc_frozen_destroy(cc_frozen_t *frozen);

/** Looks `key` up. `value` NULL: as contains. @return 0; -ENOENT; -EINVAL (NULL, or a malformed key). */
CC_API int cc_frozen_get(const cc_frozen_t *frozen, cc_bytes_t key, cc_bytes_t *value);

/** True if `key` is there. False for NULL or a malformed key. */
CC_API bool cc_frozen_contains(const cc_frozen_t *frozen, cc_bytes_t key);

/** The smallest / greatest key; the greatest key <= `key` (floor), < `key` (lower); the smallest key >= `key` (ceil), > `key`
 *  (higher); with its value. `k` or `v` may be NULL. @return 0; -ENOENT (no such key); -EINVAL (NULL, or a malformed key). */
CC_API int cc_frozen_min(const cc_frozen_t *frozen, cc_bytes_t *k, cc_bytes_t *v);
CC_API int cc_frozen_max(const cc_frozen_t *frozen, cc_bytes_t *k, cc_bytes_t *v);
CC_API int cc_frozen_floor(const cc_frozen_t *frozen, cc_bytes_t key, cc_bytes_t *k, cc_bytes_t *v);
CC_API int cc_frozen_ceil(const cc_frozen_t *frozen, cc_bytes_t key, cc_bytes_t *k, cc_bytes_t *v);
CC_API int cc_frozen_lower(const cc_frozen_t *frozen, cc_bytes_t key, cc_bytes_t *k, cc_bytes_t *v);
CC_API int cc_frozen_higher(const cc_frozen_t *frozen, cc_bytes_t key, cc_bytes_t *k, cc_bytes_t *v);

/** The entry with `i` keys below it, i from 0: a walk in either direction begins at rank, and each step is O(1).
 *  @return 0; -ENOENT (no more than i keys); -EINVAL (NULL). */
CC_API int cc_frozen_at(const cc_frozen_t *frozen, size_t i, cc_bytes_t *k, cc_bytes_t *v);

/** How many keys are smaller than `key`. 0 for NULL or a malformed key. */
CC_API size_t cc_frozen_rank(const cc_frozen_t *frozen, cc_bytes_t key);

/** Calls visit(key, value, ctx) for the entries with from <= key <= to, in order, until it returns false. `to` may be
 *  CC_BYTES_MAX.
 *  @return entries visited; -EINVAL (frozen or visit NULL, a malformed key). */
CC_API int64_t cc_frozen_range(const cc_frozen_t *frozen, cc_bytes_t from, cc_bytes_t to, cc_frozen_visit_fn *visit,
                               void *ctx);

/** Entries. 0 for NULL. */
CC_API size_t cc_frozen_count(const cc_frozen_t *frozen);

#ifdef __cplusplus
}
#endif

#endif
