/* cc/stats.h: what a domain is doing about memory, as numbers.
 *
 *     static char page[16384];
 *     cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
 *     if (cc_smr_stats_snapshot(domain, &snapshot) == 0)
 *         cc_smr_stats_prometheus(&snapshot, 1, page, sizeof page); // as snprintf
 *
 * A snapshot costs a walk over all threads' records: take it every second, not at every call. docs/guide.md says what to
 * watch. */
#ifndef CC_STATS_H
#define CC_STATS_H

#include <cc/domain.h>

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The numbers of a snapshot: X(name, kind, what it is), kind a counter (only grows) or a gauge. One list makes the struct,
 *  JSON and Prometheus' text. It only ever grows at the end. */
#define CC_SMR_NUMBERS(X)                                                                                              \
    X(epoch, counter, "the global epoch")                                                                              \
    X(retired, counter, "objects retired since creation")                                                              \
    X(reclaimed, counter, "objects reclaimed since creation")                                                          \
    X(limbo_count, gauge, "objects waiting: retired, neither reclaimed nor leaked")                                    \
    X(limbo_bytes, gauge, "their bytes")                                                                               \
    X(limbo_bytes_peak, gauge, "highest limbo_bytes seen at a round or a snapshot")                                    \
    X(limbo_bytes_max, gauge, "the memory cap; 0: none")                                                               \
    X(refused, counter, "calls that the memory cap refused with -ENOSPC")                                              \
    X(scans, counter, "rounds that looked at what readers hold")                                                       \
    X(restarts, counter, "searches begun again because another thread changed the structure")                          \
    X(orphans, gauge, "waiting objects that belong to no thread and that nobody has adopted yet")                      \
    X(leaked, counter, "objects given up: no memory to remember them, or lost with a thread in a callback or a fork")  \
    X(threads, gauge, "threads attached now")                                                                          \
    X(guards, gauge, "guards open now")                                                                                \
    X(fence_failures, counter, "rounds given up because the kernel refused membarrier")                                \
    X(neutralize_sent, counter, "CC_SMR_DEBRA, here and below: signals sent to threads in the way")                    \
    X(neutralize_taken, counter, "searches that they threw back")                                                      \
    X(neutralize_proved, counter, "times that the kernel's word was enough, without waiting for the thread")           \
    X(signal_blocked, gauge, "attached threads that blocked the signal when they attached: they are waited for")       \
    X(stalled_objects, gauge, "waiting objects that were put down to stalled_thread at the last rounds")               \
    X(stalled_bytes, gauge, "their bytes")                                                                             \
    X(stalled_ns, gauge, "for how long it has been seen in the way without a break, nanoseconds")                      \
    X(reclaim_ns_p50, gauge, "half of all objects waited no longer from retirement to reclamation, nanoseconds")       \
    X(reclaim_ns_p99, gauge, "99 of 100 waited no longer")                                                             \
    X(reclaim_ns_max, gauge, "none waited longer")                                                                     \
    X(age_ns_p50, gauge, "half of what was left waiting by the last rounds is no older, nanoseconds")                  \
    X(age_ns_p99, gauge, "99 of 100 are no older")                                                                     \
    X(age_ns_max, gauge, "none is older")                                                                              \
    X(cap_pinned, counter, "rounds that put 3/4 of the memory cap or more down to one thread: the cap is too small")

/** Buckets of a histogram of times. Bucket 0 counts what took less than 1 microsecond, bucket 1 what took less than 2 but is not
 *  in bucket 0, bucket i what took less than 2^i and is in no bucket before; the last one has all the rest. p50, p99 and max are
 *  the upper ends of buckets.
 *
 *  An object's time is not measured from its own retirement. A thread collects what it retires in blocks of 126 objects, and the
 *  clock is read once, when a block is begun. So a time is never too short; it is too long by the time that passed between the
 *  beginning of the block and the retirement. */
#define CC_SMR_BUCKETS 32

/** Counts are objects, `_bytes` are bytes as given to cc_retire or allocated for nodes. Sums over threads that go on
 *  working while they are read: each was true at a moment of the call; exact when the domain is quiet, but for
 *  reclaim_time. It comes a little behind `reclaimed`: the objects of a block of 126 are counted there when all have been
 *  reclaimed that a round had released, so up to 125 of them later. */
typedef struct {
    size_t size;        /**< set by the caller: sizeof(cc_smr_snapshot_t) */
    const char *scheme; /**< "ibr", "debra", ...: a string constant */
    const char *name;   /**< of the domain, which keeps it; "": none */
    const char
        *neutralize;       /**< CC_SMR_DEBRA: "strong", or what is done instead and why: a string constant; else NULL */
    const char *cap;       /**< how the memory cap is kept under this scheme: a string constant; NULL: there is none */
    cc_smr_stall_t stall;  /**< why the last fruitless attempt left something behind */
    pid_t stalled_thread;  /**< kernel thread id of a thread that was in the way then; 0: none known */
    char stalled_name[16]; /**< its name; "": none, or it is gone */
    pid_t signal_blocked_thread; /**< CC_SMR_DEBRA: a thread that blocked the signal when it attached; 0: none */
    uint64_t reclaim_time[CC_SMR_BUCKETS]; /**< objects reclaimed, by the time that they waited */
    uint64_t garbage_age[CC_SMR_BUCKETS];  /**< objects that the last round of each thread left waiting, by age */
#define CC_SMR_FIELD_(name, kind, help) uint64_t name;
    CC_SMR_NUMBERS(CC_SMR_FIELD_)
#undef CC_SMR_FIELD_
} cc_smr_snapshot_t;

