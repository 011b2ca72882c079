/* Queues, made anew for each run.
 *
 *     pairs   each thread pushes, then pops, in turn; both count
 *     coin    each thread tosses a coin: push or pop; empty pops count
 *     burst   each thread pushes 32, then pops 32, in turn; all count
 *     1p1c    half of the threads push, half pop; items that got through count
 *     np1c    all threads but one push, one pops; likewise
 *     1pnc    one thread pushes, all others pop; likewise */
#include "job.h"
#include "random.h"

#include <stdio.h>
#include <string.h>

enum { PREFILL = 1000, CAPACITY = 65536, AHEAD = 4096, BURST = 32 };

static char item;

static struct {
    const contender_t *queue;
    void *it;
    unsigned producers;                    /* of the shapes in which threads have parts; the rest consume */
    _Alignas(128) _Atomic(uint64_t) taken; /* by all consumers, now and then */
    _Alignas(128) _Atomic(uint64_t) given;
} flow;

static void push_one(member_t *me)
{
    while (!flow.queue->push(flow.it, me->self, &item) && crew_running(me))
        ;
}

static void pop_one(member_t *me)
{
    void *got;
    while (!flow.queue->pop(flow.it, me->self, &got) && crew_running(me))
        ;
}

static uint64_t pairs(member_t *me, void *ctx, unsigned n)
{
    (void)ctx;
    for (unsigned i = 0; i < n; i++) {
        if (me->next++ % 2 == 0)
            push_one(me);
        else
            pop_one(me);
    }
    return n;
}

static uint64_t burst(member_t *me, void *ctx, unsigned n)
{
    (void)ctx;
    for (unsigned i = 0; i < n; i++) {
        if (me->next++ % (2 * BURST) < BURST)
            push_one(me);
        else
            pop_one(me);
    }
    return n;
}

static uint64_t coin(member_t *me, void *ctx, unsigned n)
{
    void *got;
    (void)ctx;
    for (unsigned i = 0; i < n; i++) {
        if (random_next(&me->random) >> 63 != 0)
            push_one(me);
        else
            (void)flow.queue->pop(flow.it, me->self, &got);
    }
    return n;
}

/* Producers keep at most AHEAD ahead, so that an unbounded queue stays small. */
static uint64_t produce(member_t *me, unsigned n)
{
    uint64_t given = atomic_fetch_add_explicit(&flow.given, n, memory_order_relaxed) + n;
    while (given > atomic_load_explicit(&flow.taken, memory_order_relaxed) + AHEAD && crew_running(me))
        ;
    for (unsigned i = 0; i < n; i++)
        push_one(me);
    return 0;
}

static uint64_t consume(member_t *me, unsigned n)
{
    unsigned got = 0;
    void *what;
    while (got < n && crew_running(me))
        got += flow.queue->pop(flow.it, me->self, &what);
    atomic_fetch_add_explicit(&flow.taken, got, memory_order_relaxed);
    return got;
}

static uint64_t through(member_t *me, void *ctx, unsigned n)
{
    (void)ctx;
    return me->number < flow.producers ? produce(me, n) : consume(me, n);
}

static unsigned producers_of(const workload_t *workload)
{
    unsigned threads = (unsigned)workload->threads;
    if (strcmp(workload->shape, "1p1c") == 0)
        return threads % 2 == 0 ? threads / 2 : 0;
    if (threads < 2)
        return 0;
    return strcmp(workload->shape, "np1c") == 0 ? threads - 1 : strcmp(workload->shape, "1pnc") == 0;
}

static crew_job_fn *shape_of(const workload_t *workload, const contender_t *queue)
{
    if (queue->pipe && (workload->threads != 2 || flow.producers != 1))
        return NULL;
    if (strcmp(workload->shape, "pairs") == 0)
        return pairs;
    if (strcmp(workload->shape, "coin") == 0)
        return coin;
    if (strcmp(workload->shape, "burst") == 0)
        return burst;
    return flow.producers != 0 ? through : NULL;
}

static bool set_up(job_t *job)
{
    job->memory = (memory_t){0, 0, -1};
    return true;
}

static void prefill(const contender_t *queue, void *it)
{
    void *self = queue->thread_begin != NULL ? queue->thread_begin(it, 0) : NULL;
    for (int i = 0; i < PREFILL; i++)
        queue->push(it, self, &item);
    if (queue->thread_end != NULL)
        queue->thread_end(it, self);
}

static bool run(job_t *job, crew_result_t *result)
{
    const contender_t *queue = job->contender;
    flow.producers = producers_of(&job->workload);
    crew_job_fn *shape = shape_of(&job->workload, queue);
    if (shape == NULL)
        return false;
    contender_opts_t opts = {job->workload.scheme, CAPACITY};
    void *it = queue->create(&opts);
    if (it == NULL)
        return false;
    flow.queue = queue;
    flow.it = it;
    atomic_store(&flow.taken, 0);
    atomic_store(&flow.given, 0);
    if (shape != through)
        prefill(queue, it);
    crew_run(&job->workload, queue, it, shape, job, result);
    if (shape == through)
        result->fair = 0; /* producers do not count */
    job->memory.garbage = queue->waiting != NULL ? (double)queue->waiting(it) : -1;
    queue->destroy(it);
    return true;
}

static void tear_down(job_t *job)
{
    (void)job;
}

const job_t job_queue = {.kind = "queue", .set_up = set_up, .run = run, .tear_down = tear_down};
