#ifndef CC_SMR_DRAIN_H
#define CC_SMR_DRAIN_H

#include "smr/types.h"

/* One attempt over all threads' garbage that waits for nobody; at most so many objects are reclaimed, what is left becomes
 * orphans (*left bytes of it may not be freed yet; NULL: not asked for). `insistent`: threads in the way are given little
 * time. Outside of guards and callbacks. False: another drain is running, nothing was done. */
bool cc__drain_try(cc_domain_t *domain, size_t most, bool insistent, uint64_t *left);

#endif
