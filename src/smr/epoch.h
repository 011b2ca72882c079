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
#include "smr/read_plain.h"
#include "smr/search_inline.h"

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

#define smr_enter(rec, foreign) (rec)

#endif
