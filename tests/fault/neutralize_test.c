/* Neutralization under the real kernel.
 *
 *   stopped...  a thread is stopped (by a tracer) in the middle of a SEARCH. By the kernel's word everything is reclaimed
 *               around it; by acknowledgement, with the signal blocked, with its handler replaced, nothing is, and the
 *               snapshot says why. Let go, it reads on in a map where nothing of what it had seen is left.
 *   storm       signals that no round has sent arrive all the time
 *   former...   the application uses the signal itself; put-off, in a comparator; cut-off, what /proc says does not fit
 *   handlers    the application's own handlers run on top of every call, with our signal in their mask or not, on a small
 *               stack of their own
 *   litmus      what the scheme rests on: once a round has proved a thread out of its SEARCH, not one more of its
 *               instructions runs; and the control: a signal alone proves nothing
 *
 * The readers check canaries; the mock allocator keeps what is freed, full of poison. */
#include "neutralize.h"

#include "scenario.h"
#include "stopper.h"

#include <cc/skiplist.h>

#include "smr/registry.h"
#include "smr/signal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 64, CHURN = 20000 };

static cc_domain_t *domain;
static cc_skiplist64_t *map;
static canary_count_t live;

static struct {
    pthread_t thread;
    atomic_int tid;
    _Atomic(cc__rec_t *) rec;
    atomic_llong calls;
    atomic_bool stop;
    bool block_signals;
    bool holds_nothing;
} reader;

/* ---- the world */

static void put(uint64_t key)
{
    (void)cc_skiplist64_put(map, key, canary_make(key, &live), NULL);
}

static void set_up(cc_neutralize_t neutralize)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    opts.scheme = CC_SMR_DEBRA;
    opts.neutralize = neutralize;
    map_opts.value_reclaim = canary_reclaim;
    map_opts.value_ctx = &live;
    map_opts.value_size = CANARY_BYTES;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    CHECK(cc_skiplist64_create(domain, &map_opts, &map) == 0);
    for (uint64_t key = 0; key < KEYS; key++)
        put(key);
}

static cc_smr_snapshot_t snapshot(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(domain, &s) == 0);
    return s;
}

static void tear_down(void)
{
    CHECK(cc_skiplist64_validate(map) == 0);
    CHECK(cc_skiplist64_destroy(map) == 0);
    CHECK(cc_domain_drain(domain, -1) == 0);
    CHECK(atomic_load(&live) == 0);
    CHECK(cc_domain_destroy(domain) == 0);
}

static bool strong(void)
{
    return strcmp(snapshot().neutralize, "strong") == 0;
}

/* Keys come and go; every node and value is replaced many times over. */
static void churn(unsigned turns, uint64_t *random)
{
    for (unsigned i = 0; i < turns; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        uint64_t key = *random >> 33 & (KEYS - 1);
        if (*random >> 40 & 1)
            put(key);
        else
            (void)cc_skiplist64_remove(map, key, NULL);
    }
}

/* ---- the reader */

static void read_all(void)
{
    void *value;
    if (reader.holds_nothing) {
        for (uint64_t key = 0; key < KEYS; key++)
            (void)cc_skiplist64_contains(map, key);
        return;
    }
    cc_guard_t *guard = cc_guard_enter(domain);
    for (uint64_t key = 0; key < KEYS; key++) {
        if (cc_skiplist64_get(map, key, &value) == 0)
            CHECK(canary_intact(value, key));
    }
    cc_guard_leave(guard);
}

static void *read_on(void *arg)
{
    (void)arg;
    if (reader.block_signals) {
        sigset_t all;
        sigfillset(&all);
        CHECK(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0);
    }
    read_all();
    atomic_store(&reader.rec, cc__rec(domain));
    atomic_store(&reader.tid, (int)syscall(SYS_gettid));
    while (!atomic_load(&reader.stop)) {
        read_all();
        atomic_fetch_add(&reader.calls, KEYS);
    }
    return NULL;
}

static void start_reader(bool block_signals)
{
    reader.block_signals = block_signals;
    CHECK(pthread_create(&reader.thread, NULL, read_on, NULL) == 0);
    while (atomic_load(&reader.tid) == 0)
        sched_yield();
}

static void stop_reader(void)
{
    long long calls = atomic_load(&reader.calls);
    while (atomic_load(&reader.calls) <= calls + KEYS) /* it reads on */
        sched_yield();
    atomic_store(&reader.stop, true);
    CHECK(pthread_join(reader.thread, NULL) == 0);
}

