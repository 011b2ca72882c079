/* An application that has uses of its own for signals. */
#include "neutralize.h"

#include "scenario.h"

#include "smr/signal.h"

#include <cc/skiplist.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* ---- signals that nobody needs */

enum { TARGETS_MAX = 4 };

static struct {
    pthread_t sender, target[TARGETS_MAX];
    int targets;
    atomic_bool over;
} shower;

static void *send_storm(void *arg)
{
    (void)arg;
    while (!atomic_load(&shower.over)) {
        for (int i = 0; i < shower.targets; i++)
            (void)pthread_kill(shower.target[i], SIGURG);
        sched_yield();
    }
    return NULL;
}

static void begin_storm(void)
{
    CHECK(pthread_create(&shower.sender, NULL, send_storm, NULL) == 0);
}

static void end_storm(void)
{
    atomic_store(&shower.over, true);
    CHECK(pthread_join(shower.sender, NULL) == 0);
}

void storm(void)
{
    world_set_up(CC_NEUTRALIZE_STRONG);
    start_reader();
    shower.target[0] = reader.thread;
    shower.target[1] = pthread_self();
    shower.targets = 2;
    begin_storm();
    churn_for(0.5);
    end_storm();
    stop_reader();
    CHECK(SCENARIO_TSAN || world_snapshot().neutralize_taken > 0, "no search was thrown back");
    world_tear_down();
}

/* ---- the application's own use of the signal */

static atomic_int urgent;

static void on_urgent(int number)
{
    sigset_t mask;
    (void)number;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && sigismember(&mask, SIGALRM) == 1);
    atomic_fetch_add(&urgent, 1);
}

/* What the library did not send reaches the handler that was there before, by whatever call it was sent, below the mask that it
 * asked for; what it did send does not. */
void former_handler(void)
{
    struct sigaction action = {.sa_handler = on_urgent};
    uint64_t random = 1;
    sigaddset(&action.sa_mask, SIGALRM);
    CHECK(sigaction(SIGURG, &action, NULL) == 0);
    world_set_up(CC_NEUTRALIZE_STRONG);
    CHECK(pthread_kill(pthread_self(), SIGURG) == 0 && atomic_load(&urgent) == 1);
    CHECK(raise(SIGURG) == 0 && atomic_load(&urgent) == 2);
    CHECK(kill(getpid(), SIGURG) == 0 && atomic_load(&urgent) == 3);
    start_reader();
    for (int i = 0; i < (SCENARIO_TSAN ? 20 : 1000) && world_snapshot().neutralize_taken < 10; i++)
        churn(2000, &random);
    CHECK(SCENARIO_TSAN || world_snapshot().neutralize_taken > 0);
    stop_reader();
    CHECK(atomic_load(&urgent) == 3);
    world_tear_down();
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
void put_off(void)
{
    bool send = false;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_skiplist_t *own;
    sigset_t urgent_only;
    if (SCENARIO_TSAN)
        scenario_skip("under ThreadSanitizer every signal throws a search back, this one again and again");
    sigemptyset(&urgent_only);
    sigaddset(&urgent_only, SIGURG);
    CHECK(pthread_sigmask(SIG_BLOCK, &urgent_only, NULL) == 0);
    world_set_up(CC_NEUTRALIZE_STRONG);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &urgent_only, NULL) == 0);
    opts.compare = order_and_signal;
    opts.compare_ctx = &send;
    CHECK(cc_skiplist_create(world.domain, &opts, &own) == 0);
    CHECK(cc_skiplist_put(own, (cc_bytes_t){"key", 3}, own, NULL) == 0);
    send = true;
    CHECK(cc_skiplist_contains(own, (cc_bytes_t){"key", 3}));
    send = false;
    CHECK(!blocked_here());
    CHECK(cc_skiplist_destroy(own) == 0);
    world_tear_down();
}

/* ---- what the kernel says */

/* However long the lines before, a mask that does not fit into what was read proves nothing. */
void cut_off(void)
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
static struct sigaction tick_action;

static void arm(bool once)
{
    const struct itimerval timer = {{0, once ? 0 : 1000}, {0, 1000}};
    CHECK(setitimer(ITIMER_PROF, &timer, NULL) == 0);
}

static void spin(void)
{
    for (double end = scenario_seconds() + 50e-6; scenario_seconds() < end;) {
    }
}

static void on_tick(int number)
{
    (void)number;
    atomic_fetch_add(&ticks, 1);
    spin();
}

/* Its own mask is its own business: the kernel restores that of the SEARCH below. */
static void on_tick_with_mask(int number)
{
    sigset_t urgent_only;
    sigemptyset(&urgent_only);
    sigaddset(&urgent_only, SIGURG);
    (void)pthread_sigmask(SIG_BLOCK, &urgent_only, NULL);
    on_tick(number);
    (void)pthread_sigmask(SIG_UNBLOCK, &urgent_only, NULL);
    spin();
    (void)pthread_sigmask(SIG_BLOCK, &urgent_only, NULL);
}

