#include "compare.h"

#include "numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAIRS_MAX = 1000, SAMPLES_MAX = 200 };
static const double chance = 0.001, z95 = 1.96;

/* The values that enclose the middle of n sorted ones, `margin` ranks away from it. */
static void enclose(const double *sorted, size_t n, double margin, verdict_t *verdict)
{
    double low = floor((double)n / 2 - margin), high = ceil((double)n / 2 + margin) - 1;
    verdict->low = sorted[low > 0 ? (size_t)low : 0];
    verdict->high = sorted[high < (double)n - 1 ? (size_t)high : n - 1];
}

verdict_t compare_pairs(const double *old, const double *new, size_t n)
{
    double ratio[PAIRS_MAX], logs[PAIRS_MAX];
    size_t used = 0;
    verdict_t verdict = {1, 1, 1, 1};
    for (size_t i = 0; i < n && used < PAIRS_MAX; i++) {
        if (old[i] > 0 && new[i] > 0) {
            ratio[used] = new[i] / old[i];
            logs[used] = log(ratio[used]);
            used++;
        }
    }
    if (used == 0)
        return verdict;
    verdict.p = numbers_signed_rank_test(logs, used);
    verdict.ratio = numbers_median(ratio, used);
    enclose(ratio, used, z95 * sqrt((double)used) / 2, &verdict);
    return verdict;
}

verdict_t compare_samples(const double *old, size_t n, const double *new, size_t m)
{
    static double ratio[SAMPLES_MAX * SAMPLES_MAX];
    size_t used = 0;
    verdict_t verdict = {1, 1, 1, 1};
    for (size_t i = 0; i < n && i < SAMPLES_MAX; i++) {
        for (size_t j = 0; j < m && j < SAMPLES_MAX; j++) {
            if (old[i] > 0 && new[j] > 0)
                ratio[used++] = new[j] / old[i];
        }
    }
    if (used == 0)
        return verdict;
    double x = (double)n, y = (double)m;
    verdict.p = numbers_rank_test(new, m, old, n);
    verdict.ratio = numbers_median(ratio, used);
    enclose(ratio, used, z95 * sqrt(x * y * (x + y + 1) / 12), &verdict);
    return verdict;
}

bool compare_regressed(const verdict_t *verdict, double tolerance)
{
    return verdict->p < chance && verdict->ratio < 1 - tolerance && verdict->high < 1;
}

void compare_print(const char *label, const verdict_t *verdict, double tolerance)
{
    const char *word = compare_regressed(verdict, tolerance) ? "SLOWER" : verdict->p < chance ? "differs" : "";
    printf("%-70s %6.3f  [%.3f, %.3f]  p %.2g  %s\n", label, verdict->ratio, verdict->low, verdict->high, verdict->p,
           word);
}
