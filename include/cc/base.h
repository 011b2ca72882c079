/* cc/base.h: what every other header of libcc needs: versions, byte strings, callbacks, errors.
 *
 * Conventions of the whole library
 *   - Functions return 0 or a positive result, or a negative errno value: -EINVAL, -ENOMEM, ... On any error
 *     nothing has changed and out parameters are untouched, unless the function's comment says otherwise.
 *   - Every function may be called from any thread at any time unless its comment says otherwise. None may be
 *     called from a signal handler, and no thread that calls them may be cancelled asynchronously. None is a
 *     cancellation point, unless what the caller makes it run (callbacks, visitors) is one.
 *   - Structs of options, information and statistics that the caller passes in begin with their own size; initialize them
 *     with their _INIT macro. (Those that the library hands out do not: cc_alloc_snapshot_t, cc_smr_thread_t,
 *     cc_smr_stall_info_t.) */
#ifndef CC_BASE_H
#define CC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_VERSION_MAJOR 0
#define CC_VERSION_MINOR 1
#define CC_VERSION_PATCH 0

#define CC_API       __attribute__((visibility("default")))
#define CC_NODISCARD __attribute__((warn_unused_result))

/** A word that holds a pointer and is shared between threads: _Atomic(void *) in C, std::atomic<void *> in
 *  C++. Both have the size and the representation of a plain pointer. */
#ifdef __cplusplus
#include <atomic>
#define CC_ATOMIC_PTR std::atomic<void *>
static_assert(sizeof(std::atomic<void *>) == sizeof(void *), "CC_ATOMIC_PTR is one word in C and in C++");
extern "C" {
#else
#define CC_ATOMIC_PTR _Atomic(void *)
_Static_assert(sizeof(_Atomic(void *)) == sizeof(void *), "CC_ATOMIC_PTR is one word in C and in C++");
#endif

/** A byte string, borrowed from the caller for the duration of the call. {NULL, 0} is the empty string. Of n bytes at `name`:
 *
 *      cc_skiplist_put(map, (cc_bytes_t){name, n}, value, NULL);    // in C++: cc_bytes_t{name, n}
 */
typedef struct {
    const void *data; /**< any bytes, zero included */
    size_t len;       /**< in bytes */
} cc_bytes_t;

/** The bytes of a string literal, without the zero at its end: cc_skiplist_put(map, CC_BYTES("answer"), value, NULL). */
#ifdef __cplusplus
#define CC_BYTES(literal) (cc_bytes_t{"" literal, sizeof(literal) - 1})
#else
#define CC_BYTES(literal) ((cc_bytes_t){"" literal, sizeof(literal) - 1})
#endif

/** Room for a byte string that the library copies out. -ENOBUFS sets len to the bytes needed and changes
 *  nothing else. */
typedef struct {
    void *data; /**< the caller's memory */
    size_t cap; /**< its size in bytes */
    size_t len; /**< out: bytes written (or needed, with -ENOBUFS) */
} cc_buf_t;

/** A deferred callback: reclaims `ptr` once no thread can hold it any more.
 *
 *  It runs on any thread that makes a cc_ call, outside every operation, and never inside another callback. (But the
 *  item_reclaim of a queue is called by the queue's destroy, wherever that is called.)
 *  It may call the library (a cc_retire inside it is only queued), but must not wait for other threads. Never
 *  hold a lock around cc_ calls that the callback takes as well. It returns: never by longjmp or an exception; and a
 *  thread that ends in it loses what it was about to reclaim next. `ctx` and the callback's code must stay valid
 *  until cc_domain_drain has returned 0 after the last use, or the domain is destroyed. */
typedef void cc_reclaim_fn(void *ptr, void *ctx);

/** "major.minor.patch" of the library that runs (the CC_VERSION_ macros say what was compiled against). */
CC_API const char *cc_version(void);

/** A short English text for a negative errno value as returned by this library. Never NULL. (Of those that come from the file
 *  system strerror knows more.) */
CC_API const char *cc_strerror(int err);

#ifdef __cplusplus
}
#endif

#endif
