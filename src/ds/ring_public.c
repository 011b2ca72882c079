/* The ring's public functions: arguments, creation, waiting, numbers. */
#include "ds/queue_items.h"
#include "ds/ring.h"

#include <errno.h>
#include <string.h>

#ifndef CC_RING_SPARE
#define CC_RING_SPARE 128 /* slots beyond the capacity, at least: for cells that a sleeping producer holds */
#endif

/* ---- one step of a call: which algorithm, whose turn, how many */

static int64_t push_n(cc_ring_t *ring, void *const *items, size_t n)
{
    if (ring->opts.backoff)
        cc__turn_take(&ring->turn);
    int64_t pushed = ring->cells != NULL       ? cc__ring_push_n(ring, items, n)
                     : ring->wait_free != NULL ? cc__ring_wait_free_push_n(ring, items, n)
                                               : cc__ring_spsc_push_n(ring, items, n);
    if (pushed > 0)
        cc__queue_count(ring->stats, CC__QUEUE_PUSHES, (uint64_t)pushed);
    return pushed;
}

static int64_t pop_n(cc_ring_t *ring, void **items, size_t n)
{
    if (ring->opts.backoff)
        cc__turn_take(&ring->turn);
    int64_t popped = ring->cells != NULL       ? cc__ring_pop_n(ring, items, n)
                     : ring->wait_free != NULL ? cc__ring_wait_free_pop_n(ring, items, n)
                                               : cc__ring_spsc_pop_n(ring, items, n);
    if (popped > 0)
        cc__queue_count(ring->stats, CC__QUEUE_POPS, (uint64_t)popped);
    return popped;
}

/* ---- create, destroy */

static bool valid_capacity(size_t capacity)
{
    return capacity != 0 && (capacity & (capacity - 1)) == 0 && capacity <= CC_RING_CAPACITY_MAX;
}

static size_t slots_for(size_t capacity, bool spsc)
{
    return spsc ? capacity : 2 * (capacity > CC_RING_SPARE ? capacity : CC_RING_SPARE);
}

static size_t array_bytes(const cc_ring_t *ring)
{
    if (ring->opts.spsc)
        return ring->slots * sizeof *ring->item;
    return ring->opts.wait_free ? cc__ring_wait_free_bytes(ring->slots) : ring->slots * sizeof *ring->cells;
}

static void *array_of(const cc_ring_t *ring)
{
    if (ring->opts.spsc)
        return ring->item;
    return ring->opts.wait_free ? (void *)ring->wait_free : (void *)ring->cells;
}

static bool make_parts(cc_ring_t *ring)
{
    void *array = cc_alloc_aligned(array_bytes(ring), CC_NO_SHARING);
    if (ring->opts.statistics)
        ring->stats = cc__queue_stats_create();
    if (array == NULL || (ring->stats == NULL && ring->opts.statistics)) {
        cc_free(array, array_bytes(ring));
        cc__queue_stats_destroy(ring->stats);
        return false;
    }
    memset(array, 0, array_bytes(ring)); /* cells: free, before their first ticket; requests: over, number 0 */
    if (ring->opts.spsc)
        ring->item = array;
    else if (ring->opts.wait_free)
        ring->wait_free = array;
    else
        ring->cells = array;
    return true;
}

int cc_ring_create(size_t capacity, const cc_ring_opts_t *opts, cc_ring_t **out)
{
    const cc_ring_opts_t defaults = CC_RING_OPTS_INIT;
    if (opts == NULL)
        opts = &defaults;
    if (out == NULL || !valid_capacity(capacity) || opts->size != sizeof *opts || (opts->spsc && opts->backoff))
        return -EINVAL;
    if (opts->wait_free && !opts->spsc && !cc__pair_is_supported())
        return -ENOTSUP;
    cc_ring_t *ring = cc_alloc_aligned(sizeof *ring, CC_NO_SHARING);
    if (ring == NULL)
        return -ENOMEM;
    memset(ring, 0, sizeof *ring);
    ring->opts = *opts;
    ring->capacity = capacity;
    ring->slots = slots_for(capacity, opts->spsc);
    ring->slots_log2 = (unsigned)__builtin_ctzll(ring->slots);
    if (!make_parts(ring)) {
        cc_free(ring, sizeof *ring);
        return -ENOMEM;
    }
    cc__event_init(&ring->items);
    cc__event_init(&ring->room);
    *out = ring;
    return 0;
}

static bool pop_alone(cc_ring_t *ring, void **item)
{
    return ring->wait_free != NULL ? cc__ring_wait_free_pop_alone(ring, item) : pop_n(ring, item, 1) == 1;
}

int cc_ring_destroy(cc_ring_t *ring)
{
    void *item;
    if (ring == NULL)
        return -EINVAL;
    while (ring->opts.item_reclaim != NULL && pop_alone(ring, &item))
        ring->opts.item_reclaim(item, ring->opts.item_ctx);
    cc__event_fini(&ring->items);
    cc__event_fini(&ring->room);
    cc__queue_stats_destroy(ring->stats);
    cc_free(array_of(ring), array_bytes(ring));
    cc_free(ring, sizeof *ring);
    return 0;
}

/* ---- push, pop */

static int push(cc_ring_t *ring, void *item)
{
    int64_t pushed = push_n(ring, &item, 1);
    return pushed == 1 ? 0 : (int)pushed;
}

static int pop(cc_ring_t *ring, void **item)
{
    int64_t popped = pop_n(ring, item, 1);
    return popped == 1 ? 0 : (int)popped;
}

