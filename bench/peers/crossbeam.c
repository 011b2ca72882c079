/* crossbeam, from Rust (crossbeam/lib.rs): its epochs, and SegQueue. */
#include "../contender.h"

#include <stdlib.h>

void *crossbeam_queue_create(void);
void crossbeam_queue_destroy(void *it);
void crossbeam_queue_push(void *it, void *item);
void *crossbeam_queue_pop(void *it);
void crossbeam_read(uint32_t times);
void crossbeam_retire(uint32_t times);
void crossbeam_hold(void);
void crossbeam_release(void);

static void *queue_create(const contender_opts_t *opts)
{
    (void)opts;
    return crossbeam_queue_create();
}

static bool push(void *it, void *self, void *item)
{
    (void)self;
    crossbeam_queue_push(it, item);
    return true;
}

static bool pop(void *it, void *self, void **item)
{
    (void)self;
    *item = crossbeam_queue_pop(it);
    return *item != NULL;
}

static void *epoch_create(const contender_opts_t *opts)
{
    (void)opts;
    return malloc(1); /* there is one of it per process */
}

static void read_shared(void *it, void *self, unsigned times)
{
    (void)it, (void)self;
    crossbeam_read(times);
}

static void retire(void *it, void *self, unsigned times)
{
    (void)it, (void)self;
    crossbeam_retire(times);
}

static void hold(void *it, void *self)
{
    (void)it, (void)self;
    crossbeam_hold();
}

static void release(void *it, void *self)
{
    (void)it, (void)self;
    crossbeam_release();
}

static contender_t queue = {
    .name = "crossbeam::SegQueue",
    .kind = "queue",
    .package = "librust-crossbeam-queue-dev",
    .create = queue_create,
    .destroy = crossbeam_queue_destroy,
    .push = push,
    .pop = pop,
};
static contender_t epochs = {
    .name = "crossbeam-epoch",
    .kind = "smr",
    .package = "librust-crossbeam-epoch-dev",
    .create = epoch_create,
    .destroy = free,
    .read = read_shared,
    .retire = retire,
    .hold = hold,
    .release = release,
};
BENCH_CONTENDER(queue)
BENCH_CONTENDER(epochs)
