/* Scores: from the answers of a worker to what is printed. */
#ifndef BENCH_SCORE_H
#define BENCH_SCORE_H

#include "session.h"

/* All answers of one contender in one cell. */
typedef struct {
    size_t n;
    struct json_object *answer[REPEATS_MAX];
} answers_t;

double score_field(struct json_object *answer, const char *name);         /* -1: it has none */
void score_conclude(score_t *score, answers_t *answers, double lost_max); /* puts the answers */
void score_release(score_t *score);

/* One line for machines. */
void score_json(FILE *file, const lane_t *lane, const workload_t *workload, const score_t *score,
                struct json_object *set_up, struct json_object *environment);

#endif
