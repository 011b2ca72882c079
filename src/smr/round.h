/* A round: one look at what all readers hold, valid for everything that was unlinked before its fence.
 *
 * Order inside a round, which the safety of every scheme rests on:
 *   1. the entries to be judged are in hand (own ones, adopted orphans, stolen bags)
 *   2. one heavy fence, then the epoch is read that stamps what is new
 *   3. the look: announcements or reservations first, then guard slots
 *   4. the verdicts
 * No verdict outlives the round. */
#ifndef CC_SMR_ROUND_H
#define CC_SMR_ROUND_H

#include "smr/slots.h"
#include "smr/types.h"

enum { CC__ROUND_LOCAL = 64, CC__ROUND_VOUCHED = 64 };

typedef struct {
    uint64_t lower, upper;
    cc__rec_t *rec;
} cc__interval_t;

/* The kernel's word about a thread. */
typedef struct {
    cc__rec_t *rec;
    uint64_t announce;
} cc__vouched_t;

struct cc__round {
    cc_domain_t *domain;
    bool insistent;                        /* somebody waits: threads in the way are given little time */
    uint32_t haste;                        /* in a crowd: see pace.c */
    uint64_t number;                       /* of the rounds of the limbo that it is for */
    bool moved;                            /* the round moved the epoch on */
    uint64_t waiting_count, waiting_bytes; /* of the limbo that the round is for */
    uint64_t epoch;            /* read after the fence (and after the move, if the round made one): the stamp */
    cc__interval_t *intervals; /* IBR: of the threads inside an operation */
    size_t interval_count, interval_cap;
    cc__interval_t interval_local[CC__ROUND_LOCAL];
    cc__slot_set_t slots; /* what guards hold */
    cc__rec_t *holder;    /* of the entry that was judged last; epochs: who is behind */
    cc_smr_stall_t why;   /* it holds it */
    cc__pin_t pins[CC_PINNERS];
    int64_t now;    /* when they were noted */
    bool signalled; /* threads in the way were sent the signal */
    uint32_t word_count;
    cc__vouched_t
        words[CC__ROUND_VOUCHED]; /* DEBRA+: what the kernel has said in this round; not all, if there is no room */
    cc_smr_stall_t stall;         /* why the first entry that must wait does */
    pid_t stalled_thread;
};

/* Frees what the look needed. */
void cc__round_end(cc__round_t *round);

/* The present entry waits for this thread. NULL: for one that is just exiting, or for no thread. */
static inline void cc__round_blame(cc__round_t *round, cc_smr_stall_t why, cc__rec_t *rec)
{
    round->holder = rec;
    round->why = why;
    if (round->stall == CC_STALL_NONE) {
        round->stall = why;
        round->stalled_thread = rec != NULL ? cc__load_relaxed(&rec->tid) : 0; /* stale: its former thread */
    }
}

#endif
