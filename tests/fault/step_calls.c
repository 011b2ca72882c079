/* step_calls.c: every call that a thread makes of a domain and of a map. */
#include "step_calls.h"

#include "scenario.h"
#include "step.h"

small_world_t step_world;

/* ---- the calls in which it stands still; each may find its key there or not */

static void get(void)
{
    void *value;
    (void)MAP(get)(step_world.map, STEP_FIRST, &value);
}

static void insert(void)
{
    canary_t *value = canary_make(STEP_FIRST, &step_world.live);
    if (MAP(insert)(step_world.map, STEP_FIRST, value) != 0)
        canary_reclaim(value, &step_world.live);
}

static void put(void)
{
    small_world_put(&step_world, STEP_FIRST);
}

static void remove_key(void)
{
    small_world_remove(&step_world, STEP_FIRST);
}

static void replace(void)
{
    void *value;
    canary_t *fresh = canary_make(STEP_FIRST, &step_world.live);
    if (MAP(get)(step_world.map, STEP_FIRST, &value) != 0 ||
        MAP(replace)(step_world.map, STEP_FIRST, value, fresh) != 0)
        canary_reclaim(fresh, &step_world.live);
}

static void nearest(void)
{
    uint64_t key;
    void *value;
    (void)MAP(min)(step_world.map, &key, &value);
    (void)MAP(ceil)(step_world.map, STEP_FIRST, &key, &value);
}

bool step_visit(uint64_t key, void *value, void *ctx)
{
    CHECK(canary_intact(value, key));
    return true;
}

static void range(void)
{
    CHECK(MAP(range)(step_world.map, STEP_FIRST, STEP_FIRST + STEP_KEYS, step_visit, NULL) >= 0);
}

static void guard(void)
{
    void *value;
    cc_guard_t *entered = cc_guard_enter(step_world.domain);
    for (uint64_t key = STEP_FIRST; key < STEP_FIRST + STEP_KEYS; key++)
        if (MAP(get)(step_world.map, key, &value) == 0)
            CHECK(canary_intact(value, key));
    cc_guard_leave(entered);
}

static void retire(void)
{
    void *object = canary_make(1, &step_world.live);
    CHECK(cc_retire(step_world.domain, object, sizeof(canary_t), canary_reclaim, &step_world.live) == 0);
}

static void flush(void)
{
    CHECK(cc_domain_flush(step_world.domain) >= 0);
}

static void drain(void)
{
    CHECK(cc_domain_drain(step_world.domain, -1) == 0);
}

static void detach(void)
{
    CHECK(cc_thread_detach(step_world.domain) == 0);
}

const step_call_t step_calls[] = {
    {"get", get, false},         {"insert", insert, false},   {"put", put, false},     {"remove", remove_key, false},
    {"replace", replace, false}, {"nearest", nearest, false}, {"range", range, false}, {"guard", guard, false},
    {"retire", retire, false},   {"flush", flush, false},     {"drain", drain, true},  {"detach", detach, false},
};

const size_t step_call_count = sizeof step_calls / sizeof step_calls[0];

void step_make_call(void *arg)
{
    const step_call_t *stalled = *(const step_call_t **)arg;
    CHECK(cc_thread_attach(step_world.domain) == 0);
    for (int i = 0; i < STEP_OWN; i++)
        retire();
    step_begin();
    stalled->call();
    step_end();
}
