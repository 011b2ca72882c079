/* fork: the child is one thread, and goes on with every domain and map, whatever the vanished threads were in the middle
 * of; the parent does not notice. */
#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"
#include "base/rng.h"

#include <cc/skiplist.h>

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int64_t drain_ns = INT64_C(30000000000);

enum { CHILD_SECONDS = 60 };

static void nap_us(long us)
{
    struct timespec t = {0, us * 1000};
    nanosleep(&t, NULL);
}

/* ---- children */

typedef void child_fn(small_world_t *world);

static _Noreturn void be_child(child_fn *child, small_world_t *world)
{
    alarm(CHILD_SECONDS); /* a lock that a vanished thread held would be waited for in vain */
    child(world);
    fflush(NULL);
    _exit(EXIT_SUCCESS); /* not exit: what vanished threads had in their hands is leaked, as it must be */
}

static void check_child(pid_t child)
{
    int status;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(!WIFSIGNALED(status) || WTERMSIG(status) != SIGALRM, "the child hung");
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS, "the child ended with status 0x%x",
          (unsigned)status);
}

static void fork_child(child_fn *child, small_world_t *world)
{
    pid_t pid = fork();
    if (pid == 0)
        be_child(child, world);
    check_child(pid);
}

static void *use_a_lot(void *arg)
{
    uint64_t random = 3;
    for (int i = 0; i < 300; i++)
        small_world_use(arg, &random);
    return NULL;
}

static void *remove_all(void *arg)
{
    small_world_remove_all(arg);
    return NULL;
}

/* New threads come, and what they leave is adopted. */
static void start_threads(small_world_t *world)
{
    join_thread(start_thread(use_a_lot, world));
    size_t entries = cc_skiplist64_count(world->map); /* off by the calls that were in flight */
    join_thread(start_thread(remove_all, world));
    uint64_t left = small_world_snapshot(world).orphans; /* a node and a value each, and what was there before */
    CHECK(cc_domain_flush(world->domain) >= 0);
    CHECK(small_world_snapshot(world).orphans + entries <= left, "orphans are not adopted");
}

/* Everything that a program can do with a domain: use it, alone and by new threads, drain and destroy it, make others. */
static void live_on(small_world_t *world)
{
    small_world_t own;
    use_a_lot(world);
    if (!SCENARIO_TSAN) /* which allows no threads in such a child */
        start_threads(world);
    small_world_remove_all(world);
    for (uint64_t key = 0; key < SMALL_KEYS; key++)
        CHECK(!cc_skiplist64_contains(world->map, key));
    CHECK(cc_domain_drain(world->domain, drain_ns) == 0, "%s", cc_smr_stall_name(small_world_snapshot(world).stall));
    CHECK(small_world_snapshot(world).guards == 0);
    CHECK(small_world_snapshot(world).threads == 1);
    CHECK(cc_skiplist64_destroy(world->map) == 0);
    CHECK(cc_domain_destroy(world->domain) == 0);
    small_world_create(&own, CC_SMR_IBR);
    use_a_lot(&own);
    small_world_check(&own, 1);
    small_world_destroy(&own);
}

/* ---- nobody else is there */

static void child_and_grandchild(small_world_t *world)
{
    small_world_check(world, 1);
    fork_child(live_on, world);
    small_world_check(world, 1);
    small_world_destroy(world);
}

static void alone(void)
{
    for (int i = 0; i < RECLAIMING_SCHEMES; i++) {
        small_world_t world;
        small_world_create(&world, reclaiming_schemes[i]);
        fork_child(child_and_grandchild, &world);
        use_a_lot(&world);
        small_world_check(&world, 1);
        small_world_destroy(&world);
    }
}

/* ---- others sleep inside guards and operations, and have garbage; so does the caller */

enum { HELD_BY_CALLER = 10, HELD_BY_OTHER = 10 };

typedef struct {
    small_world_t world;
    cc_skiplist_t *compared;
    sem_t asleep, wake;
} sleepers_t;

static sleepers_t sleepers;
static _Thread_local bool is_reader;

static void sleep_until_woken(void)
{
    sem_post(&sleepers.asleep);
    while (sem_wait(&sleepers.wake) != 0) {
    }
}

static int compare(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    if (is_reader) {
        is_reader = false;
        sleep_until_woken();
    }
    return *(const char *)a.data - *(const char *)b.data;
}

static void *sleep_in_guard(void *arg)
{
    void *value[HELD_BY_OTHER];
    cc_guard_t *guard = cc_guard_enter(sleepers.world.domain);
    CHECK(guard != NULL);
    for (uint64_t key = 0; key < HELD_BY_OTHER; key++)
        CHECK(cc_skiplist64_get(sleepers.world.map, key, &value[key]) == 0);
    sleep_until_woken();
    for (uint64_t key = 0; key < HELD_BY_OTHER; key++)
        CHECK(canary_intact(value[key], key));
    cc_guard_leave(guard);
    return NULL;
}