#define CC_SMR_ZERO_(name, kind, help) , 0
#define CC_SMR_SNAPSHOT_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(cc_smr_snapshot_t), NULL, NULL, NULL, NULL, CC_STALL_NONE, 0, {0}, 0, {0},                              \
            {0} CC_SMR_NUMBERS(CC_SMR_ZERO_)                                                                           \
    }

/** Fills as many fields of `out` as out->size has room for (an older caller's struct is shorter).
 *  @return 0; -EINVAL (NULL, or out->size smaller than the first version of the struct).
 *  Lock-free for everybody else; O(threads); reads a file of /proc if a thread is in the way. May be called inside a guard
 *  and in a callback. */
CC_API int cc_smr_stats_snapshot(cc_domain_t *domain, cc_smr_snapshot_t *out);

/** Writes a snapshot as one JSON object. As snprintf: at most `size` bytes of `buffer` are written, a NUL among them.
 *  @return the length of the whole text, without the NUL: if it is not less than `size`, the text is cut off; -EINVAL
 *          (snapshot NULL or its size too small, buffer NULL and size not 0). */
CC_API int64_t cc_smr_stats_json(const cc_smr_snapshot_t *snapshot, char *buffer, size_t size);

/** Writes `n` snapshots, of one domain each, as one page in Prometheus' text format (version 0.0.4). Every metric begins with
 *  `cc_smr_` and has the labels domain and scheme: give each domain a name. Counters end in `_total`; reclaim_time is the
 *  histogram cc_smr_reclaim_time_seconds, whose sum is an upper bound, made of the buckets' ends. As snprintf, like
 *  cc_smr_stats_json; some 8 KiB for each domain.
 *  @return likewise; -EINVAL (snapshots NULL, one of them too small or not as large as the first, buffer NULL and size not 0). */
CC_API int64_t cc_smr_stats_prometheus(const cc_smr_snapshot_t *snapshots, size_t n, char *buffer, size_t size);

/** What one thread is doing to a domain. Each number was true at a moment of the call. */
typedef struct {
    pid_t tid;          /**< kernel thread id */
    char name[16];      /**< "": it is just exiting */
    uint64_t retired;   /**< objects that it has retired in this domain, and threads that had its record before it */
    uint64_t reclaimed; /**< objects that it has reclaimed, likewise; what others retired among them */
    uint64_t scans;     /**< rounds that it made */
    uint64_t restarts;  /**< searches begun again */
    uint64_t guards;    /**< guards that it has open */
    uint64_t
        pinned_objects; /**< waiting objects that were put down to it at the last rounds of the other threads; an object
                             that several hold to one of them */
    uint64_t pinned_bytes; /**< their bytes */
    cc_smr_stall_t stall;  /**< what it pins them by: CC_STALL_OPERATION, CC_STALL_GUARD; CC_STALL_NONE */
    int64_t stalled_ns;    /**< for how long it has been seen in that same operation or guard; 0: it moves */
    bool signal_blocked;   /**< CC_SMR_DEBRA: it blocked the signal when it attached */
} cc_smr_thread_t;

/** Calls `visit` for each thread that is attached to the domain, until it returns false. `thread` is good during the call.
 *  @return how many were visited; -EINVAL. Lock-free for everybody else; O(threads x threads), and a file of /proc for each. May be
 *  called inside a guard and in a callback; the visitor may call the library. */
typedef bool cc_smr_visit_fn(const cc_smr_thread_t *thread, void *ctx);
CC_API int64_t cc_smr_stats_threads(cc_domain_t *domain, cc_smr_visit_fn *visit, void *ctx);

/** "operation", "guard", ...: a string constant, never NULL. */
CC_API const char *cc_smr_stall_name(cc_smr_stall_t stall);

/** What the calls on one queue (fifo, ring, lifo) came to. Each number was true at a moment of the call that reads it;
 *  exact when the queue is quiet. Fields are only ever added at the end. */
typedef struct {
    size_t size;         /**< set by the caller: sizeof(cc_queue_snapshot_t) */
    uint64_t pushes;     /**< items pushed */
    uint64_t pops;       /**< items popped */
    uint64_t full;       /**< pushes that found no room (ring: -EAGAIN); not those of push_wait */
    uint64_t empty;      /**< pops that found nothing (-EAGAIN); not those of pop_wait */
    uint64_t retries;    /**< steps made again because another thread was first */
    uint64_t eliminated; /**< items handed from a push to a pop without touching the stack (lifo) */
    uint64_t waits;      /**< times that a thread went to sleep in push_wait or pop_wait */
} cc_queue_snapshot_t;

#define CC_QUEUE_SNAPSHOT_INIT                                                                                         \
    {                                                                                                                  \
        sizeof(cc_queue_snapshot_t), 0, 0, 0, 0, 0, 0, 0                                                               \
    }

#ifdef __cplusplus
}
#endif

#endif
