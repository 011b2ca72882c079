/* The shared structs of reclamation, one comment per field: what is where, and who may touch it.
 *
 *   domain --> list of thread records (grows only; a record is reused when its thread has exited)
 *                 record --> reservation / announcement      read by every scanner
 *                        --> frames: the slots of its guards  read by every scanner
 *                        --> limbo: blocks of retired entries owner, or the drainer under the owner lock
 *          --> orphan stack: blocks without an owner (left by exited threads, or by one that could not run their
 *              callbacks)
 *
 * A retired object is one of two classes. A NODE belongs to a structure of the library, has a birth epoch and
 * never reaches the user: it is freed when no operation's reservation or announcement can reach it. An OBJECT
 * is the user's (a value, or a node of the user's own structure): it is freed when it stands in no guard
 * slot; under epochs, which have no slots, when the epochs allow; under DEBRA+ both. */
#ifndef CC_SMR_TYPES_H
#define CC_SMR_TYPES_H

#include "base/atomic.h"
#include "base/thread.h"
#include "cc/alloc.h"
#include "cc/domain.h"
#include "cc/guard.h"
#include "cc/stats.h"
#include "smr/checkpoint.h"

#include <pthread.h>

/* Tunables; checks shrink them so that everything happens in a dozen steps. */
#ifndef CC_LIMBO_BLOCK_ENTRIES
#define CC_LIMBO_BLOCK_ENTRIES 126 /* entries per block: a block is 4 KiB */
#endif
#ifndef CC_SCAN_ENTRIES
#define CC_SCAN_ENTRIES 2000 /* waiting entries of a thread that start a round */
#endif
#ifndef CC_SCAN_BYTES
#define CC_SCAN_BYTES (512 * 1024) /* or their bytes */
#endif
#ifndef CC_IBR_TICK
#define CC_IBR_TICK 128 /* allocations and retirements of a thread per tick of the interval epoch */
#endif
#ifndef CC_SUSPECT_ENTRIES
#define CC_SUSPECT_ENTRIES (2 * CC_SCAN_ENTRIES) /* DEBRA+: waiting entries of a thread that make it send signals */
#endif
#ifndef CC_SUSPECT_BYTES
#define CC_SUSPECT_BYTES (2 * CC_SCAN_BYTES) /* or their bytes */
#endif
#ifndef CC_CAP_GRAIN
#define CC_CAP_GRAIN (16 * 1024) /* the memory cap: bytes of a thread that its domain need not know of, at most */
#endif
#define CC_PINNERS   4    /* threads that a round can put waiting objects down to */
#define CC_CAP_FREES 4096 /* objects reclaimed by one call that would be refused, at most */
#define CC_PATIENCE_MAX                                                                                                \
    4 /* DEBRA+: log2 of the most room that a thread is given which is thrown back again and again */
#define CC_COMMIT_SLOTS  8   /* DEBRA+: objects that one WRITE can touch, at most */
#define CC_FREE_QUOTA    16  /* objects reclaimed in passing, at a time: see limbo.h */
#define CC_FRAME_SLOTS   8   /* pointers that a guard holds before it needs memory */
#define CC_SLOT_CHUNK    63  /* pointers per further chunk: 512 bytes */
#define CC_RECORD_FRAMES 4   /* guards that a thread can nest before it needs memory */
#define CC_NO_SHARING    128 /* alignment: two lines, because processors fetch them in pairs */

typedef struct cc__rec cc__rec_t;
typedef struct cc__block cc__block_t;

#define CC__OBJECT_BYTES_END ((uint64_t)1 << 59) /* no object is so large */

typedef struct {
    void *ptr;
    cc_reclaim_fn *reclaim; /* NULL: cc_free(ptr, size) */
    union {
        uint64_t birth; /* nodes: epoch at allocation */
        void *ctx;      /* objects: for reclaim */
    } u;
    uint64_t sized; /* its size and what it is, made and read by the functions below */
} cc__entry_t;

