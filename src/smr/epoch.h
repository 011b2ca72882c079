/* Epoch-based reclamation in the manner of DEBRA (Brown, PODC 2015), without neutralization: the fast path.
 *
 * An operation announces the global epoch; a round may move the epoch on when every thread is quiescent or
 * has announced the present one. A limbo block may be freed two moves after its stamp. Cheaper per read than
 * IBR (no epoch is looked at), but one thread asleep inside an operation or a guard stops the epoch, and
 * everything retired from then on waits for it.
 *
 * Deviations: rounds run when garbage waits and look at all threads at once behind one membarrier (DEBRA
 * looks at one thread per operation); bags are stamped with the GLOBAL epoch, since retirement happens while
 * quiescent. */
#ifndef CC_SMR_EPOCH_H
#define CC_SMR_EPOCH_H

#include "base/fence.h"
#include "base/mark.h"
#include "smr/round.h"
#include "smr/types.h"

/* ---- the round, which DEBRA+ has in common
 * --------------------------------------------------------------------- */

/* Does the thread stand in an epoch before this one? */
static inline bool cc__epoch_lags(const cc__rec_t *rec, uint64_t epoch)
{
    /* [epoch.scan] pairs with [epoch.announce, epoch.quiesce, debra.announce, debra.quiesce, debra.acknowledge]: what
     * the thread read before, it has read, and the slots that it filled before are filled. */
    uint64_t announce = cc__load_acquire(&rec->announce);
    return announce != CC__QUIESCENT && announce >> CC__EPOCH_SHIFT < epoch;
}

/* Fences, looks, and moves the epoch on if nobody is behind, or if `persuade`, which is asked then, has seen to it. */
bool cc__epoch_round(cc__round_t *round, bool (*persuade)(cc__round_t *round, uint64_t epoch));

/* Has everybody left the epochs in which an entry of the block could be reached? */
static inline bool cc__epoch_over(const cc__round_t *round, const cc__block_t *block)
{
    return block->stamp + 2 <= round->epoch;
}

/* ---- the fast path
 * --------------------------------------------------------------------------------------------- */

#define SMR_SLOTS 0

static inline void cc__epoch_announce(cc__rec_t *rec)
{
    /* [epoch.read] pairs with [epoch.advance]: all that was unlinked before the epoch began is seen as unlinked. */
    uint64_t epoch = cc__load_acquire(rec->epoch);
    /* [epoch.announce] pairs with [epoch.scan]: release, for the reads of the operation before are over; the fence
     * makes the announcement visible before any link is read. A stale epoch only holds the next move up. */
    cc__store_release(&rec->announce, epoch << CC__EPOCH_SHIFT);
    cc__fence_light(); /* [epoch.announced] pairs with [epoch.look]: announced before any link is read */
}

static inline void cc__epoch_quiesce(cc__rec_t *rec)
{
    cc__store_release(&rec->announce, CC__QUIESCENT); /* [epoch.quiesce] pairs with [epoch.scan]: our reads are over */
}

/* Nested in a guard, whose announcement stays: announcing again would give up what the guard protects. */
static inline void smr_begin(cc__rec_t *rec)
{
    if (rec->pins == 0)
        cc__epoch_announce(rec);
}

static inline void smr_end(cc__rec_t *rec)
{
    if (rec->pins == 0)
        cc__epoch_quiesce(rec);
}

typedef cc__rec_t *smr_hold_t;

static inline uintptr_t smr_read(smr_hold_t *hold, cc__link_t *link)
{
    (void)hold;
    /* [node.read] pairs with [node.link, node.unlink, node.mark]: the contents of the node that it names. */
    return cc__load_acquire(link);
}

#define SMR_SEARCH                static inline void
#define smr_search(rec, step, op) step(op)
#define smr_enter(rec, foreign)   (rec)
#define smr_commit(rec, ...)      ((void)(rec))
#define smr_leave(rec)            ((void)(rec))

static inline uint64_t smr_birth(cc__rec_t *rec)
{
    (void)rec;
    return 0;
}

#endif
