/* The verdict of the schemes over another library's grace periods, which the domain's epoch counts (argued in urcu.c). */
#ifndef CC_SMR_GRACE_H
#define CC_SMR_GRACE_H

#include "smr/epoch_round.h"

static inline bool cc__grace_may_free(cc__round_t *round, const cc__block_t *block, const cc__entry_t *entry)
{
    (void)entry;
    if (cc__epoch_over(round, block))
        return true;
    cc__round_blame(round, CC_STALL_GRACE, NULL);
    return false;
}

#endif
