/* The round of epochs, which DEBRA+ has in common. The argument is in epoch.c. */
#ifndef CC_SMR_EPOCH_ROUND_H
#define CC_SMR_EPOCH_ROUND_H

#include "smr/round.h"

/* Does who announces this stand in an epoch before that one? */
static inline bool cc__epoch_precedes(uint64_t announce, uint64_t epoch)
{
    return announce != CC__QUIESCENT && announce >> CC__EPOCH_SHIFT < epoch;
}

/* Does the thread stand in an epoch before this one, and may it go on there? */
static inline bool cc__epoch_lags(const cc__rec_t *rec, uint64_t epoch)
{
    /* [epoch.scan] pairs with [epoch.announce, epoch.quiesce, debra.announce, debra.quiesce, debra.acknowledge]: what
     * the thread read before, it has read, and the slots that it filled before are filled. */
    uint64_t announce = cc__load_acquire(&rec->announce);
    /* [epoch.vouched] pairs with [neutralize.vouch]: the membarrier of the round that had the kernel's word. */
    return cc__epoch_precedes(announce, epoch) && cc__load_acquire(&rec->vouched) != announce;
}

/* Fences, looks, and moves the epoch on if nobody is behind, or if `persuade`, which is asked then, has seen to it. */
bool cc__epoch_round(cc__round_t *round, bool (*persuade)(cc__round_t *round, uint64_t epoch));

/* Has everybody left the epochs in which an entry of the block could be reached? */
static inline bool cc__epoch_over(const cc__round_t *round, const cc__block_t *block)
{
    return block->stamp + 2 <= round->epoch;
}

#endif