static void *sleep_in_operation(void *arg)
{
    is_reader = true;
    CHECK(cc_skiplist_contains(sleepers.compared, (cc_bytes_t){"a", 1}));
    return NULL;
}

static void *sleep_on_garbage(void *arg)
{
    small_world_remove_all(&sleepers.world);
    sleep_until_woken();
    return NULL;
}

/* The vanished are in nobody's way: what they held and what they had retired is reclaimed. */
static void child_of_sleepers(small_world_t *world)
{
    CHECK(small_world_snapshot(world).threads == 1);
    CHECK(cc_domain_drain(world->domain, drain_ns) == 0, "%s", cc_smr_stall_name(small_world_snapshot(world).stall));
    CHECK(atomic_load(&world->live) == 0, "%lld", atomic_load(&world->live));
    CHECK(cc_skiplist_contains(sleepers.compared, (cc_bytes_t){"a", 1}));
    CHECK(cc_skiplist_destroy(sleepers.compared) == 0);
    live_on(world);
}

static void create_sleepers(cc_smr_scheme_t scheme, pthread_t thread[3])
{
    static void *(*const bodies[3])(void *) = {sleep_in_guard, sleep_in_operation, sleep_on_garbage};
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    sem_init(&sleepers.asleep, 0, 0);
    sem_init(&sleepers.wake, 0, 0);
    small_world_create(&sleepers.world, scheme);
    opts.compare = compare;
    CHECK(cc_skiplist_create(sleepers.world.domain, &opts, &sleepers.compared) == 0);
    CHECK(cc_skiplist_insert(sleepers.compared, (cc_bytes_t){"a", 1}, &sleepers) == 0);
    for (int i = 0; i < 3; i++) {
        thread[i] = start_thread(bodies[i], NULL);
        sem_wait(&sleepers.asleep);
    }
}

static void fork_beside_sleepers(cc_smr_scheme_t scheme)
{
    pthread_t thread[3];
    small_world_t *world = &sleepers.world;
    create_sleepers(scheme, thread);
    fork_child(child_of_sleepers, world);
    CHECK(cc_domain_drain(world->domain, 50000000) == -ETIMEDOUT, "in the parent they still sleep");
    CHECK(atomic_load(&world->live) >= HELD_BY_OTHER);
    for (int i = 0; i < 3; i++)
        sem_post(&sleepers.wake);
    for (int i = 0; i < 3; i++)
        join_thread(thread[i]);
    CHECK(cc_skiplist_destroy(sleepers.compared) == 0);
    small_world_check(world, 1);
    small_world_destroy(world);
}

static void beside_sleepers(void)
{
    for (int i = 0; i < RECLAIMING_SCHEMES; i++)
        fork_beside_sleepers(reclaiming_schemes[i]);
}

/* ---- the caller stands inside a guard */

static cc_guard_t *guard;
static void *held[HELD_BY_CALLER];

static void check_held(void)
{
    for (uint64_t key = 0; key < HELD_BY_CALLER; key++)
        CHECK(canary_intact(held[key], key));
}

/* Its guard is there in the child as well, and holds what it held. */
static void child_in_guard(small_world_t *world)
{
    CHECK(small_world_snapshot(world).guards == 1);
    small_world_remove_all(world);
    CHECK(cc_domain_drain(world->domain, 0) == -EDEADLK);
    cc_smr_snapshot_t s;
    int turns = 4; /* the first ones may still move the epoch on */
    do {
        CHECK(cc_domain_flush(world->domain) >= 0);
        s = small_world_snapshot(world);
    } while (s.stall == CC_STALL_NONE && --turns > 0);
    CHECK(s.stall == CC_STALL_GUARD && s.stalled_thread == getpid(), "%s, thread %d, not %d",
          cc_smr_stall_name(s.stall), (int)s.stalled_thread, (int)getpid());
    check_held();
    cc_guard_leave(guard);
    live_on(world);
}

static void in_guard(void)
{
    for (int i = 0; i < RECLAIMING_SCHEMES; i++) {
        small_world_t world;
        small_world_create(&world, reclaiming_schemes[i]);
        guard = cc_guard_enter(world.domain);
        CHECK(guard != NULL);
        for (uint64_t key = 0; key < HELD_BY_CALLER; key++)
            CHECK(cc_skiplist64_get(world.map, key, &held[key]) == 0);
        fork_child(child_in_guard, &world);
        small_world_remove_all(&world);
        check_held();
        cc_guard_leave(guard);
        small_world_check(&world, 1);
        small_world_destroy(&world);
    }
}

