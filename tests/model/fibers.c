/* Fibers, and when they may lose the processor.
 *
 * Fiber 0 is the process's own stack: it runs setup and finish. The others switch at scheduling points: atomic accesses
 * to locations that several threads share, seq_cst and heavy fences, locks, and what a client names. */
#include "inside.h"

#include "base/thread.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { STACK = 256 * 1024 };

typedef enum { READY, BLOCKED, STALLED, FINISHED } fiber_state_t;

typedef struct {
    void *sp;
    unsigned char *stack;
    fiber_state_t state;
    bool yielded;   /* wants the others to go first */
    bool may_stall; /* before any of its accesses, once */
    const void *blocked_on;
    cc__thread_t *tls;
} fiber_t;

static fiber_t fibers[MODEL_THREADS];
int model_current;

static int count;
static bool running; /* the fibers have the processor */
static unsigned steps;
static const model_client_t *client;
static uint64_t points_met[MODEL_THREADS]; /* a bit for each of a thread's named points */

/* Saves the callee-saved registers on the stack that is left, takes them from the one that is entered. */
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
    return model_current;
}

int model_fiber_count(void)
{
    return count;
}

static void switch_to(int next)
{
    if (next == model_current)
        return;
    int from = model_current;
    fibers[from].tls = cc__thread_tls;
    cc__thread_tls = fibers[next].tls;
    model_current = next;
    model_switch(&fibers[from].sp, fibers[next].sp);
}

/* Candidates in the order of choice: the running fiber first, so that 0 means no preemption. */
static unsigned candidates(int *out, bool yielded_too)
{
    unsigned n = 0;
    int first = model_current == 0 ? 1 : model_current;
    for (int i = 0; i < count; i++) {
        int f = first + i <= count ? first + i : first + i - count;
        if (fibers[f].state == READY && (yielded_too || !fibers[f].yielded))
            out[n++] = f;
    }
    return n;
}

/* Who runs next; 0 if nobody can. */
static int choose_fiber(void)
{
    int list[MODEL_THREADS];
    unsigned n = candidates(list, false);
    if (n == 0) { /* all wait for one another: each has its turn, whatever its priority */
        for (int i = 1; i <= count; i++)
            fibers[i].yielded = fibers[i].yielded && i == model_current;
        n = candidates(list, false);
    }
    if (n == 0 && (n = candidates(list, true)) == 0)
        return 0;
    return model_pick_fiber(list, n, list[0] == model_current);
}

static void count_step(void)
{
    if (++steps > model_config.steps)
        model_fail("livelock: more than %u steps", model_config.steps);
}

bool model_is_point(const char *text)
{
    if (client->points == NULL || !running)
        return true;
    const char *word = client->points[model_current - 1];
    for (unsigned i = 0; word != NULL && *word != '\0'; i++) {
        size_t length = strcspn(word, "|");
        if (memmem(text, strlen(text), word, length) != NULL) {
            points_met[model_current] |= UINT64_C(1) << i;
            return true;
        }
        word += length + (word[length] == '|');
    }
    return false;
}

void model_points_begin(void)
{
    memset(points_met, 0, sizeof points_met);
}

const char *model_point_unmet(int *thread)
{
    if (client->points == NULL)
        return NULL;
    for (*thread = 1; *thread <= client->threads; ++*thread) {
        const char *word = client->points[*thread - 1];
        for (unsigned i = 0; word != NULL && *word != '\0'; i++) {
            if ((points_met[*thread] & UINT64_C(1) << i) == 0)
                return word;
            word += strcspn(word, "|");
            word += *word == '|';
        }
    }
    return NULL;
}

void model_reach(void)
{
    if (running && client->at_point != NULL)
        client->at_point(model_current);
}

void model_step(void)
{
    if (!running)
        return;
    count_step();
    switch_to(choose_fiber());
    for (int i = 1; i <= count; i++) {
        if (i != model_current)
            fibers[i].yielded = false;
    }
    if (fibers[model_current].may_stall && model_pick(2, MODEL_STALL) != 0) {
        fibers[model_current].may_stall = false;
        model_stall();
    }
    if (model_signals)
        model_signal_take(true);
}

void model_step_private(void)
{
    if (!running)
        return;
    count_step();
    if (model_signals)
        model_signal_take(client->points == NULL);
}

static void leave(void)
{
    switch_to(choose_fiber());
}

void model_yield(void)
{
    if (!running)
        return;
    count_step();
    fibers[model_current].yielded = true;
    leave();
    fibers[model_current].yielded = false;
    if (model_signals)
        model_signal_take(client->points == NULL);
}

void model_block(const void *on)
{
    if (!running)
        model_fail("deadlock: a lock is held at setup or finish");
    fibers[model_current].state = BLOCKED;
    fibers[model_current].blocked_on = on;
    leave();
    if (model_signals)
        model_signal_take(client->points == NULL);
}

void model_wake(const void *on)
{
    for (int i = 1; i <= count; i++) {
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
    fibers[model_current].may_stall = true;
}

void model_stall(void)
{
    model_trace_event("%d: stalls", model_current);
    if (client->asleep != NULL)
        client->asleep();
    fibers[model_current].state = STALLED;
    leave();
}

/* ---- an execution */

static void fiber_main(void)
{
    client->thread(model_current);
    fibers[model_current].may_stall = false;
    model_env_thread_exit();
    fibers[model_current].state = FINISHED;
    leave();
    abort();
}

static void prepare_fiber(int i)
{
    fiber_t *f = &fibers[i];
    unsigned char *stack = f->stack;
    if (stack == NULL)
        stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *f = (fiber_t){.stack = stack, .state = READY};
    void **sp = (void **)(void *)(stack + STACK);
    *--sp = NULL; /* so that fiber_main finds the stack as after a call */
    *--sp = (void *)(uintptr_t)fiber_main;
    f->sp = sp - 6;
    memset(f->sp, 0, 6 * sizeof *sp);
}

void model_fibers_begin(const model_client_t *the_client)
{
    client = the_client;
    count = client->threads;
    model_current = 0;
    steps = 0;
    for (int i = 1; i <= count; i++)
        prepare_fiber(i);
}

void model_fibers_run(void)
{
    running = true;
    leave();
    running = false;
}

void model_fibers_wake(void)
{
    for (int i = 1; i <= count; i++) {
        if (fibers[i].state == STALLED)
            fibers[i].state = READY;
    }
}

static bool any(fiber_state_t state)
{
    for (int i = 1; i <= count; i++) {
        if (fibers[i].state == state)
            return true;
    }
    return false;
}

bool model_fibers_stalled(void)
{
    return any(STALLED);
}

bool model_fibers_blocked(void)
{
    return any(BLOCKED);
}
