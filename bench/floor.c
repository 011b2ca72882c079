/* What no queue with tickets can avoid: a fetch-and-add on each of two counters per pair; and what none can that passes
 * something: the same, with a word stored under each ticket and read under it, nobody looking whether it is there. Measured in
 * the same run, because a virtual machine's memory system is not the same every day. */
#include "contender.h"

#include <stdatomic.h>

static _Alignas(128) _Atomic(uint64_t) in;
static _Alignas(128) _Atomic(uint64_t) out;
static char item;

static void *create(const contender_opts_t *opts)
{
    (void)opts;
    return &item;
}

static void destroy(void *it)
{
    (void)it;
}

static bool push(void *it, void *self, void *what)
{
    (void)it, (void)self, (void)what;
    atomic_fetch_add(&in, 1);
    return true;
}

static bool pop(void *it, void *self, void **what)
{
    (void)it, (void)self;
    *what = &item;
    atomic_fetch_add(&out, 1);
    return true;
}

/* ---- with cells */

enum { CELLS = 65536 };
static _Alignas(128) _Atomic(void *) cell[CELLS];

static bool store(void *it, void *self, void *what)
{
    (void)it, (void)self;
    uint64_t ticket = atomic_fetch_add(&in, 1);
    atomic_store_explicit(&cell[ticket % CELLS], what, memory_order_release);
    return true;
}

static bool load(void *it, void *self, void **what)
{
    (void)it, (void)self;
    uint64_t ticket = atomic_fetch_add(&out, 1);
    *what = atomic_load_explicit(&cell[ticket % CELLS], memory_order_acquire);
    return true;
}

static contender_t with_cells = {
    .name = "fetch-and-add+cells",
    .kind = "queue",
    .note = "no queue: the floor under all that pass something",
    .create = create,
    .destroy = destroy,
    .push = store,
    .pop = load,
};
static contender_t contender = {
    .name = "fetch-and-add",
    .kind = "queue",
    .note = "no queue: the floor under all that take tickets",
    .create = create,
    .destroy = destroy,
    .push = push,
    .pop = pop,
};
BENCH_CONTENDER(contender)
BENCH_CONTENDER(with_cells)
