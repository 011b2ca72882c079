/* Threads that are many, that starve, that exit, while others throw them back. */
#include "neutralize.h"

#include "scenario.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A thread that lost the processor inside our own handler, where its signal is blocked, cannot be proved to be out
 * (docs/smr-debra.md, "Bound"). */
static bool is_in_handler(pid_t tid)
{
    char path[64], line[256];
    bool blocked = false;
    snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)tid);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "SigBlk:", 7) == 0)
            blocked = (strtoull(line + 7, NULL, 16) >> (SIGURG - 1) & 1) != 0;
    }
    if (status != NULL)
        fclose(status);
    return blocked;
}

/* They retire in twos, free CC_FREE_QUOTA at a time, and may have been thrown back often. */
static uint64_t bound_with(uint64_t retiring, uint64_t threads, uint64_t in_guards)
{
    return bound_of(retiring, (CC_SUSPECT_ENTRIES << CC_PATIENCE_MAX) + CC_FREE_QUOTA, CC_SCAN_ENTRIES + 2,
                    slots_of(threads, in_guards));
}

/* A thread may lose the processor in its handler, `starving` for long. That one must not be what the others wait for at any other
 * time; what had to wait meanwhile goes a few objects at a time. */
static void sample_for(double how_long, uint64_t bound, pid_t starving)
{
    uint64_t most = 0;
    cc_smr_snapshot_t first = world_snapshot(), s = first;
    const unsigned after = 15; /* samples in a row above the bound: it may have left its handler a moment ago */
    unsigned grace = starving != 0 ? after : 0;
    for (double end = scenario_seconds() + how_long; scenario_seconds() < end;) {
        struct timespec nap = {.tv_nsec = 1000000};
        nanosleep(&nap, NULL);
        s = world_snapshot();
        most = s.limbo_count > most ? s.limbo_count : most;
        bool excused = is_in_handler(s.stalled_thread) || (starving != 0 && s.stalled_thread != starving);
        bool over = s.limbo_count > bound;
        if (excused || !over)
            grace = excused || starving != 0 ? after : 0;
        else
            CHECK(!world_is_strong() || grace-- > 0, "%llu objects wait, not %llu", (unsigned long long)s.limbo_count,
                  (unsigned long long)bound);
    }
    printf("%llu objects retired, at most %llu waited, the bound is %llu; %llu signals, %llu searches thrown back\n",
           (unsigned long long)(s.retired - first.retired), (unsigned long long)most, (unsigned long long)bound,
           (unsigned long long)(s.neutralize_sent - first.neutralize_sent),
           (unsigned long long)(s.neutralize_taken - first.neutralize_taken));
}

/* A reader that gets what processor time nobody else wants. */
void starved(void)
{
    const struct sched_param usual = {0};
    reader.idle = reader.holds_nothing = true;
    world_set_up(CC_NEUTRALIZE_STRONG);
    start_reader();
    start_churners();
    sample_for(0.5, bound_with(CHURNERS, CHURNERS + 2, 0), atomic_load(&reader.tid));
    stop_churners();
    (void)pthread_setschedparam(reader.thread, SCHED_OTHER, &usual); /* the machine may be busy otherwise */
    stop_reader();
    world_tear_down();
}

/* ---- far more threads than processors */

enum { CROWD = 64 };

static atomic_bool crowd_stop;

static void *read_and_churn(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg;
    while (!atomic_load(&crowd_stop)) {
        read_all();
        churn(50, &random);
    }
    return NULL;
}

void crowd(void)
{
    pthread_t thread[CROWD];
    world_set_up(CC_NEUTRALIZE_STRONG);
    for (uintptr_t i = 0; i < CROWD; i++)
        CHECK(pthread_create(&thread[i], NULL, read_and_churn, (void *)(i + 1)) == 0);
    sample_for(0.5, bound_with(CROWD, CROWD + 1, CROWD * KEYS), 0);
    atomic_store(&crowd_stop, true);
    for (int i = 0; i < CROWD; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    CHECK(SCENARIO_TSAN || world_snapshot().neutralize_sent > 0);
    world_tear_down();
}

/* ---- threads that come and go, and signals to threads that are gone */

static atomic_int newest;
static atomic_bool coming_stop;
static atomic_llong came;

static void *read_once(void *arg)
{
    (void)arg;
    atomic_store(&newest, (int)syscall(SYS_gettid));
    read_all();
    return NULL;
}

static void *come_and_go(void *arg)
{
    (void)arg;
    for (; !atomic_load(&coming_stop); atomic_fetch_add(&came, 1)) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, read_once, NULL) == 0 && pthread_join(thread, NULL) == 0);
    }
    return NULL;
}

static void *send_to_newest(void *arg)
{
    (void)arg;
    while (!atomic_load(&coming_stop)) {
        (void)syscall(SYS_tgkill, getpid(), atomic_load(&newest), SIGURG);
        sched_yield();
    }
    return NULL;
}

void exits(void)
{
    pthread_t thread[3];
    world_set_up(CC_NEUTRALIZE_STRONG);
    CHECK(pthread_create(&thread[0], NULL, come_and_go, NULL) == 0);
    CHECK(pthread_create(&thread[1], NULL, come_and_go, NULL) == 0);
    CHECK(pthread_create(&thread[2], NULL, send_to_newest, NULL) == 0);
    churn_for(0.5);
    atomic_store(&coming_stop, true);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    CHECK(atomic_load(&came) > 0);
    CHECK(cc_domain_drain(world.domain, 10000000000) == 0);
    world_tear_down();
}
