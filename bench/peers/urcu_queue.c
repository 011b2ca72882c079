/* liburcu: wfcqueue, whose consumers take a mutex, and rculfqueue, lock-free, in memb's sections. */
#include "../contender.h"

#define _LGPL_SOURCE
#define URCU_INLINE_SMALL_FUNCTIONS
#include <urcu/urcu-memb.h>

#include <stdlib.h>
#include <urcu/rculfqueue.h>
#include <urcu/wfcqueue.h>

static void *or_die(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* ---- wfcqueue */

typedef struct {
    _Alignas(128) struct cds_wfcq_head head;
    _Alignas(128) struct cds_wfcq_tail tail;
} wait_free_t;

typedef struct {
    struct cds_wfcq_node node; /* first: an entry is its node */
    void *item;
} wait_free_entry_t;

static void *wait_free_create(const contender_opts_t *opts)
{
    wait_free_t *it = or_die(aligned_alloc(128, sizeof *it));
    (void)opts;
    cds_wfcq_init(&it->head, &it->tail);
    return it;
}

static bool wait_free_push(void *what, void *self, void *item)
{
    wait_free_t *it = what;
    wait_free_entry_t *entry = or_die(malloc(sizeof *entry));
    (void)self;
    cds_wfcq_node_init(&entry->node);
    entry->item = item;
    cds_wfcq_enqueue(&it->head, &it->tail, &entry->node);
    return true;
}

static bool wait_free_pop(void *what, void *self, void **item)
{
    wait_free_t *it = what;
    (void)self;
    wait_free_entry_t *entry = (wait_free_entry_t *)cds_wfcq_dequeue_blocking(&it->head, &it->tail);
    if (entry == NULL)
        return false;
    *item = entry->item;
    free(entry);
    return true;
}

/* ---- rculfqueue */

typedef struct {
    struct cds_lfq_node_rcu node; /* first: an entry is its node */
    void *item;
    struct rcu_head head;
} entry_t;

static void *lock_free_create(const contender_opts_t *opts)
{
    struct cds_lfq_queue_rcu *it = or_die(aligned_alloc(128, (sizeof *it + 127) / 128 * 128));
    (void)opts;
    cds_lfq_init_rcu(it, urcu_memb_call_rcu);
    return it;
}

static void *begin(void *it, unsigned number)
{
    (void)number;
    urcu_memb_register_thread();
    return it;
}

static void end(void *it, void *self)
{
    (void)it, (void)self;
    urcu_memb_unregister_thread();
}

static bool lock_free_push(void *it, void *self, void *item)
{
    entry_t *entry = or_die(malloc(sizeof *entry));
    (void)self;
    cds_lfq_node_init_rcu(&entry->node);
    entry->item = item;
    urcu_memb_read_lock();
    cds_lfq_enqueue_rcu(it, &entry->node);
    urcu_memb_read_unlock();
    return true;
}

static void reclaim(struct rcu_head *head)
{
    free((char *)head - offsetof(entry_t, head));
}

static bool lock_free_pop(void *it, void *self, void **item)
{
    (void)self;
    urcu_memb_read_lock();
    entry_t *entry = (entry_t *)cds_lfq_dequeue_rcu(it);
    urcu_memb_read_unlock();
    if (entry == NULL)
        return false;
    *item = entry->item;
    urcu_memb_call_rcu(&entry->head, reclaim);
    return true;
}

static contender_t wait_free = {
    .name = "urcu-wfcqueue",
    .kind = "queue",
    .package = "liburcu-dev",
    .note = "consumers take a mutex",
    .create = wait_free_create,
    .destroy = free,
    .push = wait_free_push,
    .pop = wait_free_pop,
};
static contender_t lock_free = {
    .name = "urcu-rculfqueue",
    .kind = "queue",
    .package = "liburcu-dev",
    .note = "frees in a thread of its own, without a bound",
    .create = lock_free_create,
    .destroy = free,
    .thread_begin = begin,
    .thread_end = end,
    .push = lock_free_push,
    .pop = lock_free_pop,
};
BENCH_CONTENDER(wait_free)
BENCH_CONTENDER(lock_free)
