/* How much a thread lets wait before it begins a round: less in a crowd. */
#ifndef CC_SMR_PACE_H
#define CC_SMR_PACE_H

#include "smr/types.h"

/* Processors that this process may use. */
uint32_t cc__pace_processors(void);

/* The thresholds in bytes are to be divided by 2 to this power. After the look of a round: its records are at hand. */
uint32_t cc__pace_haste(cc_domain_t *domain);

#endif
