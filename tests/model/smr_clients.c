/* Clients of reclamation alone: guard against scan, retire against enter, orphans, drain against retire. */
#include "../schemes.h"
#include "clients.h"

#include "cc/cc.h"

#include "base/atomic.h"

#include <errno.h>
#include <sched.h>

static cc_domain_t *domain;
static CC_ATOMIC_PTR *shared; /* a word that holds an object */
static int reclaimed;

typedef struct {
    int alive;
} object_t;

static object_t *make_object(void)
{
    object_t *object = cc_alloc(sizeof *object);
    model_memset(object, 0, sizeof *object);
    object->alive = 1;
    return object;
}

static void reclaim_object(void *ptr, void *ctx)
{
    (void)ctx;
    object_t *object = ptr;
    model_assert(object->alive == 1);
    object->alive = 0;
    reclaimed++;
    cc_free(ptr, sizeof *object);
}

static void setup(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    model_assert(cc_domain_create(&opts, &domain) == 0);
    shared = cc_alloc(sizeof *shared);
    cc__store_relaxed(shared, (void *)make_object());
    reclaimed = 0;
}

static void finish(void)
{
    model_assert(cc_retire(domain, (void *)cc__load_acquire(shared), sizeof(object_t), reclaim_object, NULL) == 0);
    model_assert(cc_domain_drain(domain, 0) == 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.retired == s.reclaimed && s.leaked == 0 && s.guards == 0);
    model_assert(reclaimed == (int)s.retired);
    model_assert(cc_domain_destroy(domain) == 0);
    cc_free((void *)shared, sizeof *shared);
}

static void replace_object(void)
{
    void *fresh = make_object(), *old = cc__load_acquire(shared);
    while (!cc__cas_acq_rel(shared, &old, fresh)) {
    }
    model_assert(cc_retire(domain, old, sizeof(object_t), reclaim_object, NULL) == 0);
}

static void read_in_guard(void)
{
    void *ptr;
    cc_guard_t *guard = cc_guard_enter(domain);
    model_assert(cc_guard_protect(guard, shared, &ptr) == 0);
    model_assert(((object_t *)ptr)->alive == 1);
    model_point("in the guard");
    model_assert(((object_t *)ptr)->alive == 1);
    cc_guard_leave(guard);
}

static void guard_against_scan(int i)
{
    if (i == 1) {
        read_in_guard();
    } else {
        replace_object();
        cc_domain_flush(domain);
    }
}

static void two_writers(int i)
{
    if (i == 1) {
        read_in_guard();
        read_in_guard();
    } else {
        replace_object();
        cc_domain_flush(domain);
        cc_domain_flush(domain);
    }
}

static void drain_against_retire(int i)
{
    replace_object();
    if (i == 2)
        model_assert(cc_domain_drain(domain, -1) == 0);
}

/* What a drain promises: everything whose retirement had returned before it began is gone, its callback over. */
static CC__ATOMIC(int) * retired_upto, *gone;

static void note_gone(void *ptr, void *ctx)
{
    model_point("in the callback");
    reclaim_object(ptr, NULL);
    cc__store_relaxed((CC__ATOMIC(int) *)ctx, 1);
}

static void drain_promise(int i)
{
    if (i == 1) {
        for (int n = 0; n < 2; n++) {
            model_assert(cc_retire(domain, make_object(), sizeof(object_t), note_gone, (void *)&gone[n]) == 0);
            cc__store_release(retired_upto, n + 1);
        }
        cc_domain_flush(domain);
    } else {
        int n = cc__load_acquire(retired_upto);
        model_assert(cc_domain_drain(domain, -1) == 0);
        while (n-- > 0)
            model_assert(cc__load_relaxed(&gone[n]) == 1);
    }
}

static void setup_promise(void)
{
    setup();
    retired_upto = cc_alloc(sizeof *retired_upto);
    gone = cc_alloc(2 * sizeof *gone);
    cc__store_relaxed(retired_upto, 0);
    cc__store_relaxed(&gone[0], 0);
    cc__store_relaxed(&gone[1], 0);
}

