#include "smr/ages.h"

unsigned cc__ages_bucket(int64_t ns)
{
    uint64_t us = ns > 0 ? (uint64_t)ns / 1000 : 0;
    unsigned bits = us == 0 ? 0 : 64 - (unsigned)__builtin_clzll(us);
    return bits < CC_SMR_BUCKETS ? bits : CC_SMR_BUCKETS - 1;
}

void cc__ages_add(cc__ages_t *ages, int64_t ns, uint64_t objects)
{
    cc__counter_add(&ages->bucket[cc__ages_bucket(ns)], objects);
}

void cc__ages_set(cc__ages_t *ages, const uint64_t objects[CC_SMR_BUCKETS])
{
    for (int i = 0; i < CC_SMR_BUCKETS; i++)
        cc__store_relaxed(&ages->bucket[i], objects[i]); /* whoever reads an older one counts as of then */
}

void cc__ages_clear(cc__ages_t *ages)
{
    cc__ages_set(ages, (const uint64_t[CC_SMR_BUCKETS]){0});
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
