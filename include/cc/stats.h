/* cc/stats.h: what a domain is doing about memory, as numbers. */
#ifndef CC_STATS_H
#define CC_STATS_H

#include <cc/domain.h>

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why garbage could not be reclaimed at the last attempt that failed. */
typedef enum {
    CC_STALL_NONE,      /**< the last attempt left nothing behind */
    CC_STALL_OPERATION, /**< a thread stood inside an operation */
    CC_STALL_GUARD,     /**< a thread held it in a guard (under CC_SMR_EPOCH: had any guard open) */
    CC_STALL_CALLBACK,  /**< a thread had not finished the deferred callbacks it was running */
    CC_STALL_OWNER,     /**< a thread was descheduled while it handled its own garbage */
    CC_STALL_FENCE      /**< the kernel refused membarrier */
} cc_smr_stall_t;

/** Fields are only ever added at the end. Counts are objects, `_bytes` are bytes as given to cc_retire or
 *  allocated for nodes. Sums over threads that go on working while they are read: each was true at a moment
 *  of the call; exact when the domain is quiet. */
typedef struct {
    size_t size;                /**< set by the caller: sizeof(cc_smr_snapshot_t) */
    const char *scheme;         /**< "ibr", "debra", ...: a string constant */
    uint64_t epoch;             /**< the global epoch */
    uint64_t retired;           /**< objects retired since creation */
    uint64_t reclaimed;         /**< objects reclaimed since creation */
    uint64_t limbo_count;       /**< objects waiting: retired, not yet reclaimed */
    uint64_t limbo_bytes;       /**< their bytes */
    uint64_t limbo_bytes_peak;  /**< highest limbo_bytes seen at a scan or a snapshot */
    uint64_t scans;             /**< rounds that looked at what readers hold */
    uint64_t restarts;          /**< searches begun again because another thread changed the structure */
    uint64_t orphans;           /**< objects that exited threads left and nobody has adopted yet */
    uint64_t leaked;            /**< objects given up: there was no memory to remember them, or the thread that had them
                                     in hand ended in a callback, or vanished at a fork */
    uint64_t threads;           /**< threads attached now */
    uint64_t guards;            /**< guards open now */
    uint64_t fence_failures;    /**< rounds given up because the kernel refused membarrier */
    cc_smr_stall_t stall;       /**< why the last fruitless attempt left something behind */
    pid_t stalled_thread;       /**< kernel thread id of a thread that was in the way then; 0: none known */
    uint64_t neutralize_sent;   /**< CC_SMR_DEBRA, here and below: signals sent to threads in the way */
    uint64_t neutralize_taken;  /**< searches that they threw back */
    uint64_t neutralize_proved; /**< times that the kernel's word was enough, without waiting for the thread */
    uint64_t signal_blocked;    /**< attached threads that blocked the signal when they attached: they are waited for */
    pid_t signal_blocked_thread; /**< one of them; 0: none */
    const char *neutralize;   /**< "strong", or what is done instead and why: a string constant; NULL: other schemes */
    uint64_t limbo_bytes_max; /**< the memory cap; 0: none */
    uint64_t refused;         /**< calls that it refused with -ENOSPC */
    const char *cap;          /**< how it is kept under this scheme: a string constant; NULL: there is none */
} cc_smr_snapshot_t;

#define CC_SMR_SNAPSHOT_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(cc_smr_snapshot_t), NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, CC_STALL_NONE, 0, 0, 0, 0, 0, 0, NULL, \
            0, 0, NULL                                                                                                 \
    }

/** Fills as many fields of `out` as out->size has room for (an older caller's struct is shorter).
 *  @return 0; -EINVAL (NULL, or out->size smaller than the first version of the struct).
 *  Lock-free for everybody else; O(threads). May be called inside a guard and in a callback. */
CC_API int cc_smr_stats_snapshot(cc_domain_t *domain, cc_smr_snapshot_t *out);

/** "operation", "guard", ...: a string constant, never NULL. */
CC_API const char *cc_smr_stall_name(cc_smr_stall_t stall);

/** What the calls on one queue (fifo, ring, lifo) came to. Each number was true at a moment of the call that reads it;
 *  exact when the queue is quiet. Fields are only ever added at the end. */
typedef struct {
    size_t size;         /**< set by the caller: sizeof(cc_queue_snapshot_t) */
    uint64_t pushes;     /**< items pushed */
    uint64_t pops;       /**< items popped */
    uint64_t full;       /**< pushes that found no room (ring) */
    uint64_t empty;      /**< pops that found nothing */
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
