/* Fibers, and which of them runs next.
 *
 * Fiber 0 is the process's own stack: it runs setup and finish. Every atomic access of the others is a scheduling point;
 * what happens there is one number out of n, and an execution is the list of these numbers. The strategies differ in how
 * they choose: at random; at random with priorities (PCT, Burckhardt et al., ASPLOS 2010: a bug of depth d is hit with a
 * known probability); or all of them, depth first, with a bound on preemptions and on stale reads. */
#include "model_signal.h"

#include "base/thread.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { STACK = 256 * 1024, CHOICES = 1 << 20, OUTCOMES = 4096 };

typedef enum { READY, BLOCKED, STALLED, FINISHED } fiber_state_t;

typedef struct {
    void *sp;
    unsigned char *stack;
    fiber_state_t state;
    bool yielded;   /* wants the others to go first */
    bool may_stall; /* before any of its accesses, once */
    const void *blocked_on;
    cc__thread_t *tls;
    unsigned priority;
} fiber_t;

model_config_t model_config;

static fiber_t fibers[MODEL_THREADS];
static int current, fiber_count;
static bool running; /* between setup and finish */
static const model_client_t *client;

static uint16_t choices[CHOICES], choice_of[CHOICES]; /* what was chosen, and of how many */
static unsigned choice_count, choice_given;           /* made so far; prescribed by the search or a replay */
static unsigned preemptions, stale_reads, steps;
static uint64_t rng;
static unsigned change_points[16], lowest_priority;

static unsigned heights[16], height_count, height_next;
static struct {
    unsigned long key;
    uint64_t count;
} outcomes[OUTCOMES];

/* ---- failing --------------------------------------------------------------------------------------------------------- */

/* The library's state is lost at a finding, so it is shown by a new process that repeats the choices. */
static void write_replay(const char *path)
{
    FILE *f = fopen(path, "w");
    if (f == NULL)
        return;
    fprintf(f, "%s %d %u\n", client->name, model_config.asymmetric, choice_count);
    for (unsigned i = 0; i < choice_count; i++)
        fprintf(f, "%u ", choices[i]);
    fclose(f);
}

void model_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (model_config.trace)
        model_trace_print();
    fprintf(stderr, "model: %s: thread %d: ", client->name, current);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    if (!model_config.trace) {
        char path[128];
        snprintf(path, sizeof path, "/tmp/model-%s-%d.replay", client->name, (int)getpid());
        write_replay(path);
        fprintf(stderr, "model: to see the schedule: --replay %s\n", path);
    }
    fflush(stderr);
    _exit(3);
}

/* ---- choices --------------------------------------------------------------------------------------------------------- */

static uint64_t random_next(void)
{
    rng ^= rng >> 12;
    rng ^= rng << 25;
    rng ^= rng >> 27;
    return rng * UINT64_C(0x2545F4914F6CDD1D);
}

static unsigned fresh_choice(unsigned n, model_choice_t kind)
{
    if (model_config.strategy == MODEL_STRATEGY_EXHAUSTIVE)
        return 0;
    /* 0 is the ordinary course: the newest store, the thread that runs. */
    if (kind == MODEL_READ || kind == MODEL_PLACE)
        return random_next() % 4 != 0 ? 0 : (unsigned)(random_next() % n);
    if (kind == MODEL_STALL)
        return random_next() % 16 == 0;
    if (kind == MODEL_SIGNAL) /* 0: now. Signals that come late are what goes wrong. */
        return random_next() % 8 != 0;
    return (unsigned)(random_next() % n);
}

unsigned model_pick(unsigned n, model_choice_t kind)
{
    if (n <= 1)
        return 0;
    if (choice_count == CHOICES)
        model_fail("more than %d choices in one execution", CHOICES);
    unsigned chosen = choice_count < choice_given ? choices[choice_count] : fresh_choice(n, kind);
    if (chosen >= n)
        model_fail("the replay does not belong to this program");
    choices[choice_count] = (uint16_t)chosen;
    choice_of[choice_count++] = (uint16_t)n;
    return chosen;
}

unsigned model_choose(unsigned n)
{
    return model_pick(n, MODEL_CLIENT);
}

bool model_stale_left(void)
{
    return stale_reads < model_config.stale;
}

void model_stale_used(void)
{
    stale_reads++;
}

/* Exhaustive: the next list of choices in lexical order. False: all were made. */
static bool advance(void)
{
    while (choice_count > 0 && choices[choice_count - 1] + 1u == choice_of[choice_count - 1])
        choice_count--;
    if (choice_count == 0)
        return false;
    choices[choice_count - 1]++;
    choice_given = choice_count;
    return true;
}

/* ---- fibers ---------------------------------------------------------------------------------------------------------- */

