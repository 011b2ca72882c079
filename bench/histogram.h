/* Latencies, counted in buckets that are at most 1/64 of the value wide. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_SUB = 64, HISTOGRAM_BUCKETS = 40 * HISTOGRAM_SUB };

typedef struct {
    uint64_t total;
    uint32_t bucket[HISTOGRAM_BUCKETS];
} histogram_t;

static inline unsigned histogram_index(uint64_t ns)
{
    if (ns < HISTOGRAM_SUB)
        return (unsigned)ns;
    unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - 6;
    unsigned index = (shift + 1) * HISTOGRAM_SUB + (unsigned)(ns >> shift) - HISTOGRAM_SUB;
    return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

static inline void histogram_add(histogram_t *histogram, uint64_t ns)
{
    histogram->total++;
    histogram->bucket[histogram_index(ns)]++;
}

void histogram_merge(histogram_t *into, const histogram_t *from);

/* The value below which the share `quantile` of the samples lies; 0 without samples. */
double histogram_quantile(const histogram_t *histogram, double quantile);

#endif
