/* Clients of the memory cap: a stack in a domain that may keep one object waiting. Each answer is 0 or -ENOSPC, a refused
 * call has changed nothing, and the account comes out at nothing when all is reclaimed, whoever reclaimed it. */
#include "clients.h"

#include "cc/cc.h"

#include <errno.h>

enum { SIZE = 64 };

static cc_domain_t *domain;
static cc_lifo_t *lifo;
static int pushed, refused;

static void setup(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    opts.limbo_bytes_max = SIZE;
    model_assert(cc_domain_create(&opts, &domain) == 0);
    model_assert(cc_lifo_create(domain, NULL, &lifo) == 0);
    pushed = refused = 0;
}

static void push(void)
{
    int err = cc_lifo_push(lifo, &domain);
    model_assert(err == 0 || err == -ENOSPC);
    pushed += err == 0; /* plain: fibers of one thread */
    refused += err != 0;
}

static void pop(void)
{
    void *item;
    if (cc_lifo_pop(lifo, &item) == 0)
        pushed--;
}

static void retire(void)
{
    void *node = cc_node_alloc(domain, SIZE);
    model_assert(cc_retire(domain, node, SIZE, NULL, NULL) == 0);
}

static void finish(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    void *item;
    model_assert(cc_domain_drain(domain, 0) == 0);
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.refused == (uint64_t)refused && s.limbo_bytes == 0);
    model_assert(cc_lifo_count(lifo) == (size_t)pushed);
    model_assert(cc_lifo_push(lifo, &domain) == 0); /* the account is right: below the cap */
    while (cc_lifo_pop(lifo, &item) == 0)
        pushed--;
    model_assert(pushed == -1);
    model_assert(cc_lifo_destroy(lifo) == 0);
    model_assert(cc_domain_destroy(domain) == 0);
}

/* Thread 1 fills the cap and exits or goes on; thread 2 pushes meanwhile, and makes an effort over 1's garbage. */
static void effort_against_retire(int i)
{
    if (i == 1) {
        retire();
        retire();
    } else {
        push();
        pop();
        push();
    }
}

/* The effort is a drain: another one runs at the same time. */
static void effort_against_drain(int i)
{
    if (i == 1) {
        retire();
        model_assert(cc_domain_drain(domain, -1) == 0);
    } else {
        retire();
        push();
    }
}

/* What thread 1 leaves at its exit is adopted and reclaimed by 2, on whose account it goes. */
static void effort_against_exit(int i)
{
    if (i == 1) {
        retire();
    } else {
        retire();
        cc_domain_flush(domain);
        push();
    }
}

/* A guard is open for ever: at most the cap and what two calls retire waits. */
static void full_behind_a_sleeper(int i)
{
    if (i == 1) {
        cc_guard_t *guard = cc_guard_enter(domain);
        model_stall();
        cc_guard_leave(guard);
    } else {
        for (int n = 0; n < 3; n++) {
            push();
            pop();
        }
    }
}

static void bounded(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.limbo_bytes <= 2 * SIZE);
}

/* The stated slack, looked at after each call: the cap; what the domain was not told of, less than two bytes here, and what
 * one call retires, for each of two threads; and what is in the stack. */
static uint64_t node_bytes;

static void check_slack(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    uint64_t bound = SIZE + 2 * (2 + node_bytes) + 2 * node_bytes;
    if (s.limbo_bytes > bound || s.limbo_bytes_peak > bound)
        model_fail("%lu bytes wait, at most %lu did, %lu may", (unsigned long)s.limbo_bytes,
                   (unsigned long)s.limbo_bytes_peak, (unsigned long)bound);
}

static void slack_behind_a_sleeper(int i)
{
    if (i == 1) {
        full_behind_a_sleeper(i);
        return;
    }
    for (int n = 0; n < 5; n++) {
        push();
        check_slack();
        pop();
        check_slack();
    }
}

static void setup_slack(void)
{
    setup();
    push();
    pop();
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    node_bytes = s.limbo_bytes_peak; /* noted by the round that freed it, if one did */
    model_assert(node_bytes != 0);
    model_assert(cc_domain_drain(domain, 0) == 0);
}

static const model_client_t clients[] = {
    {.name = "cap-retire",
     .what = "pushes that may be refused against a thread that retires",
     .threads = 2,
     .setup = setup,
     .thread = effort_against_retire,
     .finish = finish},
    {.name = "cap-drain",
     .what = "an effort against a drain",
     .threads = 2,
     .setup = setup,
     .thread = effort_against_drain,
     .finish = finish},
    {.name = "cap-exit",
     .what = "what an exited thread left is reclaimed on another's account",
     .threads = 2,
     .setup = setup,
     .thread = effort_against_exit,
     .finish = finish},
    {.name = "cap-sleeper",
     .what = "asleep in a guard: no more waits than the cap and its slack",
     .threads = 2,
     .setup = setup,
     .thread = full_behind_a_sleeper,
     .stalled = bounded,
     .finish = finish},
    {.name = "cap-slack",
     .what = "two threads fill the cap behind a sleeper: never more waits than stated",
     .threads = 3,
     .setup = setup_slack,
     .thread = slack_behind_a_sleeper,
     .stalled = check_slack,
     .finish = finish},
};

void model_add_cap_clients(void)
{
    for (unsigned i = 0; i < sizeof clients / sizeof *clients; i++) {
        model_client_t client = clients[i];
        client.structure = "cap";
        model_add_for_schemes(&client);
    }
}
