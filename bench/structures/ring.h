/* A ring as a contender: OPTIONS(opts) changes its options, TITLE is what it is called then, PIPE says whether it is for one
 * producer and one consumer; BATCHED: items are passed in batches. */
#include "../contender.h"

#include <cc/ring.h>

static void *create(const contender_opts_t *opts)
{
    cc_ring_opts_t mine = CC_RING_OPTS_INIT;
    cc_ring_t *ring;
    OPTIONS(mine);
    return cc_ring_create(opts->capacity, &mine, &ring) == 0 ? ring : NULL;
}

static void destroy(void *it)
{
    (void)cc_ring_destroy(it);
}

#ifdef BATCHED
#define PUSH_N cc_ring_push_n
#define POP_N  cc_ring_pop_n
#include "batch.h"
#else
#define CALLS .push = push, .pop = pop
static bool push(void *it, void *self, void *item)
{
    (void)self;
    return cc_ring_push(it, item) == 0;
}

static bool pop(void *it, void *self, void **item)
{
    (void)self;
    return cc_ring_pop(it, item) == 0;
}
#endif

static contender_t contender = {
    .name = TITLE,
    .kind = "queue",
    .note = "bounded: 65536 items",
    .pipe = PIPE,
    .create = create,
    .destroy = destroy,
    CALLS,
};
BENCH_CONTENDER(contender)
