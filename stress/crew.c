#include "crew.h"

#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *life(void *arg)
{
    worker_t *worker = arg;
    crew_t *crew = worker->crew;
    for (;;) {
        pthread_barrier_wait(&crew->begin);
        if (!crew->job)
            return NULL;
        crew->job(worker, crew->ctx);
        pthread_barrier_wait(&crew->end);
    }
}

void crew_start(crew_t *crew, unsigned count, uint64_t seed)
{
    memset(crew, 0, sizeof *crew);
    crew->count = count;
    crew->workers = calloc(count, sizeof *crew->workers);
    if (!crew->workers || pthread_barrier_init(&crew->begin, NULL, count + 1) != 0 ||
        pthread_barrier_init(&crew->end, NULL, count + 1) != 0)
        give_up("no memory for threads");
    for (unsigned i = 0; i < count; i++) {
        crew->workers[i] = (worker_t){.index = i, .rnd = rnd_init(seed, i), .sequence = i, .crew = crew};
        if (pthread_create(&crew->workers[i].thread, NULL, life, &crew->workers[i]) != 0)
            give_up("cannot start a thread");
    }
}

static void begin(crew_t *crew, crew_job_fn *job, void *ctx)
{
    crew->job = job;
    crew->ctx = ctx;
    atomic_store_explicit(&crew->stop, false, memory_order_relaxed); /* the barrier orders it */
    pthread_barrier_wait(&crew->begin);
}

void crew_run(crew_t *crew, crew_job_fn *job, void *ctx)
{
    begin(crew, job, ctx);
    pthread_barrier_wait(&crew->end);
}

void crew_run_for(crew_t *crew, double seconds, crew_job_fn *job, void *ctx)
{
    struct timespec nap = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    begin(crew, job, ctx);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
    atomic_store_explicit(&crew->stop, true, memory_order_relaxed);
    pthread_barrier_wait(&crew->end);
}

void crew_dismiss(crew_t *crew)
{
    crew->job = NULL;
    pthread_barrier_wait(&crew->begin);
    for (unsigned i = 0; i < crew->count; i++)
        pthread_join(crew->workers[i].thread, NULL);
    pthread_barrier_destroy(&crew->begin);
    pthread_barrier_destroy(&crew->end);
    free(crew->workers);
}

uint64_t crew_ops(const crew_t *crew)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < crew->count; i++)
        sum += crew->workers[i].ops;
    return sum;
}

uint64_t crew_checks(const crew_t *crew)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < crew->count; i++)
        sum += crew->workers[i].checks;
    return sum;
}
