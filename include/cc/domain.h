/* cc/domain.h: a domain owns what its structures have retired, and reclaims it when no thread can hold it.
 *
 * Create one per program (or per subsystem whose stalls must not touch the others), create maps and queues in
 * it, and forget about it: threads attach by themselves, garbage is reclaimed in passing. Structures of
 * several domains may be used by one thread.
 *
 *     cc_domain_t *domain;
 *     cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
 *     opts.scheme = CC_SMR_IBR;
 *     if (cc_domain_create(&opts, &domain) != 0)
 *         return 1;
 *     ...
 *     cc_domain_destroy(domain);
 */
#ifndef CC_DOMAIN_H
#define CC_DOMAIN_H

#include <cc/base.h>

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cc_domain cc_domain_t;

/** How a domain finds out that nobody holds a retired node any more. */
typedef enum {
    CC_SMR_DEFAULT = -1, /**< what the library was built with: CC_SMR_IBR unless its packager chose otherwise */
    CC_SMR_IBR = 0,      /**< interval-based reclamation (Wen et al., PPoPP 2018): a thread asleep inside an
                     operation pins what lived then, and nothing that is born later */
    CC_SMR_DEBRA,        /**< DEBRA+ (Brown, PODC 2015): epochs, and a thread that holds them up is thrown back to the
                         beginning of its search by a signal: asleep anywhere, it pins a few nodes */
    CC_SMR_EPOCH,        /**< epochs (DEBRA without neutralization): a little faster, but a thread asleep inside an
                         operation or a guard pins everything that is retired from then on */
    CC_SMR_URCU,         /**< grace periods of liburcu (memb flavour), for programs that use it anyway: operations and
                         guards are its read-side critical sections. Where the library was built with it. As little robust
                         as CC_SMR_EPOCH, and garbage waits for two grace periods, some 20 ms, at best. A thread is
                         registered with liburcu when it attaches; who registers threads himself does so before that, and
                         unregisters after cc_thread_detach. No fork without exec */
    CC_SMR_CK,  /**< grace periods of ck_epoch (Concurrency Kit). Where the library was built with it. As little
                         robust as CC_SMR_EPOCH */
    CC_SMR_LEAK /**< reclaims nothing before the domain is destroyed: the baseline for measurements */
} cc_smr_scheme_t;

/** What CC_SMR_DEBRA takes as proof that a thread is out of its search.
 *
 *  CC_NEUTRALIZE_STRONG rests on the domain's signal (cc_domain_opts_t.signal), so while the domain lives
 *    - nobody changes what the process does on that signal (its disposition);
 *    - a signal handler that has interrupted a call of the library does not return with that signal added to the mask of
 *      the code that it interrupted (uc_sigmask);
 *    - nor does such a handler unblock that signal if the code that it interrupted blocks it, nor wait for it (sigwait). */
typedef enum {
    CC_NEUTRALIZE_STRONG = 0, /**< that it says so, or that the kernel says it will be thrown back before its next
                              instruction: memory stays bounded behind a thread that is not running. Asks some things of
                              the application, see above. Where the machine has no membarrier or no /proc, as
                              CC_NEUTRALIZE_ACK */
    CC_NEUTRALIZE_ACK         /**< only that it says so, which a thread does when it runs: asks for nothing, but a
                              thread that is off the processor in the middle of a search, or blocks the signal, holds
                              memory up */
} cc_neutralize_t;

/** Who reclaims. */
typedef enum {
    CC_RECLAIM_INLINE =
        0, /**< calls that retire do, in passing, about as fast as is retired: mostly 16 objects, at most 64 plus a 64th of
                                what is ready (48 more from 7/8 of the memory cap on; up to 4096 by a call that the cap would
                                refuse) */
    CC_RECLAIM_THREAD, /**< a thread of the domain does; others only append. Deferred callbacks run on no other thread, but
                                on one that calls cc_domain_flush or cc_domain_drain itself, or destroys the domain. It ends
                                with the domain, and is started again in the child of a fork when it is needed. The program's
                                exit does not wait for it: destroy the domain first if its callbacks must not run then */
    CC_RECLAIM_MANUAL /**< only cc_domain_flush and cc_domain_drain do, for event loops. A flush reaches what its own
                                thread has retired, and of each other thread what it has handed over: all but the last 126
                                objects */
} cc_reclaimer_t;

