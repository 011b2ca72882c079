#include "crew.h"

#include "random.h"
#include "usage.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64 };

typedef struct crew {
    const contender_t *contender;
    void *it, *ctx;
    crew_job_fn *job;
    pthread_barrier_t start;
    atomic_bool sampling, stop;
    member_t member[];
} crew_t;

uint64_t crew_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void pause_for(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&t, NULL);
}

bool crew_running(const member_t *me)
{
    return !atomic_load_explicit(&me->crew->stop, memory_order_relaxed);
}

static void do_some(member_t *me, crew_t *crew, unsigned n)
{
    uint64_t done = crew->job(me, crew->ctx, n);
    for (uint64_t rounds = n * me->workload->burden; rounds > 0; rounds--)
        __asm__ volatile("");
    uint64_t before = atomic_load_explicit(&me->done, memory_order_relaxed);
    atomic_store_explicit(&me->done, before + done, memory_order_relaxed);
}

/* One operation on the clock, then the others of its batch without. */
static void sampled_batch(member_t *me, crew_t *crew)
{
    uint64_t since = crew_now();
    do_some(me, crew, 1);
    uint64_t took = crew_now() - since;
    if (atomic_load_explicit(&crew->sampling, memory_order_relaxed))
        histogram_add(me->latency, took);
    if (me->workload->sample > 1)
        do_some(me, crew, (unsigned)me->workload->sample - 1);
}

/* Counters of instructions look at this function and what it calls. */
__attribute__((noinline)) static void crew_fixed(member_t *me, crew_t *crew)
{
    for (uint64_t left = me->workload->operations; left > 0;) {
        unsigned n = left < BATCH ? (unsigned)left : BATCH;
        do_some(me, crew, n);
        left -= n;
    }
}

static void work(member_t *me, crew_t *crew)
{
    if (me->workload->operations > 0) {
        do_some(me, crew, BATCH); /* what happens only once, like attaching to a domain */
        crew_fixed(me, crew);
    }
    while (me->workload->operations == 0 && crew_running(me)) {
        if (me->workload->sample > 0)
            sampled_batch(me, crew);
        else
            do_some(me, crew, BATCH);
    }
}

static void pin(unsigned number)
{
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    unsigned wanted = number % (unsigned)CPU_COUNT(&all);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &all) && wanted-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
    }
}

static void *run(void *arg)
{
    member_t *me = arg;
    crew_t *crew = me->crew;
    const contender_t *contender = crew->contender;
    if (me->workload->pin != 0)
        pin(me->number);
    if (contender->thread_begin != NULL)
        me->self = contender->thread_begin(crew->it, me->number);
    atomic_store(&me->tid, (int)gettid());
    pthread_barrier_wait(&crew->start);
    work(me, crew);
    if (contender->thread_end != NULL)
        contender->thread_end(crew->it, me->self);
    return NULL;
}

/* Holds what it can, and sleeps. */
static void *stall(void *arg)
{
    crew_t *crew = arg;
    const contender_t *contender = crew->contender;
    void *self = contender->thread_begin != NULL ? contender->thread_begin(crew->it, THREADS_MAX) : NULL;
    contender->hold(crew->it, self);
    pthread_barrier_wait(&crew->start);
    while (!atomic_load(&crew->stop))
        pause_for(0.01);
    contender->release(crew->it, self);
    if (contender->thread_end != NULL)
        contender->thread_end(crew->it, self);
    return NULL;
}

/* ---- what one window of time came to */

typedef struct {
    uint64_t at, done[THREADS_MAX];
    usage_t usage;
} reading_t;

static void read_all(crew_t *crew, unsigned threads, reading_t *reading)
{
    int tids[THREADS_MAX] = {0};
    for (unsigned i = 0; i < threads; i++)
        tids[i] = atomic_load(&crew->member[i].tid);
    usage_read(&reading->usage, tids, threads);
    for (unsigned i = 0; i < threads; i++)
        reading->done[i] = atomic_load_explicit(&crew->member[i].done, memory_order_relaxed);
    reading->at = crew_now();
}

