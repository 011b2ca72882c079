#include "sheet.h"

#include <inttypes.h>
#include <string.h>

void sheet_title(const workload_t *w)
{
    bool map = strcmp(w->kind, "map") == 0;
    printf("\n%s", w->kind);
    if (map)
        printf(", %" PRIu64 " keys %s, %s, %g %% present", w->range, w->keys, w->distribution, w->prefill * 100);
    printf("; Mops/s: median of runs of %g s and (highest - lowest) / median; ! disturbed at every try\n", w->seconds);
}

static void column_name(const workload_t *cell, char *text, size_t size)
{
    if (cell->series > 0)
        snprintf(text, size, "%s", cell->stall != 0 ? "stalled" : "control");
    else if (strcmp(cell->kind, "map") != 0)
        snprintf(text, size, "%s", cell->shape);
    else if (cell->scan > 0)
        snprintf(text, size, "%" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%" PRIu64, cell->get, cell->insert, cell->remove,
                 cell->scan);
    else
        snprintf(text, size, "%" PRIu64 "/%" PRIu64 "/%" PRIu64, cell->get, cell->insert, cell->remove);
}

void sheet_head(const workload_t *cell, size_t n)
{
    char text[WORD_MAX];
    printf("%-34s", "");
    for (size_t c = 0; c < n; c++) {
        column_name(&cell[c], text, sizeof text);
        printf(" %13s", text);
    }
    printf("\n%-34s", "threads");
    for (size_t c = 0; c < n; c++)
        printf(" %13" PRIu64, cell[c].threads);
    printf("%s\n", strcmp(cell[0].kind, "map") == 0 ? "  bytes/entry" : "");
}

void sheet_label(const char *contender, const char *scheme)
{
    char text[64];
    snprintf(text, sizeof text, strcmp(scheme, "-") != 0 ? "%s, %s" : "%s", contender, scheme);
    printf("%-34s", text);
}

void sheet_cell(const score_t *score)
{
    if (!score->measured) {
        printf(" %13s", "-");
        return;
    }
    double spread = score->median > 0 ? (score->high - score->low) / score->median * 100 : 0;
    printf(" %8.*f %2.0f%%%s",
           score->median < 10    ? 3
           : score->median < 100 ? 2
                                 : 1,
           score->median, spread, score->disturbed > 0 ? "!" : " ");
}

void sheet_memory(double entries, double bytes)
{
    if (entries > 0)
        printf(" %12.0f", bytes / entries);
    printf("\n");
}

void sheet_name(const lane_t *lane, const workload_t *cell, char *text, size_t size)
{
    char column[WORD_MAX];
    column_name(cell, column, sizeof column);
    snprintf(text, size, "%s %s, %.20s, %" PRIu64 " threads", lane->contender->name, lane->scheme, column,
             cell->threads);
}

static void print_series(const char *what, struct json_object *series)
{
    if (json_object_get_double(json_object_array_get_idx(series, 0)) < 0)
        return;
    printf("   %-12s MiB", what);
    for (size_t i = 0; i < json_object_array_length(series); i++) {
        printf(" %7.1f", json_object_get_double(json_object_array_get_idx(series, i)) / (1 << 20));
    }
    printf("\n");
}

void sheet_series(const lane_t *lane, const workload_t *cell, const score_t *score)
{
    char text[WORD_MAX];
    if (score->rss_series == NULL)
        return;
    sheet_name(lane, cell, text, sizeof text);
    printf("%s%s\n", text, cell->stall != 0 ? ", and a reader that sleeps" : "");
    print_series("resident", score->rss_series);
    print_series("waiting", score->garbage_series);
}

void sheet_latency(const lane_t *lane, const workload_t *cell, const score_t *score)
{
    char text[WORD_MAX];
    column_name(cell, text, sizeof text);
    sheet_label(lane->contender->name, lane->scheme);
    printf(" %13s %3" PRIu64 " threads: p50 %6.0f  p99 %7.0f  p99.9 %8.0f  longest %10.0f ns\n", text, cell->threads,
           score->p50, score->p99, score->p999, score->longest);
}