enum {
    CC__SIZED_OBJECT = 1, /* freed by slots, not by intervals */
    CC__SIZED_STOCK = 2,  /* times the stock that it goes back to, and 1; 0: none */
    CC__SIZED_STOCKS = 7,
    CC__SIZED_SIZE = 16,
};

/* No bit-fields: compilers write those one after the other, and who then reads the whole word waits until they have left
 * the store buffer. */
static inline uint64_t cc__sized_node(uint64_t size, unsigned recycle)
{
    return size * CC__SIZED_SIZE + recycle * CC__SIZED_STOCK;
}

static inline uint64_t cc__sized_object(uint64_t size)
{
    return size * CC__SIZED_SIZE + CC__SIZED_OBJECT;
}

static inline uint64_t cc__entry_size(const cc__entry_t *entry)
{
    return entry->sized / CC__SIZED_SIZE;
}

static inline unsigned cc__entry_recycle(const cc__entry_t *entry)
{
    return entry->sized / CC__SIZED_STOCK & CC__SIZED_STOCKS;
}

static inline bool cc__entry_is_object(const cc__entry_t *entry)
{
    return entry->sized & CC__SIZED_OBJECT;
}

/* Memory kept ahead, see stock.h. */
typedef struct {
    void *first; /* each piece's first word leads to the next */
    uint32_t count;
} cc__stock_t;

enum { CC__STOCK_SPANS, CC__STOCK_REVS, CC__STOCK_KINDS }; /* of the blocked skip list */

/* entries: [0, waiting) may still be held, [waiting, count) may be freed: a scan sorts them so. */
struct cc__block {
    cc__block_t *next;
    uint64_t
        stamp; /* the global epoch after a heavy fence that follows all unlinks; CC__UNSTAMPED before the first round */
    int64_t opened; /* when it was begun: none of its entries is older */
    uint32_t count;
    uint32_t waiting;
    uint32_t freed; /* entries reclaimed and not yet in the histogram */
    cc__entry_t entries[CC_LIMBO_BLOCK_ENTRIES];
};

typedef struct {
    CC__ATOMIC(uint64_t) bucket[CC_SMR_BUCKETS];
} cc__ages_t;

/* What a round puts down to one thread: see watch.c. */
typedef struct {
    cc__rec_t *rec; /* NULL: unused, and all behind it */
    cc_smr_stall_t why;
    uint64_t objects, bytes;
} cc__pin_t;

/* The same, as others may read it. */
typedef struct {
    CC__ATOMIC(cc__rec_t *) rec;
    CC__ATOMIC(uint64_t) objects, bytes;
} cc__pin_shown_t;

typedef CC__ATOMIC(void *) cc__slot_t;

typedef struct cc__chunk {
    CC__ATOMIC(struct cc__chunk *) next; /* set once by the owner, never unset: chunks do not move */
    cc__slot_t slot[CC_SLOT_CHUNK];
} cc__chunk_t;

/* A guard is a frame of slots. Frames stay with the record; a closed one has used == 0. A released slot below
 * `used` is a hole: it holds the address of the next hole, which no retired object can have. */
struct cc_guard {
    cc__rec_t *rec;
    cc_guard_t *outer;               /* the guard that was innermost when it was opened; owner only */
    CC__ATOMIC(cc_guard_t *) next;   /* all frames of the record; set once */
    CC__ATOMIC(uint32_t) used;       /* slots [0, used) count; written by the owner, read by scanners */
    uint32_t shared;                 /* guards that share this frame because there was no memory for their own */
    uint32_t index;                  /* in the order of the list */
    bool open;                       /* owner only */
    bool slots;                      /* what the scheme says, at hand */
    cc__slot_t *hole;                /* the hole released last; owner only */
    cc__chunk_t *chunk;              /* chunk of slot [used - 1], NULL: inline; owner only */
    CC__ATOMIC(cc__chunk_t *) first; /* chunks beyond the inline slots; set once */
    cc__slot_t slot[CC_FRAME_SLOTS];
};

