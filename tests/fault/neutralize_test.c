/* Neutralization under the real kernel, with thresholds of a few entries.
 *
 *   stopped...  a thread is stopped (by a tracer) in the middle of a SEARCH. By the kernel's word everything is reclaimed
 *               around it; by acknowledgement, with the signal blocked, with its handler replaced, nothing is, and the
 *               snapshot says why. Let go, it reads on in a map where nothing of what it had seen is left.
 *   storm       signals that no round has sent arrive all the time
 *   former...   the application uses the signal itself; put-off, in a comparator; cut-off, what /proc says does not fit
 *   handlers    the application's own handlers run on top of every call: with our signal in their mask or not, changing
 *               that mask, for one time only, on a small stack of their own
 *   waiters     threads that wait for signals (sigwait, signalfd, epoll_pwait), for ours as well
 *   starved, crowd, exits
 *               a thread that hardly runs, 64 threads, threads that exit
 *   fork...     processes that fork, also in a handler on top of a SEARCH that was proved out
 *   litmus      what the scheme rests on: once a round has proved a thread out of its SEARCH, not one more of its
 *               instructions runs; and the control: a signal alone proves nothing
 *
 * Readers check canaries; the mock allocator keeps what is freed, full of poison. */
#include "neutralize.h"

#include "scenario.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CHURN = 20000 };

/* All that was in the map is gone and freed while the reader stands on it. */
static void stopped_strong(void)
{
    stopper_t stopper;
    uint64_t random = 1;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    if (!world_is_strong())
        scenario_skip(world_snapshot().neutralize);
    uint64_t most = 0;
    for (int i = 0; i < 100; i++) {
        churn(CHURN / 100, &random);
        uint64_t waiting = world_snapshot().limbo_count;
        most = waiting > most ? waiting : most;
    }
    /* This thread retires, in twos. */
    uint64_t bound = bound_of(1, CC_SUSPECT_ENTRIES, CC_SCAN_ENTRIES + 2, slots_of(2, 0)) + CC_FREE_QUOTA;
    CHECK(most <= bound, "%llu objects waited, not %llu", (unsigned long long)most, (unsigned long long)bound);
    world_remove_all();
    CHECK(cc_domain_drain(world.domain, 10000000000) == 0, "waits for: %s", cc_smr_stall_name(world_snapshot().stall));
    CHECK(world_snapshot().limbo_count == 0 && world_snapshot().neutralize_proved > 0);
    let_go(&stopper);
}

static void expect_held_up(void)
{
    uint64_t random = 1;
    churn(CHURN / 10, &random);
    CHECK(cc_domain_drain(world.domain, 50000000) == -ETIMEDOUT);
    cc_smr_snapshot_t s = world_snapshot();
    CHECK(s.stall == CC_STALL_OPERATION && s.stalled_thread == atomic_load(&reader.tid));
    CHECK(s.neutralize_proved == 0 && s.limbo_count > KEYS);
}

static void stopped_ack(void)
{
    stopper_t stopper;
    stop_in_search(&stopper, CC_NEUTRALIZE_ACK);
    CHECK(strstr(world_snapshot().neutralize, "acknowledgement") != NULL);
    expect_held_up();
    let_go(&stopper);
}

static void stopped_blocked(void)
{
    stopper_t stopper;
    reader.block_signals = true;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    expect_held_up();
    CHECK(world_snapshot().signal_blocked == 1);
    CHECK(world_snapshot().signal_blocked_thread == atomic_load(&reader.tid));
    let_go(&stopper);
}

/* It blocked the signal when it attached, and has it open now, as it might be by a handler on top of a SEARCH that blocks it. */
static void stopped_opened(void)
{
    stopper_t stopper;
    reader.block_signals = reader.opens_them = true;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    expect_held_up();
    let_go(&stopper);
}

/* It had the signal open when it attached, so the status alone tells. */
static void stopped_masked(void)
{
    stopper_t stopper;
    reader.blocks_late = true;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    expect_held_up();
    CHECK(world_snapshot().signal_blocked == 0);
    let_go(&stopper);
}

/* Not even sent: whoever the handler belongs to would not know what to do with it. */
static void stopped_replaced(void)
{
    stopper_t stopper;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, ours;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    CHECK(sigaction(SIGURG, &ignore, &ours) == 0);
    expect_held_up();
    CHECK(strstr(world_snapshot().neutralize, "none") != NULL);
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *other;
    opts.scheme = CC_SMR_DEBRA;
    CHECK(cc_domain_create(&opts, &other) == -EBUSY);
    CHECK(sigaction(SIGURG, &ours, NULL) == 0);
    CHECK(cc_domain_create(&opts, &other) == 0 && cc_domain_destroy(other) == 0);
    let_go(&stopper);
}

/* ---- cancelled in the middle of a round */

static void *churn_when_cancelled(void *arg)
{
    uint64_t random = 1;
    pthread_cancel(pthread_self()); /* it ends at the first cancellation point: not in here */
    churn(CHURN / 10, &random);
    return arg;
}

static void cancelled(void)
{
    stopper_t stopper;
    pthread_t thread;
    void *result = NULL;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    CHECK(pthread_create(&thread, NULL, churn_when_cancelled, &stopper) == 0);
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == &stopper, "it ended inside a call of the library");
    CHECK(!world_is_strong() || world_snapshot().neutralize_proved > 0);
    let_go(&stopper);
}

int main(int argc, char **argv)
{
    static const scenario_t scenarios[] = {
        {.name = "stopped-strong", .title = "stopped in a SEARCH: all is reclaimed around it", .run = stopped_strong},
        {.name = "stopped-ack", .title = "by acknowledgement it holds memory up", .run = stopped_ack},
        {.name = "stopped-blocked", .title = "and if it blocks the signal", .run = stopped_blocked},
        {.name = "stopped-opened", .title = "and if it blocked it at first", .run = stopped_opened},
        {.name = "stopped-masked", .title = "and if it blocks it since", .run = stopped_masked},
        {.name = "stopped-replaced", .title = "and if the handler was replaced", .run = stopped_replaced},
        {.name = "cancelled", .title = "a thread that is to be cancelled finishes its round", .run = cancelled},
        {.name = "storm", .title = "signals that nobody needs", .run = storm},
        {.name = "former-handler", .title = "the application's signals reach its handler", .run = former_handler},
        {.name = "put-off", .title = "put off in a comparator, the signal is not blocked for ever", .run = put_off},
        {.name = "cut-off", .title = "the kernel's word is cut off", .run = cut_off},
        {.name = "handlers", .title = "handlers of the application on top", .run = handlers},
        {.name = "waiters", .title = "sigwait, signalfd, epoll_pwait", .run = waiters},
        {.name = "high-signal-stack", .title = "thrown back from a stack above its own", .run = high_signal_stack},
        {.name = "starved", .title = "a reader under SCHED_IDLE", .run = starved},
        {.name = "crowd", .title = "64 threads", .run = crowd},
        {.name = "exits", .title = "threads that exit", .run = exits},
        {.name = "forks", .title = "processes that fork", .run = forks},
        {.name = "fork-in-handler", .title = "in a handler on top of a SEARCH", .run = fork_in_handler},
        {.name = "litmus", .title = "not one instruction after the proof", .run = litmus},
        {.name = "litmus-control", .title = "the signal alone proves nothing", .run = litmus_control},
        {.name = "litmus-long", .title = "three million rounds", .run = litmus_long, .by_name = true, .limit = 7200},
        {.name = "litmus-control-long",
         .title = "a minute of it",
         .run = litmus_control_long,
         .by_name = true,
         .limit = 200},
    };
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