/** Why garbage could not be reclaimed. */
typedef enum {
    CC_STALL_NONE,      /**< the last attempt left nothing behind */
    CC_STALL_OPERATION, /**< a thread stood inside an operation */
    CC_STALL_GUARD,     /**< a thread held it in a guard (under CC_SMR_EPOCH: had any guard open) */
    CC_STALL_CALLBACK,  /**< a thread had not finished the deferred callbacks it was running */
    CC_STALL_OWNER,     /**< a thread was descheduled while it handled its own garbage */
    CC_STALL_FENCE,     /**< the kernel refused membarrier */
    CC_STALL_GRACE /**< CC_SMR_URCU, CC_SMR_CK: a grace period was not over; by whom, the other library does not say */
} cc_smr_stall_t;

/** What the watchdog says of a thread that is in the way. */
typedef struct {
    cc_domain_t *domain;
    cc_smr_stall_t stall;    /**< CC_STALL_OPERATION or CC_STALL_GUARD */
    pid_t tid;               /**< kernel thread id */
    char name[16];           /**< the thread's; "": it is just exiting */
    int64_t stalled_ns;      /**< for how long it has been seen in that same operation or guard */
    uint64_t pinned_objects; /**< waiting objects that were put down to it at the last rounds of all threads */
    uint64_t pinned_bytes;   /**< their bytes */
    bool signalled; /**< what is done about it. CC_SMR_DEBRA: true, it has been sent the signal, and what it pins goes
                             when it takes it; false, and all other schemes: it is waited for */
} cc_smr_stall_info_t;

/** Called by whatever thread finds the stall in the course of a cc_ call, outside of operations and guards, under the rules
 *  of cc_reclaim_fn. `info` is good during the call. Once per stall. */
typedef void cc_stall_fn(const cc_smr_stall_info_t *info, void *ctx);

/** Options of a domain.
 *
 *  The memory cap (limbo_bytes_max): when so many bytes wait to be reclaimed, a call that adds (insert, put, replace,
 *  get_or_insert, push) makes an effort to reclaim. If too many wait even then, it returns -ENOSPC, and has changed nothing. Calls that read or remove go on.
 *    - What waits exceeds the cap at most by this: for each thread min(limbo_bytes_max / 256, 16 KiB) and what one call
 *      retires; and what is removed meanwhile (in a cc_skiplist64 1 KiB for each entry removed, in a cc_skiplist up to
 *      6 KiB, more if there are long keys).
 *    - Choose a cap above the bytes in the domain's structures: under CC_SMR_IBR a thread asleep inside a call pins as much.
 *    - Under CC_SMR_EPOCH one reader that sleeps makes every writer be refused until it goes on. */
typedef struct {
    size_t size;                /**< sizeof(cc_domain_opts_t), set by CC_DOMAIN_OPTS_INIT */
    cc_smr_scheme_t scheme;     /**< default: CC_SMR_DEFAULT */
    const char *name;           /**< shown in statistics; copied, at most 31 bytes are kept. NULL: none */
    int signal;                 /**< CC_SMR_DEBRA: the signal that it sends to threads of this process. 0: SIGURG, which
                                is ignored by default. A handler that is installed already goes on being called for
                                what the library did not send (unless one of ours waits for the same thread just
                                then: the kernel keeps one), with the mask that it asked for. Where there was
                                none, what others send is ignored from then on, whatever the signal does by
                                default: choose one that the program has no other use for. Ours stays for good */
    cc_neutralize_t neutralize; /**< CC_SMR_DEBRA: default CC_NEUTRALIZE_STRONG; the snapshot says what is in force */
    uint64_t limbo_bytes_max;   /**< memory cap, bytes, see above. 0: none. Not for CC_SMR_LEAK */
    cc_reclaimer_t reclaimer;   /**< default: CC_RECLAIM_INLINE; only that for CC_SMR_LEAK */
    uint64_t reclaim_bytes;     /**< CC_RECLAIM_THREAD: it wakes when so many bytes were handed over; 0: 512 KiB */
    int64_t reclaim_ns;         /**< CC_RECLAIM_THREAD: and after so many nanoseconds anyway; 0: 100 ms */
    int64_t stall_ns;      /**< watchdog: nanoseconds that make a stall, in one operation or guard for which garbage
                              waits. Noticed by the rounds that garbage brings about. 0: at the second of them */
    cc_stall_fn *on_stall; /**< told of stalls; NULL: only snapshots say */
    void *on_stall_ctx;    /**< its ctx */
} cc_domain_opts_t;

