/* A session: contenders times workloads, measured in turns. */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "lane.h"

enum { LIST_MAX = 32, LANES_MAX = 128, REPEATS_MAX = 100 };

typedef struct {
    size_t n;
    char *word[LIST_MAX];
} list_t;

typedef struct {
    workload_t base;                                            /* what all cells have in common */
    list_t contenders;                                          /* shell patterns; none: all */
    list_t schemes;                                             /* of libcc's structures */
    list_t stalls;                                              /* 0: nobody sleeps; 1: a reader does */
    list_t ranges, keys, distributions, shapes, mixes, threads; /* every combination is a cell */
    unsigned repeats;
    unsigned retries;        /* most times that a disturbed run is done again */
    double lost;             /* processors lost to others from which on a run is disturbed */
    const char *peer_malloc; /* preloaded into the workers of peers; NULL: glibc's malloc */
    const char *program;     /* this one */
    const char *against; /* the same program of another build, the older one: libcc's contenders take turns with it */
    size_t regressed;    /* so many results were slower than the other build's */
    size_t measured;     /* so many results there are */
    size_t failed;       /* so many workers died, or did not start */
    double tolerance;    /* slow-down against it that does not matter */
    FILE *json;          /* lines for machines; NULL: none */
} session_t;

/* What one contender did in one cell. */
typedef struct {
    bool measured;
    unsigned repeats, disturbed, again; /* runs kept; of these disturbed at every try; runs thrown away */
    double mops[REPEATS_MAX];           /* in the order of measurement */
    double median, low, high;
    double fair, lost, cpu, p50, p99, p999, longest; /* medians; -1: not measured */
    struct json_object *rss_series, *garbage_series; /* of the first repeat; NULL: none */
    double garbage, peak;                            /* most of all repeats; -1: not measured */
} score_t;

/* Runs it all, prints tables and JSON lines. Exit code of the program. */
int session_run(session_t *session);

/* What there is to measure, to stdout. */
void session_list(const char *kind);

#endif