static void conclude(const reading_t *from, const reading_t *to, unsigned threads, crew_result_t *result)
{
    result->seconds = (double)(to->at - from->at) * 1e-9;
    uint64_t sum = 0, least = UINT64_MAX;
    for (unsigned i = 0; i < threads; i++) {
        uint64_t done = to->done[i] - from->done[i];
        sum += done;
        least = done < least ? done : least;
    }
    result->operations = (double)sum;
    result->fair = sum > 0 ? (double)least * threads / (double)sum : 0;
    usage_between(&from->usage, &to->usage, result->seconds, &result->cpu, &result->lost);
}

static void watch_memory(crew_t *crew, const workload_t *workload, crew_result_t *result)
{
    const contender_t *contender = crew->contender;
    result->points = workload->series < SERIES_MAX ? (unsigned)workload->series : SERIES_MAX;
    for (unsigned i = 0; i < result->points; i++) {
        pause_for(workload->seconds / result->points);
        result->rss[i] = (double)usage_rss();
        result->garbage[i] = contender->waiting_now != NULL ? (double)contender->waiting_now(crew->it) : -1;
    }
}

static void measure(crew_t *crew, const workload_t *workload, crew_result_t *result)
{
    static reading_t from, to;
    unsigned threads = (unsigned)workload->threads;
    pause_for(workload->warmup);
    atomic_store(&crew->sampling, true);
    read_all(crew, threads, &from);
    if (workload->series > 0)
        watch_memory(crew, workload, result);
    else
        pause_for(workload->seconds);
    read_all(crew, threads, &to);
    atomic_store(&crew->stop, true);
    conclude(&from, &to, threads, result);
}

static void latencies(crew_t *crew, unsigned threads, crew_result_t *result)
{
    histogram_t *all = crew->member[0].latency;
    for (unsigned i = 1; i < threads; i++)
        histogram_merge(all, crew->member[i].latency);
    result->samples = all->total;
    result->p50 = histogram_quantile(all, 0.5);
    result->p99 = histogram_quantile(all, 0.99);
    result->p999 = histogram_quantile(all, 0.999);
    result->longest = histogram_quantile(all, 1);
}

/* ---- the crew */

static void *or_die(void *memory)
{
    if (memory == NULL) {
        fputs("ccbench: no memory\n", stderr);
        exit(1);
    }
    return memory;
}

static crew_t *hire(const workload_t *workload)
{
    size_t size = sizeof(crew_t) + workload->threads * sizeof(member_t);
    crew_t *crew = or_die(aligned_alloc(128, (size + 127) / 128 * 128));
    memset(crew, 0, size);
    pthread_barrier_init(&crew->start, NULL, (unsigned)(workload->threads + workload->stall) + 1);
    for (unsigned i = 0; i < workload->threads; i++) {
        member_t *me = &crew->member[i];
        me->number = i;
        me->random = random_mix(workload->seed * 1000003 + i) | 1;
        me->next = random_mix(me->random) >> 32;
        me->workload = workload;
        me->crew = crew;
        me->latency = or_die(calloc(1, sizeof *me->latency));
    }
    return crew;
}

static void dismiss(crew_t *crew, unsigned threads)
{
    for (unsigned i = 0; i < threads; i++)
        free(crew->member[i].latency);
    pthread_barrier_destroy(&crew->start);
    free(crew);
}

static void start(pthread_t *thread, void *(*body)(void *), void *arg)
{
    if (pthread_create(thread, NULL, body, arg) != 0) {
        fputs("ccbench: cannot start a thread\n", stderr);
        exit(1);
    }
}

void crew_run(const workload_t *workload, const contender_t *contender, void *it, crew_job_fn *job, void *ctx,
              crew_result_t *result)
{
    crew_t *crew = hire(workload);
    unsigned threads = (unsigned)workload->threads;
    memset(result, 0, sizeof *result);
    crew->contender = contender;
    crew->it = it;
    crew->job = job;
    crew->ctx = ctx;
    pthread_t sleeper;
    for (unsigned i = 0; i < threads; i++)
        start(&crew->member[i].thread, run, &crew->member[i]);
    if (workload->stall != 0)
        start(&sleeper, stall, crew);
    pthread_barrier_wait(&crew->start);
    if (workload->operations == 0)
        measure(crew, workload, result);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(crew->member[i].thread, NULL);
    atomic_store(&crew->stop, true);
    if (workload->stall != 0)
        pthread_join(sleeper, NULL);
    latencies(crew, threads, result);
    dismiss(crew, threads);
}
