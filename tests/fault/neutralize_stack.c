/* A thread thrown back by a handler that ran on another stack, which lies above its own.
 *
 * The next function to run may be a handler again: AddressSanitizer then takes all frames below that one, the thread's own
 * that are alive, for left by the jump, and hands their memory to others (see STACK_FLAG in smr/signal.c). With SA_ONSTACK
 * there an AddressSanitizer build fails here every time. */
#include "neutralize.h"

#include "scenario.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { STACK = 1 << 20, FRAME = 512, FRAMES = 2048 /* more than AddressSanitizer has of one size */, READS = 100 };
enum { THROWN = 50, EVERY_NS = 50000 };

static atomic_bool stop;
static volatile uintptr_t escaped;

/* The application's, on the stack that ours runs on, with a frame that AddressSanitizer watches. Every other time the next
 * signal waits already, and is taken at once where a search was thrown back to. */
static void on_urgent(int number)
{
    static atomic_uint calls;
    char frame[FRAME];
    memset(frame, number, sizeof frame);
    escaped = (uintptr_t)frame;
    if (atomic_fetch_add(&calls, 1) % 2 == 0)
        CHECK(pthread_kill(pthread_self(), number) == 0);
}

__attribute__((noinline)) static void use_frame(void)
{
    char frame[FRAME];
    memset(frame, 'x', sizeof frame);
    escaped = (uintptr_t)frame;
}

/* To this thread, however busy the machine. */
static timer_t start_signals(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
    const struct itimerspec often = {{0, EVERY_NS}, {0, EVERY_NS}};
    timer_t timer;
    event._sigev_un._tid = gettid();
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && timer_settime(timer, 0, &often, NULL) == 0);
    return timer;
}

static void *read_on_low_stack(void *high_stack)
{
    unsigned char mark[FRAME];
    const stack_t high = {.ss_sp = high_stack, .ss_size = STACK};
    stack_t former;
    CHECK(sigaltstack(&high, &former) == 0);
    timer_t timer = start_signals();
    memset(mark, 'm', sizeof mark);
    escaped = (uintptr_t)mark;
    while (!atomic_load(&stop)) {
        for (int i = 0; i < READS; i++)
            read_all();
        for (int i = 0; i < FRAMES; i++)
            use_frame();
        for (int i = 0; i < FRAME; i++)
            CHECK(mark[i] == 'm', "another function's frame lies there");
    }
    CHECK(timer_delete(timer) == 0);
    CHECK(sigaltstack(&former, NULL) == 0);
    return NULL;
}

/* It is to be thrown back often. ThreadSanitizer gives signals late, where no search is under way. */
static void wait_for_throws(void)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    double end = scenario_seconds() + (SCENARIO_TSAN ? 0.1 : 30);
    while (world_snapshot().neutralize_taken < THROWN && scenario_seconds() < end)
        nanosleep(&nap, NULL);
    CHECK(SCENARIO_TSAN || world_snapshot().neutralize_taken >= THROWN);
}

void high_signal_stack(void)
{
    const struct sigaction action = {.sa_handler = on_urgent};
    pthread_attr_t attr;
    pthread_t thread;
    char *stacks = mmap(NULL, 2 * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(stacks != MAP_FAILED && pthread_attr_init(&attr) == 0 && pthread_attr_setstack(&attr, stacks, STACK) == 0);
    CHECK(sigaction(SIGURG, &action, NULL) == 0);
    world_set_up(CC_NEUTRALIZE_STRONG);
    CHECK(pthread_create(&thread, &attr, read_on_low_stack, stacks + STACK) == 0);
    wait_for_throws();
    atomic_store(&stop, true);
    CHECK(pthread_join(thread, NULL) == 0);
    world_tear_down();
    CHECK(munmap(stacks, 2 * STACK) == 0);
}
