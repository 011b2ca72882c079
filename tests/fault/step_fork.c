/* A thread stops in the middle of a call, any call, and another one forks: in the child the first has vanished there. The
 * child goes on with the same domain and map. What the vanished thread had in its hands is leaked, as little as
 *
 *   values   those that it had retired itself and those of its call; of a drain, all that it had collected.
 *
 * A fork waits for a thread that holds the library's lock, as a drain does while it visits, until it has given it up: no
 * child may see a limbo that is stolen by half. */
#include "scenario.h"
#include "step.h"
#include "step_calls.h"
#include "step_scenes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GARBAGE = 3 * STEP_KEYS, IN_HAND = STEP_OWN + 2, CHILD_SECONDS = 60 };

static const int64_t drain_ns = INT64_C(30000000000);

/* Objects that wait in our limbo when the thread makes its call; a drain finds them there. */
static void make_garbage(void)
{
    for (uint64_t key = STEP_FIRST; key < STEP_FIRST + STEP_KEYS; key++) {
        small_world_put(&step_world, key);
        small_world_remove(&step_world, key);
        small_world_put(&step_world, key);
    }
}

/* ---- the child */

static void use_every_key(void)
{
    void *value;
    for (uint64_t key = 0; key < SMALL_KEYS; key++) {
        small_world_put(&step_world, key);
        cc_guard_t *guard = cc_guard_enter(step_world.domain);
        CHECK(MAP(get)(step_world.map, key, &value) == 0 && canary_intact(value, key));
        cc_guard_leave(guard);
        CHECK(MAP(remove)(step_world.map, key, NULL) == 0);
        CHECK(!MAP(contains)(step_world.map, key));
        small_world_put(&step_world, key);
    }
    CHECK(MAP(range)(step_world.map, 0, UINT64_MAX, step_visit, NULL) == SMALL_KEYS);
}

static _Noreturn void live_on(const step_call_t *call, long n)
{
    alarm(CHILD_SECONDS);
    use_every_key();
    small_world_remove_all(&step_world);
    CHECK(cc_domain_drain(step_world.domain, drain_ns) == 0, "beside a thread that vanished in %s, access %ld: %s",
          call->name, n, cc_smr_stall_name(small_world_snapshot(&step_world).stall));
    cc_smr_snapshot_t s = small_world_snapshot(&step_world);
    CHECK(s.guards == 0 && s.threads == 1 && s.orphans == 0);
    CHECK(s.limbo_count == 0 && s.limbo_bytes == 0,
          "%" PRIu64 " objects, beside a thread that vanished in %s, access %ld", s.limbo_count, call->name, n);
    CHECK(MAP(destroy)(step_world.map) == 0);
    CHECK(cc_domain_destroy(step_world.domain) == 0);
    long long leaked = atomic_load(&step_world.live);
    CHECK(leaked >= 0 && leaked <= IN_HAND + (call->holds_up ? GARBAGE : 0),
          "%lld values, by a thread that vanished in %s, access %ld", leaked, call->name, n);
    _exit(EXIT_SUCCESS);
}

/* ---- the parent */

static void fork_beside(stepper_t *stepper, const step_call_t *call, long n)
{
    int status;
    step_pass_locks(stepper);
    pid_t child = fork();
    step_pass_locks(NULL);
    if (child == 0)
        live_on(call, n);
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
          "the child ended with status 0x%x beside a thread in %s, access %ld", (unsigned)status, call->name, n);
    step_finish(stepper);
}

static void vanish_in(const step_call_t *call)
{
    stepper_t stepper;
    unsigned waited = 0;
    for (long n = 1; make_garbage(), step_start(&stepper, step_make_call, &call, n); n += STEP_STRIDE) {
        fork_beside(&stepper, call, n);
        waited += stepper.was_in_the_way;
        CHECK(cc_domain_drain(step_world.domain, drain_ns) == 0);
    }
    step_finish(&stepper);
    CHECK(waited > 0 || !call->holds_up, "a fork does not wait for a drain to complete its visits");
}

void step_fork(cc_smr_scheme_t scheme)
{
    small_world_create(&step_world, scheme);
    for (size_t i = 0; i < step_call_count; i++)
        vanish_in(&step_calls[i]);
    small_world_check(&step_world, 1);
    small_world_destroy(&step_world);
}
