/* Statistics of repeated measurements. */
#ifndef BENCH_NUMBERS_H
#define BENCH_NUMBERS_H

#include <stddef.h>

/* Each sorts what it is given. */
double numbers_median(double *value, size_t n);
double numbers_spread(double *value, size_t n); /* (highest - lowest) / median; 0 for a median of 0 */

/* Mann and Whitney's rank test: the probability, two-sided, that two samples of one distribution differ as much as
 * these; by the normal approximation with ties corrected, which is good from eight values in each. */
double numbers_rank_test(const double *a, size_t n, const double *b, size_t m);

/* Wilcoxon's signed-rank test of pairs: the same for n differences and 0. By the normal approximation. */
double numbers_signed_rank_test(const double *difference, size_t n);

#endif
