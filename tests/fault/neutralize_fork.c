/* Processes that fork while threads are thrown back. */
#include "neutralize.h"

#include "scenario.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_child(pid_t child)
{
    int status;
    CHECK(child > 0);
    while (waitpid(child, &status, 0) != child) { /* EINTR */
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status 0x%x", (unsigned)status);
}

/* ---- the caller is thrown back as well */

enum { FORKS = 20 };

static atomic_bool forks_stop;

static void *send_to_all(void *arg)
{
    pthread_t *target = arg;
    while (!atomic_load(&forks_stop)) {
        (void)pthread_kill(target[0], SIGURG);
        (void)pthread_kill(target[1], SIGURG);
        sched_yield();
    }
    return NULL;
}

/* One thread is left; what the others held and read is let go. What they were in the middle of may stay half done. */
static _Noreturn void live_on(void)
{
    uint64_t random = 5;
    churn(500, &random);
    read_all();
    CHECK(cc_domain_drain(world.domain, 10000000000) == 0, "waits for: %s", cc_smr_stall_name(world_snapshot().stall));
    _exit(0);
}

void forks(void)
{
    pthread_t sender, target[2];
    uint64_t random = 7;
    if (SCENARIO_ASAN)
        scenario_skip("its allocator can hang in the child of a process with threads");
    world_set_up(CC_NEUTRALIZE_STRONG);
    start_reader();
    target[0] = reader.thread;
    target[1] = pthread_self();
    CHECK(pthread_create(&sender, NULL, send_to_all, target) == 0);
    for (int i = 0; i < FORKS; i++) {
        churn(100, &random);
        pid_t child = fork();
        if (child == 0)
            live_on();
        check_child(child);
    }
    atomic_store(&forks_stop, true);
    CHECK(pthread_join(sender, NULL) == 0);
    stop_reader();
    world_tear_down();
}

/* ---- the caller is a handler on top of a SEARCH that was proved out */

static atomic_int child_of_handler;

static bool urgent_waits(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGURG) == 1;
}

/* What the search below reads is freed. In the parent the signal that waits will throw it back; it is not the child's. */
static void fork_here(int number)
{
    (void)number;
    CHECK(urgent_waits(), "this is on top of no search, or the signal was not put off");
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        CHECK(urgent_waits(), "the search would go on in the child");
        atomic_store(&reader.stop, true); /* it reads once more, all of the map, and exits as the last thread */
    }
    atomic_store(&child_of_handler, child);
}

/* Stopped in a SEARCH, the reader is sent two signals: the application's, whose handler is the first to be entered, and by
 * a round ours, which finds it there. */
void fork_in_handler(void)
{
    const struct sigaction action = {.sa_handler = fork_here};
    stopper_t stopper;
    CHECK(SIGUSR1 < SIGURG, "the kernel gives out the lower number first");
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    if (!world_is_strong())
        scenario_skip(world_snapshot().neutralize);
    CHECK(pthread_kill(reader.thread, SIGUSR1) == 0);
    world_remove_all();
    CHECK(cc_domain_drain(world.domain, 10000000000) == 0, "waits for: %s", cc_smr_stall_name(world_snapshot().stall));
    CHECK(world_snapshot().neutralize_proved > 0);
    stopper_let_go(&stopper);
    while (atomic_load(&child_of_handler) == 0)
        sched_yield();
    check_child(atomic_load(&child_of_handler));
    stop_reader();
    stopper_destroy(&stopper);
    world_tear_down();
}