static bool reader_announces(void *arg)
{
    (void)arg;
    return cc__load_acquire(&atomic_load(&reader.rec)->announce) != CC__QUIESCENT;
}

/* ---- stopped in a SEARCH */

static void stop_in_search(stopper_t *stopper, cc_neutralize_t neutralize, bool block_signals)
{
    if (SCENARIO_TSAN)
        scenario_skip("ThreadSanitizer puts code of its own into a SEARCH");
    stopper_create(stopper);
    reader.holds_nothing = true;
    set_up(neutralize);
    start_reader(block_signals);
    stopper_stop(stopper, atomic_load(&reader.tid), reader_announces, NULL);
}

static void let_go(stopper_t *stopper)
{
    stopper_let_go(stopper);
    stop_reader();
    stopper_destroy(stopper);
    tear_down();
}

/* All that was in the map is gone and freed while the reader stands on it. */
static void stopped_strong(void)
{
    stopper_t stopper;
    uint64_t random = 1;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG, false);
    if (!strong())
        scenario_skip(snapshot().neutralize);
    uint64_t most = 0;
    for (int i = 0; i < 100; i++) {
        churn(CHURN / 100, &random);
        uint64_t waiting = snapshot().limbo_count;
        most = waiting > most ? waiting : most;
    }
    /* One thread retires, in twos; three rounds free all but what slots hold (debra.c). */
    uint64_t bound = CC_SUSPECT_ENTRIES + 3 * (CC_SCAN_ENTRIES + 2) + CC_FREE_QUOTA + 2 * CC_COMMIT_SLOTS;
    CHECK(most <= bound, "%llu objects waited, not %llu", (unsigned long long)most, (unsigned long long)bound);
    for (uint64_t key = 0; key < KEYS; key++)
        (void)cc_skiplist64_remove(map, key, NULL);
    CHECK(cc_domain_drain(domain, 10000000000) == 0, "waits for: %s", cc_smr_stall_name(snapshot().stall));
    CHECK(snapshot().limbo_count == 0 && snapshot().neutralize_proved > 0);
    let_go(&stopper);
}

/* ---- the same for a while, among others */

enum { CHURNERS = 2, HELD = KEYS / 2 };

static atomic_bool churners_stop;

static void *churn_on(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg;
    while (!atomic_load(&churners_stop))
        churn(100, &random);
    return NULL;
}

static void sample_for(double how_long, uint64_t bound)
{
    uint64_t most = 0, first = snapshot().retired;
    for (double end = scenario_seconds() + how_long; scenario_seconds() < end;) {
        uint64_t waiting = snapshot().limbo_count;
        most = waiting > most ? waiting : most;
        CHECK(waiting <= bound, "%llu objects wait, not %llu", (unsigned long long)waiting, (unsigned long long)bound);
        struct timespec nap = {.tv_nsec = 1000000};
        nanosleep(&nap, NULL);
    }
    printf("%llu objects retired, at most %llu waited, the bound is %llu\n",
           (unsigned long long)(snapshot().retired - first), (unsigned long long)most, (unsigned long long)bound);
}

/* One is stopped in a SEARCH, one (this) sits in a guard, two churn. */
static void stopped_long(void)
{
    stopper_t stopper;
    pthread_t thread[CHURNERS];
    void *value[HELD];
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG, false);
    if (!strong())
        scenario_skip(snapshot().neutralize);
    cc_guard_t *guard = cc_guard_enter(domain);
    for (uint64_t key = 0; key < HELD; key++)
        CHECK(cc_skiplist64_get(map, key, &value[key]) == 0);
    for (uintptr_t i = 0; i < CHURNERS; i++)
        CHECK(pthread_create(&thread[i], NULL, churn_on, (void *)(i + 1)) == 0);
    uint64_t each = (CC_SUSPECT_ENTRIES << CC_PATIENCE_MAX) + 3 * (CC_SCAN_ENTRIES + 2) + CC_FREE_QUOTA;
    sample_for(1, CHURNERS * (each + (HELD + 4 * 2 * CC_COMMIT_SLOTS) * 5 / 4));
    for (uint64_t key = 0; key < HELD; key++)
        CHECK(canary_intact(value[key], key));
    cc_guard_leave(guard);
    atomic_store(&churners_stop, true);
    for (int i = 0; i < CHURNERS; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    CHECK(snapshot().neutralize_proved > 0);
    let_go(&stopper);
}

