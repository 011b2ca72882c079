/* A thread stands still in the middle of a call, any call. The others go on: no call of a map, of guards or of retirement
 * waits for it. What waits for reclamation meanwhile stays below a bound, under schemes that promise one:
 *
 *   pinned   what it pins: nodes of the keys that are changed, and values of theirs in its slots, as many as there are
 *            STEP_KEYS; and what was born in the epoch at which it had arrived, one object.
 *   waiting  what waited before; its own limbo, which may be out of reach, with the objects of its call, nodes and a
 *            value; and that of the thread that goes on: 5/4 of what is pinned, the CC_SCAN_ENTRIES that start a round, and
 *            those of a call again.
 *
 * In the end it goes on, and everything is reclaimed. */
#include "scenario.h"
#include "smr/types.h"
#include "step.h"
#include "step_calls.h"
#include "step_scenes.h"

#include "../schemes.h"

#include <errno.h>
#include <inttypes.h>

enum { TURNS = 30, PINNED = (ENTRY_NODES + 1) * STEP_KEYS + MORE_NODES + 1, OF_A_CALL = ENTRY_NODES + 1 };
enum { BOUND = PINNED + PINNED / 4 + CC_SCAN_ENTRIES + STEP_OWN + 2 * OF_A_CALL };

/* ---- the others */

static void go_on(uint64_t turns)
{
    void *value;
    for (uint64_t i = 0; i < turns; i++) {
        uint64_t key = STEP_FIRST + i % STEP_KEYS;
        small_world_remove(&step_world, key);
        small_world_put(&step_world, key);
        small_world_put(&step_world, key);
        cc_guard_t *entered = cc_guard_enter(step_world.domain);
        CHECK(MAP(get)(step_world.map, key, &value) == 0 && canary_intact(value, key));
        CHECK(MAP(range)(step_world.map, STEP_FIRST, STEP_FIRST + STEP_KEYS, step_visit, NULL) > 0);
        cc_guard_leave(entered);
    }
    CHECK(cc_domain_flush(step_world.domain) >= 0);
}

static uint64_t waiting(void)
{
    return small_world_snapshot(&step_world).limbo_count;
}

static void stand_still(const step_call_t *stalled, bool bounded)
{
    stepper_t stepper;
    uint64_t before = waiting();
    for (long n = 1; step_start(&stepper, step_make_call, &stalled, n); n += STEP_STRIDE) {
        go_on(TURNS);
        CHECK(!bounded || waiting() <= before + BOUND, "%" PRIu64 " objects wait for a thread in %s, access %ld",
              waiting(), stalled->name, n);
        step_finish(&stepper);
        go_on(STEP_KEYS);
        CHECK(cc_domain_drain(step_world.domain, 0) == 0, "after %s, access %ld: %s", stalled->name, n,
              cc_smr_stall_name(small_world_snapshot(&step_world).stall));
        before = waiting();
    }
    step_finish(&stepper);
}

/* Under DEBRA+ a thread that stands still is thrown back only where its SEARCH is all in one section, which is not so in
 * this build: fault/neutralize has that. */
void step_stall(cc_smr_scheme_t scheme)
{
    small_world_create(&step_world, scheme);
    for (size_t i = 0; i < step_call_count; i++)
        stand_still(&step_calls[i], scheme == CC_SMR_IBR && !step_calls[i].holds_up);
    small_world_check(&step_world, 1);
    small_world_destroy(&step_world);
}
