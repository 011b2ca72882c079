/* Clients of a domain that reclaims only when it is asked to: what threads retire is handed over in full blocks, and flush
 * and drain take it while more comes. The reclaimer thread is a drain in a loop, so this is its case as well. */
#include "../schemes.h"
#include "clients.h"
#include "inside.h"

#include "cc/cc.h"
#include "smr/reclaimer.h"

enum { SIZE = 64 };

static cc_domain_t *domain;
static int called;

static void count_call(void *ptr, void *ctx)
{
    (void)ctx;
    called++;
    cc_node_discard(domain, ptr);
}

static void retire(void)
{
    void *node = cc_node_alloc(domain, SIZE);
    model_assert(cc_retire(domain, node, SIZE, count_call, NULL) == 0);
}

static void setup(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    opts.reclaimer = CC_RECLAIM_MANUAL;
    model_assert(cc_domain_create(&opts, &domain) == 0);
    called = 0;
}

static void finish(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_domain_drain(domain, 0) == 0);
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.retired == s.reclaimed && s.limbo_bytes == 0 && s.leaked == 0);
    model_assert(called == (int)s.retired);
    model_assert(cc_domain_destroy(domain) == 0);
}

/* Two blocks and one object more, of which a flush elsewhere may get the blocks. */
static void flush_against_retire(int i)
{
    if (i == 1) {
        for (int n = 0; n < 5; n++)
            retire();
    } else {
        for (int n = 0; n < 2; n++)
            model_assert(cc_domain_flush(domain) >= 0);
    }
}

/* A drain ends, however much is handed over meanwhile, and has reclaimed what its own thread had retired. */
static void drain_against_retire(int i)
{
    if (i == 1) {
        for (int n = 0; n < 5; n++)
            retire();
    } else {
        retire();
        model_assert(cc_domain_drain(domain, -1) == 0);
        model_assert(called >= 1);
    }
}

/* Nobody calls back but who asks to: the thread that retires does not, whatever it does. */
static void retire_in_guards(int i)
{
    if (i == 1) {
        for (int n = 0; n < 3; n++) {
            cc_guard_t *guard = cc_guard_enter(domain);
            retire();
            cc_guard_leave(guard);
        }
    } else {
        model_assert(cc_domain_flush(domain) >= 0);
    }
}

/* ---- the reclaimer thread sleeps only while less was handed over than makes it work */

enum { HIGH = 100, ENOUGH = 10 }; /* its limit, while much had to be left, and as it is usually; in bytes */

static void setup_reclaimer(void)
{
    setup();
    domain->reclaimer = CC_RECLAIM_THREAD;
    domain->reclaim_bytes = ENOUGH;
    domain->reclaim_ns = INT64_MAX;
    cc__store_relaxed(&domain->wake_at, HIGH); /* nobody shares it yet */
    cc__store_relaxed(&domain->reclaimer_runs, true);
    cc__store_relaxed(&domain->reclaimer_ended, false);
    model_futex_begin();
}

/* At one moment. If it sleeps it would sleep for ever, but for the time. */
static void check_asleep(void)
{
    uint64_t handed = model_load_quiet(&domain->handed, sizeof domain->handed);
    uint64_t wake_at = model_load_quiet(&domain->wake_at, sizeof domain->wake_at);
    model_assert(model_futex_sleepers() == 0 || handed < wake_at);
}

static void hand_over(int i)
{
    if (i == 2) {
        cc__reclaimer_work(domain);
        return;
    }
    cc__reclaimer_note(domain, ENOUGH + 2);
    check_asleep();
    cc__store_relaxed(&domain->stop, true); /* published by the wake */
    (void)cc__reclaimer_wake(domain);
}

static void finish_reclaimer(void)
{
    cc__store_relaxed(&domain->reclaimer_runs, false); /* there never was a thread */
    domain->reclaimer = CC_RECLAIM_MANUAL;
    finish();
}

static const model_client_t clients[] = {
    {.name = "reclaimer-wake",
     .what = "bytes are handed over while the reclaimer sets its limit and falls asleep",
     .threads = 2,
     .setup = setup_reclaimer,
     .thread = hand_over,
     .finish = finish_reclaimer},
    {.name = "manual-flush",
     .what = "blocks are handed over while another thread flushes",
     .threads = 2,
     .setup = setup,
     .thread = flush_against_retire,
     .finish = finish},
    {.name = "manual-drain",
     .what = "blocks are handed over while another thread drains",
     .threads = 2,
     .setup = setup,
     .thread = drain_against_retire,
     .finish = finish},
    {.name = "manual-guard",
     .what = "a thread retires in guards while another flushes",
     .threads = 2,
     .setup = setup,
     .thread = retire_in_guards,
     .finish = finish},
};

void model_add_reclaimer_clients(void)
{
    for (unsigned i = 0; i < sizeof clients / sizeof *clients; i++) {
        model_client_t client = clients[i];
        client.structure = "reclaimer";
        model_add_for_schemes(&client);
    }
}
