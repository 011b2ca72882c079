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
