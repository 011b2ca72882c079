/* A thread stands still in the middle of a call, any call. The others go on: no call of a map, of guards or of retirement
 * waits for it. What waits for reclamation meanwhile stays below a bound, under schemes that promise one:
 *
 *   pinned   what it pins: nodes of the keys that are changed, and values of theirs in its slots, as many as there are
 *            KEYS; and what was born in the epoch at which it had arrived, one object.
 *   waiting  its own limbo, which may be out of reach, as it was before; and that of the thread that goes on:
 *            5/4 of what is pinned, the CC_SCAN_ENTRIES that start a round, and the two objects of one call.
 *
 * In the end it goes on, and everything is reclaimed. */
#include "scenario.h"
#include "small_world.h"
#include "smr/types.h"
#include "step.h"
#include "step_scenes.h"

#include "../schemes.h"

#include <errno.h>
#include <inttypes.h>

enum { FIRST = SMALL_KEYS / 2, KEYS = 4, TURNS = 30, PINNED = 2 * KEYS + 1 };
enum { BOUND = PINNED + PINNED / 4 + CC_SCAN_ENTRIES + 2 };

static small_world_t world;

/* ---- the calls in which it stands still; each may find its key there or not */

static void get(void)
{
    void *value;
    (void)cc_skiplist64_get(world.map, FIRST, &value);
}

static void insert(void)
{
    canary_t *value = canary_make(FIRST, &world.live);
    if (cc_skiplist64_insert(world.map, FIRST, value) != 0)
        canary_reclaim(value, &world.live);
}

static void put(void)
{
    small_world_put(&world, FIRST);
}

static void remove_key(void)
{
    small_world_remove(&world, FIRST);
}

static void replace(void)
{
    void *value;
    canary_t *fresh = canary_make(FIRST, &world.live);
    if (cc_skiplist64_get(world.map, FIRST, &value) != 0 || cc_skiplist64_replace(world.map, FIRST, value, fresh) != 0)
        canary_reclaim(fresh, &world.live);
}

static void nearest(void)
{
    uint64_t key;
    void *value;
    (void)cc_skiplist64_min(world.map, &key, &value);
    (void)cc_skiplist64_ceil(world.map, FIRST, &key, &value);
}

static bool visit(uint64_t key, void *value, void *ctx)
{
    CHECK(canary_intact(value, key));
    return true;
}

static void range(void)
{
    CHECK(cc_skiplist64_range(world.map, FIRST, FIRST + KEYS, visit, NULL) >= 0);
}

static void guard(void)
{
    void *value;
    cc_guard_t *entered = cc_guard_enter(world.domain);
    for (uint64_t key = FIRST; key < FIRST + KEYS; key++)
        if (cc_skiplist64_get(world.map, key, &value) == 0)
            CHECK(canary_intact(value, key));
    cc_guard_leave(entered);
}

static void retire(void)
{
    void *object = canary_make(1, &world.live);
    CHECK(cc_retire(world.domain, object, sizeof(canary_t), canary_reclaim, &world.live) == 0);
}

static void flush(void)
{
    CHECK(cc_domain_flush(world.domain) >= 0);
}

static void drain(void)
{
    CHECK(cc_domain_drain(world.domain, -1) == 0);
}

static void detach(void)
{
    CHECK(cc_thread_detach(world.domain) == 0);
}

typedef struct {
    const char *name;
    void (*call)(void);
    bool unbounded; /* a drain that stands still with a limbo in hand keeps its owner from reclaiming */
} stalled_t;

static const stalled_t calls[] = {
    {"get", get, false},         {"insert", insert, false},   {"put", put, false},     {"remove", remove_key, false},
    {"replace", replace, false}, {"nearest", nearest, false}, {"range", range, false}, {"guard", guard, false},
    {"retire", retire, false},   {"flush", flush, false},     {"drain", drain, true},  {"detach", detach, false},
};

static void make_call(void *arg)
{
    const stalled_t *stalled = *(const stalled_t **)arg;
    CHECK(cc_thread_attach(world.domain) == 0);
    step_begin();
    stalled->call();
    step_end();
}

/* ---- the others */

static void go_on(uint64_t turns)
{
    void *value;
    for (uint64_t i = 0; i < turns; i++) {
        uint64_t key = FIRST + i % KEYS;
        small_world_remove(&world, key);
        small_world_put(&world, key);
        small_world_put(&world, key);
        cc_guard_t *entered = cc_guard_enter(world.domain);
        CHECK(cc_skiplist64_get(world.map, key, &value) == 0 && canary_intact(value, key));
        CHECK(cc_skiplist64_range(world.map, FIRST, FIRST + KEYS, visit, NULL) > 0);
        cc_guard_leave(entered);
    }
    CHECK(cc_domain_flush(world.domain) >= 0);
}

static uint64_t waiting(void)
{
    return small_world_snapshot(&world).limbo_count;
}

static void stand_still(const stalled_t *stalled, bool bounded)
{
    stepper_t stepper;
    uint64_t before = waiting();
    for (long n = 1; step_start(&stepper, make_call, &stalled, n); n++) {
        go_on(TURNS);
        CHECK(!bounded || waiting() <= before + BOUND, "%" PRIu64 " objects wait for a thread in %s, access %ld",
              waiting(), stalled->name, n);
        step_finish(&stepper);
        go_on(KEYS);
        CHECK(cc_domain_drain(world.domain, 0) == 0, "after %s, access %ld: %s", stalled->name, n,
              cc_smr_stall_name(small_world_snapshot(&world).stall));
        before = waiting();
    }
    step_finish(&stepper);
}

void step_stall(cc_smr_scheme_t scheme)
{
    small_world_create(&world, scheme);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        stand_still(&calls[i], scheme_has_slots(scheme) && !calls[i].unbounded);
    small_world_check(&world, 1);
    small_world_destroy(&world);
}
