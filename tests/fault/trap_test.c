/* A thread stands at one instruction after the other of a call, another one forks: in the child the first has vanished there.
 * fault/step stops at atomic accesses only; between two of them stand plain stores of the thread's own record, in an order
 * that is the compiler's. The next owner of that record, a thread of the child, must find it as good as new.
 *
 * The processor stops the thread: with its trap flag set, each instruction ends in SIGTRAP. */
#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"

#include <cc/alloc.h>

#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    FEW = 12, /* values: a chunk of slots, beside those of the frame; all: two */
    SOME = 8, /* instructions of a call, evenly */
    CHILD_SECONDS = 60,
};

static const int64_t drain_ns = INT64_C(30000000000);

static small_world_t world;

/* ---- the calls */

static _Thread_local cc_guard_t *guard;

static void hold(uint64_t keys)
{
    void *value;
    for (uint64_t key = 0; key < keys; key++) {
        if (cc_skiplist64_get(world.map, key, &value) == 0)
            CHECK(canary_intact(value, key));
    }
}

static void hold_all(void)
{
    hold(SMALL_KEYS);
}

static void hold_few(void)
{
    hold(FEW);
}

static void enter(void)
{
    guard = cc_guard_enter(world.domain);
    CHECK(guard != NULL);
}

static void enter_and_hold(void)
{
    enter();
    hold_all();
}

static void leave(void)
{
    cc_guard_t *left = guard;
    guard = NULL;
    cc_guard_leave(left);
}

static void refresh(void)
{
    cc_guard_refresh(guard);
}

static void attach(void)
{
    CHECK(cc_thread_attach(world.domain) == 0);
}

static void put(void)
{
    small_world_put(&world, 1);
}

static void remove_key(void)
{
    small_world_remove(&world, 1);
}

static void flush(void)
{
    CHECK(cc_domain_flush(world.domain) >= 0);
}

typedef struct {
    const char *name;
    void (*prepare)(void);
    void (*call)(void);
    bool everywhere; /* at each instruction; or at SOME */
} trapped_t;

static const trapped_t calls[] = {
    {"leave", enter_and_hold, leave, true}, {"refresh", enter_and_hold, refresh, false},
    {"hold", enter, hold_few, false},       {"put", attach, put, false},
    {"remove", attach, remove_key, false},  {"flush", put, flush, false},
};

/* ---- the thread that stops */

static struct {
    const trapped_t *call;
    long n, count; /* it stops at its n-th instruction; so many it has made */
    sem_t event, go_on;
} trap;

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0) {
    }
}

static void on_trap(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info;
    if (++trap.count != trap.n)
        return;
    sem_post(&trap.event);
    wait_for(&trap.go_on);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

/* The red zone below the stack pointer is the compiler's. */
static void set_trap_flag(void)
{
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp" ::
                         : "memory", "cc");
}

static void clear_trap_flag(void)
{
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp" ::
                         : "memory", "cc");
}

static void *make_call(void *arg)
{
    (void)arg;
    trap.call->prepare();
    trap.count = 0;
    set_trap_flag();
    trap.call->call();
    clear_trap_flag();
    if (trap.count < trap.n)
        sem_post(&trap.event);
    if (guard != NULL)
        leave();
    return NULL;
}

/* True: it stands at its n-th instruction. */
static bool begin(pthread_t *thread, const trapped_t *call, long n)
{
    trap.call = call;
    trap.n = n;
    *thread = start_thread(make_call, NULL);
    wait_for(&trap.event);
    return trap.count == n;
}

/* ---- the child */

/* By the next owner of the record: guards in guards, with more than the frame and a chunk hold. */
static void *use_record(void *arg)
{
    uint64_t random = 3;
    enter();
    cc_guard_t *outer = guard;
    hold_all();
    enter();
    hold_all();
    hold_all();
    leave();
    guard = outer;
    hold_all();
    leave();
    small_world_use(&world, &random);
    return arg;
}

static _Noreturn void live_on(void)
{
    alarm(CHILD_SECONDS);
    join_thread(start_thread(use_record, NULL));
    small_world_remove_all(&world);
    CHECK(cc_domain_drain(world.domain, drain_ns) == 0, "%s", cc_smr_stall_name(small_world_snapshot(&world).stall));
    cc_smr_snapshot_t s = small_world_snapshot(&world);
    CHECK(s.guards == 0 && s.threads == 1 && s.orphans == 0 && s.limbo_count == 0);
    CHECK(cc_skiplist64_destroy(world.map) == 0);
    CHECK(cc_domain_destroy(world.domain) == 0);
    _exit(EXIT_SUCCESS);
}

/* ---- the parent */

static void fork_beside(const trapped_t *call, long n)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        live_on();
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
          "the child ended with status 0x%x beside a thread in %s, instruction %ld", (unsigned)status, call->name, n);
}

/* Not of the first one, which the dynamic linker has a part in. */
static long count_instructions(const trapped_t *call)
{
    pthread_t thread;
    for (int i = 0; i < 2; i++) {
        CHECK(!begin(&thread, call, LONG_MAX));
        join_thread(thread);
    }
    return trap.count;
}

static void vanish_in(const trapped_t *call)
{
    long total = count_instructions(call), stops = 0;
    long stride = call->everywhere ? 1 : total / SOME + 1;
    for (long n = 1; n <= total; n += stride) {
        pthread_t thread;
        if (begin(&thread, call, n)) {
            fork_beside(call, n);
            stops++;
            sem_post(&trap.go_on);
        }
        join_thread(thread);
    }
    printf("%s: %ld instructions, %ld stops\n", call->name, total, stops);
    CHECK(stops > 0);
}

static void vanish(cc_smr_scheme_t scheme)
{
    cc_alloc_info_t alloc = CC_ALLOC_INFO_INIT;
    CHECK(cc_alloc_info(&alloc) == 0);
    if (strcmp(alloc.name, "mimalloc") != 0)
        scenario_skip("the allocator has locks, in which a thread may be caught");
    const struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
    CHECK(sem_init(&trap.event, 0, 0) == 0 && sem_init(&trap.go_on, 0, 0) == 0);
    small_world_create(&world, scheme);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        vanish_in(&calls[i]);
    small_world_check(&world, 1);
    small_world_destroy(&world);
}

#define VANISH(name, scheme, ...)                                                                                      \
    static void vanish_##name(void)                                                                                    \
    {                                                                                                                  \
        vanish(scheme);                                                                                                \
    }
EACH_SLOT_SCHEME(VANISH)

#define ROW(name_, scheme, ...)                                                                                        \
    {                                                                                                                  \
        .name = "vanish-" #name_, .title = "a thread vanishes at any instruction", .run = vanish_##name_               \
    }
static const scenario_t scenarios[] = {LIST_SLOT_SCHEMES(ROW)};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