static void expect_held_up(void)
{
    uint64_t random = 1;
    churn(CHURN / 10, &random);
    CHECK(cc_domain_drain(domain, 50000000) == -ETIMEDOUT);
    cc_smr_snapshot_t s = snapshot();
    CHECK(s.stall == CC_STALL_OPERATION && s.stalled_thread == atomic_load(&reader.tid));
    CHECK(s.neutralize_proved == 0 && s.limbo_count > KEYS);
}

static void stopped_ack(void)
{
    stopper_t stopper;
    stop_in_search(&stopper, CC_NEUTRALIZE_ACK, false);
    CHECK(strstr(snapshot().neutralize, "acknowledgement") != NULL);
    expect_held_up();
    let_go(&stopper);
}

static void stopped_blocked(void)
{
    stopper_t stopper;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG, true);
    expect_held_up();
    CHECK(snapshot().signal_blocked == 1 && snapshot().signal_blocked_thread == atomic_load(&reader.tid));
    let_go(&stopper);
}

/* Not even sent: whoever the handler belongs to would not know what to do with it. */
static void stopped_replaced(void)
{
    stopper_t stopper;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, ours;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG, false);
    CHECK(sigaction(SIGURG, &ignore, &ours) == 0);
    expect_held_up();
    CHECK(strstr(snapshot().neutralize, "none") != NULL);
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
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG, false);
    CHECK(pthread_create(&thread, NULL, churn_when_cancelled, &stopper) == 0);
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == &stopper, "it ended inside a call of the library");
    CHECK(!strong() || snapshot().neutralize_proved > 0);
    let_go(&stopper);
}

/* ---- signals from everywhere */

static atomic_bool storm_over;

static void *send_storm(void *arg)
{
    pthread_t *targets = arg;
    while (!atomic_load(&storm_over)) {
        for (int i = 0; i < 2; i++)
            (void)pthread_kill(targets[i], SIGURG);
        sched_yield();
    }
    return NULL;
}

static void churn_for(double how_long)
{
    uint64_t random = 3;
    for (double end = scenario_seconds() + how_long; scenario_seconds() < end;)
        churn(100, &random);
}

static void storm(void)
{
    pthread_t sender, targets[2];
    set_up(CC_NEUTRALIZE_STRONG);
    start_reader(false);
    targets[0] = reader.thread;
    targets[1] = pthread_self();
    CHECK(pthread_create(&sender, NULL, send_storm, targets) == 0);
    churn_for(0.5);
    atomic_store(&storm_over, true);
    CHECK(pthread_join(sender, NULL) == 0);
    stop_reader();
    CHECK(SCENARIO_TSAN || snapshot().neutralize_taken > 0, "no search was thrown back");
    tear_down();
}

/* ---- the application's own use of the signal */

static atomic_int urgent;

static void on_urgent(int number)
{
    (void)number;
    atomic_fetch_add(&urgent, 1);
}

/* What the library did not send reaches the handler that was there before, by whatever call it was sent; what it did send
 * does not. */
static void former_handler(void)
{
    struct sigaction action = {.sa_handler = on_urgent};
    uint64_t random = 1;
    CHECK(sigaction(SIGURG, &action, NULL) == 0);
    set_up(CC_NEUTRALIZE_STRONG);
    CHECK(pthread_kill(pthread_self(), SIGURG) == 0 && atomic_load(&urgent) == 1);
    CHECK(raise(SIGURG) == 0 && atomic_load(&urgent) == 2);
    CHECK(kill(getpid(), SIGURG) == 0 && atomic_load(&urgent) == 3);
    start_reader(false);
    for (int i = 0; i < 1000 && (snapshot().neutralize_taken < 10); i++)
        churn(CHURN / 10, &random);
    CHECK(SCENARIO_TSAN || snapshot().neutralize_taken > 0);
    stop_reader();
    CHECK(atomic_load(&urgent) == 3);
    tear_down();
}

/* The comparator is the only code in which the signal is put off to the end of the search. */
static int order_and_signal(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    if (*(bool *)ctx)
        CHECK(pthread_kill(pthread_self(), SIGURG) == 0);
    return (a.len > b.len) - (a.len < b.len);
}

static bool blocked_here(void)
{
    sigset_t mask;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
    return sigismember(&mask, SIGURG) == 1;
}

