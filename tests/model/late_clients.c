/* Clients of reclamation in which all but the last step is in one order: what goes wrong only if five threads come in one
 * order out of millions. They wait for one another by plain counters, of which the memory model knows nothing, also in the
 * midst of a call, at their named points. Of epochs, whose guards announce. */
#include "clients.h"
#include "smr_world.h"

#include "base/atomic.h"

#include <sched.h>

static int phase, gathered, begun, over;
static int came[MODEL_THREADS]; /* to its points, so often */

static void wait_for(const int *counter, int n)
{
    while (*counter < n)
        sched_yield();
}

/* All are known to the domain before anything happens. */
static void gather(void)
{
    model_assert(cc_thread_attach(world_domain) == 0);
    gathered++;
    wait_for(&gathered, model_client()->threads);
}

static void setup(void)
{
    phase = gathered = begun = over = 0;
    model_memset(came, 0, sizeof came);
    world_setup();
}

static cc_guard_t *enter_and_read(void **ptr)
{
    cc_guard_t *guard = cc_guard_enter(world_domain);
    model_assert(cc_guard_protect(guard, world_shared, ptr) == 0);
    return guard;
}

static void look_and_leave(cc_guard_t *guard, const void *ptr)
{
    model_assert(((const world_object_t *)ptr)->alive == 1);
    cc_guard_leave(guard);
}

/* Rounds that fenced before a reader announced itself may not see it. That moves the epoch once, past the one that was read
 * before the fence; were it read after the fence, each of them would move it. Thread 1 holds the epoch up until the object
 * is stamped, or its stamp would be younger. Threads 4 and 5 wait where they read the epoch first. */
static void late_rounds(int i)
{
    void *ptr;
    gather();
    if (i == 1) {
        cc_guard_t *guard = cc_guard_enter(world_domain);
        phase = 1;
        wait_for(&phase, 4);
        cc_guard_leave(guard);
        phase = 5;
    } else if (i == 2) {
        wait_for(&begun, 2);
        cc_guard_t *guard = enter_and_read(&ptr);
        phase = 3;
        wait_for(&phase, 6);
        look_and_leave(guard, ptr);
    } else if (i == 3) {
        wait_for(&phase, 1);
        cc_domain_flush(world_domain);
        phase = 2;
        wait_for(&phase, 3);
        world_replace();
        phase = 4;
        wait_for(&over, 2);
        cc_domain_flush(world_domain);
        phase = 6;
    } else {
        wait_for(&phase, 2);
        cc_domain_flush(world_domain);
        over++;
    }
}

static void rounds_wait(int i)
{
    if (phase < 2 || came[i]++ != 0)
        return;
    begun++;
    wait_for(&phase, 5);
    wait_for(&over, i - 4);
}

/* Thread 3 has fenced for its move when thread 2 unlinks and reads the epoch, and moves then; so thread 1, in the new epoch, need
 * not see what was unlinked. The epoch that thread 2 has read must not be the stamp. Thread 4 keeps thread 2 from moving the epoch,
 * which would tell it. */
static void late_stamp(int i)
{
    void *ptr;
    gather();
    if (i == 1) {
        wait_for(&phase, 4);
        cc_guard_t *guard = enter_and_read(&ptr);
        phase = 5;
        wait_for(&phase, 9);
        look_and_leave(guard, ptr);
    } else if (i == 2) {
        wait_for(&phase, 2);
        world_replace();
        phase = 7;
        wait_for(&phase, 8);
        for (int n = 0; n < 3; n++)
            cc_domain_flush(world_domain);
        phase = 9;
    } else if (i == 3) {
        wait_for(&phase, 1);
        cc_domain_flush(world_domain);
        cc_domain_flush(world_domain);
        phase = 4;
    } else {
        cc_guard_t *guard = cc_guard_enter(world_domain);
        phase = 6;
        wait_for(&phase, 7);
        cc_guard_leave(guard);
        phase = 8;
    }
}

/* Thread 4 between reading the epoch and announcing it, thread 3 before its second move, thread 2 before the fence of its
 * round. */
static void stamp_waits(int i)
{
    static const int at[] = {[2] = 1, [3] = 2, [4] = 1}, tells[] = {[2] = 3, [3] = 2, [4] = 1},
                     until[] = {[2] = 6, [3] = 3, [4] = 5};
    if (gathered < 4 || ++came[i] != at[i])
        return;
    phase = tells[i];
    wait_for(&phase, until[i]);
}

