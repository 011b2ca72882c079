/* cc/alloc.h: memory for nodes and values, from the allocator that the library itself uses (mimalloc unless it was
 * built otherwise), with statistics that can be trusted.
 *
 *     struct item *item = cc_alloc_node(sizeof *item);
 *     if (item == NULL)
 *         return -ENOMEM;
 *     ...
 *     cc_free(item, sizeof *item);          // on any thread
 *
 *     cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
 *     printf("%" PRIu64 " bytes live\n", s.current_allocated);
 *
 * What comes from here goes back through cc_free or cc_free_unsized, never through free(): that may be another
 * allocator. Sizes are in bytes; no size, no product and no rounding that exceeds PTRDIFF_MAX is ever granted.
 *
 * Every function may be called from any thread, inside a guard, in a deferred callback and in destructors of
 * thread-local data; none from a signal handler. Progress is the allocator's: mimalloc's is lock-free but for the
 * kernel's part, the system's may lock. A thread's first call locks the library's list of threads once. */
#ifndef CC_ALLOC_H
#define CC_ALLOC_H

#include <cc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Two objects that different threads write must not share this many bytes. */
#define CC_CACHE_LINE_SIZE 64

/** Allocates `size` bytes, not zeroed, aligned as malloc would align an object of that size. The caller owns them.
 *  @return NULL: size 0 or above PTRDIFF_MAX, or no memory. */
CC_API CC_NODISCARD void *cc_alloc(size_t size);

/** Allocates `count` objects of `size` bytes, zeroed, otherwise as cc_alloc.
 *  @return NULL: count or size 0, their product above PTRDIFF_MAX, or no memory. */
CC_API CC_NODISCARD void *cc_calloc(size_t count, size_t size);

/** Allocates `size` bytes, not zeroed, at a multiple of `alignment`, a power of two.
 *  @return NULL: size 0, alignment no power of two (0 is none), their sum above PTRDIFF_MAX, or no memory. */
CC_API CC_NODISCARD void *cc_alloc_aligned(size_t size, size_t alignment);

/** Allocates `size` bytes, not zeroed, in cache lines of their own: the size is rounded up to a multiple of
 *  CC_CACHE_LINE_SIZE, and so is the address.
 *  @return NULL: size 0, rounded up above PTRDIFF_MAX, or no memory. */
CC_API CC_NODISCARD void *cc_alloc_node(size_t size);

/** Gives back what one of the functions above returned, on any thread. NULL does nothing. Any other pointer, and one
 *  given back already, is undefined behaviour; build with a sanitizer to find it.
 *
 *  `size` is what was asked for. It is a check on the caller, never an input: builds with assertions stop when it is 0
 *  or more than the block holds, others ignore it, and the statistics count what the block really occupies. */
CC_API void cc_free(void *ptr, size_t size);

/** As cc_free, for callers that do not know the size. The statistics lose nothing by it. */
CC_API void cc_free_unsized(void *ptr);

/** What was allocated and freed, in numbers of calls and in bytes. Bytes are what blocks occupy (what was asked for,
 *  rounded up by the allocator), not what was asked for. These five fields are all there will ever be. */
typedef struct {
    uint64_t alloc_count;       /**< successful allocations since the last reset, while enabled */
    uint64_t free_count;        /**< blocks given back since the last reset, while enabled */
    uint64_t alloc_bytes;       /**< bytes of those allocations */
    uint64_t free_bytes;        /**< bytes of those blocks */
    uint64_t current_allocated; /**< bytes live now, whatever was enabled, disabled or reset meanwhile */
} cc_alloc_snapshot_t;

/** Freezes (false) or resumes (true, the state at start) the first four numbers of the snapshot for the whole process;
 *  what happened while they were frozen is never reported. Counting itself goes on, or current_allocated could not
 *  stay true, so disabling saves no time: the build option alloc_stats=false does. May wait for threads that start,
 *  exit or take a snapshot; O(threads). Without statistics in the build it does nothing. */
CC_API void cc_alloc_stats_enable(bool enable);

/** The statistics of the whole process, exited threads and the library's own nodes included.
 *
 *  Exact when no other thread allocates or frees. Otherwise each of the four numbers lies between its value at the
 *  beginning and at the end of the call, and never goes back from one call to the next (reset aside);
 *  current_allocated is at least what was live at some moment of the call, and at most that plus what was allocated or
 *  freed during the call. No number ever goes below zero.
 *
 *  Allocating threads are never delayed; the call may wait for threads that start, exit or take a snapshot;
 *  O(threads). All zeros without statistics in the build. */
CC_API cc_alloc_snapshot_t cc_alloc_stats_snapshot(void);

/** Sets the first four numbers of the snapshot to zero, frozen ones too. current_allocated stays what it is. Waits as
 *  cc_alloc_stats_enable does. Without statistics in the build it does nothing. */
CC_API void cc_alloc_stats_reset(void);

/** Which allocator serves cc_alloc in this process, and what shows it. */
typedef struct {
    size_t size;             /**< set by the caller: sizeof(cc_alloc_info_t), see CC_ALLOC_INFO_INIT */
    const char *name;        /**< "mimalloc", "system", ...: a constant */
    const char *version;     /**< of the allocator that runs, such as "2.0.9": a constant; "unknown" */
    bool verified;           /**< every sample was owned, and the counters moved by exactly the samples' bytes */
    double owned_share;      /**< share of sampled live blocks, 0 to 1, that the allocator calls its own */
    const char *host_malloc; /**< object file that malloc() of this process comes from; "unknown". May well be
                                another one than serves cc_alloc */
} cc_alloc_info_t;

#define CC_ALLOC_INFO_INIT                                                                                             \
    {                                                                                                                  \
        sizeof(cc_alloc_info_t), NULL, NULL, false, 0.0, NULL                                                          \
    }

/** Allocates blocks of several sizes, asks the allocator whether it owns them, frees them again, and reports.
 *
 *  The proof is per block: mimalloc looks the address up in its map of segments (and must deny an address on the
 *  stack); a sanitizer looks it up in its records. glibc keeps no public record of single blocks, so there it is shown
 *  instead that malloc, free and malloc_usable_size come from one object file and that glibc's own count of bytes in
 *  use follows a malloc. Other threads that allocate at that moment can hide it; then the answer is "not verified",
 *  never a false "verified". The counters are those of cc_alloc_stats_snapshot, the calling thread's part; without
 *  them in the build the ownership alone decides.
 *
 *  @return 0; -EINVAL: out NULL, or out->size smaller than the first version of the struct; -ENOMEM. The samples count
 *  in the statistics. About 1.2 MiB are live for the duration of the call.
 *
 *      cc_alloc_info_t info = CC_ALLOC_INFO_INIT;
 *      if (cc_alloc_info(&info) == 0 && !info.verified)
 *          fprintf(stderr, "%s %s does not serve\n", info.name, info.version); */
CC_API int cc_alloc_info(cc_alloc_info_t *out);

#ifdef __cplusplus
}
#endif

#endif
