/* Clients of reclamation alone: guard against scan, retire against enter, orphans, drain against retire. */
#include "../schemes.h"
#include "clients.h"
#include "smr_world.h"

#include "cc/cc.h"

#include "base/atomic.h"

static void guard_against_scan(int i)
{
    if (i == 1) {
        world_read();
    } else {
        world_replace();
        cc_domain_flush(world_domain);
    }
}

static void two_writers(int i)
{
    if (i == 1) {
        world_read();
        world_read();
    } else {
        world_replace();
        cc_domain_flush(world_domain);
        cc_domain_flush(world_domain);
    }
}

static void drain_against_retire(int i)
{
    world_replace();
    if (i == 2)
        model_assert(cc_domain_drain(world_domain, -1) == 0);
}

/* What a drain promises: everything whose retirement had returned before it began is gone, its callback over. */
static CC__ATOMIC(int) * retired_upto, *gone;

static void note_gone(void *ptr, void *ctx)
{
    model_point("in the callback");
    world_reclaim(ptr, NULL);
    cc__store_relaxed((CC__ATOMIC(int) *)ctx, 1);
}

static void drain_promise(int i)
{
    if (i == 1) {
        for (int n = 0; n < 2; n++) {
            model_assert(cc_retire(world_domain, world_object(), sizeof(world_object_t), note_gone, (void *)&gone[n]) ==
                         0);
            cc__store_release(retired_upto, n + 1);
        }
        cc_domain_flush(world_domain);
    } else {
        int n = cc__load_acquire(retired_upto);
        model_assert(cc_domain_drain(world_domain, -1) == 0);
        while (n-- > 0)
            model_assert(cc__load_relaxed(&gone[n]) == 1);
    }
}

static void setup_promise(void)
{
    world_setup();
    retired_upto = cc_alloc(sizeof *retired_upto);
    gone = cc_alloc(2 * sizeof *gone);
    cc__store_relaxed(retired_upto, 0);
    cc__store_relaxed(&gone[0], 0);
    cc__store_relaxed(&gone[1], 0);
}

static void finish_promise(void)
{
    model_assert(cc_domain_drain(world_domain, 0) == 0);
    cc_free((void *)retired_upto, sizeof *retired_upto);
    cc_free((void *)gone, 2 * sizeof *gone);
    world_finish();
}

/* Threads 1 and 2 retire and exit at once: what they leave is adopted. Thread 3 drains meanwhile. */
static void exit_against_drain(int i)
{
    if (i <= 2)
        world_replace();
    else
        model_assert(cc_domain_drain(world_domain, -1) == 0);
}

/* What thread 1 leaves is adopted by thread 2, if it exits early enough; it is freed once, and not while it is held. */
static void exit_and_adopt(int i)
{
    world_replace();
    if (i == 2) {
        world_read();
        cc_domain_flush(world_domain);
    }
}

static void retire_against_enter(int i)
{
    if (i == 1) {
        world_read();
        world_read();
    } else {
        world_replace();
        world_replace();
    }
}

/* Two scanners whose rounds overlap everything: each may move an epoch once on the strength of its fence, not twice. */
static void rounds_against_reader(int i)
{
    if (i == 1)
        world_read();
    else if (i == 2)
        world_replace();
    else
        model_assert(cc_retire(world_domain, world_object(), sizeof(world_object_t), world_reclaim, NULL) == 0);
}

static void nested_guards(int i)
{
    if (i == 1) {
        void *a, *b;
        cc_guard_t *outer = cc_guard_enter(world_domain);
        model_assert(cc_guard_protect(outer, world_shared, &a) == 0);
        cc_guard_t *inner = cc_guard_enter(world_domain);
        model_assert(cc_guard_protect(inner, world_shared, &b) == 0);
        model_assert(((world_object_t *)b)->alive == 1);
        cc_guard_leave(inner);
        model_assert(((world_object_t *)a)->alive == 1);
        cc_guard_release(outer, a);
        model_assert(cc_guard_protect(outer, world_shared, &b) == 0);
        model_assert(((world_object_t *)b)->alive == 1);
        cc_guard_leave(outer);
    } else {
        world_replace();
        cc_domain_flush(world_domain);
    }
}

/* A thread asleep in a guard holds one object; everything else that the others retire is reclaimed, but under epochs. */
static void sleeper(int i)
{
    if (i == 1) {
        void *ptr;
        cc_guard_t *guard = cc_guard_enter(world_domain);
        model_assert(cc_guard_protect(guard, world_shared, &ptr) == 0);
        model_stall();
        model_assert(((world_object_t *)ptr)->alive == 1);
        cc_guard_leave(guard);
    } else {
        world_replace();
        world_replace();
    }
}

static void bounded_by_sleeper(void)
{
    if (!scheme_has_slots(model_client()->scheme))
        return;
    (void)cc_domain_drain(world_domain, 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(world_domain, &s) == 0);
    model_assert(s.limbo_count <= 1);
}

static const model_client_t clients[] = {
    {.name = "guard-scan",
     .what = "a guard against a writer that scans",
     .threads = 2,
     .setup = world_setup,
     .thread = guard_against_scan,
     .finish = world_finish,
     .complete = true},
    {.name = "guards-writers",
     .what = "two guards in turn against two writers",
     .threads = 3,
     .setup = world_setup,
     .thread = two_writers,
     .finish = world_finish},
    {.name = "retire-enter",
     .what = "a guard is entered twice while another thread retires twice",
     .threads = 2,
     .setup = world_setup,
     .thread = retire_against_enter,
     .finish = world_finish,
     .complete = true},
    {.name = "rounds-reader",
     .what = "a guard against a writer and two more who scan",
     .threads = 4,
     .setup = world_setup,
     .thread = rounds_against_reader,
     .finish = world_finish},
    {.name = "nested-guards",
     .what = "nested guards, release, two writers",
     .threads = 3,
     .setup = world_setup,
     .thread = nested_guards,
     .finish = world_finish},
    {.name = "sleeper",
     .what = "asleep in a guard: with slots one object waits, no more",
     .threads = 3,
     .setup = world_setup,
     .thread = sleeper,
     .stalled = bounded_by_sleeper,
     .finish = world_finish},
    {.name = "drain-retire",
     .what = "a drain against a thread that retires",
     .threads = 2,
     .setup = world_setup,
     .thread = drain_against_retire,
     .finish = world_finish,
     .complete = true},
    {.name = "drain-flight",
     .what = "what was retired before a drain is gone after it",
     .threads = 2,
     .setup = setup_promise,
     .thread = drain_promise,
     .finish = finish_promise,
     .complete = true},
    {.name = "exit-adopt",
     .what = "a thread retires and exits, another retires, enters and flushes",
     .threads = 2,
     .setup = world_setup,
     .thread = exit_and_adopt,
     .finish = world_finish,
     .complete = true},
    {.name = "exit-drain",
     .what = "two threads retire and exit, a third drains",
     .threads = 3,
     .setup = world_setup,
     .thread = exit_against_drain,
     .finish = world_finish},
};

void model_add_smr_clients(void)
{
    for (unsigned i = 0; i < sizeof clients / sizeof *clients; i++) {
        model_client_t client = clients[i];
        client.structure = "reclamation";
        model_add_for_schemes(&client);
    }
}