/* Installs itself again, and only then asks for the next one: the disposition is the default one meanwhile. */
static void on_tick_once(int number)
{
    on_tick(number);
    (void)sigaction(SIGPROF, &tick_action, NULL);
    arm(true);
}

static void handlers_with(void (*handler)(int number), int flags, bool masked)
{
    const struct itimerval off = {{0, 0}, {0, 0}};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    tick_action = (struct sigaction){.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&tick_action.sa_mask);
    if (masked)
        sigaddset(&tick_action.sa_mask, SIGURG);
    CHECK(sigaction(SIGPROF, &tick_action, NULL) == 0);
    arm((flags & SA_RESETHAND) != 0);
    long long before = atomic_load(&ticks);
    churn_for(0.12);
    for (double end = scenario_seconds() + 20; atomic_load(&ticks) == before && scenario_seconds() < end;)
        churn_for(0.01); /* processor time counts, of which there may have been none */
    CHECK(sigaction(SIGPROF, &ignore, NULL) == 0);
    CHECK(setitimer(ITIMER_PROF, &off, NULL) == 0);
    CHECK(atomic_load(&ticks) > before, "the handler never ran");
}

void handlers(void)
{
    static char small[16384];
    stack_t own = {.ss_sp = small, .ss_size = sizeof small};
    CHECK(sigaltstack(&own, NULL) == 0);
    world_set_up(CC_NEUTRALIZE_STRONG);
    start_reader();
    static const int flags[] = {SA_RESTART, SA_RESTART | SA_NODEFER, SA_RESTART | SA_ONSTACK};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        handlers_with(on_tick, flags[i], false);
        handlers_with(on_tick, flags[i], true);
    }
    handlers_with(on_tick_with_mask, SA_RESTART, false);
    handlers_with(on_tick_with_mask, SA_RESTART | SA_ONSTACK, true);
    handlers_with(on_tick_once, SA_RESTART | SA_RESETHAND, false);
    stop_reader();
    world_tear_down();
}

/* ---- threads that wait for signals, the library's among them, instead of taking them */

static sigset_t awaited;
static int signals_fd, epoll_fd;
static atomic_llong swallowed;

static void wait_with_sigwait(void)
{
    const struct timespec limit = {.tv_nsec = 50000};
    CHECK(pthread_sigmask(SIG_BLOCK, &awaited, NULL) == 0);
    if (sigtimedwait(&awaited, NULL, &limit) == SIGURG)
        atomic_fetch_add(&swallowed, 1);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &awaited, NULL) == 0);
}

static void wait_with_signalfd(void)
{
    struct signalfd_siginfo info;
    CHECK(pthread_sigmask(SIG_BLOCK, &awaited, NULL) == 0);
    sched_yield();
    if (read(signals_fd, &info, sizeof info) == sizeof info)
        atomic_fetch_add(&swallowed, 1);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &awaited, NULL) == 0);
}

/* A server that takes signals nowhere but here. */
static void wait_with_epoll(void)
{
    struct epoll_event event;
    sigset_t none;
    sigemptyset(&none);
    (void)epoll_pwait(epoll_fd, &event, 1, 1, &none);
}

static struct {
    void (*wait)(void);
    bool blocked; /* outside of the wait */
    atomic_llong turns;
} waiter[] = {
    {.wait = wait_with_sigwait},
    {.wait = wait_with_signalfd},
    {.wait = wait_with_epoll},
    {.wait = wait_with_epoll, .blocked = true},
};
enum { WAITERS = sizeof waiter / sizeof waiter[0] };
_Static_assert((int)WAITERS <= (int)TARGETS_MAX, "each gets signals");

static atomic_bool waiters_stop;

static void *wait_and_read(void *arg)
{
    size_t i = (size_t)(uintptr_t)arg;
    CHECK(!waiter[i].blocked || pthread_sigmask(SIG_BLOCK, &awaited, NULL) == 0);
    while (!atomic_load(&waiters_stop)) {
        read_all();
        waiter[i].wait();
        atomic_fetch_add(&waiter[i].turns, 1);
    }
    return NULL;
}

void waiters(void)
{
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGURG);
    sigaddset(&awaited, SIGUSR1);
    signals_fd = signalfd(-1, &awaited, SFD_NONBLOCK);
    epoll_fd = epoll_create1(0);
    CHECK(signals_fd >= 0 && epoll_fd >= 0);
    world_set_up(CC_NEUTRALIZE_STRONG);
    for (size_t i = 0; i < WAITERS; i++)
        CHECK(pthread_create(&shower.target[i], NULL, wait_and_read, (void *)i) == 0);
    shower.targets = WAITERS;
    begin_storm();
    churn_for(0.5);
    end_storm();
    CHECK(cc_domain_drain(world.domain, 10000000000) == 0, "waits for: %s", cc_smr_stall_name(world_snapshot().stall));
    atomic_store(&waiters_stop, true);
    for (size_t i = 0; i < WAITERS; i++) {
        CHECK(pthread_join(shower.target[i], NULL) == 0);
        CHECK(atomic_load(&waiter[i].turns) > 0);
    }
    CHECK(atomic_load(&swallowed) > 0);
    world_tear_down();
}
