/* Executions one after the other, and what happens when one of them finds something. */
#include "inside.h"

#include "base/thread.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { OUTCOMES = 4096, LEARNING = 200, EXECUTION_SECONDS = 5 };

model_config_t model_config;
bool model_alone = true; /* before the first execution the library's constructors run */

static const model_client_t *client;
static volatile uint64_t begun;
static unsigned known_keys; /* what was learned before this execution: part of its replay */

extern uint32_t model_ibr_tick; /* the library is compiled with its name for CC_IBR_TICK */
uint32_t model_ibr_tick = 1;
extern uint32_t model_scan_entries; /* likewise, CC_SCAN_ENTRIES */
uint32_t model_scan_entries = 1;
extern uint32_t model_leaf_entries; /* CC_BST_ENTRIES */
uint32_t model_leaf_entries = 1;
static struct {
    unsigned long key;
    uint64_t count;
} outcomes[OUTCOMES];

/* ---- findings */

/* The library's state is lost at a finding, so it is shown by a new process that repeats the choices. */
static void write_replay(const char *path)
{
    const uint16_t *chosen;
    unsigned n = model_schedule_made(&chosen);
    FILE *f = fopen(path, "w");
    if (f == NULL)
        return;
    fprintf(f, "%s %d %u\n%u", client->name, model_config.asymmetric, model_config.stale, known_keys);
    for (unsigned i = 0; i < known_keys; i++)
        fprintf(f, " %lx", (unsigned long)model_learn_key(i));
    fprintf(f, "\n%u", n);
    for (unsigned i = 0; i < n; i++)
        fprintf(f, " %u", chosen[i]);
    fprintf(f, "\n");
    fclose(f);
}

void model_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (model_config.trace)
        model_trace_print();
    fprintf(stderr, "model: %s: thread %d: ", client->name, model_current);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    if (!model_config.trace) {
        const char *dir = getenv("MODEL_REPLAY_DIR");
        char path[256];
        snprintf(path, sizeof path, "%s/model-%s-%d.replay", dir != NULL ? dir : "/tmp", client->name, (int)getpid());
        write_replay(path);
        fprintf(stderr, "model: to see the schedule: --replay %s\n", path);
    }
    fflush(stderr);
    _exit(3);
}

static void on_fault(int signal)
{
    model_fail("%s", strsignal(signal));
}

