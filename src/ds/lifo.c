/* The stack's public functions: arguments, creation, waiting, numbers. What touches nodes is compiled per scheme. */
#include "ds/lifo.h"

#include "ds/queue_items.h"
#include "smr/domain.h"

#include <errno.h>
#include <string.h>

static const cc__lifo_ops_t *ops_of(const cc_domain_t *domain)
{
    switch (domain->scheme_id) {
    case CC_SMR_DEBRA:
        return &cc__lifo_ops_debra;
    case CC_SMR_EPOCH:
        return &cc__lifo_ops_epoch;
    case CC_SMR_LEAK:
        return &cc__lifo_ops_leak;
#if CC_WITH_URCU
    case CC_SMR_URCU:
        return &cc__lifo_ops_urcu;
#endif
#if CC_WITH_CK
    case CC_SMR_CK:
        return &cc__lifo_ops_ck;
#endif
    default:
        return &cc__lifo_ops_ibr;
    }
}

/* ---- create, destroy */

static bool make_parts(cc_lifo_t *lifo)
{
    size_t bytes = lifo->opts.elimination * sizeof *lifo->places;
    if (lifo->opts.statistics)
        lifo->stats = cc__queue_stats_create();
    if (bytes != 0 && (lifo->places = cc_alloc_aligned(bytes, CC_NO_SHARING)) != NULL)
        memset(lifo->places, 0, bytes);
    if ((lifo->stats != NULL || !lifo->opts.statistics) && (lifo->places != NULL || bytes == 0))
        return true;
    cc__queue_stats_destroy(lifo->stats);
    cc_free(lifo->places, bytes);
    return false;
}

int cc_lifo_create(cc_domain_t *domain, const cc_lifo_opts_t *opts, cc_lifo_t **out)
{
    const cc_lifo_opts_t defaults = CC_LIFO_OPTS_INIT;
    if (opts == NULL)
        opts = &defaults;
    if (out == NULL || opts->size != sizeof *opts || opts->elimination > CC_LIFO_ELIMINATION_MAX)
        return -EINVAL;
    int err = cc__domain_resolve(domain, &domain);
    if (err != 0)
        return err;
    cc_lifo_t *lifo = cc_alloc_aligned(sizeof *lifo, CC_NO_SHARING);
    if (lifo == NULL)
        return -ENOMEM;
    memset(lifo, 0, sizeof *lifo);
    lifo->opts = *opts;
    if (!make_parts(lifo)) {
        cc_free(lifo, sizeof *lifo);
        return -ENOMEM;
    }
    lifo->ops = ops_of(domain);
    lifo->domain = domain;
    cc__event_init(&lifo->items);
    cc__domain_hold(domain);
    *out = lifo;
    return 0;
}

int cc_lifo_destroy(cc_lifo_t *lifo)
{
    if (lifo == NULL)
        return -EINVAL;
    cc__lifo_node_t *node = cc__unmarked(cc__load_relaxed(&lifo->top)); /* nobody else is inside */
    while (node != NULL) {
        cc__lifo_node_t *next = node->next;
        if (lifo->opts.item_reclaim != NULL)
            lifo->opts.item_reclaim(node->item, lifo->opts.item_ctx);
        cc_free(node, sizeof *node);
        node = next;
    }
    cc__event_fini(&lifo->items);
    cc__queue_stats_destroy(lifo->stats);
    cc_free(lifo->places, lifo->opts.elimination * sizeof *lifo->places);
    cc__domain_release(lifo->domain);
    cc_free(lifo, sizeof *lifo);
    return 0;
}

/* ---- push, pop */

int cc_lifo_push(cc_lifo_t *lifo, void *item)
{
    if (lifo == NULL || item == NULL)
        return -EINVAL;
    int64_t pushed = lifo->ops->push_n(lifo, &item, 1);
    if (pushed < 0)
        return (int)pushed;
    cc__queue_count(lifo->stats, CC__QUEUE_PUSHES, 1);
    cc__event_notify(&lifo->items, 1);
    return 0;
}

static int pop(cc_lifo_t *lifo, void **item)
{
    int err = lifo->ops->pop(lifo, item);
    if (err == 0)
        cc__queue_count(lifo->stats, CC__QUEUE_POPS, 1);
    return err;
}

