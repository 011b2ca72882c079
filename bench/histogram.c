#include "histogram.h"

void histogram_merge(histogram_t *into, const histogram_t *from)
{
    into->total += from->total;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
}

/* The middle of a bucket. */
static double value_of(unsigned index)
{
    if (index < HISTOGRAM_SUB)
        return index;
    unsigned shift = index / HISTOGRAM_SUB - 1;
    double width = (double)(UINT64_C(1) << shift);
    return (HISTOGRAM_SUB + index % HISTOGRAM_SUB) * width + width / 2;
}

double histogram_quantile(const histogram_t *histogram, double quantile)
{
    double wanted = quantile * (double)histogram->total, seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->bucket[i];
        if (seen >= wanted && seen > 0)
            return value_of(i);
    }
    return 0;
}
