#include "smr/ages.h"

static unsigned bucket_of(int64_t ns)
{
    uint64_t us = ns > 0 ? (uint64_t)ns / 1000 : 0;
    unsigned bits = us == 0 ? 0 : 64 - (unsigned)__builtin_clzll(us);
    return bits < CC_SMR_BUCKETS ? bits : CC_SMR_BUCKETS - 1;
}

void cc__ages_add(cc__ages_t *ages, int64_t ns, uint64_t objects)
{
    cc__counter_add(&ages->bucket[bucket_of(ns)], objects);
}

void cc__ages_clear(cc__ages_t *ages)
{
    for (int i = 0; i < CC_SMR_BUCKETS; i++)
        cc__counter_add(&ages->bucket[i], -cc__load_relaxed(&ages->bucket[i])); /* our own */
}

uint64_t cc__ages_percentile(const uint64_t buckets[CC_SMR_BUCKETS], unsigned hundredths)
{
    uint64_t all = 0, some = 0;
    for (int i = 0; i < CC_SMR_BUCKETS; i++)
        all += buckets[i];
    uint64_t rest = 100 - hundredths, beyond = all / 100 * rest + all % 100 * rest / 100;
    for (int i = 0; i < CC_SMR_BUCKETS; i++) {
        some += buckets[i];
        if (buckets[i] != 0 && some >= all - beyond)
            return (UINT64_C(1) << i) * 1000;
    }
    return 0;
}
