/* queue_quick: how fast the queues are on this machine, in a minute.
 *
 *     pairs   each thread pushes, then pops; both count
 *     coin    each thread tosses a coin: push or pop; empty pops count
 *     1p1c    one thread pushes, one pops; items that got through count
 *
 * The floor is what no queue with tickets can avoid: a fetch-and-add on each of two counters per pair. It is measured in
 * the same run, because a virtual machine's memory system is not the same every day. The mutex is a ring under a lock.
 * Median of the repeats; `fair` is the least-served thread's share of an even share, in the repeat of the median. */
#include <cc/cc.h>

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, PREFILL = 1000, RING = 65536, BATCH = 16, AHEAD = 4096, SAMPLES = 1 << 16 };

typedef struct {
    const char *name;
    void (*create)(void);
    bool (*push)(void *item);
    bool (*pop)(void **item);
    void (*destroy)(void);
} contender_t;

typedef struct {
    pthread_t thread;
    unsigned number;
    uint64_t done, random;
    unsigned samples;
    uint32_t sample[SAMPLES]; /* nanoseconds of a push or a pop */
} runner_t;

typedef void job_fn(runner_t *me);

static struct {
    double seconds;
    unsigned repeats;
    const char *only;
} options = {0.3, 3, NULL};

static runner_t runners[THREADS_MAX];
static pthread_barrier_t line;
static atomic_bool stop;
static const contender_t *contender;
static job_fn *job;
static bool timing;
static char item;

/* ---- the contenders -------------------------------------------------------------------------------------------------- */

static _Alignas(128) atomic_uint_fast64_t counter_in;
static _Alignas(128) atomic_uint_fast64_t counter_out;