static void finish_promise(void)
{
    model_assert(cc_domain_drain(domain, 0) == 0);
    cc_free((void *)retired_upto, sizeof *retired_upto);
    cc_free((void *)gone, 2 * sizeof *gone);
    finish();
}

/* Threads 1 and 2 retire and exit at once: what they leave is adopted. Thread 3 drains meanwhile. */
static void exit_against_drain(int i)
{
    if (i <= 2)
        replace_object();
    else
        model_assert(cc_domain_drain(domain, -1) == 0);
}

/* What thread 1 leaves is adopted by thread 2, if it exits early enough; it is freed once, and not while it is held. */
static void exit_and_adopt(int i)
{
    replace_object();
    if (i == 2) {
        read_in_guard();
        cc_domain_flush(domain);
    }
}

static void retire_against_enter(int i)
{
    if (i == 1) {
        read_in_guard();
        read_in_guard();
    } else {
        replace_object();
        replace_object();
    }
}

/* Two scanners whose rounds overlap everything: each may move an epoch once on the strength of its fence, not twice. */
static void rounds_against_reader(int i)
{
    if (i == 1)
        read_in_guard();
    else if (i == 2)
        replace_object();
    else
        model_assert(cc_retire(domain, make_object(), sizeof(object_t), reclaim_object, NULL) == 0);
}

/* The order of threads where only one order is of interest; the memory model does not know of it. */
static int phase, gathered, rounds_begun, rounds_over;

static void wait_for(const int *counter, int n)
{
    while (*counter < n)
        sched_yield();
}

/* All are known to the domain before anything happens. */
static void gather(void)
{
    model_assert(cc_thread_attach(domain) == 0);
    gathered++;
    wait_for(&gathered, model_client()->threads);
}

/* Rounds that fenced before a reader announced itself may not see it. That moves the epoch once, past the one that was read
 * before the fence; were it read after the fence, each of them would move it. Thread 1 holds the epoch up until the object
 * is stamped, or its stamp would be younger. */
static void late_rounds(int i)
{
    gather();
    if (i == 1) {
        cc_guard_t *guard = cc_guard_enter(domain);
        phase = 1;
        wait_for(&phase, 4);
        cc_guard_leave(guard);
    } else if (i == 2) {
        void *ptr;
        wait_for(&rounds_begun, 2);
        cc_guard_t *guard = cc_guard_enter(domain);
        model_assert(cc_guard_protect(guard, shared, &ptr) == 0);
        phase = 3;
        wait_for(&phase, 5);
        model_assert(((object_t *)ptr)->alive == 1);
        cc_guard_leave(guard);
    } else if (i == 3) {
        wait_for(&phase, 1);
        cc_domain_flush(domain);
        phase = 2;
        wait_for(&phase, 3);
        replace_object();
        phase = 4;
        wait_for(&rounds_over, 2);
        cc_domain_flush(domain);
        phase = 5;
    } else {
        wait_for(&phase, 2);
        rounds_begun++;
        cc_domain_flush(domain);
        rounds_over++;
    }
}

static void setup_late_rounds(void)
{
    phase = gathered = rounds_begun = rounds_over = 0;
    setup();
}

/* Thread 1 enters an epoch that began after thread 2 had read the one before, and does not see the unlink of thread 2, whose
 * fence comes later. Were that the stamp, the object would be freed one move early. */
static void late_stamp(int i)
{
    gather();
    if (i == 1) {
        void *ptr;
        wait_for(&phase, 2);
        cc_guard_t *guard = cc_guard_enter(domain);
        model_assert(cc_guard_protect(guard, shared, &ptr) == 0);
        wait_for(&rounds_over, 1);
        model_assert(((object_t *)ptr)->alive == 1);
        cc_guard_leave(guard);
    } else if (i == 2) {
        wait_for(&phase, 1);
        replace_object();
        for (int n = 0; n < 3; n++)
            cc_domain_flush(domain);
        rounds_over = 1;
    } else {
        phase = 1;
        cc_domain_flush(domain);
        phase = 2;
    }
}

