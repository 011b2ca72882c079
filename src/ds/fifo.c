/* The queue's public functions: arguments, creation, waiting, numbers. What touches segments is compiled per scheme. */
#include "ds/fifo.h"

#include "ds/queue_items.h"
#include "smr/domain.h"

#include <errno.h>
#include <string.h>

enum { SEGMENT_ITEMS = 1024 /* unless the options say otherwise */ };

static const cc__fifo_ops_t *ops_of(const cc_domain_t *domain)
{
    switch (domain->scheme_id) {
    case CC_SMR_DEBRA:
        return &cc__fifo_ops_debra;
    case CC_SMR_EPOCH:
        return &cc__fifo_ops_epoch;
    case CC_SMR_LEAK:
        return &cc__fifo_ops_leak;
#if CC_WITH_URCU
    case CC_SMR_URCU:
        return &cc__fifo_ops_urcu;
#endif
#if CC_WITH_CK
    case CC_SMR_CK:
        return &cc__fifo_ops_ck;
#endif
    default:
        return &cc__fifo_ops_ibr;
    }
}

/* ---- create, destroy */

static bool valid_opts(const cc_fifo_opts_t *opts)
{
    size_t n = opts->segment_items;
    return opts->size == sizeof *opts && (n & (n - 1)) == 0 && n <= CC_FIFO_SEGMENT_MAX;
}

static bool make_parts(cc_fifo_t *fifo)
{
    cc__fifo_segment_t *segment = cc__fifo_segment_create(fifo);
    if (fifo->opts.statistics)
        fifo->stats = cc__queue_stats_create();
    if (segment == NULL || (fifo->stats == NULL && fifo->opts.statistics)) {
        cc_free(segment, cc__fifo_segment_bytes(fifo));
        cc__queue_stats_destroy(fifo->stats);
        return false;
    }
    cc__store_relaxed(&fifo->head, (uintptr_t)segment); /* nobody shares the queue yet */
    cc__store_relaxed(&fifo->tail, (uintptr_t)segment);
    return true;
}

int cc_fifo_create(cc_domain_t *domain, const cc_fifo_opts_t *opts, cc_fifo_t **out)
{
    const cc_fifo_opts_t defaults = CC_FIFO_OPTS_INIT;
    if (opts == NULL)
        opts = &defaults;
    if (out == NULL || !valid_opts(opts))
        return -EINVAL;
    int err = cc__domain_resolve(domain, &domain);
    if (err != 0)
        return err;
    cc_fifo_t *fifo = cc_alloc_aligned(sizeof *fifo, CC_NO_SHARING);
    if (fifo == NULL)
        return -ENOMEM;
    memset(fifo, 0, sizeof *fifo);
    fifo->opts = *opts;
    fifo->cells = opts->segment_items != 0 ? opts->segment_items : SEGMENT_ITEMS;
    if (!make_parts(fifo)) {
        cc_free(fifo, sizeof *fifo);
        return -ENOMEM;
    }
    fifo->ops = ops_of(domain);
    fifo->domain = domain;
    cc__event_init(&fifo->items);
    cc__domain_hold(domain);
    *out = fifo;
    return 0;
}

static void reclaim_items(cc_fifo_t *fifo, cc__fifo_segment_t *segment)
{
    uint64_t popped = cc__load_relaxed(&segment->popped); /* nobody else is inside, here and below */
    uint64_t pushed = fifo_tickets(fifo, cc__load_relaxed(&segment->pushed));
    for (uint64_t t = popped; t < pushed; t++) {
        void *item = cc__load_relaxed(fifo_cell(segment, t));
        if (item != NULL)
            fifo->opts.item_reclaim(item, fifo->opts.item_ctx);
    }
}

int cc_fifo_destroy(cc_fifo_t *fifo)
{
    if (fifo == NULL)
        return -EINVAL;
    uintptr_t link = cc__load_relaxed(&fifo->head); /* nobody else is inside */
    while (cc__unmarked(link) != NULL) {
        cc__fifo_segment_t *segment = cc__unmarked(link);
        if (fifo->opts.item_reclaim != NULL)
            reclaim_items(fifo, segment);
        link = cc__load_relaxed(&segment->next);
        cc_free(segment, cc__fifo_segment_bytes(fifo));
    }
    cc__event_fini(&fifo->items);
    cc__queue_stats_destroy(fifo->stats);
    cc__domain_release(fifo->domain);
    cc_free(fifo, sizeof *fifo);
    return 0;
}

/* ---- push, pop */

static bool valid_item(const void *item)
{
    return item != NULL && item != CC__FIFO_TAKEN;
}

static bool valid_items(void *const *items, size_t n)
{
    return queue_items_without(items, n, NULL) && queue_items_without(items, n, CC__FIFO_TAKEN);
}

