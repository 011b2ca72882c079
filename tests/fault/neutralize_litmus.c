/* The target counts in a SEARCH. The sender makes it quiescent, reads the count, waits until the target has been thrown
 * back, and reads again: a difference is an instruction that ran after the proof. */
#include "neutralize.h"

#include "scenario.h"

#include "base/backoff.h"
#include "base/fence.h"
#include "smr/debra.h"
#include "smr/registry.h"
#include "smr/signal.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 10000, ROUNDS_LONG = 3000000, CONTROL_SECONDS = 5, CONTROL_LONG = 60 };

static cc_domain_t *domain;
static struct {
    volatile uint64_t count; /* plain on purpose: the SEARCH's own */
    _Atomic(cc__rec_t *) rec;
    atomic_long turn, ready;
    atomic_bool stop;
} target;

/* Spins, for the other thread has a processor of its own most of the time. */
static void wait_a_little(void)
{
    static _Thread_local unsigned turns;
    if (++turns % 4096 == 0)
        sched_yield();
    else
        cc__pause();
}

/* Thrown back, it sees that it was disturbed, and leaves. */
SMR_SEARCH count_up(void *arg)
{
    cc__rec_t *rec = arg;
    if (cc__load_relaxed(&rec->disturbed) != 0)
        return;
    smr_enter(rec, false);
    for (;;)
        target.count = target.count + 1;
}

static void *be_target(void *arg)
{
    (void)arg;
    cc__rec_t *rec = cc__rec(domain);
    for (long turn = 1; !atomic_load(&target.stop); turn++) {
        atomic_store(&target.rec, rec);
        atomic_store(&target.ready, turn);
        smr_search(rec, count_up, rec);
        while (atomic_load(&target.turn) < turn && !atomic_load(&target.stop))
            wait_a_little();
    }
    return NULL;
}

/* In the present epoch nobody is behind, so the epoch is moved on by hand. */
static uint64_t leave_behind(void)
{
    cc__rec_t *rec = atomic_load(&target.rec);
    while (cc__load_acquire(&rec->announce) == CC__QUIESCENT)
        wait_a_little();
    return cc__fetch_add_acq_rel(&domain->epoch, 1) + 1;
}

static bool by_evidence(uint64_t epoch)
{
    cc__round_t round = {.domain = domain, .insistent = true};
    return cc__neutralize(&round, epoch);
}

static bool by_signal_alone(uint64_t epoch)
{
    (void)epoch;
    cc__signal_send(cc__load_relaxed(&atomic_load(&target.rec)->tid), domain->signal);
    return true;
}

static uint64_t one_round(long turn, bool (*prove)(uint64_t epoch))
{
    while (atomic_load(&target.ready) < turn)
        wait_a_little();
    uint64_t epoch = leave_behind();
    while (!prove(epoch))
        wait_a_little();
    uint64_t before = target.count;
    cc__rec_t *rec = atomic_load(&target.rec);
    while (cc__load_acquire(&rec->announce) != CC__QUIESCENT) /* a thread that is off the processor wakes up for it */
        wait_a_little();
    uint64_t more = target.count - before;
    atomic_store(&target.turn, turn);
    return more;
}

static void stop_target(pthread_t thread)
{
    atomic_store(&target.stop, true);
    while (pthread_tryjoin_np(thread, NULL) != 0) {
        (void)pthread_kill(thread, domain->signal); /* it may be counting for ever */
        sched_yield();
    }
}

/* Where there are two processors: on one, the target never runs while the sender does. */
static void pin(pthread_t thread, int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    (void)pthread_setaffinity_np(thread, sizeof set, &set);
}

/* Rounds in which the target ran on. */
static long run(bool (*prove)(uint64_t epoch), long rounds, double limit, bool until_one)
{
    pthread_t thread;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = CC_SMR_DEBRA;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(domain, &s) == 0);
    if (strcmp(s.neutralize, "strong") != 0)
        scenario_skip(s.neutralize);
    CHECK(pthread_create(&thread, NULL, be_target, NULL) == 0);
    pin(pthread_self(), 0);
    pin(thread, 1);
    long violations = 0, turn = 1;
    for (double end = scenario_seconds() + limit; turn <= rounds && scenario_seconds() < end; turn++) {
        violations += one_round(turn, prove) != 0;
        if (until_one && violations != 0)
            break;
    }
    stop_target(thread);
    CHECK(cc_smr_stats_snapshot(domain, &s) == 0);
    printf("%ld rounds, %ld violations, %llu times by the kernel's word\n", turn - 1, violations,
           (unsigned long long)s.neutralize_proved);
    CHECK(cc_domain_destroy(domain) == 0);
    return violations;
}

void litmus(void)
{
    CHECK(run(by_evidence, ROUNDS, 20, false) == 0);
}

void litmus_long(void)
{
    CHECK(run(by_evidence, ROUNDS_LONG, 7000, false) == 0);
}

static void control(double limit, bool until_one)
{
    if (run(by_signal_alone, 100000000, limit, until_one) == 0)
        scenario_skip("this machine does not show it within the time");
}

void litmus_control(void)
{
    control(CONTROL_SECONDS, true);
}

void litmus_control_long(void)
{
    control(CONTROL_LONG, false);
}