static void floor_create(void)
{
    atomic_store(&counter_in, 0);
    atomic_store(&counter_out, 0);
}
static bool floor_push(void *what)
{
    (void)what;
    atomic_fetch_add(&counter_in, 1);
    return true;
}
static bool floor_pop(void **what)
{
    *what = &item;
    atomic_fetch_add(&counter_out, 1);
    return true;
}
static void floor_destroy(void)
{
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void *locked[RING];
static uint64_t locked_in, locked_out;

static void mutex_create(void)
{
    locked_in = locked_out = 0;
}
static bool mutex_push(void *what)
{
    pthread_mutex_lock(&mutex);
    bool room = locked_in - locked_out < RING;
    if (room)
        locked[locked_in++ % RING] = what;
    pthread_mutex_unlock(&mutex);
    return room;
}
static bool mutex_pop(void **what)
{
    pthread_mutex_lock(&mutex);
    bool found = locked_in != locked_out;
    if (found)
        *what = locked[locked_out++ % RING];
    pthread_mutex_unlock(&mutex);
    return found;
}

#define CONTENDER(name, type, create_call, destroy_call)                                                               \
    static type *name##_queue;                                                                                         \
    static void name##_create(void)                                                                                    \
    {                                                                                                                  \
        if (create_call != 0)                                                                                          \
            exit(1);                                                                                                   \
    }                                                                                                                  \
    static void name##_destroy(void)                                                                                   \
    {                                                                                                                  \
        (void)destroy_call;                                                                                            \
    }
#define PUSH_POP(name, push_call, pop_call)                                                                            \
    static bool name##_push(void *what)                                                                                \
    {                                                                                                                  \
        return push_call(name##_queue, what) == 0;                                                                     \
    }                                                                                                                  \
    static bool name##_pop(void **what)                                                                                \
    {                                                                                                                  \
        return pop_call(name##_queue, what) == 0;                                                                      \
    }

CONTENDER(ring, cc_ring_t, cc_ring_create(RING, NULL, &ring_queue), cc_ring_destroy(ring_queue))
PUSH_POP(ring, cc_ring_push, cc_ring_pop)
CONTENDER(fifo, cc_fifo_t, cc_fifo_create(NULL, NULL, &fifo_queue), cc_fifo_destroy(fifo_queue))
PUSH_POP(fifo, cc_fifo_push, cc_fifo_pop)
CONTENDER(lifo, cc_lifo_t, cc_lifo_create(NULL, NULL, &lifo_queue), cc_lifo_destroy(lifo_queue))
PUSH_POP(lifo, cc_lifo_push, cc_lifo_pop)

static const cc_lifo_opts_t eliminating = {sizeof(cc_lifo_opts_t), NULL, NULL, 1, false};
CONTENDER(meet, cc_lifo_t, cc_lifo_create(NULL, &eliminating, &meet_queue), cc_lifo_destroy(meet_queue))
PUSH_POP(meet, cc_lifo_push, cc_lifo_pop)

/* Per item, in batches of BATCH: the caller collects. */
static _Thread_local void *batch_in[BATCH], *batch_out[BATCH];
static _Thread_local size_t batch_have, batch_left;
CONTENDER(batch, cc_fifo_t, cc_fifo_create(NULL, NULL, &batch_queue), cc_fifo_destroy(batch_queue))

static bool batch_push(void *what)
{
    batch_in[batch_have++] = what;
    if (batch_have < BATCH)
        return true;
    batch_have = 0;
    return cc_fifo_push_n(batch_queue, batch_in, BATCH) == BATCH;
}

static bool batch_pop(void **what)
{
    if (batch_left == 0) {
        int64_t got = cc_fifo_pop_n(batch_queue, batch_out, BATCH);
        if (got <= 0)
            return false;
        batch_left = (size_t)got;
    }
    *what = batch_out[--batch_left];
    return true;
}

#define ROW(title, name)                                                                                               \
    {                                                                                                                  \
        title, name##_create, name##_push, name##_pop, name##_destroy                                                  \
    }
static const contender_t contenders[] = {
    ROW("floor: two fetch-and-adds", floor),
    {"mutex", mutex_create, mutex_push, mutex_pop, floor_destroy},
    ROW("cc_fifo", fifo),
    ROW("cc_fifo, batches of 16", batch),
    ROW("cc_ring", ring),
    ROW("cc_lifo", lifo),
    ROW("cc_lifo, elimination", meet),
};

/* ---- the jobs -------------------------------------------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool running(void)
{
    return !atomic_load_explicit(&stop, memory_order_relaxed);
}

static void push_one(void)
{
    while (!contender->push(&item) && running()) {
    }
}

static void pop_one(void)
{
    void *got;
    while (!contender->pop(&got) && running()) {
    }
}

static void note(runner_t *me, uint64_t since)
{
    if (me->samples < SAMPLES)
        me->sample[me->samples++] = (uint32_t)(now_ns() - since);
}

static void pairs(runner_t *me)
{
    while (running()) {
        bool timed = timing && me->done % 16 == 0;
        uint64_t at = timed ? now_ns() : 0;
        push_one();
        if (timed)
            note(me, at);
        at = timed ? now_ns() : 0;
        pop_one();
        if (timed)
            note(me, at);
        me->done += 2;
    }
}

static void coin(runner_t *me)
{
    void *got;
    while (running()) {
        me->random ^= me->random << 13;
        me->random ^= me->random >> 7;
        me->random ^= me->random << 17;
        if (me->random % 2 == 0)
            push_one();
        else
            (void)contender->pop(&got);
        me->done++;
    }
}

/* The producer keeps at most AHEAD ahead, so that an unbounded queue stays small. */
static void one_to_one(runner_t *me)
{
    static _Alignas(128) atomic_uint_fast64_t taken;
    void *got;
    if (me->number == 0) {
        uint64_t pushed = 0;
        atomic_store(&taken, 0);
        for (; running(); pushed++) {
            while (pushed - atomic_load_explicit(&taken, memory_order_relaxed) > AHEAD && running())
                ;
            push_one();
        }
        return;
    }
    while (running()) {
        if (!contender->pop(&got))
            continue;
        if (++me->done % 64 == 0)
            atomic_store_explicit(&taken, me->done, memory_order_relaxed);
    }
}

/* ---- measuring ------------------------------------------------------------------------------------------------------- */

static void *run(void *arg)
{
    runner_t *me = arg;
    pthread_barrier_wait(&line);
    job(me);
    return NULL;
}

typedef struct {
    double mops, fair;
} figure_t;

static figure_t measure_once(unsigned threads, bool prefilled)
{
    contender->create();
    for (int i = 0; prefilled && i < PREFILL; i++)
        contender->push(&item);
    atomic_store(&stop, false);
    pthread_barrier_init(&line, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++) {
        runners[i].number = i;
        runners[i].done = 0;
        runners[i].samples = 0;
        runners[i].random = 88172645463325252u + i * 7919;
        if (pthread_create(&runners[i].thread, NULL, run, &runners[i]) != 0)
            exit(1);
    }
    pthread_barrier_wait(&line);
    uint64_t start = now_ns();
    usleep((useconds_t)(options.seconds * 1e6));
    atomic_store(&stop, true);
    uint64_t sum = 0, least = UINT64_MAX;
    double seconds = (double)(now_ns() - start) * 1e-9;
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(runners[i].thread, NULL);
        sum += runners[i].done;
        least = runners[i].done < least ? runners[i].done : least;
    }
    pthread_barrier_destroy(&line);
    contender->destroy();
    return (figure_t){(double)sum / seconds * 1e-6, sum != 0 ? (double)least * threads / (double)sum : 0};
}

static int by_speed(const void *a, const void *b)
{
    const figure_t *x = a, *y = b;
    return x->mops < y->mops ? -1 : x->mops > y->mops;
}

static figure_t measure(job_fn *the_job, unsigned threads, bool prefilled)
{
    figure_t figures[64];
    job = the_job;
    for (unsigned i = 0; i < options.repeats; i++)
        figures[i] = measure_once(threads, prefilled);
    qsort(figures, options.repeats, sizeof *figures, by_speed);
    return figures[options.repeats / 2];
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void print_latency(void)
{
    static uint32_t all[2 * SAMPLES];
    unsigned n = 0;
    timing = true;
    job = pairs;
    (void)measure_once(2, true);
    timing = false;
    for (unsigned i = 0; i < 2; i++) {
        memcpy(all + n, runners[i].sample, runners[i].samples * sizeof *all);
        n += runners[i].samples;
    }
    if (n == 0)
        return;
    qsort(all, n, sizeof *all, by_number);
    printf(" %6u %6u %7u", all[n / 2], all[(uint64_t)n * 99 / 100], all[(uint64_t)n * 999 / 1000]);
}

static void print_row(void)
{
    static const unsigned counts[] = {1, 2, 4, 16};
    printf("%-26s", contender->name);
    for (int i = 0; i < 4; i++)
        printf(" %6.1f", measure(pairs, counts[i], true).mops);
    figure_t crowd = measure(pairs, 16, true);
    printf(" %5.2f |", crowd.fair);
    for (int i = 0; i < 4; i++)
        printf(" %6.1f", measure(coin, counts[i], true).mops);
    printf(" | %6.1f |", measure(one_to_one, 2, false).mops);
    print_latency();
    printf("\n");
    fflush(stdout);
}

static int usage(void)
{
    fputs("usage: queue_quick [--seconds S] [--repeats N] [--only NAME]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"seconds", 1, NULL, 's'}, {"repeats", 1, NULL, 'r'}, {"only", 1, NULL, 'o'}, {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (c == 's')
            options.seconds = atof(optarg);
        else if (c == 'r')
            options.repeats = (unsigned)atoi(optarg);
        else if (c == 'o')
            options.only = optarg;
        else
            return usage();
    }
    if (options.seconds <= 0 || options.repeats == 0 || options.repeats > 64 || optind != argc)
        return usage();
    printf("Mops/s, median of %u runs of %g s; %ld processors; latency of a push or a pop in ns, clock included\n\n",
           options.repeats, options.seconds, sysconf(_SC_NPROCESSORS_ONLN));
    printf("%-26s %6s %6s %6s %6s %5s | %6s %6s %6s %6s | %6s | %6s %6s %7s\n", "threads", "1", "2", "4", "16", "fair",
           "1", "2", "4", "16", "2", "p50", "p99", "p99.9");
    printf("%-26s %-33s | %-27s | %-6s | %-6s\n", "", "pairs", "coin", "1p1c", "pairs, 2 threads");
    for (size_t i = 0; i < sizeof contenders / sizeof *contenders; i++) {
        contender = &contenders[i];
        if (options.only == NULL || strstr(contender->name, options.only) != NULL)
            print_row();
    }
    return 0;
}
