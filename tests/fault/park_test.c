/* A thread stands still wherever a signal happens to meet it: in a SEARCH, in a WRITE, in a guard, in a round, between calls;
 * again and again. fault/step stops a thread at each access in turn, in one call at a time; here all calls are in the
 * mixture, and the instants are those that nobody thought of.
 *
 *   one      two threads go on. Each of them makes progress, and under IBR what waits stays below a bound.
 *   crowd    sixty-four go on, on however few processors there are; each makes progress.
 *
 * The bound, in objects: what waits for one that stands still is two of each key (node and value) and what is born in
 * the epoch at which it had arrived; the same may be true of each of the n that go on, if it has just lost its processor, and
 * of what waited unstamped in their limbos then. The n limbos hold 5/4 of that and what starts a round (set_thresholds).
 *
 * Under DEBRA+ the handler in which the thread stands counts as the application's: nothing is thrown back through it, and
 * no bound is promised (fault/neutralize stops threads otherwise). */
#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"
#include "base/rng.h"
#include "smr/types.h"

#include <cc/alloc.h>

#include <inttypes.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
    CROWD = 64,
    CROWD_PARKS = 2,
    PARKS = 12,
    GOING = 2,     /* of the scenario that has a bound */
    CALLS = 12000, /* then, by each, while one stands still: in all several times the bound is retired */
    CROWDED = 50,  /* by each of the crowd */
    PINNED = 2 * SMALL_KEYS + GOING * CC_IBR_TICK,
    ALL_PINNED = PINNED + GOING * (PINNED + GOING * CC_SCAN_ENTRIES),
    BOUND = ALL_PINNED + ALL_PINNED / 4 + GOING * (CC_SCAN_ENTRIES + 64),
};

static small_world_t world;
static sem_t parked, may_go;
static atomic_bool stop;

static struct member {
    pthread_t thread;
    uint64_t random;
    atomic_ullong calls;
} member[CROWD + 1]; /* the last one is caught */

static void park(int signal)
{
    (void)signal;
    (void)sem_post(&parked);
    while (sem_wait(&may_go) != 0) {
    }
}

static void *live(void *arg)
{
    struct member *m = arg;
    while (!atomic_load(&stop)) {
        small_world_use(&world, &m->random);
        atomic_fetch_add(&m->calls, 1);
    }
    return NULL;
}

static void nap(long ns)
{
    const struct timespec t = {.tv_nsec = ns};
    (void)nanosleep(&t, NULL);
}

/* For ever if one makes no progress: the scenario is killed then, and has failed. */
static void wait_for_calls(int threads, unsigned long long calls)
{
    unsigned long long before[CROWD];
    for (int i = 0; i < threads; i++)
        before[i] = atomic_load(&member[i].calls);
    for (int i = 0; i < threads; i++) {
        while (atomic_load(&member[i].calls) < before[i] + calls)
            nap(500000);
    }
}

static void stand_still(struct member *victim, int going, bool bounded)
{
    uint64_t random = 1;
    for (int i = 0; i < (going == CROWD ? CROWD_PARKS : PARKS); i++) {
        nap((long)(cc__rng_next(&random) % 300000));
        CHECK(pthread_kill(victim->thread, SIGUSR1) == 0);
        while (sem_wait(&parked) != 0) {
        }
        uint64_t retired = small_world_snapshot(&world).retired;
        wait_for_calls(going, bounded ? CALLS : CROWDED);
        cc_smr_snapshot_t s = small_world_snapshot(&world);
        CHECK(!bounded || s.limbo_count <= BOUND, "%" PRIu64 " objects wait, %d are allowed", s.limbo_count, BOUND);
        CHECK(!bounded || s.retired - retired > 2 * BOUND, "%" PRIu64 " were retired", s.retired - retired);
        CHECK(sem_post(&may_go) == 0);
    }
}

static void go_on(cc_smr_scheme_t scheme, int going)
{
    cc_alloc_info_t alloc = CC_ALLOC_INFO_INIT;
    CHECK(cc_alloc_info(&alloc) == 0);
    if (strcmp(alloc.name, "mimalloc") != 0)
        scenario_skip("the allocator has locks, in which a thread may be caught");
    const struct sigaction action = {.sa_handler = park, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(sem_init(&parked, 0, 0) == 0 && sem_init(&may_go, 0, 0) == 0);
    small_world_create(&world, scheme);
    for (int i = 0; i <= going; i++) {
        member[i].random = (uint64_t)i + 1;
        member[i].thread = start_thread(live, &member[i]);
    }
    stand_still(&member[going], going, scheme == CC_SMR_IBR && going == GOING);
    atomic_store(&stop, true);
    for (int i = 0; i <= going; i++)
        (void)join_thread(member[i].thread);
    small_world_check(&world, 1);
    small_world_destroy(&world);
}

#define SCENARIOS(name, scheme, ...)                                                                                   \
    static void one_##name(void)                                                                                       \
    {                                                                                                                  \
        go_on(scheme, GOING);                                                                                          \
    }                                                                                                                  \
    static void crowd_##name(void)                                                                                     \
    {                                                                                                                  \
        go_on(scheme, CROWD);                                                                                          \
    }
EACH_RECLAIMING_SCHEME(SCENARIOS, )

#define ROWS(scheme, id, ...)                                                                                          \
    {.name = "one-" #scheme, .title = "one stands still anywhere", .run = one_##scheme},                               \
    {                                                                                                                  \
        .name = "crowd-" #scheme, .title = "one of sixty-five stands still anywhere", .run = crowd_##scheme            \
    }
static const scenario_t scenarios[] = {LIST_RECLAIMING_SCHEMES(ROWS, )};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
