/* history.c: the arrays behind a history, and which clock stamps it. */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

bool hist_clock_tsc;

void hist_clock_init(void)
{
#ifdef __x86_64__
    /* What Linux calls constant_tsc and nonstop_tsc is one bit of the processor: invariant TSC. */
    unsigned a, b, c, d;
    bool invariant = __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & (1u << 8));
    bool rdtscp = __get_cpuid(0x80000001, &a, &b, &c, &d) && (d & (1u << 27));
    hist_clock_tsc = invariant && rdtscp;
#endif
}

const char *hist_clock_name(void)
{
    return hist_clock_tsc ? "tsc" : "CLOCK_MONOTONIC_RAW";
}

bool hist_create(hist_t *hist, unsigned threads, size_t ops)
{
    *hist = (hist_t){0};
    if (threads == 0 || threads > HIST_THREADS_MAX)
        return false;
    hist->lanes = calloc(threads, sizeof *hist->lanes);
    if (!hist->lanes)
        return false;
    hist->threads = threads;
    for (unsigned t = 0; t < threads; t++) {
        hist_op_t *array = malloc(ops * sizeof *array);
        if (!array) {
            hist_destroy(hist);
            return false;
        }
        memset(array, 0, ops * sizeof *array); /* no page fault may widen the first intervals */
        hist->lanes[t] = (hist_lane_t){array, 0, ops};
    }
    return true;
}

void hist_destroy(hist_t *hist)
{
    for (unsigned t = 0; t < hist->threads; t++)
        free(hist->lanes[t].ops);
    free(hist->lanes);
    *hist = (hist_t){0};
}

void hist_clear(hist_t *hist)
{
    for (unsigned t = 0; t < hist->threads; t++)
        hist->lanes[t].count = 0;
}

size_t hist_count(const hist_t *hist)
{
    size_t sum = 0;
    for (unsigned t = 0; t < hist->threads; t++)
        sum += hist->lanes[t].count;
    return sum;
}

hist_op_t *hist_next(hist_t *hist, unsigned thread)
{
    hist_lane_t *lane = &hist->lanes[thread];
    if (lane->count == lane->room)
        return NULL;
    hist_op_t *op = &lane->ops[lane->count];
    *op = (hist_op_t){.thread = (uint8_t)thread};
    return op;
}
