/* Clients of the queues in which threads stand still at named steps, like late_clients.c: a request of the wait-free ring whose
 * ticket others might step over. */
#include "clients.h"
#include "queue_kinds.h"

#include "base/place.h"

#include <sched.h>

static const queue_kind_t *kind;
static int came[MODEL_THREADS]; /* to its points, so often */
static int over;                /* threads */
static int rounds;

static void wait_for(const int *counter, int n)
{
    while (*counter < n)
        sched_yield();
}

static void *item(uintptr_t n)
{
    return (void *)n;
}

static void fill(unsigned room, unsigned items)
{
    kind = model_client()->arg;
    over = rounds = 0;
    model_memset(came, 0, sizeof came);
    model_futex_begin();
    model_assert(kind->create(room) == 0);
    for (uintptr_t n = 1; n <= items; n++)
        model_assert(kind->push(item(n)) == 0);
}

/* ---- thread 1 asks for an item, and each time that it is about to take the next ticket thread 2 pops two */

static void setup_batches(void)
{
    fill(8, 4);
}

static void ask_beside_batches(int i)
{
    void *out[2] = {NULL};
    if (i == 1) {
        model_assert(kind->attach() == 0 && cc__place_mine() % 2 == 1); /* its tickets are the second of two */
        model_assert(kind->pop(&out[0]) == 0);
        over = 1;
        return;
    }
    wait_for(&came[1], 1);
    queue_ring_hurries(); /* not thread 1, which has asked */
    while (over == 0) {
        model_assert(kind->push_n((void *const[]){item(8), item(9)}, 2) == 2);
        model_assert(kind->pop_n(out, 2) == 2);
        rounds++;
        sched_yield();
    }
}

/* The first exchange is that of its request. */
static void batches_first(int i)
{
    if (i == 1 && came[1]++ > 0 && over == 0)
        wait_for(&rounds, rounds + 1);
}

static void finish_batches(void)
{
    void *out;
    size_t popped = 0;
    while (kind->pop(&out) == 0)
        popped++;
    model_assert(popped == 4 - 1);
    kind->destroy();
}

/* ---- the clients */

void model_add_queue_late_clients(void)
{
    static const char *const exchange[] = {"pair_cas", NULL};
    model_add_client(&(model_client_t){.name = "ring-asked-late-batches",
                                       .what = "a request is served though others pop two at a time",
                                       .structure = "ring",
                                       .threads = 2,
                                       .setup = setup_batches,
                                       .thread = ask_beside_batches,
                                       .points = exchange,
                                       .at_point = batches_first,
                                       .finish = finish_batches,
                                       .arg = &queue_ring_served});
}