static void nested_guards(int i)
{
    if (i == 1) {
        void *a, *b;
        cc_guard_t *outer = cc_guard_enter(domain);
        model_assert(cc_guard_protect(outer, shared, &a) == 0);
        cc_guard_t *inner = cc_guard_enter(domain);
        model_assert(cc_guard_protect(inner, shared, &b) == 0);
        model_assert(((object_t *)b)->alive == 1);
        cc_guard_leave(inner);
        model_assert(((object_t *)a)->alive == 1);
        cc_guard_release(outer, a);
        model_assert(cc_guard_protect(outer, shared, &b) == 0);
        model_assert(((object_t *)b)->alive == 1);
        cc_guard_leave(outer);
    } else {
        replace_object();
        cc_domain_flush(domain);
    }
}

/* A thread asleep in a guard holds one object; everything else that the others retire is reclaimed, but under epochs. */
static void sleeper(int i)
{
    if (i == 1) {
        void *ptr;
        cc_guard_t *guard = cc_guard_enter(domain);
        model_assert(cc_guard_protect(guard, shared, &ptr) == 0);
        model_stall();
        model_assert(((object_t *)ptr)->alive == 1);
        cc_guard_leave(guard);
    } else {
        replace_object();
        replace_object();
    }
}

static void bounded_by_sleeper(void)
{
    if (!scheme_has_slots(model_client()->scheme))
        return;
    (void)cc_domain_drain(domain, 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.limbo_count <= 1);
}

static const model_client_t clients[] = {
    {.name = "guard-scan",
     .what = "a guard against a writer that scans",
     .threads = 2,
     .setup = setup,
     .thread = guard_against_scan,
     .finish = finish,
     .complete = true},
    {.name = "guards-writers",
     .what = "two guards in turn against two writers",
     .threads = 3,
     .setup = setup,
     .thread = two_writers,
     .finish = finish},
    {.name = "retire-enter",
     .what = "a guard is entered twice while another thread retires twice",
     .threads = 2,
     .setup = setup,
     .thread = retire_against_enter,
     .finish = finish,
     .complete = true},
    {.name = "rounds-reader",
     .what = "a guard against a writer and two more who scan",
     .threads = 4,
     .setup = setup,
     .thread = rounds_against_reader,
     .finish = finish},
    {.name = "late-rounds",
     .what = "a guard against rounds that fenced before it was entered",
     .threads = 5,
     .setup = setup_late_rounds,
     .thread = late_rounds,
     .points = (const char *const[]){NULL, NULL, NULL, "&domain->epoch", "&domain->epoch"},
     .epochs = true,
     .finish = finish},
    {.name = "late-stamp",
     .what = "a guard in an epoch that began while the writer made its round",
     .threads = 3,
     .setup = setup_late_rounds,
     .thread = late_stamp,
     .points = (const char *const[]){NULL, "&domain->epoch", "cas_acq_rel &domain->epoch"},
     .epochs = true,
     .finish = finish},
    {.name = "nested-guards",
     .what = "nested guards, release, two writers",
     .threads = 3,
     .setup = setup,
     .thread = nested_guards,
     .finish = finish},
    {.name = "sleeper",
     .what = "asleep in a guard: with slots one object waits, no more",
     .threads = 3,
     .setup = setup,
     .thread = sleeper,
     .stalled = bounded_by_sleeper,
     .finish = finish},
    {.name = "drain-retire",
     .what = "a drain against a thread that retires",
     .threads = 2,
     .setup = setup,
     .thread = drain_against_retire,
     .finish = finish,
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
     .setup = setup,
     .thread = exit_and_adopt,
     .finish = finish,
     .complete = true},
    {.name = "exit-drain",
     .what = "two threads retire and exit, a third drains",
     .threads = 3,
     .setup = setup,
     .thread = exit_against_drain,
     .finish = finish},
};

void model_add_smr_clients(void)
{
    for (unsigned i = 0; i < sizeof clients / sizeof *clients; i++) {
        model_client_t client = clients[i];
        client.structure = "reclamation";
        model_add_for_schemes(&client);
    }
}