void model_switch(void **save, void *to);
__asm__(".text\n"
        ".globl model_switch\n"
        "model_switch:\n"
        "    pushq %rbp\n    pushq %rbx\n    pushq %r12\n    pushq %r13\n    pushq %r14\n    pushq %r15\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    popq %r15\n    popq %r14\n    popq %r13\n    popq %r12\n    popq %rbx\n    popq %rbp\n"
        "    ret\n");

int model_self(void)
{
    return current;
}

static void switch_to(int next)
{
    if (next == current)
        return;
    int from = current;
    fibers[from].tls = cc__thread_tls;
    cc__thread_tls = fibers[next].tls;
    current = next;
    model_switch(&fibers[from].sp, fibers[next].sp);
}

/* Candidates in the order of choice: the running fiber first, so that 0 means no preemption. */
static unsigned candidates(int *out, bool yielded_too)
{
    unsigned n = 0;
    for (int i = 0; i < fiber_count; i++) {
        int f = (current - 1 + i) % fiber_count + 1;
        if (current == 0)
            f = i + 1;
        if (fibers[f].state == READY && (yielded_too || !fibers[f].yielded))
            out[n++] = f;
    }
    return n;
}

static int by_priority(const int *list, unsigned n)
{
    int best = list[0];
    for (unsigned i = 1; i < n; i++) {
        if (fibers[list[i]].priority > fibers[best].priority)
            best = list[i];
    }
    return best;
}

static void change_priority(void)
{
    for (unsigned i = 0; i < model_config.depth; i++) {
        if (change_points[i] == steps && current != 0)
            fibers[current].priority = --lowest_priority;
    }
}

/* Who runs next; 0 if nobody can. */
static int choose_fiber(void)
{
    int list[MODEL_THREADS];
    unsigned n = candidates(list, false);
    if (n == 0 && (n = candidates(list, true)) == 0)
        return 0;
    bool preempts = list[0] == current;
    if (model_config.strategy == MODEL_STRATEGY_PCT && choice_given == 0) {
        change_priority();
        int best = by_priority(list, n);
        for (unsigned i = 0; n > 1 && i < n; i++) {
            if (list[i] == best && choice_count < CHOICES) { /* noted for the replay */
                choices[choice_count] = (uint16_t)i;
                choice_of[choice_count++] = (uint16_t)n;
            }
        }
        return best;
    }
    if (model_config.strategy == MODEL_STRATEGY_EXHAUSTIVE && preempts && preemptions >= model_config.preemptions)
        n = 1;
    unsigned chosen = model_pick(n, MODEL_SCHEDULE);
    if (preempts && chosen != 0)
        preemptions++;
    return list[chosen];
}

void model_step(const char *kind, const void *at, const model_site_t *site)
{
    (void)kind;
    (void)at;
    (void)site;
    if (!running)
        return;
    if (++steps > model_config.steps)
        model_fail("livelock: more than %u steps", model_config.steps);
    int next = choose_fiber();
    if (next != current)
        switch_to(next);
    for (int i = 1; i <= fiber_count; i++) {
        if (i != current)
            fibers[i].yielded = false;
    }
    if (fibers[current].may_stall && model_pick(2, MODEL_STALL) != 0) {
        fibers[current].may_stall = false;
        model_stall();
    }
    model_signal_take();
}

static void leave(void)
{
    switch_to(choose_fiber());
}

void model_yield(void)
{
    if (!running)
        return;
    if (++steps > model_config.steps)
        model_fail("livelock: more than %u steps", model_config.steps);
    fibers[current].yielded = true;
    leave();
    fibers[current].yielded = false;
    model_signal_take();
}

void model_block(const void *on)
{
    if (!running)
        model_fail("deadlock: a lock is held at setup or finish");
    fibers[current].state = BLOCKED;
    fibers[current].blocked_on = on;
    leave();
    model_signal_take();
}

void model_wake(const void *on)
{
    for (int i = 1; i <= fiber_count; i++) {
        if (fibers[i].state == BLOCKED && fibers[i].blocked_on == on)
            fibers[i].state = READY;
    }
}

void model_interrupt(int fiber)
{
    if (fibers[fiber].state == BLOCKED)
        fibers[fiber].state = READY;
}

bool model_finished(int fiber)
{
    return fibers[fiber].state == FINISHED;
}

void model_may_stall(void)
{
    fibers[current].may_stall = true;
}

void model_stall(void)
{
    model_trace_event("%d: stalls", current);
    fibers[current].state = STALLED;
    leave();
}

void model_point(const char *what)
{
    model_trace_event("%d: %s", current, what);
    model_step(what, NULL, NULL);
}

static void fiber_main(void)
{
    client->thread(current);
    model_env_thread_exit();
    fibers[current].state = FINISHED;
    leave();
    abort();
}

