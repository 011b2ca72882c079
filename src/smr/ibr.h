/* Interval-based reclamation, the 2GE variant (Wen, Izraelevitz, Cai, Beadle, Scott: PPoPP 2018): the fast
 * path.
 *
 * A global epoch ticks with allocations and retirements. Every node carries its birth epoch, every limbo
 * block the epoch of its retirement; an operation reserves the interval [lower, upper] of epochs that it may
 * have read from. A node may be freed when no reservation meets its lifetime [birth, retirement].
 *
 * Deviations: reservations are plain stores, ordered against the scan by asymmetric fences (the published
 * code is short of a store-load fence at the begin of an operation); retirement epochs per block, stamped
 * once and late; values are not nodes: they are held by guard slots, because a value counted as born at 0
 * would be pinned by every sleeper. */
#ifndef CC_SMR_IBR_H
#define CC_SMR_IBR_H

#include "base/fence.h"
#include "base/mark.h"
#include "smr/search_inline.h" /* the reservation lasts to the end of the operation and covers what WRITE touches */
#include "smr/types.h"

#define SMR_SLOTS 1

/* `lower` before `upper`, both idle before: a scanner, which reads lower before upper, can see an interval
 * that is too wide while they change, or half of one, which is none; never one that is too narrow. */
static inline void smr_begin(cc__rec_t *rec)
{
    /* [ibr.begin] pairs with [ibr.tick]: all that was unlinked before the epoch was entered is seen as unlinked. */
    uint64_t epoch = cc__load_acquire(rec->epoch);
    /* [ibr.reserve] pairs with [ibr.scan]: release, for the reads of the operation before are over; the fence makes
     * the reservation visible before any link is read. A stale epoch only widens the interval. */
    cc__store_release(&rec->lower, epoch);
    cc__store_release(&rec->upper, epoch);
    cc__fence_light(); /* [ibr.reserved] pairs with [ibr.look]: reserved before any link is read */
}

static inline void smr_end(cc__rec_t *rec)
{
    /* [ibr.release] pairs with [ibr.scan]: what this operation read, it has read. upper first, see smr_begin. */
    cc__store_release(&rec->upper, CC__IDLE);
    cc__store_release(&rec->lower, CC__IDLE);
}

/* What a SEARCH keeps in registers: `upper` as it has announced it. */
typedef struct {
    cc__rec_t *rec;
    CC__ATOMIC(uint64_t) * epoch;
    uint64_t upper;
} smr_hold_t;

static inline smr_hold_t smr_enter(cc__rec_t *rec, bool foreign)
{
    (void)foreign;
    return (smr_hold_t){rec, rec->epoch, cc__load_relaxed(&rec->upper)}; /* our own store */
}

/* On return the word was read while `upper` covered the epoch, hence covers the birth of the node it names.
 * Lock-free: the loop turns only when the epoch moves, which is progress of others. */
static inline uintptr_t smr_read(smr_hold_t *hold, cc__link_t *link)
{
    for (;;) {
        /* [node.read] pairs with [node.link, node.unlink, node.mark, blocks.publish, blocks.freeze, blocks.die]: the contents of
         * what it names; seq_cst: a miss is one in the order of all calls. */
        uintptr_t word = cc__load_seq_cst(link);
        /* [ibr.read] pairs with [ibr.tick]: loaded after the link, so not older than the birth of the node. */
        uint64_t epoch = cc__load_acquire(hold->epoch);
        if (__builtin_expect(epoch == hold->upper, 1))
            return word;
        hold->upper = epoch;
        /* [ibr.raise] pairs with [ibr.scan]: before the link is read again. */
        cc__store_release(&hold->rec->upper, epoch);
        cc__fence_light(); /* [ibr.raised] pairs with [ibr.look]: raised before the link is read again */
    }
}

static inline uint64_t smr_birth(cc__rec_t *rec)
{
    if (++rec->ticks >= CC_IBR_TICK) {
        rec->ticks = 0;
        /* [ibr.tick] pairs with [ibr.begin, ibr.read, ibr.birth, ibr.stamp]: as in cc__limbo_add. */
        cc__fetch_add_acq_rel(rec->epoch, 1);
    }
    /* [ibr.birth] pairs with [ibr.tick]: not later than the epoch in which the node is published. */
    return cc__load_acquire(rec->epoch);
}

#endif
