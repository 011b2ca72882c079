#include "neutralize.h"

#include "scenario.h"

#include "smr/registry.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

neutralize_world_t world;
neutralize_reader_t reader;

/* ---- the world */

static void put(uint64_t key)
{
    (void)cc_skiplist64_put(world.map, key, canary_make(key, &world.live), NULL);
}

void world_set_up(cc_neutralize_t neutralize)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    opts.scheme = CC_SMR_DEBRA;
    opts.neutralize = neutralize;
    map_opts.value_reclaim = canary_reclaim;
    map_opts.value_ctx = &world.live;
    map_opts.value_size = CANARY_BYTES;
    CHECK(cc_domain_create(&opts, &world.domain) == 0);
    CHECK(cc_skiplist64_create(world.domain, &map_opts, &world.map) == 0);
    for (uint64_t key = 0; key < KEYS; key++)
        put(key);
}

cc_smr_snapshot_t world_snapshot(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(world.domain, &s) == 0);
    return s;
}

void world_tear_down(void)
{
    CHECK(cc_skiplist64_validate(world.map) == 0);
    CHECK(cc_skiplist64_destroy(world.map) == 0);
    CHECK(cc_domain_drain(world.domain, -1) == 0);
    CHECK(atomic_load(&world.live) == 0);
    CHECK(cc_domain_destroy(world.domain) == 0);
}

bool world_is_strong(void)
{
    return strcmp(world_snapshot().neutralize, "strong") == 0;
}

void world_remove_all(void)
{
    for (uint64_t key = 0; key < KEYS; key++)
        (void)cc_skiplist64_remove(world.map, key, NULL);
}

/* Keys come and go; every node and value is replaced many times over. */
void churn(unsigned turns, uint64_t *random)
{
    for (unsigned i = 0; i < turns; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        uint64_t key = *random >> 33 & (KEYS - 1);
        if (*random >> 40 & 1)
            put(key);
        else
            (void)cc_skiplist64_remove(world.map, key, NULL);
    }
}

void churn_for(double seconds)
{
    uint64_t random = 3;
    for (double end = scenario_seconds() + seconds; scenario_seconds() < end;)
        churn(100, &random);
}

/* ---- the reader */

void read_all(void)
{
    void *value;
    cc_guard_t *guard = cc_guard_enter(world.domain);
    for (uint64_t key = 0; key < KEYS; key++) {
        if (cc_skiplist64_get(world.map, key, &value) == 0)
            CHECK(canary_intact(value, key));
    }
    cc_guard_leave(guard);
}

static void read_some(void)
{
    if (!reader.holds_nothing) {
        read_all();
        return;
    }
    for (uint64_t key = 0; key < KEYS; key++)
        (void)cc_skiplist64_contains(world.map, key);
}

static void change_all_signals(int how)
{
    sigset_t all;
    sigfillset(&all);
    CHECK(pthread_sigmask(how, &all, NULL) == 0);
}

static void *read_on(void *arg)
{
    const struct sched_param none = {0};
    (void)arg;
    if (reader.block_signals)
        change_all_signals(SIG_BLOCK);
    read_some();
    if (reader.opens_them)
        change_all_signals(SIG_UNBLOCK);
    if (reader.blocks_late)
        change_all_signals(SIG_BLOCK);
    atomic_store(&reader.rec, cc__rec(world.domain));
    atomic_store(&reader.tid, (int)syscall(SYS_gettid));
    if (reader.idle)
        CHECK(pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) == 0);
    while (!atomic_load(&reader.stop)) {
        read_some();
        atomic_fetch_add(&reader.calls, KEYS);
    }
    return NULL;
}

void start_reader(void)
{
    CHECK(pthread_create(&reader.thread, NULL, read_on, NULL) == 0);
    while (atomic_load(&reader.tid) == 0)
        sched_yield();
}

void stop_reader(void)
{
    long long calls = atomic_load(&reader.calls);
    while (atomic_load(&reader.calls) <= calls + KEYS) /* it reads on */
        sched_yield();
    atomic_store(&reader.stop, true);
    CHECK(pthread_join(reader.thread, NULL) == 0);
}

static bool reader_announces(void *arg)
{
    (void)arg;
    return cc__load_acquire(&atomic_load(&reader.rec)->announce) != CC__QUIESCENT;
}

/* ---- stopped */

void stop_in_search(stopper_t *stopper, cc_neutralize_t neutralize)
{
    if (SCENARIO_TSAN)
        scenario_skip("ThreadSanitizer puts code of its own into a SEARCH");
    stopper_create(stopper);
    reader.holds_nothing = true;
    world_set_up(neutralize);
    start_reader();
    stopper_stop(stopper, atomic_load(&reader.tid), reader_announces, NULL);
}

void let_go(stopper_t *stopper)
{
    stopper_let_go(stopper);
    stop_reader();
    stopper_destroy(stopper);
    world_tear_down();
}

/* ---- churners, a guard */

static pthread_t churner[CHURNERS];
static atomic_bool churners_stop;

static void *churn_on(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg;
    while (!atomic_load(&churners_stop))
        churn(100, &random);
    return NULL;
}

void start_churners(void)
{
    for (uintptr_t i = 0; i < CHURNERS; i++)
        CHECK(pthread_create(&churner[i], NULL, churn_on, (void *)(i + 1)) == 0);
}

void stop_churners(void)
{
    atomic_store(&churners_stop, true);
    for (int i = 0; i < CHURNERS; i++)
        CHECK(pthread_join(churner[i], NULL) == 0);
}

void hold_some(held_t *held)
{
    held->guard = cc_guard_enter(world.domain);
    for (uint64_t key = 0; key < HELD; key++)
        CHECK(cc_skiplist64_get(world.map, key, &held->value[key]) == 0);
}

void let_go_of(held_t *held)
{
    for (uint64_t key = 0; key < HELD; key++)
        CHECK(canary_intact(held->value[key], key));
    cc_guard_leave(held->guard);
}

/* ---- the bound */

uint64_t bound_of(uint64_t retiring, uint64_t suspect, uint64_t scan, uint64_t held)
{
    return retiring * (suspect + 3 * scan) + held + held / 4;
}

uint64_t slots_of(uint64_t threads, uint64_t in_guards)
{
    return 2 * CC_COMMIT_SLOTS * threads + in_guards;
}
