/* Is one build slower than another? Two files of JSON lines, or two builds that took turns in one session. */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double ratio, low, high; /* new / old: the estimate, and what it lies between with 95 % confidence */
    double p;                /* probability of such a difference between equal builds */
} verdict_t;

/* Of fewer pairs, or fewer values on a side, no outcome is beyond chance. */
enum { COMPARE_PAIRS_MIN = 15, COMPARE_SAMPLES_MIN = 8 };

/* Pairs of measurements made next to each other: the median of the ratios, its interval by order statistics, the
 * probability by Wilcoxon's test. n up to 1000. */
verdict_t compare_pairs(const double *old, const double *new, size_t n);

/* Measurements made at different times: the estimate of Hodges and Lehmann, the probability by Mann and Whitney's test.
 * n and m up to 200. */
verdict_t compare_samples(const double *old, size_t n, const double *new, size_t m);

/* A regression is a slow-down that is beyond chance (p < 0.001) and beyond what does not matter (`tolerance`), with the
 * whole interval below 1. */
bool compare_regressed(const verdict_t *verdict, double tolerance);

void compare_print(const char *label, const verdict_t *verdict, double tolerance);

/* ccbench compare [--tolerance T] OLD NEW. Exit code 0: no regression, 1: one, 2: nothing can be told. */
int compare_main(int argc, char **argv);

#endif
