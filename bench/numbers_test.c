/* Does ccbench count right? Probabilities are those of the normal approximation, worked out by hand. */
#include "compare.h"
#include "histogram.h"
#include "numbers.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static int failures;

static void expect(const char *what, double is, double wanted)
{
    if (fabs(is - wanted) > 0.01 * fabs(wanted) + 1e-9) {
        printf("%s: %g instead of %g\n", what, is, wanted);
        failures++;
    }
}

static void medians(void)
{
    double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2};
    expect("median of three", numbers_median(odd, 3), 2);
    expect("median of four", numbers_median(even, 4), 2.5);
    expect("spread", numbers_spread(even, 4), 3 / 2.5);
    expect("median of none", numbers_median(odd, 0), 0);
}

static void ranks(void)
{
    double low[10], high[10], up[10];
    for (int i = 0; i < 10; i++) {
        low[i] = i;
        high[i] = i + 10;
        up[i] = i + 1;
    }
    expect("samples apart", numbers_rank_test(low, 10, high, 10), 0.000183); /* z = 49.5 / 13.23 */
    expect("equal samples", numbers_rank_test(low, 10, low, 10), 1);
    expect("pairs all greater", numbers_signed_rank_test(up, 10), 0.00592); /* z = 27 / 9.81 */
}

static void histograms(void)
{
    static histogram_t histogram;
    for (unsigned i = 1; i <= 100000; i++)
        histogram_add(&histogram, i);
    expect("half", histogram_quantile(&histogram, 0.5), 50000);
    expect("nearly all", histogram_quantile(&histogram, 0.99), 99000);
    expect("the longest", histogram_quantile(&histogram, 1), 100000);
}

/* A slow-down by a quarter must be found among ten percent of noise; none among noise alone. */
static void verdicts(void)
{
    double old[30], same[30], slower[30];
    unsigned state = 1;
    for (int i = 0; i < 30; i++) {
        double noise[2];
        for (int k = 0; k < 2; k++) {
            state = state * 1103515245 + 12345;
            noise[k] = 1 + ((double)(state >> 16 & 0x7fff) / 0x7fff - 0.5) / 5;
        }
        old[i] = noise[0];
        same[i] = noise[1];
        slower[i] = noise[1] * 0.75;
    }
    verdict_t quiet = compare_pairs(old, same, 30), found = compare_pairs(old, slower, 30);
    expect("equal builds", compare_regressed(&quiet, 0.05), false);
    expect("a slower build", compare_regressed(&found, 0.05), true);
    quiet = compare_samples(old, 30, same, 30);
    found = compare_samples(old, 30, slower, 30);
    expect("equal samples", compare_regressed(&quiet, 0.05), false);
    expect("slower samples", compare_regressed(&found, 0.05), true);
}

/* So few that all of them slower by a half is beyond chance, and one fewer is not. */
static void fewest(void)
{
    double old[COMPARE_PAIRS_MIN], slower[COMPARE_PAIRS_MIN];
    for (int i = 0; i < COMPARE_PAIRS_MIN; i++) {
        old[i] = 100 + i;
        slower[i] = old[i] / 2 + i * 0.1;
    }
    for (int less = 0; less < 2; less++) {
        size_t pairs = (size_t)(COMPARE_PAIRS_MIN - less), samples = (size_t)(COMPARE_SAMPLES_MIN - less);
        verdict_t apart = compare_pairs(old, slower, pairs);
        expect("fewest pairs", compare_regressed(&apart, 0.05), less == 0);
        apart = compare_samples(old, samples, slower, samples);
        expect("fewest samples", compare_regressed(&apart, 0.05), less == 0);
    }
}

int main(void)
{
    medians();
    ranks();
    histograms();
    verdicts();
    fewest();
    printf("%d wrong\n", failures);
    return failures > 0;
}
