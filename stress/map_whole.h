/* Short histories of maps as a whole: what by_key.c cannot judge, because the answer depends on several keys. */
#ifndef STRESS_MAP_WHOLE_H
#define STRESS_MAP_WHOLE_H

#include "whole.h"

#include <stdio.h>

enum { MAP_WHOLE_KEYS = 8 }; /* numbered in the map's order */

/* The verbs that ask for an order, beside those of hist_verb_t. `key` is the argument, where there is one; the key that came
 * out stands in `arg`, its value in `seen`. Only a map that promises linearizability may be held to them. */
typedef enum {
    HIST_MIN = HIST_REMOVE + 1,
    HIST_MAX,
    HIST_FLOOR,
    HIST_CEIL,
    HIST_LOWER,
    HIST_HIGHER,
    HIST_POP_MIN,
    HIST_POP_MAX
} hist_order_verb_t;

typedef struct {
    lin_verdict_t verdict;
    size_t count; /* LIN_VIOLATED: calls that contradict each other, as few as were found */
    const hist_op_t *calls[WHOLE_CALLS_MAX];
} map_finding_t;

/* At most WHOLE_CALLS_MAX calls, sorted by `call`; the map was empty before them. */
map_finding_t map_check_whole(const hist_op_t *const *ops, size_t count);

/* print_map.c */
void map_finding_print(FILE *out, const map_finding_t *finding);

#endif