/** The defaults. */
#define CC_DOMAIN_OPTS_INIT                                                                                            \
    {                                                                                                                  \
        sizeof(cc_domain_opts_t), CC_SMR_DEFAULT, NULL, 0, CC_NEUTRALIZE_STRONG, 0, CC_RECLAIM_INLINE, 0, 0, 0, NULL,  \
            NULL                                                                                                       \
    }

/** "ibr", "epoch", "leak", ...; the default's own name for CC_SMR_DEFAULT; NULL for a number that is no
 *  scheme. */
CC_API const char *cc_smr_scheme_name(cc_smr_scheme_t scheme);

/** Creates a domain. `opts` NULL: the defaults.
 *  @return 0; -EINVAL (`out` NULL; wrong opts->size; a scheme, reclaimer or neutralize that does not exist; `signal` or
 *          `neutralize` for another scheme than CC_SMR_DEBRA, or a signal that cannot be handled, that a fault
 *          raises, that stops or continues processes, or is a real-time one; limbo_bytes_max above INT64_MAX, or, like
 *          another `reclaimer`, for CC_SMR_LEAK; a negative time), -EBUSY (the signal's handler was replaced since an
 *          earlier domain installed it), -ENOTSUP (a scheme that the library was built without), -ENOMEM (also: no thread
 *          could be started). On error nothing has changed.
 *  Complexity O(1). May be called anywhere but in a signal handler. */
CC_API CC_NODISCARD int cc_domain_create(const cc_domain_opts_t *opts, cc_domain_t **out);

/** Runs what is still deferred, frees everything retired and the domain itself. No other thread may be inside
 *  a call on the domain or its structures; threads that used it earlier need not have exited.
 *  @return 0; -EINVAL (NULL, or the default domain); -EBUSY while a guard is open or a structure lives in it;
 *          -EDEADLK inside a deferred callback; -ENOMEM (calling thread unknown and no memory). On error
 *  nothing has changed. Complexity O(garbage). */
CC_API int cc_domain_destroy(cc_domain_t *domain);

/** The domain that structures get when they are created with none. Made on first use, never destroyed. The
 *  environment variable CC_SMR=ibr|debra|epoch picks its scheme.
 *  @return the domain; NULL if there is no memory or CC_SMR holds anything else (then one line on stderr says
 *          so, and every create that wants the default domain returns -EINVAL). */
CC_API cc_domain_t *cc_domain_default(void);

/** One attempt, now: adopts what exited threads left, looks at what readers hold, reclaims what nobody does.
 *  For event loops that want to choose the moment. Under CC_SMR_EPOCH and CC_SMR_DEBRA an object needs three attempts at most
 *  once no reader is in its way.
 *  @return objects reclaimed by this call (0 inside a deferred callback), or -EINVAL.
 *  May be called inside a guard: user callbacks are then left to other threads. Complexity O(own garbage). */
CC_API int64_t cc_domain_flush(cc_domain_t *domain);

/** Waits until everything retired before the call, by any thread, idle ones included, has been reclaimed, its
 *  callbacks finished. Works itself while it waits. `timeout_ns` < 0 waits for ever, 0 tries once.
 *  @return 0; -ETIMEDOUT: some of it is still held (cc_smr_stats_snapshot names a thread that holds it;
 *  nothing is lost, it will be reclaimed later); -EDEADLK: the calling thread has a guard of the domain open
 *  or is inside a deferred callback; -EINVAL; -ENOTSUP: CC_SMR_LEAK; -ENOMEM (calling thread unknown and no
 *          memory). O(garbage + threads) for each try. */
CC_API int cc_domain_drain(cc_domain_t *domain, int64_t timeout_ns);

/** Makes the calling thread known to the domain now, so that no later call has to allocate for it.
 *  Attachment is automatic otherwise. O(domains that the thread uses). @return 0, -EINVAL, -ENOMEM.
 *
 *  Attaching takes a lock of the library for a moment: this call, or else the thread's first call in the domain. Threads that
 *  exit or detach take the same lock, and so does a drain while it visits the threads. Once attached, a thread's calls take it no
 *  more (with more than 16 domains in turn they may, to find their way back). */
CC_API CC_NODISCARD int cc_thread_attach(cc_domain_t *domain);

/** Hands what the calling thread has retired over to the domain and forgets the thread; its exit does the
 *  same. O(garbage / 126 + domains that the thread uses).
 *  @return 0 (also if it was never attached); -EINVAL; -EBUSY while it has a guard of the domain open;
 *          -EDEADLK inside a deferred callback. */
CC_API int cc_thread_detach(cc_domain_t *domain);

#ifdef __cplusplus
}
#endif

#endif
