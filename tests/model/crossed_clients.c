/* Clients with two queues: calls at different queues are in one order.
 *
 * Each of two threads pushes to its queue and then finds the other's empty: not both. Likewise, with bounded queues that
 * are full: each pops from its own and then finds the other's full. That each queue alone is in order does not show it. */
#include "clients.h"
#include "queue_kinds.h"

#include "cc/cc.h"

#include <errno.h>
#include <string.h>

typedef struct {
    const char *name;
    int (*create)(int queue);
    void (*destroy)(int queue);
    int (*push)(int queue, void *item);
    int (*pop)(int queue, void **item);
    bool in_domain;
} kind_t;

static const kind_t *kind;
static cc_domain_t *domain;
static cc_fifo_t *fifo[2];
static cc_lifo_t *lifo[2];
static cc_ring_t *ring[2];
static bool missed[2]; /* by each thread */
static int item;

/* ---- kinds */

static int fifo_create(int queue)
{
    cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
    opts.segment_items = 1; /* the second item is in a segment of its own */
    return cc_fifo_create(domain, &opts, &fifo[queue]);
}
static void fifo_destroy(int queue)
{
    model_assert(cc_fifo_destroy(fifo[queue]) == 0);
}
static int fifo_push(int queue, void *what)
{
    return cc_fifo_push(fifo[queue], what);
}
static int fifo_pop(int queue, void **what)
{
    return cc_fifo_pop(fifo[queue], what);
}

static int lifo_create(int queue)
{
    return cc_lifo_create(domain, NULL, &lifo[queue]);
}
static void lifo_destroy(int queue)
{
    model_assert(cc_lifo_destroy(lifo[queue]) == 0);
}
static int lifo_push(int queue, void *what)
{
    return cc_lifo_push(lifo[queue], what);
}
static int lifo_pop(int queue, void **what)
{
    return cc_lifo_pop(lifo[queue], what);
}

static int ring_create_with(int queue, bool spsc, bool wait_free)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.spsc = spsc;
    opts.wait_free = wait_free;
    return cc_ring_create(model_client()->threads / 2, &opts, &ring[queue]); /* room for one push to each, or two */
}
static int ring_create(int queue)
{
    return ring_create_with(queue, false, false);
}
static int spsc_create(int queue)
{
    return ring_create_with(queue, true, false);
}
static int free_create(int queue)
{
    queue_ring_hurries();
    return ring_create_with(queue, false, true);
}
static void ring_destroy(int queue)
{
    model_assert(cc_ring_destroy(ring[queue]) == 0);
}
static int ring_push(int queue, void *what)
{
    return cc_ring_push(ring[queue], what);
}
static int ring_pop(int queue, void **what)
{
    return cc_ring_pop(ring[queue], what);
}

/* ---- what the threads do */

static void begin(void)
{
    kind = model_client()->arg;
    model_futex_begin();
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    if (kind->in_domain)
        model_assert(cc_domain_create(&opts, &domain) == 0);
    for (int queue = 0; queue < 2; queue++)
        model_assert(kind->create(queue) == 0);
    memset(missed, 0, sizeof missed);
}

/* Each queue has seen two items go by: a fifo's tail, a ring's cells have been used. */
static void setup_used(void)
{
    void *out;
    begin();
    for (int queue = 0; queue < 2; queue++) {
        for (int i = 0; i < 2; i++)
            model_assert(kind->push(queue, &item) == 0 && kind->pop(queue, &out) == 0);
    }
}

static void setup_full(void)
{
    begin();
    for (int queue = 0; queue < 2; queue++)
        model_assert(kind->push(queue, &item) == 0);
}

static void push_and_look(int i)
{
    void *out;
    model_assert(kind->push(i - 1, &item) == 0);
    int err = kind->pop(2 - i, &out);
    model_assert(err == 0 || err == -EAGAIN);
    missed[i - 1] = err != 0;
}

static void pop_and_look(int i)
{
    void *out;
    model_assert(kind->pop(i - 1, &out) == 0);
    int err = kind->push(2 - i, &item);
    model_assert(err == 0 || err == -EAGAIN);
    missed[i - 1] = err != 0;
}

/* Beside two who may fall asleep in a push. */
static void push_and_look_again(int i)
{
    if (i <= 2) {
        push_and_look(i);
        return;
    }
    model_may_stall();
    model_assert(kind->push(i - 3, &item) == 0);
}

static void finish(void)
{
    if (missed[0] && missed[1])
        model_fail("both threads missed what the other had done before");
    for (int queue = 0; queue < 2; queue++) {
        void *out;
        while (kind->pop(queue, &out) == 0) {
        }
        kind->destroy(queue);
    }
    if (kind->in_domain) {
        model_assert(cc_domain_drain(domain, 0) == 0);
        model_assert(cc_domain_destroy(domain) == 0);
    }
}

/* ---- the clients */

static const kind_t kind_fifo = {"fifo", fifo_create, fifo_destroy, fifo_push, fifo_pop, .in_domain = true};
static const kind_t kind_lifo = {"lifo", lifo_create, lifo_destroy, lifo_push, lifo_pop, .in_domain = true};
static const kind_t kind_ring = {"ring", ring_create, ring_destroy, ring_push, ring_pop, .in_domain = false};
static const kind_t kind_spsc = {"ring", spsc_create, ring_destroy, ring_push, ring_pop, .in_domain = false};
static const kind_t kind_free = {"ring", free_create, ring_destroy, ring_push, ring_pop, .in_domain = false};

typedef struct {
    const char *name, *what;
    const kind_t *kind;
    void (*setup)(void);
    void (*thread)(int i);
    int threads;
} plan_t;

#define EMPTY "each pushes, and finds the other's queue empty: not both"
#define FULL  "each pops, and finds the other's queue full: not both"

static const plan_t plans[] = {
    {"fifo-crossed", EMPTY, &kind_fifo, begin, push_and_look, 2},
    {"fifo-crossed-segment", EMPTY, &kind_fifo, setup_used, push_and_look, 2},
    {"lifo-crossed", EMPTY, &kind_lifo, begin, push_and_look, 2},
    {"ring-crossed", EMPTY, &kind_ring, setup_used, push_and_look, 2},
    {"ring-crossed-full", FULL, &kind_ring, setup_full, pop_and_look, 2},
    {"ring-crossed-asleep", EMPTY, &kind_ring, begin, push_and_look_again, 4},
    {"ring-spsc-crossed", EMPTY, &kind_spsc, setup_used, push_and_look, 2},
    {"ring-spsc-crossed-full", FULL, &kind_spsc, setup_full, pop_and_look, 2},
    {"ring-free-crossed", EMPTY, &kind_free, setup_used, push_and_look, 2},
    {"ring-free-crossed-full", FULL, &kind_free, setup_full, pop_and_look, 2},
};

void model_add_crossed_clients(void)
{
    for (const plan_t *plan = plans; plan < plans + sizeof plans / sizeof *plans; plan++) {
        model_client_t client = {.name = plan->name,
                                 .structure = plan->kind->name,
                                 .scheme = CC_SMR_DEFAULT,
                                 .what = plan->what,
                                 .threads = plan->threads,
                                 .setup = plan->setup,
                                 .thread = plan->thread,
                                 .finish = finish,
                                 .complete = plan->threads == 2,
                                 .arg = plan->kind};
        if (plan->kind->in_domain)
            model_add_for_schemes(&client);
        else
            model_add_client(&client);
    }
}
