/* Epoch-based reclamation: the round. The scheme is described in epoch.h.
 *
 * Why stamp + 2 is enough. A block's entries were unlinked before the heavy fence H after which its stamp s was read.
 * A thread that can still hold one announced s at most: had it read s + 1, its light fence would have come after H (or
 * its epoch would have been visible to the read of the stamp), and its reads would have seen the unlinks. The move from
 * s + 1 to s + 2 was made by a round that read s + 1 and then passed a heavy fence H2. H came before H2: otherwise the
 * stamp would have been s + 1 at least. So at its look that round either saw the thread's announcement, s at most, and
 * would not have moved, or the thread's light fence came after H2, hence after H, and it holds nothing.
 *
 * Bound: none. A thread that sleeps inside an operation or a guard stops the epoch one move later, and all
 * that is retired from then on waits. That is what IBR is for.
 *
 * Broken if: the look precedes the fence, the epoch is read after it, a nested operation announces anew,
 * blocks are freed one move early. Tests: fault/stall_test (grows as it must), stress_map. */
#include "smr/epoch.h"
#include "base/fence.h"
#include "smr/epoch_round.h"

static void blame(cc__round_t *round, cc__rec_t *rec)
{
    /* Stale: the wrong word in a report. */
    bool guard = !round->domain->scheme->slots && cc__load_relaxed(&rec->guards) != 0;
    cc__round_blame(round, guard ? CC_STALL_GUARD : CC_STALL_OPERATION, rec);
}

static bool nobody_lags(cc__round_t *round, uint64_t epoch)
{
    /* [epoch.recs] pairs with [registry.publish]: the record is initialized. */
    for (cc__rec_t *rec = cc__load_acquire(&round->domain->recs); rec != NULL; rec = rec->next) {
        if (cc__epoch_lags(rec, epoch)) {
            blame(round, rec);
            return false;
        }
    }
    return true;
}

bool cc__epoch_round(cc__round_t *round, bool (*persuade)(cc__round_t *round, uint64_t epoch))
{
    cc_domain_t *domain = round->domain;
    /* [epoch.round] pairs with [epoch.advance]: read before the fence, or the look would be about an older epoch. */
    uint64_t epoch = cc__load_acquire(&domain->epoch);
    if (!cc__fence_heavy()) /* [epoch.look] pairs with [epoch.announced, debra.announced]: seen, or they see the unlinks */
        return false;
    if (nobody_lags(round, epoch) || (persuade != NULL && persuade(round, epoch))) {
        round->stall = CC_STALL_NONE;
        round->holder = NULL;
        /* [epoch.advance] pairs with [epoch.read, debra.read, epoch.round, epoch.verdict]: whoever frees on the strength
         * of the new epoch sees that all reads of the old one are over. Failure: another round made the same move. */
        round->moved = cc__cas_acq_rel(&domain->epoch, &epoch, epoch + 1);
    }
    round->epoch =
        cc__load_acquire(&domain->epoch); /* [epoch.verdict] pairs with [epoch.advance]: so are the looks behind it */
    return true;
}

static void pin(cc__rec_t *rec)
{
    cc__epoch_announce(rec);
}

static void unpin(cc__rec_t *rec)
{
    cc__epoch_quiesce(rec);
}

static bool round_begin(cc__round_t *round)
{
    return cc__epoch_round(round, NULL);
}

static bool may_free(cc__round_t *round, const cc__block_t *block, const cc__entry_t *entry)
{
    (void)entry;
    return cc__epoch_over(round, block);
}

const cc__scheme_t cc__scheme_epoch = {
    .name = "epoch",
    .ticks = false,
    .slots = false,
    .reclaims = true,
    .rounds = 3,
    .pin = pin,
    .unpin = unpin,
    .round_begin = round_begin,
    .may_free = may_free,
};