/* ---- the caller is a callback */

static small_world_t callback_world;
static pid_t callback_child; /* 0 in the child */

static void fork_in_callback(void *ptr, void *ctx)
{
    callback_child = fork();
    if (callback_child == 0)
        alarm(CHILD_SECONDS);
}

static int64_t drain(cc_domain_t *domain)
{
    return cc_domain_drain(domain, drain_ns);
}

/* The flush or drain that runs the callback goes on, in both processes. */
static void reclaim_and_fork(int64_t (*reclaim)(cc_domain_t *))
{
    static int object;
    small_world_create(&callback_world, CC_SMR_IBR);
    for (uint64_t key = 0; key < SMALL_KEYS / 2; key++)
        small_world_remove(&callback_world, key);
    CHECK(cc_retire(callback_world.domain, &object, sizeof object, fork_in_callback, NULL) == 0);
    for (uint64_t key = SMALL_KEYS / 2; key < SMALL_KEYS; key++)
        small_world_remove(&callback_world, key);
    CHECK(reclaim(callback_world.domain) >= 0);
    CHECK(atomic_load(&callback_world.live) == 0);
    small_world_check(&callback_world, 1);
    if (callback_child == 0)
        be_child(live_on, &callback_world);
    check_child(callback_child);
    small_world_destroy(&callback_world);
}

static void in_callback(void)
{
    reclaim_and_fork(cc_domain_flush);
    reclaim_and_fork(drain);
}

/* ---- others are at work, anywhere */

enum { WORKERS = 3, FORKS = 60 };

typedef struct {
    small_world_t world;
    atomic_bool stop;
} process_t;

static process_t process;

static bool stopped(void)
{
    return atomic_load_explicit(&process.stop, memory_order_relaxed);
}

static void *work(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg * 2 + 1;
    while (!stopped())
        small_world_use(&process.world, &random);
    return NULL;
}

static void *drain_again_and_again(void *arg)
{
    while (!stopped())
        (void)cc_domain_drain(process.world.domain, 1000000);
    return NULL;
}

static void *use_once(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg * 2 + 1;
    small_world_use(&process.world, &random);
    return NULL;
}

/* Threads that attach, and exit with garbage. */
static void *come_and_go(void *arg)
{
    for (uintptr_t i = 1; !stopped(); i++)
        join_thread(start_thread(use_once, (void *)i)); // NOLINT(performance-no-int-to-ptr)
    return NULL;
}

static void fork_among_workers(cc_smr_scheme_t scheme)
{
    pthread_t thread[WORKERS + 2];
    uint64_t random = 11;
    if (SCENARIO_ASAN || SCENARIO_TSAN)
        scenario_skip("the sanitizer's allocator hangs in a child if a thread was inside it at the fork");
    atomic_store(&process.stop, false);
    small_world_create(&process.world, scheme);
    for (uintptr_t i = 0; i < WORKERS; i++)
        thread[i] = start_thread(work, (void *)i); // NOLINT(performance-no-int-to-ptr)
    thread[WORKERS] = start_thread(drain_again_and_again, NULL);
    thread[WORKERS + 1] = start_thread(come_and_go, NULL);
    for (int i = 0; i < FORKS; i++) {
        nap_us((long)(cc__rng_next(&random) % 2000));
        fork_child(live_on, &process.world);
    }
    atomic_store(&process.stop, true);
    for (int i = 0; i < WORKERS + 2; i++)
        join_thread(thread[i]);
    small_world_check(&process.world, 1);
    small_world_destroy(&process.world);
}

/* ---- what vanished threads had in hand does not use up the memory cap */

enum { CAP = 64 * 1024 };

static struct {
    cc_domain_t *domain;
    sem_t entered, go_on;
} capped;

static void sleep_on(void *ptr, void *ctx)
{
    (void)ptr;
    (void)ctx;
    sem_post(&capped.entered);
    while (sem_wait(&capped.go_on) != 0) {
    }
}

static void *reclaim_asleep(void *arg)
{
    CHECK(cc_retire(capped.domain, arg, 2 * CAP, sleep_on, NULL) == 0);
    for (int i = 0; i < 3; i++)
        (void)cc_domain_flush(capped.domain);
    return arg;
}

static void add_under_the_cap(small_world_t *world)
{
    cc_skiplist64_t *map;
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    (void)world;
    CHECK(cc_domain_drain(capped.domain, drain_ns) == 0);
    CHECK(cc_smr_stats_snapshot(capped.domain, &s) == 0 && s.limbo_bytes == 0 && s.leaked == 1);
    CHECK(cc_skiplist64_create(capped.domain, NULL, &map) == 0);
    CHECK(cc_skiplist64_insert(map, 1, map) == 0);
}

