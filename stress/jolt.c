#include "jolt.h"

#include "report.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

static struct {
    crew_t *crew;
    unsigned mean_us;
    rnd_t rnd;
    pthread_t thread;
    atomic_bool stop;
} jolter;

static atomic_uint jolts;

static void sleep_ns(long ns)
{
    struct timespec nap = {0, ns};
    nanosleep(&nap, NULL);
}

/* Mostly just off the processor; sometimes long enough for several reclamation rounds of the others. */
static void on_jolt(int signal)
{
    (void)signal;
    int saved = errno;
    unsigned n = atomic_fetch_add_explicit(&jolts, 1, memory_order_relaxed);
    sleep_ns(n % 256 == 0 ? 30000000 : n % 32 == 0 ? 4000000 : n % 4 == 0 ? 300000 : 1);
    errno = saved;
}

static void *jolt_life(void *arg)
{
    (void)arg;
    while (!atomic_load_explicit(&jolter.stop, memory_order_relaxed)) {
        sleep_ns(1 + 2000 * (long)rnd_below(&jolter.rnd, jolter.mean_us + 1));
        unsigned victim = rnd_below(&jolter.rnd, jolter.crew->count);
        pthread_kill(jolter.crew->workers[victim].thread, SIGUSR2);
    }
    return NULL;
}

void jolt_start(crew_t *crew, unsigned mean_us, uint64_t seed)
{
    jolter.mean_us = mean_us;
    if (mean_us == 0)
        return;
    struct sigaction action = {.sa_handler = on_jolt, .sa_flags = SA_RESTART};
    sigaction(SIGUSR2, &action, NULL);
    jolter.crew = crew;
    jolter.rnd = rnd_init(seed, UINT64_MAX);
    atomic_store_explicit(&jolter.stop, false, memory_order_relaxed);
    if (pthread_create(&jolter.thread, NULL, jolt_life, NULL) != 0)
        give_up("cannot start a thread");
}

void jolt_stop(void)
{
    if (jolter.mean_us == 0)
        return;
    atomic_store_explicit(&jolter.stop, true, memory_order_relaxed);
    pthread_join(jolter.thread, NULL);
}

static void change_mask(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(how, &set, NULL);
}

void jolt_hold_off(void)
{
    change_mask(SIG_BLOCK);
}

void jolt_let_in(void)
{
    change_mask(SIG_UNBLOCK);
}
