/* A crew: threads that are started once and then do one job after the other, all together.
 *
 * Between two jobs they are idle but alive, so the checks in between meet threads that still own garbage. */
#ifndef STRESS_CREW_H
#define STRESS_CREW_H

#include "random.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct crew crew_t;

typedef struct {
    unsigned index;
    rnd_t rnd;
    uint64_t sequence; /* next one for value_new: distinct over all threads of the crew */
    uint64_t ops;      /* calls of the map made so far */
    uint64_t checks;   /* facts verified so far */
    crew_t *crew;
    pthread_t thread;
} worker_t;

typedef void crew_job_fn(worker_t *worker, void *ctx);

struct crew {
    unsigned count;
    worker_t *workers;
    pthread_barrier_t begin, end;
    crew_job_fn *job; /* NULL: go home */
    void *ctx;
    atomic_bool stop; /* jobs that run until told otherwise look at it */
};

/* Ends the program if the threads cannot be had. */
void crew_start(crew_t *crew, unsigned count, uint64_t seed);

/* Everybody does `job` once; returns when all are idle again. */
void crew_run(crew_t *crew, crew_job_fn *job, void *ctx);

/* As crew_run, with `stop` set after so many seconds. */
void crew_run_for(crew_t *crew, double seconds, crew_job_fn *job, void *ctx);

void crew_dismiss(crew_t *crew);

uint64_t crew_ops(const crew_t *crew);
uint64_t crew_checks(const crew_t *crew);

/* Relaxed: a worker that sees it late only works a little longer. */
static inline bool crew_stopped(worker_t *worker)
{
    return atomic_load_explicit(&worker->crew->stop, memory_order_relaxed);
}

static inline uint64_t worker_sequence(worker_t *worker)
{
    uint64_t sequence = worker->sequence;
    worker->sequence += worker->crew->count;
    return sequence;
}

#endif