static int64_t push_n(cc_fifo_t *fifo, void *const *items, size_t n)
{
    if (fifo->opts.backoff)
        cc__turn_take(&fifo->turn);
    /* [fifo.closed] pairs with [fifo.close]: who is told of the end passes it on. Seen late: push_n finds the mark. */
    return cc__load_acquire(&fifo->closed) ? -EPIPE : fifo->ops->push_n(fifo, items, n);
}

int cc_fifo_push(cc_fifo_t *fifo, void *item)
{
    if (fifo == NULL || !valid_item(item))
        return -EINVAL;
    int64_t pushed = push_n(fifo, &item, 1);
    if (pushed < 0)
        return (int)pushed;
    cc__queue_count(fifo->stats, CC__QUEUE_PUSHES, 1);
    cc__event_notify(&fifo->items, 1);
    return 0;
}

static int64_t pop_n(cc_fifo_t *fifo, void **items, size_t n)
{
    if (fifo->opts.backoff)
        cc__turn_take(&fifo->turn);
    int64_t popped = fifo->ops->pop_n(fifo, items, n);
    if (popped > 0)
        cc__queue_count(fifo->stats, CC__QUEUE_POPS, (uint64_t)popped);
    return popped;
}

static int pop(cc_fifo_t *fifo, void **item)
{
    int64_t popped = pop_n(fifo, item, 1);
    return popped == 1 ? 0 : (int)popped;
}

int cc_fifo_pop(cc_fifo_t *fifo, void **item)
{
    if (fifo == NULL || item == NULL)
        return -EINVAL;
    int err = pop(fifo, item);
    if (err == -EAGAIN)
        cc__queue_count(fifo->stats, CC__QUEUE_EMPTY, 1);
    return err;
}

int64_t cc_fifo_push_n(cc_fifo_t *fifo, void *const *items, size_t n)
{
    if (fifo == NULL || items == NULL || !valid_items(items, n))
        return -EINVAL;
    int64_t pushed = n != 0 ? push_n(fifo, items, n) : 0;
    if (pushed > 0) {
        cc__queue_count(fifo->stats, CC__QUEUE_PUSHES, (uint64_t)pushed);
        cc__event_notify(&fifo->items, (uint64_t)pushed);
    }
    return pushed;
}

int64_t cc_fifo_pop_n(cc_fifo_t *fifo, void **items, size_t n)
{
    if (fifo == NULL || items == NULL)
        return -EINVAL;
    int64_t popped = n != 0 ? pop_n(fifo, items, n) : 0;
    if (popped == -EAGAIN)
        cc__queue_count(fifo->stats, CC__QUEUE_EMPTY, 1);
    return popped;
}

/* ---- waiting */

static int attempt_pop_n(void *fifo, void *arg)
{
    cc__batch_t *batch = arg;
    return batch_popped(batch, pop_n(fifo, batch->items, batch->n));
}

/* A push that this thread has seen the effect of is counted. */
static bool has_items(void *fifo)
{
    return cc_fifo_count(fifo) > 0;
}

int64_t cc_fifo_pop_n_wait(cc_fifo_t *fifo, void **items, size_t n, int64_t timeout_ns)
{
    if (fifo == NULL || items == NULL)
        return -EINVAL;
    if (n == 0)
        return 0;
    uint64_t sleeps;
    cc__batch_t batch = {items, n, 0};
    cc__event_call_t call = {attempt_pop_n, has_items, fifo, &batch, NULL};
    int err = cc__event_wait(&fifo->items, &call, timeout_ns, &sleeps);
    cc__queue_count(fifo->stats, CC__QUEUE_WAITS, sleeps);
    return err == 0 ? batch.popped : err;
}

int cc_fifo_pop_wait(cc_fifo_t *fifo, void **item, int64_t timeout_ns)
{
    int64_t popped = cc_fifo_pop_n_wait(fifo, item, 1, timeout_ns);
    return popped == 1 ? 0 : (int)popped;
}

int cc_fifo_event_fd(cc_fifo_t *fifo)
{
    return fifo != NULL ? cc__event_fd(&fifo->items) : -EINVAL;
}

int cc_fifo_arm(cc_fifo_t *fifo)
{
    return fifo != NULL ? cc__event_arm(&fifo->items) : -EINVAL;
}

int cc_fifo_close(cc_fifo_t *fifo)
{
    if (fifo == NULL)
        return -EINVAL;
    fifo->ops->close(fifo);
    cc__store_release(&fifo->closed, true); /* [fifo.close] pairs with [fifo.closed]: the end was marked before */
    cc__event_notify(&fifo->items, UINT32_MAX);
    return 0;
}

/* ---- numbers */

size_t cc_fifo_count(cc_fifo_t *fifo)
{
    return fifo != NULL ? fifo->ops->count(fifo) : 0;
}

int cc_fifo_stats_snapshot(cc_fifo_t *fifo, cc_queue_snapshot_t *out)
{
    return fifo != NULL ? cc__queue_stats_snapshot(fifo->stats, out) : -EINVAL;
}
