/* A lane: a worker process as the driver sees it. Each contender has one of its own, so that memory can be told apart,
 * and state that one leaves behind does not reach another; they take turns, so that the weather is the same for all. */
#ifndef BENCH_LANE_H
#define BENCH_LANE_H

#include "contender.h"
#include "workload.h"

#include <json-c/json.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct {
    const contender_t *contender;
    const char *scheme;  /* "-" for peers */
    const char *program; /* whose worker it is */
    const char *preload; /* LD_PRELOAD of the worker, or NULL */
    pid_t pid;           /* 0: it has ended */
    bool died;           /* by itself */
    FILE *to, *from;
} lane_t;

/* Starts the worker. False: the message is on stderr. */
bool lane_open(lane_t *lane);

/* Sends a request, "setup" or "run", and returns its answer, which the caller puts. NULL: the worker refused, or died
 * (lane->died); then *why says so (a string constant, or good until the next request). */
struct json_object *lane_ask(lane_t *lane, const char *what, const workload_t *workload, const char **why);

void lane_close(lane_t *lane);

#endif