int cc_lifo_pop(cc_lifo_t *lifo, void **item)
{
    if (lifo == NULL || item == NULL)
        return -EINVAL;
    int err = pop(lifo, item);
    if (err == -EAGAIN)
        cc__queue_count(lifo->stats, CC__QUEUE_EMPTY, 1);
    return err;
}

int64_t cc_lifo_push_n(cc_lifo_t *lifo, void *const *items, size_t n)
{
    if (lifo == NULL || items == NULL || !queue_items_without(items, n, NULL))
        return -EINVAL;
    int64_t pushed = n != 0 ? lifo->ops->push_n(lifo, items, n) : 0;
    if (pushed > 0) {
        cc__queue_count(lifo->stats, CC__QUEUE_PUSHES, (uint64_t)pushed);
        cc__event_notify(&lifo->items, (uint64_t)pushed);
    }
    return pushed;
}

static int64_t pop_n(cc_lifo_t *lifo, void **items, size_t n)
{
    size_t popped = 0;
    int err = 0;
    while (popped < n && (err = pop(lifo, &items[popped])) == 0)
        popped++;
    return popped > 0 ? (int64_t)popped : err;
}

int64_t cc_lifo_pop_n(cc_lifo_t *lifo, void **items, size_t n)
{
    if (lifo == NULL || items == NULL)
        return -EINVAL;
    int64_t popped = pop_n(lifo, items, n);
    if (popped == -EAGAIN)
        cc__queue_count(lifo->stats, CC__QUEUE_EMPTY, 1);
    return popped;
}

/* ---- waiting */

static int attempt_pop_n(void *lifo, void *arg)
{
    cc__batch_t *batch = arg;
    return batch_popped(batch, pop_n(lifo, batch->items, batch->n));
}

static bool has_items(void *lifo)
{
    /* Stale: not older than what the caller has seen, so an item of before that is not missed. */
    return cc__unmarked(cc__load_relaxed(&((cc_lifo_t *)lifo)->top)) != NULL;
}

int64_t cc_lifo_pop_n_wait(cc_lifo_t *lifo, void **items, size_t n, int64_t timeout_ns)
{
    if (lifo == NULL || items == NULL)
        return -EINVAL;
    if (n == 0)
        return 0;
    uint64_t sleeps;
    cc__batch_t batch = {items, n, 0};
    cc__event_call_t call = {attempt_pop_n, has_items, lifo, &batch, NULL};
    int err = cc__event_wait(&lifo->items, &call, timeout_ns, &sleeps);
    cc__queue_count(lifo->stats, CC__QUEUE_WAITS, sleeps);
    return err == 0 ? batch.popped : err;
}

int cc_lifo_pop_wait(cc_lifo_t *lifo, void **item, int64_t timeout_ns)
{
    int64_t popped = cc_lifo_pop_n_wait(lifo, item, 1, timeout_ns);
    return popped == 1 ? 0 : (int)popped;
}

int cc_lifo_event_fd(cc_lifo_t *lifo)
{
    return lifo != NULL ? cc__event_fd(&lifo->items) : -EINVAL;
}

int cc_lifo_arm(cc_lifo_t *lifo)
{
    return lifo != NULL ? cc__event_arm(&lifo->items) : -EINVAL;
}

int cc_lifo_close(cc_lifo_t *lifo)
{
    if (lifo == NULL)
        return -EINVAL;
    /* [node.mark] pairs with [node.read]: as a read-modify-write it keeps the release of the link that it marks. */
    cc__fetch_or_seq_cst(&lifo->top, CC__MARK);
    cc__event_notify(&lifo->items, UINT32_MAX);
    return 0;
}

/* ---- numbers */

size_t cc_lifo_count(cc_lifo_t *lifo)
{
    int64_t sum = 0;
    for (int i = 0; lifo != NULL && i < CC__LIFO_STRIPES; i++)
        sum += cc__load_relaxed(&lifo->count[i].entries); /* stale: off by the calls in flight */
    return sum > 0 ? (size_t)sum : 0;
}

int cc_lifo_stats_snapshot(cc_lifo_t *lifo, cc_queue_snapshot_t *out)
{
    return lifo != NULL ? cc__queue_stats_snapshot(lifo->stats, out) : -EINVAL;
}