/* A wild pointer is a finding like others. */
static void catch_faults(void)
{
    static char stack[64 * 1024];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    const struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

/* A loop without accesses has no steps to be counted. */
static void on_second(int signal)
{
    static uint64_t last;
    static unsigned same;
    (void)signal;
    same = begun == last ? same + 1 : 0;
    last = begun;
    if (same == EXECUTION_SECONDS)
        model_fail("an endless loop: an execution has taken %d seconds", EXECUTION_SECONDS);
}

static void watch_for_loops(void)
{
    const struct itimerval second = {{1, 0}, {1, 0}};
    const struct sigaction action = {.sa_handler = on_second, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &second, NULL);
}

/* ---- an execution */

static void run_until_nobody_can(void)
{
    do
        model_fibers_run();
    while (model_futex_expire());
}

/* While some are stalled, the others' work is over: a client may look at what waits for the stalled ones. */
static void run_threads(void)
{
    for (int i = 1; i <= client->threads; i++)
        model_views_join(i, 0);
    model_alone = false;
    run_until_nobody_can();
    while (model_fibers_stalled()) { /* one who slept with a lock was woken before the others were done */
        for (int i = 1; i <= client->threads; i++) {
            if (model_finished(i))
                model_views_join(0, i);
        }
        if (client->stalled != NULL && (client->blocks_nobody || !model_fibers_blocked()))
            client->stalled();
        model_fibers_wake();
        run_until_nobody_can();
    }
    if (model_fibers_blocked())
        model_fail("deadlock: a thread waits for a lock that nobody will release");
    for (int i = 1; i <= client->threads; i++)
        model_views_join(0, i);
    model_alone = true;
}

static void execute(uint64_t number)
{
    begun++;
    known_keys = model_learn_count();
    model_ibr_tick = 1;
    model_scan_entries = 1;
    model_leaf_entries = 1;
    model_schedule_begin(number);
    model_trace_begin();
    model_env_begin();
    model_signal_begin();
    model_start_begin();
    model_shadow_begin();
    model_history_begin();
    model_views_begin();
    model_fibers_begin(client);
    (void)cc__thread_self(); /* what the library does once per process is done here, not in somebody's schedule */
    if (client->setup != NULL)
        client->setup();
    run_threads();
    if (client->finish != NULL)
        client->finish();
    model_env_thread_exit();
    cc__thread_tls = NULL;
    model_shadow_end();
}

/* ---- runs */

/* Of the processor, so that what is tried does not depend on what else the machine does. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A set that grows late would make the exhaustive strategy begin anew late. */
static void learn(void)
{
    model_strategy_t strategy = model_config.strategy;
    model_config.strategy = MODEL_STRATEGY_RANDOM;
    for (uint64_t i = 0; i < LEARNING; i++)
        execute(i);
    model_config.strategy = strategy;
}

static bool run_exhaustive(uint64_t executions, double until, uint64_t *done)
{
    learn();
    for (*done = 0; *done < executions; ++*done) {
        if (*done % 64 == 0 && now() > until)
            return false;
        execute(0);
        if (model_learn_count() != known_keys) {
            model_schedule_restart();
        } else if (!model_schedule_advance()) {
            ++*done;
            return true;
        }
    }
    return false;
}

bool model_run(const model_client_t *the_client, uint64_t executions, double seconds, uint64_t *done)
{
    double until = now() + seconds;
    client = the_client;
    catch_faults();
    watch_for_loops();
    model_learn_clear();
    model_schedule_restart();
    bool all = false;
    if (model_config.strategy == MODEL_STRATEGY_EXHAUSTIVE) {
        all = run_exhaustive(executions, until, done);
    } else {
        for (*done = 0; *done < executions && (*done % 64 != 0 || now() < until); ++*done)
            execute(*done);
    }
    model_schedule_restart();
    return all;
}

static unsigned read_number(FILE *from, const char *path, unsigned limit)
{
    unsigned n;
    if (fscanf(from, "%u", &n) != 1 || n > limit)
        model_fail("%s is no replay file", path);
    return n;
}

void model_replay(const model_client_t *the_client, const char *path)
{
    enum { CHOICES = 1 << 20 };
    static uint16_t chosen[CHOICES];
    FILE *from = fopen(path, "r");
    client = the_client;
    if (from == NULL || fscanf(from, "%*s %*d %*u") != 0)
        model_fail("%s is no replay file", path);
    for (unsigned n = read_number(from, path, UINT16_MAX); n > 0; n--) {
        unsigned long key;
        if (fscanf(from, "%lx", &key) != 1)
            model_fail("%s is cut short", path);
        model_learn(key);
    }
    unsigned n = read_number(from, path, CHOICES);
    for (unsigned i = 0; i < n; i++)
        chosen[i] = (uint16_t)read_number(from, path, UINT16_MAX);
    fclose(from);
    catch_faults();
    model_config.strategy = MODEL_STRATEGY_RANDOM;
    model_schedule_prescribe(chosen, n);
    execute(0);
}

/* ---- for clients */

const model_client_t *model_client(void)
{
    return client;
}

void model_point(const char *what)
{
    model_trace_event("%d: %s", model_current, what);
    model_step();
}

void model_ticks(unsigned n)
{
    model_ibr_tick = n;
}

void model_rounds(unsigned n)
{
    model_scan_entries = n;
}

void model_leaves(unsigned n)
{
    model_leaf_entries = n;
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