static void prepare_fiber(int i)
{
    fiber_t *f = &fibers[i];
    unsigned char *stack = f->stack;
    if (stack == NULL)
        stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *f = (fiber_t){.stack = stack, .state = READY, .priority = (unsigned)(random_next() % 1000) + 1000};
    void **sp = (void **)(void *)(stack + STACK);
    *--sp = NULL; /* so that fiber_main finds the stack as after a call */
    *--sp = (void *)(uintptr_t)fiber_main;
    f->sp = sp - 6;
    memset(f->sp, 0, 6 * sizeof *sp);
}

/* ---- an execution ---------------------------------------------------------------------------------------------------- */

static bool any(fiber_state_t state)
{
    for (int i = 1; i <= fiber_count; i++) {
        if (fibers[i].state == state)
            return true;
    }
    return false;
}

static void run_threads(void)
{
    for (int i = 1; i <= fiber_count; i++) {
        prepare_fiber(i);
        model_memory_join(i, 0);
    }
    running = true;
    leave();
    if (any(STALLED)) {
        running = false;
        for (int i = 1; i <= fiber_count; i++) {
            if (fibers[i].state == FINISHED)
                model_memory_join(0, i);
        }
        if (client->stalled != NULL)
            client->stalled();
        running = true;
        for (int i = 1; i <= fiber_count; i++) {
            if (fibers[i].state == STALLED)
                fibers[i].state = READY;
        }
        leave();
    }
    running = false;
    if (any(BLOCKED))
        model_fail("deadlock: a thread waits for a lock that nobody will release");
    for (int i = 1; i <= fiber_count; i++)
        model_memory_join(0, i);
}

static void execute(void)
{
    unsigned steps_before = steps; /* of the last execution: where priorities may change in this one */
    choice_count = preemptions = stale_reads = steps = height_count = height_next = 0;
    current = 0;
    fiber_count = client->threads;
    lowest_priority = 1000;
    for (unsigned i = 0; i < model_config.depth && i < 16; i++)
        change_points[i] = (unsigned)(random_next() % (steps_before + 1));
    model_trace_begin();
    model_env_begin();
    model_signal_begin();
    model_memory_begin();
    if (client->setup != NULL)
        client->setup();
    run_threads();
    if (client->finish != NULL)
        client->finish();
    model_env_thread_exit();
    cc__thread_tls = NULL;
    model_memory_end();
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs up to `executions` or `seconds`. True: the exhaustive strategy has tried everything. */
bool model_run(const model_client_t *the_client, uint64_t executions, double seconds, uint64_t *done)
{
    double until = now() + seconds;
    client = the_client;
    for (*done = 0; *done < executions; ++*done) {
        if (*done % 64 == 0 && now() > until)
            break;
        if (model_config.strategy != MODEL_STRATEGY_EXHAUSTIVE) {
            rng = (model_config.seed + *done + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
            choice_given = 0;
        }
        execute();
        if (model_config.strategy == MODEL_STRATEGY_EXHAUSTIVE && !advance()) {
            ++*done;
            choice_given = 0;
            return true;
        }
    }
    choice_given = 0;
    return false;
}

void model_replay(const model_client_t *the_client, const char *path)
{
    unsigned n;
    FILE *from = fopen(path, "r");
    client = the_client;
    if (from == NULL || fscanf(from, "%*s %*d %u", &n) != 1 || n > CHOICES)
        model_fail("%s is no replay file", path);
    for (choice_given = 0; choice_given < n; choice_given++) {
        unsigned c;
        if (fscanf(from, "%u", &c) != 1)
            model_fail("%s is cut short", path);
        choices[choice_given] = (uint16_t)c;
    }
    fclose(from);
    model_config.strategy = MODEL_STRATEGY_RANDOM;
    rng = 1;
    execute();
}

/* ---- for clients ----------------------------------------------------------------------------------------------------- */

void model_heights(const unsigned *h, unsigned n)
{
    memcpy(heights, h, n * sizeof *h);
    height_count = n;
    height_next = 0;
}

uint64_t model_rng_next(void);
uint64_t model_rng_next(void)
{
    unsigned height = height_next < height_count ? heights[height_next++] : 1;
    return UINT64_C(1) << 2 * (height - 1);
}

void model_outcome(unsigned long key)
{
    for (unsigned i = 0; i < OUTCOMES; i++) {
        if (outcomes[i].count == 0 || outcomes[i].key == key) {
            outcomes[i].key = key;
            outcomes[i].count++;
            return;
        }
    }
}

uint64_t model_outcomes(unsigned long key)
{
    for (unsigned i = 0; i < OUTCOMES && outcomes[i].count != 0; i++) {
        if (outcomes[i].key == key)
            return outcomes[i].count;
    }
    return 0;
}

void model_outcomes_clear(void)
{
    memset(outcomes, 0, sizeof outcomes);
}
