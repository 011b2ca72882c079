/* What is done with a contender of each kind. */
#ifndef BENCH_JOB_H
#define BENCH_JOB_H

#include "contender.h"
#include "crew.h"
#include "workload.h"

/* What a set-up came to. */
typedef struct {
    double entries;
    double bytes;   /* by which the resident memory grew */
    double garbage; /* most bytes that waited to be reclaimed, after a run; -1: unknown */
} memory_t;

typedef struct job job_t;
struct job {
    const char *kind;
    bool (*set_up)(job_t *job); /* fills in `memory`; false: cannot, the message is on stderr */
    bool (*run)(job_t *job, crew_result_t *result);
    void (*tear_down)(job_t *job);

    const contender_t *contender;
    workload_t workload;
    void *it; /* what the contender created */
    void *keys;
    memory_t memory;
};

extern const job_t job_alloc, job_map, job_queue, job_smr;

#endif
