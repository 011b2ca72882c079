/* Many threads go away, or the main thread does, or the process. */
#include "exit.h"

#include "base/rng.h"
#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"

#include <cc/alloc.h>

#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- many */

enum { MANY = 300, WAVE = 10, SETTLED = 5 /* waves */ };

typedef struct {
    small_world_t world;
    pthread_barrier_t together;
    bool wait; /* for all to be there before they attach, and for all to be attached */
} crowd_t;

typedef struct {
    crowd_t *crowd;
    uint64_t random;
} member_t;

static void *live_shortly(void *arg)
{
    member_t *member = arg;
    crowd_t *crowd = member->crowd;
    if (crowd->wait) {
        pthread_barrier_wait(&crowd->together);
        CHECK(cc_thread_attach(crowd->world.domain) == 0);
        pthread_barrier_wait(&crowd->together);
    }
    for (int i = 0; i < 5; i++)
        small_world_use(&crowd->world, &member->random);
    CHECK(member->random % 4 != 0 || cc_guard_enter(crowd->world.domain) != NULL); /* some never leave it */
    return NULL;
}

static void run_members(crowd_t *crowd, int count, uint64_t seed)
{
    static member_t member[MANY];
    static pthread_t thread[MANY];
    for (int i = 0; i < count; i++) {
        member[i] = (member_t){crowd, seed * 1000 + (uint64_t)i + 1};
        thread[i] = start_thread(live_shortly, &member[i]);
    }
    for (int i = 0; i < count; i++)
        join_thread(thread[i]);
}

/* Ten at a time: records are reused, so memory does not grow with the threads that ever were. In the first waves all ten are
 * attached at once, so no later wave needs more records than there are. */
void exit_many_in_turn(void)
{
    crowd_t crowd = {.wait = true};
    uint64_t settled = 0, most = 0;
    CHECK(pthread_barrier_init(&crowd.together, NULL, WAVE) == 0);
    small_world_create(&crowd.world, CC_SMR_IBR);
    for (int wave = 0; wave < MANY / WAVE; wave++) {
        crowd.wait = wave <= SETTLED;
        run_members(&crowd, WAVE, (uint64_t)wave);
        small_world_check(&crowd.world, 1);
        uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
        if (wave == SETTLED)
            settled = allocated;
        most = allocated > most ? allocated : most;
    }
    CHECK(most <= settled + 16 * 1024, "%llu bytes, %llu after %d waves", (unsigned long long)most,
          (unsigned long long)settled, SETTLED);
    small_world_destroy(&crowd.world);
}

void exit_many_at_once(void)
{
    crowd_t crowd = {.wait = true};
    CHECK(pthread_barrier_init(&crowd.together, NULL, MANY) == 0);
    small_world_create(&crowd.world, CC_SMR_IBR);
    run_members(&crowd, MANY, 1);
    small_world_check(&crowd.world, 1);
    small_world_destroy(&crowd.world);
}

/* ---- threads that are just exiting when their domain is destroyed */

enum { LEAVERS = 3, ROUNDS = 1000, EACH = 50 };

typedef struct {
    cc_domain_t *domain;
    canary_count_t live;
    sem_t done;
} short_lived_t;

static void *retire_and_exit(void *arg)
{
    short_lived_t *s = arg;
    for (uint64_t i = 0; i < EACH; i++)
        CHECK(cc_retire(s->domain, canary_make(i, &s->live), sizeof(canary_t), canary_reclaim, &s->live) == 0);
    sem_post(&s->done); /* the last call on the domain has returned; the thread's own exit is still to come */
    return NULL;
}