struct cc__rec {
    /* What every round reads of every record, on one line, for there may be thousands; DEBRA+: on three. Idle: lower ==
     * upper == UINT64_MAX, announce == CC__QUIESCENT. */
    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint64_t) lower; /* IBR: the epoch at which the operation began */
    CC__ATOMIC(uint64_t) upper;                         /* IBR: the epoch up to which it has read */
    CC__ATOMIC(uint64_t) announce; /* epochs, DEBRA+: epoch << CC__EPOCH_SHIFT, perhaps CC__FOREIGN; or CC__QUIESCENT */
    cc__rec_t *next;               /* all records of the domain; immutable once published */
    CC__ATOMIC(uint64_t) retired_bytes, reclaimed_bytes; /* counters, as below */
    CC__ATOMIC(uint32_t)
    frame_count;           /* frames that were ever opened, in the order of their list; never less than before */
    CC__ATOMIC(pid_t) tid; /* for reports; 0: none */
    bool emergency;        /* the domain's record of last resort: used under emergency_lock, never scans */
    _Alignas(CC_CACHE_LINE_SIZE)
        cc__slot_t hazard[2][CC_COMMIT_SLOTS]; /* DEBRA+: what WRITE touches, and the next SEARCH may begin at */

    /* What every look-up of the owner needs, on one line. */
    _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(uint64_t) * epoch; /* &domain->epoch */
    cc_guard_t *innermost;                                     /* the open guard that values are given to */
    cc__checkpoint_t checkpoint;                               /* DEBRA+, here and below */
    CC__ATOMIC(cc__rec_t *) * searching; /* where the handler finds this record while it searches */
    CC__ATOMIC(uint32_t) disturbed; /* CC__DEFERRED, and how often thrown back in a row; scanners read the latter */
    uint32_t named;                 /* slots of each set that may be filled */
    uint32_t hazard_set;            /* the set that is in use */

    /* The owner lock: see limbo.c. */
    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint32_t) busy; /* the owner is inside its limbo */
    CC__ATOMIC(uint32_t) wanted;                       /* the drainer wants in */
    CC__ATOMIC(uint64_t) in_flight;                    /* odd while the owner runs frees and callbacks unlocked */
    uint64_t drain_pass, drain_in_flight;              /* the drainer's notes; under drain_lock */

    /* Limbo; owner under the owner lock, or the drainer. */
    cc__block_t *current;                  /* being filled */
    cc__block_t *waiting;                  /* sealed, nothing in it may be freed yet */
    cc__block_t *ready;                    /* sealed, with something to free */
    cc__block_t *merge;                    /* the waiting block that small ones are merged into */
    uint64_t waiting_count, waiting_bytes; /* of current and waiting, what the thresholds look at */
    uint64_t scan_at_count, scan_at_bytes; /* a round starts when they get here */
    uint64_t left_count, left_bytes;       /* what the last round had to leave */

    cc__pin_shown_t shown[CC_PINNERS]; /* what its last round put down to whom */

    /* Owner only. */
    uint32_t hand_count; /* of the batch in flight */
    uint64_t hand_bytes;
    cc__block_t *spares; /* empty blocks, reserved ahead */
    uint32_t spare_count;
    cc__stock_t stock[CC__STOCK_KINDS];
    uint32_t credit, hurry, look_at; /* see limbo.h */
    uint32_t ticks;                  /* IBR: towards the next tick */
    uint32_t haste;                  /* in a crowd: see pace.c */
    int64_t told;                    /* what the domain knows of the bytes that wait of this record: see cap.h */

    CC__ATOMIC(uint64_t) vouched; /* DEBRA+: the announcement that the kernel has vouched for last; see neutralize.c */

    uint32_t pins; /* schemes without slots: guards and ranges that keep the announcement open */
    void *foreign; /* ck: its record */
    uint64_t rng;  /* see rng.h */

    /* Counters; one writer at a time (owner, or drainer under the owner lock), read by snapshots. */
    CC__ATOMIC(uint64_t) retired, reclaimed, leaked, scans, restarts, guards, fence_failures, neutralized;
    CC__ATOMIC(uint64_t) moves; /* how often a frame that is in no guard has let go of what it held */
    cc__ages_t reclaim_time;    /* of what it reclaimed */
    cc__ages_t garbage_age;     /* of what its last round left */

    /* The watchdog's notes about this thread, by the rounds of others. */
    CC__ATOMIC(uint64_t) seen_at, told_at;
    CC__ATOMIC(int64_t) seen_since;
    CC__ATOMIC(uint32_t) seen_why;

    /* Identity. */
    cc_domain_t *domain;
    cc__thread_t *owner;                 /* NULL: unused; under cc__threads_lock */
    cc__rec_t *next_of_thread;           /* of the owner's records, or of the unused ones; under cc__threads_lock */
    CC__ATOMIC(uint32_t) signal_blocked; /* DEBRA+: by the thread, when it attached; for reports */
    uint32_t index;                      /* position in the domain, for striped counters */

    cc_guard_t frames[CC_RECORD_FRAMES];
};

