/* Concurrency Kit: ck_ring, bounded, and ck_fifo_mpmc, whose nodes are never freed while it lives. */
#include "../contender.h"

#include <ck_fifo.h>
#include <ck_ring.h>
#include <stdlib.h>
#include <string.h>

/* ---- ck_ring */

typedef struct {
    ck_ring_t ring;
    ck_ring_buffer_t buffer[];
} ring_t;

static void *ring_create(const contender_opts_t *opts)
{
    size_t size = sizeof(ring_t) + opts->capacity * sizeof(ck_ring_buffer_t);
    ring_t *it = aligned_alloc(128, (size + 127) / 128 * 128);
    memset(it, 0, size);
    ck_ring_init(&it->ring, (unsigned)opts->capacity);
    return it;
}

static bool ring_push(void *what, void *self, void *item)
{
    ring_t *it = what;
    (void)self;
    return ck_ring_enqueue_mpmc(&it->ring, it->buffer, item);
}

static bool ring_pop(void *what, void *self, void **item)
{
    ring_t *it = what;
    (void)self;
    return ck_ring_dequeue_mpmc(&it->ring, it->buffer, item);
}

static bool pipe_push(void *what, void *self, void *item)
{
    ring_t *it = what;
    (void)self;
    return ck_ring_enqueue_spsc(&it->ring, it->buffer, item);
}

static bool pipe_pop(void *what, void *self, void **item)
{
    ring_t *it = what;
    (void)self;
    return ck_ring_dequeue_spsc(&it->ring, it->buffer, item);
}

/* ---- ck_fifo_mpmc: what a pop leaves over, its thread pushes again */

typedef ck_fifo_mpmc_entry_t entry_t;

typedef struct spare {
    entry_t entry; /* first: a spare is its entry */
    struct spare *next;
} spare_t;

static entry_t *fresh(void)
{
    spare_t *spare = aligned_alloc(64, (sizeof *spare + 63) / 64 * 64);
    if (spare == NULL)
        abort();
    memset(spare, 0, sizeof *spare);
    return &spare->entry;
}

static void *fifo_create(const contender_opts_t *opts)
{
    ck_fifo_mpmc_t *it = aligned_alloc(128, (sizeof *it + 127) / 128 * 128);
    (void)opts;
    ck_fifo_mpmc_init(it, fresh());
    return it;
}

static void *fifo_begin(void *it, unsigned number)
{
    (void)it, (void)number;
    return calloc(1, sizeof(spare_t *));
}

/* Other threads may still look at them: entries stay until the process ends. */
static void fifo_end(void *it, void *self)
{
    (void)it;
    free(self);
}

static bool fifo_push(void *it, void *self, void *item)
{
    spare_t **spares = self, *spare = *spares;
    if (spare != NULL)
        *spares = spare->next;
    ck_fifo_mpmc_enqueue(it, spare != NULL ? &spare->entry : fresh(), item);
    return true;
}

static bool fifo_pop(void *it, void *self, void **item)
{
    spare_t **spares = self;
    entry_t *left_over;
    if (!ck_fifo_mpmc_dequeue(it, item, &left_over))
        return false;
    spare_t *spare = (spare_t *)left_over;
    spare->next = *spares;
    *spares = spare;
    return true;
}

static contender_t ring = {
    .name = "ck_ring-mpmc",
    .kind = "queue",
    .package = "libck-dev",
    .note = "bounded: 65536 items",
    .create = ring_create,
    .destroy = free,
    .push = ring_push,
    .pop = ring_pop,
};
static contender_t pipe = {
    .name = "ck_ring-spsc",
    .kind = "queue",
    .package = "libck-dev",
    .note = "bounded: 65536 items",
    .pipe = true,
    .create = ring_create,
    .destroy = free,
    .push = pipe_push,
    .pop = pipe_pop,
};
static contender_t fifo = {
    .name = "ck_fifo_mpmc",
    .kind = "queue",
    .package = "libck-dev",
    .note = "never frees a node",
    .create = fifo_create,
    .destroy = free,
    .thread_begin = fifo_begin,
    .thread_end = fifo_end,
    .push = fifo_push,
    .pop = fifo_pop,
};
BENCH_CONTENDER(ring)
BENCH_CONTENDER(pipe)
BENCH_CONTENDER(fifo)
