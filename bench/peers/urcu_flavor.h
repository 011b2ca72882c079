/* One flavor of liburcu. RCU(call) is a call of it, NAME what it is called here; its header is included before, with
 * _LGPL_SOURCE, so that sections are inlined. Retired objects go to call_rcu, whose backlog has no bound. */
#include "../contender.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE = 64 };

typedef struct {
    struct rcu_head head;
    char rest[SIZE - sizeof(struct rcu_head)];
} object_t;

static object_t *shared;

static void *create(const contender_opts_t *opts)
{
    (void)opts;
    shared = calloc(1, sizeof *shared);
    return shared;
}

static void destroy(void *it)
{
    free(it);
}

static void *begin(void *it, unsigned number)
{
    (void)number;
    RCU(register_thread)();
    return it;
}

static void end(void *it, void *self)
{
    (void)it, (void)self;
    RCU(unregister_thread)();
}

static void read_shared(void *it, void *self, unsigned times)
{
    (void)it, (void)self;
    while (times-- > 0) {
        RCU(read_lock)();
        (void)*(volatile char *)rcu_dereference(shared)->rest;
        RCU(read_unlock)();
        QUIESCE();
    }
}

static void reclaim(struct rcu_head *head)
{
    free(head);
}

static void retire(void *it, void *self, unsigned times)
{
    (void)it, (void)self;
    while (times-- > 0) {
        object_t *object = malloc(sizeof *object);
        if (object == NULL)
            abort();
        memset(object, 1, sizeof *object);
        RCU(call_rcu)(&object->head, reclaim);
        QUIESCE();
    }
}

static void hold(void *it, void *self)
{
    (void)it, (void)self;
    RCU(read_lock)();
}

static void release(void *it, void *self)
{
    (void)it, (void)self;
    RCU(read_unlock)();
}

static contender_t contender = {
    .name = NAME,
    .kind = "smr",
    .package = "liburcu-dev",
    .note = "frees in a thread of its own, without a bound",
    .create = create,
    .destroy = destroy,
    .thread_begin = begin,
    .thread_end = end,
    .read = read_shared,
    .retire = retire,
    .hold = hold,
    .release = release,
};
BENCH_CONTENDER(contender)