/* The thread's mask is what it was, though it blocked the signal when it attached. */
static void put_off(void)
{
    bool send = false;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_skiplist_t *own;
    sigset_t urgent_only;
    sigemptyset(&urgent_only);
    sigaddset(&urgent_only, SIGURG);
    CHECK(pthread_sigmask(SIG_BLOCK, &urgent_only, NULL) == 0);
    set_up(CC_NEUTRALIZE_STRONG);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &urgent_only, NULL) == 0);
    opts.compare = order_and_signal;
    opts.compare_ctx = &send;
    CHECK(cc_skiplist_create(domain, &opts, &own) == 0);
    CHECK(cc_skiplist_put(own, (cc_bytes_t){"key", 3}, own, NULL) == 0);
    send = true;
    CHECK(cc_skiplist_contains(own, (cc_bytes_t){"key", 3}));
    send = false;
    CHECK(!blocked_here());
    CHECK(cc_skiplist_destroy(own) == 0);
    tear_down();
}

/* ---- what the kernel says */

/* However long the lines before, a mask that does not fit into what was read proves nothing. */
static void cut_off(void)
{
    static gid_t groups[2048];
    sigset_t urgent_only;
    sigemptyset(&urgent_only);
    sigaddset(&urgent_only, SIGURG);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        groups[i] = 1;
    CHECK(pthread_sigmask(SIG_BLOCK, &urgent_only, NULL) == 0);
    CHECK(raise(SIGURG) == 0);
    for (size_t n = 1500; n <= 2000; n++) { /* the masks stand behind 3 to 4 KiB of them */
        if (syscall(SYS_setgroups, n, groups) != 0)
            scenario_skip("only root may have so many groups");
        CHECK(!cc__signal_awaits(gettid(), SIGURG), "with %zu groups", n);
    }
}

/* ---- handlers of the application's own */

static atomic_llong ticks;

static void on_tick(int number)
{
    (void)number;
    atomic_fetch_add(&ticks, 1);
    for (double end = scenario_seconds() + 50e-6; scenario_seconds() < end;) {
    }
}

static void handlers_with(int flags, bool masked)
{
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = flags};
    struct itimerval timer = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    sigemptyset(&action.sa_mask);
    if (masked)
        sigaddset(&action.sa_mask, SIGURG);
    CHECK(sigaction(SIGPROF, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_PROF, &timer, NULL) == 0);
    churn_for(0.15);
    CHECK(setitimer(ITIMER_PROF, &off, NULL) == 0);
}

static void handlers(void)
{
    static char small[16384];
    stack_t own = {.ss_sp = small, .ss_size = sizeof small};
    CHECK(sigaltstack(&own, NULL) == 0);
    set_up(CC_NEUTRALIZE_STRONG);
    start_reader(false);
    static const int flags[] = {SA_RESTART, SA_RESTART | SA_NODEFER, SA_RESTART | SA_ONSTACK};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        handlers_with(flags[i], false);
        handlers_with(flags[i], true);
    }
    CHECK(atomic_load(&ticks) > 0);
    stop_reader();
    tear_down();
}

int main(int argc, char **argv)
{
    static const scenario_t scenarios[] = {
        {.name = "stopped-strong", .title = "stopped in a SEARCH: all is reclaimed around it", .run = stopped_strong},
        {.name = "stopped-long", .title = "and for a while, a sleeping guard beside it", .run = stopped_long},
        {.name = "stopped-ack", .title = "by acknowledgement it holds memory up", .run = stopped_ack},
        {.name = "stopped-blocked", .title = "and if it blocks the signal", .run = stopped_blocked},
        {.name = "stopped-replaced", .title = "and if the handler was replaced", .run = stopped_replaced},
        {.name = "cancelled", .title = "a thread that is to be cancelled finishes its round", .run = cancelled},
        {.name = "storm", .title = "signals that nobody needs", .run = storm},
        {.name = "former-handler", .title = "the application's signals reach its handler", .run = former_handler},
        {.name = "put-off", .title = "put off in a comparator, the signal is not blocked for ever", .run = put_off},
        {.name = "cut-off", .title = "the kernel's word is cut off", .run = cut_off},
        {.name = "handlers", .title = "handlers of the application on top", .run = handlers},
        {.name = "litmus", .title = "not one instruction after the proof", .run = litmus},
        {.name = "litmus-control", .title = "the signal alone proves nothing", .run = litmus_control},
    };
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
