#include "stall_world.h"

#include "base/rng.h"
#include "scenario.h"

#include <cc/guard.h>

#include <sys/syscall.h>
#include <unistd.h>

/* ---- the map under churn */

static void *churn(void *arg)
{
    churner_t *churner = arg;
    world_t *world = churner->world;
    while (!atomic_load_explicit(&world->stop, memory_order_relaxed)) {
        uint64_t random = cc__rng_next(&churner->random);
        uint64_t key = (random >> 8) % KEYS;
        if (random % 3 == 0) {
            (void)MAP(remove)(world->map, key, NULL);
        } else {
            canary_t *value = canary_make(key, &world->values_live);
            int rc = random % 3 == 1 ? MAP(insert)(world->map, key, value) : MAP(put)(world->map, key, value, NULL);
            if (rc < 0)
                canary_reclaim(value, &world->values_live);
        }
        atomic_fetch_add_explicit(&churner->ops, 1, memory_order_relaxed);
    }
    return NULL;
}

void world_churn(world_t *world)
{
    atomic_store(&world->stop, false);
    for (int i = 0; i < CHURNERS; i++)
        CHECK(pthread_create(&world->churner[i].thread, NULL, churn, &world->churner[i]) == 0);
}

void world_calm(world_t *world)
{
    atomic_store(&world->stop, true);
    for (int i = 0; i < CHURNERS; i++)
        CHECK(pthread_join(world->churner[i].thread, NULL) == 0);
}

uint64_t world_ops(world_t *world)
{
    uint64_t ops = 0;
    for (int i = 0; i < CHURNERS; i++)
        ops += atomic_load(&world->churner[i].ops);
    return ops;
}

/* ---- the sleepers */

static void sleep_until_woken(sleeper_t *sleeper)
{
    sleeper->tid = (pid_t)syscall(SYS_gettid);
    sem_post(&sleeper->asleep);
    while (sem_wait(&sleeper->wake) != 0) {
    }
}

static void *hold(void *arg)
{
    world_t *world = arg;
    void **held = world->held;
    cc_guard_t *guard = cc_guard_enter(world->domain);
    CHECK(guard != NULL);
    for (uint64_t key = 0; key < HELD; key++)
        CHECK(MAP(get)(world->map, key, &held[key]) == 0);
    sleep_until_woken(&world->holder);
    for (uint64_t key = 0; key < HELD; key++)
        CHECK(canary_intact(held[key], key), "the value of key %llu was reclaimed", (unsigned long long)key);
    cc_guard_leave(guard);
    return NULL;
}

unsigned world_held_in_map(world_t *world)
{
    unsigned count = 0;
    void *value; /* compared only */
    for (uint64_t key = 0; key < HELD; key++)
        count += MAP(get)(world->map, key, &value) == 0 && value == world->held[key];
    return count;
}

static _Thread_local bool is_reader;

/* Sleeps where the reader compares the first node. */
static int compare(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    world_t *world = ctx;
    if (is_reader) {
        is_reader = false;
        sleep_until_woken(&world->reader);
    }
    return *(const unsigned char *)a.data - *(const unsigned char *)b.data;
}

static cc_bytes_t letter(const char *text)
{
    return (cc_bytes_t){text, 1};
}

static void *read_m(void *arg)
{
    world_t *world = arg;
    void *value;
    is_reader = true;
    CHECK(BYTES_MAP(get)(world->compared, letter("m"), &value) == 0 && value == world);
    return NULL;
}

static void start_sleeper(sleeper_t *sleeper, void *(*body)(void *), world_t *world)
{
    sem_init(&sleeper->asleep, 0, 0);
    sem_init(&sleeper->wake, 0, 0);
    CHECK(pthread_create(&sleeper->thread, NULL, body, world) == 0);
    while (sem_wait(&sleeper->asleep) != 0) {
    }
}

static void wake_sleeper(sleeper_t *sleeper)
{
    sem_post(&sleeper->wake);
    CHECK(pthread_join(sleeper->thread, NULL) == 0);
    sem_destroy(&sleeper->asleep);
    sem_destroy(&sleeper->wake);
}

void world_fall_asleep(world_t *world)
{
    start_sleeper(&world->holder, hold, world);
    start_sleeper(&world->reader, read_m, world);
}

void world_wake(world_t *world)
{
    wake_sleeper(&world->holder);
    wake_sleeper(&world->reader);
}

/* ---- the whole */

static void create_maps(world_t *world)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = canary_reclaim;
    opts.value_ctx = &world->values_live;
    opts.value_size = sizeof(canary_t);
    CHECK(MAP(create)(world->domain, &opts, &world->map) == 0);
    opts = (cc_map_opts_t)CC_MAP_OPTS_INIT;
    opts.compare = compare;
    opts.compare_ctx = world;
    CHECK(BYTES_MAP(create)(world->domain, &opts, &world->compared) == 0);
}

void world_create(world_t *world, cc_smr_scheme_t scheme, uint64_t seed)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = scheme;
    CHECK(cc_domain_create(&opts, &world->domain) == 0);
    create_maps(world);
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t key = i * 1237 % KEYS; /* in an order that keeps a tree low */
        CHECK(MAP(insert)(world->map, key, canary_make(key, &world->values_live)) == 0);
    }
    for (const char *key = "kmo"; *key != 0; key++)
        CHECK(BYTES_MAP(insert)(world->compared, letter(key), world) == 0);
    for (int i = 0; i < CHURNERS; i++) {
        world->churner[i].world = world;
        world->churner[i].random = (seed * CHURNERS + (uint64_t)i) * 2 + 1;
    }
}

void world_destroy(world_t *world)
{
    CHECK(MAP(validate)(world->map) == 0);
    CHECK(MAP(destroy)(world->map) == 0);
    CHECK(BYTES_MAP(destroy)(world->compared) == 0);
    CHECK(cc_domain_drain(world->domain, INT64_C(10000000000)) == 0);
    CHECK(atomic_load(&world->values_live) == 0, "%lld values were never reclaimed", atomic_load(&world->values_live));
    CHECK(cc_domain_destroy(world->domain) == 0);
}
