#include "numbers.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double numbers_median(double *value, size_t n)
{
    if (n == 0)
        return 0;
    qsort(value, n, sizeof *value, by_value);
    return n % 2 == 1 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

double numbers_spread(double *value, size_t n)
{
    double median = numbers_median(value, n);
    return median != 0 ? (value[n - 1] - value[0]) / median : 0;
}

/* ---- ranks */

typedef struct {
    double value;
    bool counted; /* its rank enters the sum */
} ranked_t;

static int by_ranked_value(const void *a, const void *b)
{
    return by_value(&((const ranked_t *)a)->value, &((const ranked_t *)b)->value);
}

/* The sum of the counted ranks, equal values sharing theirs; *ties gets the sum of t^3 - t over groups of t equal. */
static double sum_of_ranks(ranked_t *all, size_t n, double *ties)
{
    double sum = 0;
    *ties = 0;
    qsort(all, n, sizeof *all, by_ranked_value);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && all[to].value == all[from].value; to++)
            ;
        double t = (double)(to - from), rank = (double)(from + to + 1) / 2;
        *ties += t * t * t - t;
        for (size_t i = from; i < to; i++)
            sum += all[i].counted ? rank : 0;
    }
    return sum;
}

static double two_sided(double distance, double variance)
{
    if (variance <= 0)
        return 1;
    double z = fabs(distance) - 0.5; /* for continuity */
    return z <= 0 ? 1 : erfc(z / sqrt(2 * variance));
}

double numbers_rank_test(const double *a, size_t n, const double *b, size_t m)
{
    ranked_t *all = malloc((n + m + 1) * sizeof *all);
    if (all == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        all[i] = (ranked_t){a[i], true};
    for (size_t i = 0; i < m; i++)
        all[n + i] = (ranked_t){b[i], false};
    double ties, x = (double)n, y = (double)m, total = x + y;
    double sum = sum_of_ranks(all, n + m, &ties);
    free(all);
    double variance = x * y / 12 * (total + 1 - ties / (total * (total - 1)));
    return two_sided(sum - x * (total + 1) / 2, variance);
}

double numbers_signed_rank_test(const double *difference, size_t n)
{
    ranked_t *all = malloc((n + 1) * sizeof *all);
    size_t used = 0;
    if (all == NULL)
        return 1;
    for (size_t i = 0; i < n; i++) {
        if (difference[i] != 0)
            all[used++] = (ranked_t){fabs(difference[i]), difference[i] > 0};
    }
    double ties, x = (double)used;
    double sum = sum_of_ranks(all, used, &ties);
    free(all);
    return two_sided(sum - x * (x + 1) / 4, x * (x + 1) * (2 * x + 1) / 24 - ties / 48);
}
