/* The tables for eyes. */
#ifndef BENCH_SHEET_H
#define BENCH_SHEET_H

#include "session.h"

void sheet_title(const workload_t *workload);
void sheet_head(const workload_t *cell, size_t n); /* the columns: mix or shape, and threads */
void sheet_label(const char *contender, const char *scheme);
void sheet_cell(const score_t *score);           /* median and spread in percent; ! if it was disturbed at every try */
void sheet_memory(double entries, double bytes); /* ends the row */
void sheet_name(const lane_t *lane, const workload_t *cell, char *text, size_t size); /* who, and what is done */
void sheet_series(const lane_t *lane, const workload_t *cell, const score_t *score);  /* memory over time */
void sheet_latency(const lane_t *lane, const workload_t *cell, const score_t *score);

#endif
