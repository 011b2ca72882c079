/* Histories written by hand, with the verdict that a linearizability checker must give. */
#ifndef STRESS_PLANTED_HISTORIES_H
#define STRESS_PLANTED_HISTORIES_H

#include "linearize.h"

enum { PLANTED_OPS_MAX = 8 };

typedef struct {
    const char *name;
    uint64_t initial;
    lin_verdict_t verdict;
    hist_op_t ops[PLANTED_OPS_MAX]; /* sorted by call; the first with ret == 0 ends them */
} planted_t;

extern const planted_t planted[];
extern const size_t planted_count;

#endif
