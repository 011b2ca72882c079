#ifndef CC_SMR_STATS_H
#define CC_SMR_STATS_H

#include "smr/round.h"

/* Remembers what a round saw: the peak of waiting bytes, and who was in the way. */
void cc__stats_note_round(const cc__round_t *round);

/* Bytes that wait, seen at some moment. Returns the peak. */
uint64_t cc__stats_note_peak(cc_domain_t *domain, uint64_t bytes);

/* As the last word of a drain that gave up. */
void cc__stats_blame(cc_domain_t *domain, cc_smr_stall_t why, pid_t tid);

#endif