/* Thread 1 is never seen quiescent: all that tells the round that frees of the end of its reads is that it announces itself
 * anew. Thread 3 holds the epoch up while the object is stamped. */
static void late_announce(int i)
{
    void *ptr;
    gather();
    if (i == 1) {
        wait_for(&phase, 2);
        cc_guard_t *guard = enter_and_read(&ptr);
        phase = 3;
        wait_for(&phase, 6);
        look_and_leave(guard, ptr);
        guard = cc_guard_enter(world_domain);
        phase = 7;
        wait_for(&phase, 8);
        cc_guard_leave(guard);
    } else if (i == 2) {
        wait_for(&phase, 1);
        cc_domain_flush(world_domain);
        phase = 2;
        wait_for(&phase, 3);
        world_replace();
        phase = 4;
        wait_for(&phase, 5);
        cc_domain_flush(world_domain);
        phase = 6;
        wait_for(&phase, 7);
        cc_domain_flush(world_domain);
        phase = 8;
    } else {
        cc_guard_t *guard = cc_guard_enter(world_domain);
        phase = 1;
        wait_for(&phase, 4);
        cc_guard_leave(guard);
        phase = 5;
    }
}

/* Thread 1 leaves an orphan; thread 2 must not adopt it while thread 3 drains, which has visited thread 2 and comes to the orphans
 * next: it would promise that the object is gone. */
static CC__ATOMIC(int) * left, *gone;

static void note_gone(void *ptr, void *ctx)
{
    (void)ctx;
    world_reclaim(ptr, NULL);
    cc__store_relaxed(gone, 1);
}

static void late_adopt(int i)
{
    gather();
    if (i == 1) {
        model_assert(cc_retire(world_domain, world_object(), sizeof(world_object_t), note_gone, NULL) == 0);
        model_assert(cc_thread_detach(world_domain) == 0);
        cc__store_release(left, 1);
        phase = 1;
    } else if (i == 2) {
        wait_for(&phase, 2);
        cc_domain_flush(world_domain);
        phase = 3;
    } else {
        wait_for(&phase, 1);
        bool was_left = cc__load_acquire(left) != 0;
        model_assert(cc_domain_drain(world_domain, -1) == 0);
        model_assert(!was_left || cc__load_relaxed(gone) == 1);
    }
}

static void drain_waits(int i)
{
    if (phase < 1 || came[i]++ != 0)
        return;
    phase = 2;
    wait_for(&phase, 3);
}

static void setup_adopt(void)
{
    setup();
    left = cc_alloc(sizeof *left);
    gone = cc_alloc(sizeof *gone);
    cc__store_relaxed(left, 0);
    cc__store_relaxed(gone, 0);
}

static void finish_adopt(void)
{
    world_finish();
    cc_free((void *)left, sizeof *left);
    cc_free((void *)gone, sizeof *gone);
}

static const model_client_t clients[] = {
    {.name = "late-rounds-epoch",
     .what = "a guard against rounds that fenced before it was entered",
     .threads = 5,
     .setup = setup,
     .thread = late_rounds,
     .points = (const char *const[]){NULL, NULL, NULL, "&domain->epoch", "&domain->epoch"},
     .at_point = rounds_wait,
     .stale = "&rec->announce",
     .finish = world_finish},
    {.name = "late-stamp-epoch",
     .what = "a guard in an epoch that began while the writer made its round",
     .threads = 4,
     .setup = setup,
     .thread = late_stamp,
     .points = (const char *const[]){NULL, "fence_heavy", "cas_acq_rel &domain->epoch", "&rec->announce"},
     .at_point = stamp_waits,
     .stale = "load_acquire slot",
     .finish = world_finish},
    {.name = "late-announce-epoch",
     .what = "a thread that is in one guard after the other whenever it is looked at",
     .threads = 3,
     .setup = setup,
     .thread = late_announce,
     .finish = world_finish},
    {.name = "late-adopt-epoch",
     .what = "an orphan is adopted while a drain goes on",
     .threads = 3,
     .setup = setup_adopt,
     .thread = late_adopt,
     .points = (const char *const[]){NULL, NULL, "&domain->orphans"},
     .at_point = drain_waits,
     .finish = finish_adopt},
};

void model_add_late_clients(void)
{
    for (unsigned i = 0; i < sizeof clients / sizeof *clients; i++) {
        model_client_t client = clients[i];
        client.structure = "reclamation";
        client.scheme = CC_SMR_EPOCH;
        model_add_client(&client);
    }
}
