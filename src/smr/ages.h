/* Histograms of time, as cc/stats.h describes them. One writer at a time; readers see each bucket as of a moment ago. */
#ifndef CC_SMR_AGES_H
#define CC_SMR_AGES_H

#include "smr/types.h"

unsigned cc__ages_bucket(int64_t ns);
void cc__ages_add(cc__ages_t *ages, int64_t ns, uint64_t objects);
void cc__ages_set(cc__ages_t *ages, const uint64_t objects[CC_SMR_BUCKETS]);
void cc__ages_clear(cc__ages_t *ages);

/* The upper end, in ns, of the bucket in which so many hundredths of all are reached; 0: there are none. */
uint64_t cc__ages_percentile(const uint64_t buckets[CC_SMR_BUCKETS], unsigned hundredths);

#endif