int cc_ring_push(cc_ring_t *ring, void *item)
{
    if (ring == NULL || item == NULL)
        return -EINVAL;
    int err = push(ring, item);
    if (err == -EAGAIN)
        cc__queue_count(ring->stats, CC__QUEUE_FULL, 1);
    return err;
}

int cc_ring_pop(cc_ring_t *ring, void **item)
{
    if (ring == NULL || item == NULL)
        return -EINVAL;
    int err = pop(ring, item);
    if (err == -EAGAIN)
        cc__queue_count(ring->stats, CC__QUEUE_EMPTY, 1);
    return err;
}

int64_t cc_ring_push_n(cc_ring_t *ring, void *const *items, size_t n)
{
    if (ring == NULL || items == NULL || !queue_items_without(items, n, NULL))
        return -EINVAL;
    int64_t pushed = n != 0 ? push_n(ring, items, n) : 0;
    if (pushed == -EAGAIN)
        cc__queue_count(ring->stats, CC__QUEUE_FULL, 1);
    return pushed;
}

int64_t cc_ring_pop_n(cc_ring_t *ring, void **items, size_t n)
{
    if (ring == NULL || items == NULL)
        return -EINVAL;
    int64_t popped = n != 0 ? pop_n(ring, items, n) : 0;
    if (popped == -EAGAIN)
        cc__queue_count(ring->stats, CC__QUEUE_EMPTY, 1);
    return popped;
}

/* ---- waiting */

static int attempt_push(void *ring, void *item)
{
    return push(ring, item);
}

static int attempt_pop_n(void *ring, void *arg)
{
    cc__batch_t *batch = arg;
    return batch_popped(batch, pop_n(ring, batch->items, batch->n));
}

/* Pushes and pops that this thread has seen the effect of are counted. */
static bool has_items(void *ring)
{
    return cc_ring_count(ring) > 0;
}

static bool has_room(void *of)
{
    cc_ring_t *ring = of;
    return cc_ring_count(ring) < ring->capacity || (ring->cells != NULL && !cc__ring_has_oldest(ring));
}

static int wait(cc_ring_t *ring, cc__event_t *event, const cc__event_call_t *call, int64_t timeout_ns)
{
    uint64_t sleeps;
    int err = cc__event_wait(event, call, timeout_ns, &sleeps);
    cc__queue_count(ring->stats, CC__QUEUE_WAITS, sleeps);
    return err;
}

int cc_ring_push_wait(cc_ring_t *ring, void *item, int64_t timeout_ns)
{
    if (ring == NULL || item == NULL)
        return -EINVAL;
    return wait(ring, &ring->room, &(cc__event_call_t){attempt_push, has_room, ring, item, &ring->items}, timeout_ns);
}

int64_t cc_ring_pop_n_wait(cc_ring_t *ring, void **items, size_t n, int64_t timeout_ns)
{
    if (ring == NULL || items == NULL)
        return -EINVAL;
    if (n == 0)
        return 0;
    cc__batch_t batch = {items, n, 0};
    cc__event_call_t call = {attempt_pop_n, has_items, ring, &batch, &ring->room};
    int err = wait(ring, &ring->items, &call, timeout_ns);
    return err == 0 ? batch.popped : err;
}

int cc_ring_pop_wait(cc_ring_t *ring, void **item, int64_t timeout_ns)
{
    int64_t popped = cc_ring_pop_n_wait(ring, item, 1, timeout_ns);
    return popped == 1 ? 0 : (int)popped;
}

int cc_ring_event_fd(cc_ring_t *ring)
{
    return ring != NULL ? cc__event_fd(&ring->items) : -EINVAL;
}

int cc_ring_arm(cc_ring_t *ring)
{
    return ring != NULL ? cc__event_arm(&ring->items) : -EINVAL;
}

int cc_ring_close(cc_ring_t *ring)
{
    if (ring == NULL)
        return -EINVAL;
    if (ring->wait_free != NULL)
        cc__ring_wait_free_close(ring);
    else
        /* [ring.close] pairs with [ring.tail]: what came before it. */
        cc__fetch_or_seq_cst(&ring->tail, CC__RING_CLOSED);
    cc__event_notify(&ring->items, UINT32_MAX);
    cc__event_notify(&ring->room, UINT32_MAX);
    return 0;
}

/* ---- numbers */

size_t cc_ring_count(cc_ring_t *ring)
{
    if (ring == NULL)
        return 0;
    return ring->wait_free != NULL ? cc__ring_wait_free_count(ring) : cc__ring_count(ring);
}

int cc_ring_info(cc_ring_t *ring, cc_ring_info_t *out)
{
    if (ring == NULL || out == NULL || out->size < sizeof *out)
        return -EINVAL;
    out->algorithm = ring->opts.spsc        ? "one producer, one consumer"
                     : ring->opts.wait_free ? "tickets, with help"
                                            : "tickets";
    out->capacity = ring->capacity;
    out->slots = ring->slots;
    out->bytes = sizeof *ring + array_bytes(ring);
    out->bytes += ring->stats != NULL ? sizeof *ring->stats : 0;
    out->wait_free = ring->opts.spsc || ring->opts.wait_free;
    return 0;
}

int cc_ring_stats_snapshot(cc_ring_t *ring, cc_queue_snapshot_t *out)
{
    return ring != NULL ? cc__queue_stats_snapshot(ring->stats, out) : -EINVAL;
}
