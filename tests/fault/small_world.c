#include "small_world.h"

#include "base/rng.h"
#include "scenario.h"

#include <cc/alloc.h>

#include <errno.h>
#include <inttypes.h>

static const int64_t drain_ns = INT64_C(30000000000);

void small_world_create(small_world_t *world, cc_smr_scheme_t scheme)
{
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    atomic_init(&world->live, 0);
    world->allocated = cc_alloc_stats_snapshot().current_allocated;
    domain_opts.scheme = scheme;
    CHECK(cc_domain_create(&domain_opts, &world->domain) == 0);
    map_opts.value_reclaim = canary_reclaim;
    map_opts.value_ctx = &world->live;
    map_opts.value_size = sizeof(canary_t);
    CHECK(MAP(create)(world->domain, &map_opts, &world->map) == 0);
    for (uint64_t i = 0; i < SMALL_KEYS; i++)
        small_world_put(world, i * 61 % SMALL_KEYS); /* in an order that keeps a tree low */
}

void small_world_check(small_world_t *world, uint64_t threads)
{
    CHECK(MAP(validate)(world->map) == 0);
    CHECK(cc_domain_drain(world->domain, drain_ns) == 0, "%s", cc_smr_stall_name(small_world_snapshot(world).stall));
    cc_smr_snapshot_t s = small_world_snapshot(world);
    CHECK(s.limbo_count == 0 && s.orphans == 0 && s.leaked == 0);
    CHECK(s.guards == 0, "%" PRIu64, s.guards);
    CHECK(s.threads == threads, "%" PRIu64, s.threads);
    long long live = atomic_load(&world->live);
    CHECK(live == (long long)MAP(count)(world->map), "%lld", live);
}

void small_world_destroy(small_world_t *world)
{
    CHECK(MAP(destroy)(world->map) == 0);
    CHECK(cc_domain_drain(world->domain, drain_ns) == 0);
    CHECK(atomic_load(&world->live) == 0);
    CHECK(cc_domain_destroy(world->domain) == 0);
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
    CHECK(allocated == world->allocated, "%" PRIu64 " bytes, %" PRIu64 " before", allocated, world->allocated);
}

void small_world_put(small_world_t *world, uint64_t key)
{
    CHECK(MAP(put)(world->map, key, canary_make(key, &world->live), NULL) >= 0);
}

void small_world_remove(small_world_t *world, uint64_t key)
{
    int rc = MAP(remove)(world->map, key, NULL);
    CHECK(rc == 0 || rc == -ENOENT);
}

void small_world_remove_all(small_world_t *world)
{
    for (uint64_t key = 0; key < SMALL_KEYS; key++)
        small_world_remove(world, key);
}

cc_smr_snapshot_t small_world_snapshot(const small_world_t *world)
{
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(world->domain, &snapshot) == 0);
    return snapshot;
}

static bool visit(uint64_t key, void *value, void *ctx)
{
    CHECK(canary_intact(value, key));
    return true;
}

void small_world_use(small_world_t *world, uint64_t *random)
{
    uint64_t bits = cc__rng_next(random), key = (bits >> 8) % SMALL_KEYS;
    void *value;
    small_world_put(world, key);
    cc_guard_t *guard = cc_guard_enter(world->domain);
    CHECK(guard != NULL);
    if (MAP(get)(world->map, key, &value) == 0)
        CHECK(canary_intact(value, key));
    small_world_remove(world, key);
    CHECK(MAP(range)(world->map, key, key + 5, visit, NULL) >= 0);
    cc_guard_leave(guard);
    small_world_put(world, key);
    if (bits % 16 == 0)
        CHECK(cc_domain_flush(world->domain) >= 0);
}

pthread_t start_thread(void *(*body)(void *), void *arg)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, body, arg) == 0);
    return thread;
}

void *join_thread(pthread_t thread)
{
    void *result;
    CHECK(pthread_join(thread, &result) == 0);
    return result;
}