static void in_hand_under_cap(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.limbo_bytes_max = CAP;
    CHECK(cc_domain_create(&opts, &capped.domain) == 0);
    CHECK(sem_init(&capped.entered, 0, 0) == 0 && sem_init(&capped.go_on, 0, 0) == 0);
    pthread_t thread = start_thread(reclaim_asleep, &capped);
    while (sem_wait(&capped.entered) != 0) {
    }
    fork_child(add_under_the_cap, NULL);
    sem_post(&capped.go_on);
    join_thread(thread);
    CHECK(cc_domain_destroy(capped.domain) == 0);
}

/* Nothing else wakes the reclaimer there: who is refused retires nothing. */
static void add_in_child(small_world_t *world)
{
    cc_skiplist64_t *map;
    double end = scenario_seconds() + 60;
    (void)world;
    CHECK(cc_skiplist64_create(capped.domain, NULL, &map) == 0);
    while (cc_skiplist64_insert(map, 1, map) != 0)
        CHECK(scenario_seconds() < end, "refused for good");
}

static void *hold_on(void *arg)
{
    cc_guard_t *own = cc_guard_enter(capped.domain);
    CC_ATOMIC_PTR slot = arg;
    CHECK(cc_guard_protect(own, &slot, &arg) == 0);
    sleep_on(NULL, NULL);
    cc_guard_leave(own);
    return arg;
}

static void reclaim_nothing(void *ptr, void *ctx)
{
    (void)ptr, (void)ctx;
}

static void under_cap_with_reclaimer(void)
{
    static _Alignas(64) char object[64];
    if (SCENARIO_ASAN || SCENARIO_TSAN)
        scenario_skip("no thread can be started in such a child");
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.limbo_bytes_max = CAP;
    opts.reclaimer = CC_RECLAIM_THREAD;
    CHECK(cc_domain_create(&opts, &capped.domain) == 0);
    CHECK(sem_init(&capped.entered, 0, 0) == 0 && sem_init(&capped.go_on, 0, 0) == 0);
    pthread_t thread = start_thread(hold_on, object);
    while (sem_wait(&capped.entered) != 0) {
    }
    CHECK(cc_retire(capped.domain, object, 2 * CAP, reclaim_nothing, NULL) == 0);
    fork_child(add_in_child, NULL);
    sem_post(&capped.go_on);
    join_thread(thread);
    CHECK(cc_domain_destroy(capped.domain) == 0);
}

/* ---- others make domains */

static cc_domain_t *make_debra(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.scheme = CC_SMR_DEBRA;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    return domain;
}

static void *make_domains(void *arg)
{
    while (!stopped())
        CHECK(cc_domain_destroy(make_debra()) == 0);
    return arg;
}

static void make_another(small_world_t *world)
{
    (void)world;
    CHECK(cc_domain_destroy(make_debra()) == 0);
}

static void beside_makers(void)
{
    uint64_t random = 5;
    if (SCENARIO_ASAN || SCENARIO_TSAN)
        scenario_skip("the sanitizer's allocator hangs in a child if a thread was inside it at the fork");
    atomic_store(&process.stop, false);
    pthread_t thread = start_thread(make_domains, NULL);
    for (int i = 0; i < 2 * FORKS; i++) {
        nap_us((long)(cc__rng_next(&random) % 200));
        fork_child(make_another, NULL);
    }
    atomic_store(&process.stop, true);
    join_thread(thread);
}

#define AMONG_WORKERS(name, scheme, ...)                                                                               \
    static void among_workers_##name(void)                                                                             \
    {                                                                                                                  \
        fork_among_workers(scheme);                                                                                    \
    }
EACH_RECLAIMING_SCHEME(AMONG_WORKERS)

#define ROW(name_, scheme, ...)                                                                                        \
    {                                                                                                                  \
        .name = "among-workers-" #name_, .title = "others are at work, anywhere", .run = among_workers_##name_         \
    }

static const scenario_t scenarios[] = {
    {.name = "alone", .title = "a child and a grandchild of a single thread", .run = alone},
    {.name = "beside-sleepers",
     .title = "others sleep in a guard, in an operation, on garbage",
     .run = beside_sleepers},
    {.name = "in-guard", .title = "the caller is inside a guard", .run = in_guard},
    {.name = "in-callback", .title = "the caller is a deferred callback", .run = in_callback},
    {.name = "under-cap", .title = "what a vanished thread had in hand is given up", .run = in_hand_under_cap},
    {.name = "under-cap-with-reclaimer",
     .title = "who is refused in the child starts its reclaimer",
     .run = under_cap_with_reclaimer},
    {.name = "beside-makers", .title = "others make domains that need a signal", .run = beside_makers},
    LIST_RECLAIMING_SCHEMES(ROW),
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
