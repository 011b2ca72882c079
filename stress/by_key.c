/* by_key.c: merges the threads' arrays by time and deals the calls out to their keys. */
#include "linearize.h"

#include <stdlib.h>

/* Turns first[] into the bounds of the keys, each shifted up by one place: filling a key counts its place up, and
 * leaves the bounds where they belong. False: a key out of range. */
static bool count_keys(lin_index_t *index, const hist_t *hist)
{
    for (unsigned t = 0; t < hist->threads; t++) {
        const hist_lane_t *lane = &hist->lanes[t];
        for (size_t i = 0; i < lane->count; i++) {
            if (lane->ops[i].key >= index->keys)
                return false;
            index->first[lane->ops[i].key + 2]++;
        }
    }
    for (unsigned k = 2; k <= index->keys; k++)
        index->first[k] += index->first[k - 1];
    return true;
}

/* The thread whose next call is the earliest; hist->threads if all are used up. */
static unsigned earliest(const hist_t *hist, const size_t *at)
{
    unsigned best = hist->threads;
    uint64_t best_call = 0;
    for (unsigned t = 0; t < hist->threads; t++) {
        const hist_lane_t *lane = &hist->lanes[t];
        if (at[t] < lane->count && (best == hist->threads || lane->ops[at[t]].call < best_call)) {
            best = t;
            best_call = lane->ops[at[t]].call;
        }
    }
    return best;
}

bool lin_index_create(lin_index_t *index, const hist_t *hist, unsigned keys)
{
    size_t at[HIST_THREADS_MAX] = {0};
    *index = (lin_index_t){.keys = keys};
    index->ops = malloc((hist_count(hist) + 1) * sizeof *index->ops);
    index->first = calloc((size_t)keys + 2, sizeof *index->first);
    if (!index->ops || !index->first || !count_keys(index, hist)) {
        lin_index_destroy(index);
        return false;
    }
    for (unsigned t; (t = earliest(hist, at)) < hist->threads;) {
        const hist_op_t *op = &hist->lanes[t].ops[at[t]++];
        index->ops[index->first[op->key + 1]++] = op;
    }
    return true;
}

void lin_index_destroy(lin_index_t *index)
{
    free(index->ops);
    free(index->first);
    *index = (lin_index_t){0};
}