void exit_at_destroy(void)
{
    short_lived_t s = {.live = 0};
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
    sem_init(&s.done, 0, 0);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t thread[LEAVERS];
        CHECK(cc_domain_create(NULL, &s.domain) == 0);
        for (int i = 0; i < LEAVERS; i++)
            thread[i] = start_thread(retire_and_exit, &s);
        for (int i = 0; i < LEAVERS; i++)
            sem_wait(&s.done);
        CHECK(cc_domain_destroy(s.domain) == 0);
        CHECK(atomic_load(&s.live) == 0, "round %d: %lld objects were never reclaimed", round, atomic_load(&s.live));
        for (int i = 0; i < LEAVERS; i++)
            join_thread(thread[i]);
    }
    CHECK(cc_alloc_stats_snapshot().current_allocated == allocated);
}

/* ---- the main thread, while others work */

enum { WORKERS = 3 };

typedef struct {
    small_world_t world;
    atomic_uint at_work;
    atomic_bool stop;
} process_t;

static process_t process;

static void nap_us(long us)
{
    struct timespec t = {0, us * 1000};
    nanosleep(&t, NULL);
}

static void *work(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg * 2 + 1;
    CHECK(cc_thread_attach(process.world.domain) == 0);
    atomic_fetch_add(&process.at_work, 1);
    while (!atomic_load_explicit(&process.stop, memory_order_relaxed))
        small_world_use(&process.world, &random);
    return NULL;
}

static void start_workers(pthread_t thread[WORKERS])
{
    for (uintptr_t i = 0; i < WORKERS; i++)
        thread[i] = start_thread(work, (void *)i); // NOLINT(performance-no-int-to-ptr)
}

/* Waits until the main thread's record is gone, and then some. */
static void *outlive_main(void *arg)
{
    pthread_t thread[WORKERS];
    start_workers(thread);
    while (atomic_load(&process.at_work) != WORKERS || small_world_snapshot(&process.world).threads != WORKERS)
        nap_us(1000);
    nap_us(100000);
    atomic_store(&process.stop, true);
    for (int i = 0; i < WORKERS; i++)
        join_thread(thread[i]);
    uint64_t random = 1;
    small_world_use(&process.world, &random);
    small_world_check(&process.world, 1);
    small_world_destroy(&process.world);
    exit(EXIT_SUCCESS);
}

/* Inside a guard, with garbage. */
void exit_of_main(void)
{
    void *value;
    small_world_create(&process.world, CC_SMR_IBR);
    CHECK(cc_guard_enter(process.world.domain) != NULL);
    CHECK(cc_skiplist64_get(process.world.map, 5, &value) == 0);
    small_world_remove_all(&process.world);
    start_thread(outlive_main, NULL);
    pthread_exit(NULL);
}

/* ---- the process, while threads are anywhere */

enum { PROCESSES = 25 };

static void *drain_again_and_again(void *arg)
{
    while (!atomic_load_explicit(&process.stop, memory_order_relaxed))
        (void)cc_domain_drain(process.world.domain, 1000000);
    return NULL;
}

static void *sleep_in_guard(void *arg)
{
    void *value;
    CHECK(cc_guard_enter(process.world.domain) != NULL);
    (void)cc_skiplist64_get(process.world.map, 1, &value);
    pause();
    return NULL;
}

static void *exit_soon(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg;
    nap_us((long)(cc__rng_next(&random) % 5000));
    exit(EXIT_SUCCESS);
}

static _Noreturn void exit_at_work(uintptr_t number)
{
    pthread_t thread[WORKERS];
    small_world_create(&process.world, reclaiming_schemes[number % RECLAIMING_SCHEMES]);
    start_workers(thread);
    start_thread(drain_again_and_again, NULL);
    start_thread(sleep_in_guard, NULL);
    void *seed = (void *)(number + 1); // NOLINT(performance-no-int-to-ptr)
    if (number / RECLAIMING_SCHEMES % 2 == 0)
        exit_soon(seed);
    start_thread(exit_soon, seed);
    for (;;)
        pause();
}

void exit_of_process(void)
{
    for (uintptr_t i = 0; i < PROCESSES; i++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            exit_at_work(i);
        CHECK(child > 0 && waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS, "process %d ended with status 0x%x", (int)i,
              (unsigned)status);
    }
}
