/* Who had the processors: ours, and others that took them from ours. */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    double own;     /* seconds of processor time of this process */
    double waiting; /* seconds that its threads were ready to run and did not */
    double busy;    /* seconds of processor time of the machine, all processes */
    double stolen;  /* seconds that the hypervisor gave to others */
} usage_t;

void usage_read(usage_t *usage, const int *tids, unsigned threads);

/* Between two readings: processors that ours kept busy, and processors lost to others.
 *
 * A thread that waits for a processor may wait for a thread of ours; a processor that others have may be one that ours
 * did not want, because they slept. What was lost is at most either, so it is the smaller of the two, and what the
 * hypervisor took. */
void usage_between(const usage_t *from, const usage_t *to, double seconds, double *cpu, double *lost);

size_t usage_rss(void);  /* resident bytes of this process, now */
size_t usage_peak(void); /* and the most ever */

#endif
