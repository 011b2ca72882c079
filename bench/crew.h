/* Threads that work while it is measured, and what was measured. */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include "contender.h"
#include "histogram.h"
#include "workload.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct {
    pthread_t thread;
    unsigned number;
    _Atomic(int) tid;
    uint64_t random; /* state of its generator */
    uint64_t next;   /* of the job: where it stands in a sequence */
    void *self;      /* what the contender's thread_begin returned */
    histogram_t *latency;
    const workload_t *workload;
    struct crew *crew;
    _Alignas(128) _Atomic(uint64_t) done; /* operations; written by the thread, read by who measures */
} member_t;

/* Does about n operations, and returns how many it did. */
typedef uint64_t crew_job_fn(member_t *me, void *ctx, unsigned n);

enum { SERIES_MAX = 100 };

typedef struct {
    double seconds;
    double operations;
    double fair;                    /* the least-served thread's share of an even share; 1 is even */
    double cpu;                     /* processors that the threads kept busy */
    double lost;                    /* processors that other programs took while ours wanted them */
    double p50, p99, p999, longest; /* nanoseconds, clock included; 0: not sampled */
    uint64_t samples;
    unsigned points;                             /* of the series, at equal distances */
    double rss[SERIES_MAX], garbage[SERIES_MAX]; /* bytes; garbage -1: unknown */
} crew_result_t;

/* Runs `job` in workload->threads threads: after a warm-up, for workload->seconds, or workload->operations times. With
 * workload->stall one more thread holds something and sleeps meanwhile. */
void crew_run(const workload_t *workload, const contender_t *contender, void *it, crew_job_fn *job, void *ctx,
              crew_result_t *result);

bool crew_running(const member_t *me);
uint64_t crew_now(void); /* nanoseconds */

#endif
