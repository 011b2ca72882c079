/* A thread obtains something inside a guard and stops on the way. Meanwhile it is exchanged, and every try is made to
 * reclaim it; once more when the call has returned. What it gave out must be alive: a slot that was filled too late does
 * not count, because the word is read again after it. */
#include "scenario.h"
#include "small_world.h"
#include "step.h"
#include "step_scenes.h"

#include "../schemes.h"

#include <errno.h>

static small_world_t world;

/* How often what was exchanged could be reclaimed at once, and how often it was held: both must occur, or the stops
 * missed the moments that matter. */
static unsigned gone, held;

static void reclaim_hard(void)
{
    for (int i = 0; i < 3; i++)
        CHECK(cc_domain_flush(world.domain) >= 0);
    int rc = cc_domain_drain(world.domain, 0);
    CHECK(rc == 0 || rc == -ETIMEDOUT);
    *(rc == 0 ? &gone : &held) += 1;
}

/* Disturbs at the n-th stop, and again when the thread has what it wanted. False: there is no n-th. */
static bool disturb_twice(void (*obtain)(void *arg), void *arg, void (*disturb)(void), long n)
{
    stepper_t stepper;
    bool stopped = step_start(&stepper, obtain, arg, n);
    if (stopped) {
        disturb();
        reclaim_hard();
        step_go_on(&stepper);
        step_await(&stepper);
    }
    disturb();
    reclaim_hard();
    step_finish(&stepper);
    CHECK(cc_domain_drain(world.domain, 0) == 0);
    return stopped;
}

static void check_both_seen(cc_smr_scheme_t scheme)
{
    CHECK(held > 0, "never held");
    CHECK(gone > 0 || !scheme_has_slots(scheme), "always held"); /* epochs hold from the guard's beginning */
    gone = held = 0;
}

/* ---- cc_guard_protect */

static CC_ATOMIC_PTR link;
static uint64_t newest; /* number of the object in it */

static void exchange_linked(void)
{
    void *old = atomic_load(&link);
    newest++;
    atomic_store(&link, canary_make(newest, &world.live));
    CHECK(cc_retire(world.domain, old, sizeof(canary_t), canary_reclaim, &world.live) == 0);
}

static void protect_linked(void *arg)
{
    void *out = NULL;
    uint64_t first = newest;
    cc_guard_t *guard = cc_guard_enter(world.domain);
    CHECK(guard != NULL);
    step_begin();
    CHECK(cc_guard_protect(guard, &link, &out) == 0);
    step_end();
    uint64_t last = newest;
    step_pause();
    CHECK(canary_intact(out, first) || canary_intact(out, last), "protected what was reclaimed");
    cc_guard_leave(guard);
}

void step_protect(cc_smr_scheme_t scheme)
{
    small_world_create(&world, scheme);
    atomic_store(&link, canary_make(newest, &world.live));
    for (long n = 1; disturb_twice(protect_linked, NULL, exchange_linked, n); n++) {
    }
    check_both_seen(scheme);
    canary_reclaim(atomic_load(&link), &world.live);
    small_world_destroy(&world);
}

/* ---- the calls of a map that give values out */

enum { BELOW = SMALL_KEYS / 2 - 1, KEY, ABOVE, LAST = SMALL_KEYS - 1 };

static const uint64_t touched[] = {0, BELOW, KEY, ABOVE, LAST};

static bool visit_intact(uint64_t key, void *value, void *ctx)
{
    CHECK(canary_intact(value, key), "visited what was reclaimed");
    return true;
}

static int get(uint64_t *key, void **value)
{
    *key = KEY;
    return MAP(get)(world.map, KEY, value);
}

static int min(uint64_t *key, void **value)
{
    return MAP(min)(world.map, key, value);
}

static int max(uint64_t *key, void **value)
{
    return MAP(max)(world.map, key, value);
}

static int floor_of(uint64_t *key, void **value)
{
    return MAP(floor)(world.map, KEY, key, value);
}

static int ceil_of(uint64_t *key, void **value)
{
    return MAP(ceil)(world.map, KEY, key, value);
}

static int range(uint64_t *key, void **value)
{
    CHECK(MAP(range)(world.map, BELOW, ABOVE, visit_intact, NULL) >= 0);
    return -ENOENT;
}

typedef int obtain_fn(uint64_t *key, void **value);

static void obtain(void *arg)
{
    uint64_t key = 0;
    void *value = NULL;
    cc_guard_t *guard = cc_guard_enter(world.domain);
    CHECK(guard != NULL);
    step_begin();
    int rc = (*(obtain_fn **)arg)(&key, &value);
    step_end();
    step_pause();
    CHECK(rc == 0 || rc == -ENOENT, "%d", rc);
    CHECK(rc != 0 || canary_intact(value, key), "the value of key %d was reclaimed", (int)key);
    cc_guard_leave(guard);
}

static void replace_values(void)
{
    for (size_t i = 0; i < sizeof touched / sizeof touched[0]; i++)
        small_world_put(&world, touched[i]);
}

static void remove_entries(void)
{
    for (size_t i = 0; i < sizeof touched / sizeof touched[0]; i++)
        small_world_remove(&world, touched[i]);
}

static void renew_entries(void)
{
    remove_entries();
    replace_values();
}

static void sweep(obtain_fn *call, void (*disturb)(void))
{
    for (long n = 1; disturb_twice(obtain, &call, disturb, n); n++)
        replace_values();
    replace_values();
}

void step_get(cc_smr_scheme_t scheme)
{
    static obtain_fn *const calls[] = {get, min, max, floor_of, ceil_of, range};
    small_world_create(&world, scheme);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        sweep(calls[i], replace_values);
        sweep(calls[i], remove_entries);
        sweep(calls[i], renew_entries);
        check_both_seen(scheme);
    }
    small_world_check(&world, 1);
    small_world_destroy(&world);
}