/* Records side by side: rounds walk over all of them, and those that threads allocate each for itself lie at the same place
 * in pages far apart, which caches do not like. */
typedef struct cc__slab {
    struct cc__slab *next;
    uint32_t count, handed_out;
    cc__rec_t recs[];
} cc__slab_t;

#define CC__IDLE        UINT64_MAX
#define CC__QUIESCENT   ((uint64_t)1)
#define CC__FOREIGN     ((uint64_t)2) /* a function of the user may be running */
#define CC__EPOCH_SHIFT 2
#define CC__DEFERRED    (UINT32_C(1) << 31) /* the signal was put off: it is blocked and pending */
#define CC__THROWN      (CC__DEFERRED - 1)
#define CC__UNSTAMPED   ((uint64_t)0) /* epochs begin at 1 */

typedef struct cc__round cc__round_t;

/* Schemes over another library; see src/meson.build. */
#ifndef CC_WITH_URCU
#define CC_WITH_URCU 0
#endif
#ifndef CC_WITH_CK
#define CC_WITH_CK 0
#endif

/* What differs between schemes off the fast path; the fast path is in ibr.h, debra.h, epoch.h, leak.h, urcu.h, ck.h. NULL: there
 * is nothing to do. */
typedef struct {
    const char *name;
    bool ticks;    /* allocations and retirements move the epoch (IBR) */
    bool commits;  /* WRITE touches what stands in the record's hazard slots (DEBRA+) */
    bool slots;    /* guards hold single objects in slots; else an announcement covers everything */
    bool reclaims; /* false: nothing is freed before the domain is destroyed */
    bool foreign;  /* operations and guards are sections of another library: inside one, no round gets anywhere */
    int rounds;    /* rounds until an object that nobody holds is free, at most */
    /* At creation (0, -ENOMEM), and when the domain has no threads any more. */
    int (*open)(cc_domain_t *domain);
    void (*close)(cc_domain_t *domain);
    bool (*attach)(cc__rec_t *rec);  /* by the thread that is going to use it; false: no memory */
    void (*detach)(cc__rec_t *rec);  /* only from the record of last resort */
    void (*inherit)(cc__rec_t *rec); /* in the child of a fork: its owner does not exist here */
    /* Without slots: a guard keeps what an operation announces. */
    void (*pin)(cc__rec_t *rec);
    void (*unpin)(cc__rec_t *rec);
    /* Fences and looks at every reader. False: nothing may be freed on the strength of this round. */
    bool (*round_begin)(cc__round_t *round);
    bool (*may_free)(cc__round_t *round, const cc__block_t *block, const cc__entry_t *entry);
} cc__scheme_t;

extern const cc__scheme_t cc__scheme_ibr __attribute__((visibility("hidden")));
extern const cc__scheme_t cc__scheme_debra __attribute__((visibility("hidden")));
extern const cc__scheme_t cc__scheme_epoch __attribute__((visibility("hidden")));
extern const cc__scheme_t cc__scheme_leak __attribute__((visibility("hidden")));
extern const cc__scheme_t cc__scheme_urcu __attribute__((visibility("hidden")));
extern const cc__scheme_t cc__scheme_ck __attribute__((visibility("hidden")));

struct cc_domain {
    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint64_t) epoch; /* read by every operation, hence alone on its line */

    _Alignas(CC_NO_SHARING) const cc__scheme_t *scheme;
    cc_smr_scheme_t scheme_id;
    void *foreign;       /* urcu, ck: see there */
    uint64_t id;         /* of all domains ever made; never reused */
    uint32_t processors; /* when it was created */
    char name[32];
    CC__ATOMIC(cc__rec_t *) recs;    /* all records; grows only */
    cc__rec_t *unused;               /* those without an owner; under cc__threads_lock, as what follows */
    cc__slab_t *slabs;               /* where they lie; the newest has room */
    CC__ATOMIC(uint32_t) structures; /* maps and queues that live in the domain */
    CC__ATOMIC(uint64_t) threads;    /* records with an owner */

    _Alignas(CC_NO_SHARING) CC__ATOMIC(int64_t) told; /* bytes that wait, as far as records have told */
    int64_t cap, cap_grain;                           /* INT64_MAX: no cap */

    _Alignas(CC_NO_SHARING) CC__ATOMIC(cc__block_t *) orphans; /* stack: pushed one by one, taken all at once */
    CC__ATOMIC(uint64_t) orphan_objects;
    CC__ATOMIC(uint32_t) draining; /* a drain is running: nobody else adopts orphans */
    CC__ATOMIC(uint64_t) limbo_bytes_peak;
    CC__ATOMIC(uint64_t) refused;    /* calls that the cap refused */
    CC__ATOMIC(uint64_t) cap_pinned; /* rounds that found most of the cap pinned by one thread */
    CC__ATOMIC(int64_t) cap_pause;   /* no effort before this moment: the last one was in vain */
    CC__ATOMIC(uint64_t) stall;      /* cc_smr_stall_t << 32 | tid */

    int signal;                          /* DEBRA+ */
    CC__ATOMIC(const char *) neutralize; /* DEBRA+: CC__NEUTRALIZE_STRONG, or why not; a constant */
    CC__ATOMIC(uint64_t) neutralize_sent, neutralize_proved;
    CC__ATOMIC(cc__rec_t *) nobody; /* where the records without an owner say that they search */

    pthread_mutex_t drain_lock;     /* one drainer at a time */
    pthread_mutex_t emergency_lock; /* one user of the emergency record at a time */
    uint64_t drain_pass;            /* under drain_lock */
    cc_reclaimer_t reclaimer;       /* who reclaims: see reclaimer.c */
    uint64_t reclaim_bytes;         /* the thread wakes when so many were handed over, */
    int64_t reclaim_ns;             /* or when this time has passed */
    CC__ATOMIC(uint64_t) handed;    /* bytes, since it looked last */
    CC__ATOMIC(uint64_t) wake_at;   /* bytes */
    CC__ATOMIC(uint32_t) wake;      /* it sleeps on this word */
    CC__ATOMIC(bool) stop;          /* it is to end */
    pthread_t reclaimer_thread;
    CC__ATOMIC(bool) reclaimer_runs;  /* there is one; under cc__threads_lock */
    cc__thread_t *reclaimer_self;     /* by itself; to be compared in the child of a fork */
    CC__ATOMIC(bool) reclaimer_ended; /* by a callback */

    int64_t stall_ns;      /* on_stall is told of threads in the way for so long */
    cc_stall_fn *on_stall; /* NULL: nobody is */
    void *on_stall_ctx;
    bool insistent;             /* the drain that is running: somebody waits for it; under drain_lock */
    cc__thread_t *drain_thread; /* who drains; under drain_lock, and read in the child of a fork */
    cc_domain_t *next_domain;   /* all domains; under cc__threads_lock */
    cc__rec_t emergency;        /* for threads that get no record of their own for want of memory */
    cc__rec_t drainer;          /* what the drainer has collected, in its limbo */
};

#endif
