/* Lock-free stack after Treiber (1986), with optional elimination (lifo_place.h). Compiled once per scheme.
 *
 * Deviation: the mark of the top link closes the stack.
 *
 *     top --> node --> node --> NULL           a node's `next` never changes once it is linked
 *
 * Linearization. push: the change of the top (all nodes of a batch at once), or the moment at which a pop takes the
 * offered node. pop: the change of the top, or the same moment. -EAGAIN: the read of an empty top. close: its mark; from
 * then on the mark stays, so no push succeeds, and -EPIPE (an empty marked top) is final.
 *
 * Progress: lock-free. A change of the top fails only because another one succeeded.
 *
 * Reclamation. A push follows no pointer. A pop commits the top node and copies its `next`; the exchange then proves that
 * the node was the top all the time, for a node that is committed is not freed, so its address cannot come back: no ABA.
 * Under IBR the node was linked from the top when it was read there, hence not yet retired. Whoever unlinks a node
 * retires it: exactly one.
 *
 * Caught by: model clients lifo-*, mutants `lifo: ...`, stress_queue (checksum, LIFO histories). */
#include "ds/lifo_place.h"
#include "smr/cap.h"
#include "smr/policy.h"
#include "smr/registry.h"

#include <errno.h>

typedef cc__lifo_node_t node_t;

typedef struct {
    cc_lifo_t *lifo;
    cc__rec_t *rec;
    uintptr_t top; /* as SEARCH read it */
} op_t;

static void count(op_t *op, int64_t change)
{
    /* Relaxed: only the sum in a quiet moment is promised. */
    cc__fetch_add_relaxed(&op->lifo->count[op->rec->index % CC__LIFO_STRIPES].entries, change);
}

/* ---- push */

static void free_chain(node_t *node)
{
    while (node != NULL) {
        node_t *next = node->next;
        cc_free(node, sizeof *node);
        node = next;
    }
}

/* The items as a chain, the last one first; *bottom is the first. NULL: no memory. */
static node_t *make_chain(cc__rec_t *rec, void *const *items, size_t n, node_t **bottom)
{
    node_t *top = NULL;
    for (size_t i = 0; i < n; i++) {
        node_t *node = cc_alloc_node(sizeof *node);
        if (node == NULL) {
            free_chain(top);
            return NULL;
        }
        node->birth = smr_birth(rec);
        node->next = top;
        node->item = items[i];
        *bottom = i == 0 ? node : *bottom;
        top = node;
    }
    return top;
}

/* 0 or -EPIPE. */
static int link_chain(op_t *op, node_t *top, node_t *bottom)
{
    cc_lifo_t *lifo = op->lifo;
    uintptr_t seen = cc__load_relaxed(&lifo->top); /* a pointer that is stored, not followed */
    for (;;) {
        if (cc__is_marked(seen))
            return -EPIPE;
        bottom->next = cc__unmarked(seen);
        /* [node.link] pairs with [node.read]: the nodes' contents. */
        if (cc__cas_seq_cst(&lifo->top, &seen, (uintptr_t)top))
            return 0;
        cc__queue_count(lifo->stats, CC__QUEUE_RETRIES, 1);
        if (lifo->places == NULL || top != bottom || cc__is_marked(seen))
            continue;
        if (lifo_offer(lifo_place(lifo, op->rec), top)) {
            cc__queue_count(lifo->stats, CC__QUEUE_ELIMINATED, 1);
            return 0;
        }
        seen = cc__load_relaxed(&lifo->top); /* as above; it may be closed by now */
    }
}

/* For good. Stale: the exchange that would link it sees the mark. */
static bool is_closed(const cc_lifo_t *lifo)
{
    return cc__is_marked(cc__load_relaxed(&lifo->top));
}

static int64_t push_n(cc_lifo_t *lifo, void *const *items, size_t n)
{
    op_t op = {.lifo = lifo, .rec = cc__rec_get(lifo->domain)};
    node_t *bottom = NULL, *top = NULL;
    int err =
        is_closed(lifo) ? -EPIPE : cc__limbo_admit(op.rec, 0); /* what is closed says so, whatever else is the matter */
    if (err == 0) {
        top = make_chain(op.rec, items, n, &bottom);
        err = top == NULL ? -ENOMEM : link_chain(&op, top, bottom);
    }
    if (err == 0)
        count(&op, (int64_t)n);
    else if (err == -EPIPE && bottom != NULL) {
        bottom->next = NULL;
        free_chain(top);
    }
    cc__rec_return(op.rec);
    return err == 0 ? (int64_t)n : err;
}

/* ---- pop */

SMR_SEARCH search_top(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    op->top = smr_read(&hold, &op->lifo->top);
    smr_commit(op->rec, cc__unmarked(op->top));
}

/* 0: *node is the caller's, and *linked says whether it was in the stack. -EAGAIN, -EPIPE. */
static int take(op_t *op, node_t **node, bool *linked)
{
    cc_lifo_t *lifo = op->lifo;
    for (;;) {
        smr_search(op->rec, search_top, op);
        uintptr_t top = op->top;
        *node = cc__unmarked(top);
        if (*node == NULL)
            return cc__is_marked(top) ? -EPIPE : -EAGAIN;
        /* [node.unlink] pairs with [node.read]: the next node's contents, which this thread has not written. */
        *linked = cc__cas_seq_cst(&lifo->top, &top, (uintptr_t)(*node)->next | (top & CC__MARK));
        if (*linked)
            return 0;
        cc__queue_count(lifo->stats, CC__QUEUE_RETRIES, 1);
        if (lifo->places == NULL || cc__is_marked(top))
            continue;
        *node = lifo_accept(lifo_place(lifo, op->rec));
        if (*node != NULL)
            return 0;
    }
}

static int pop(cc_lifo_t *lifo, void **item)
{
    op_t op = {.lifo = lifo, .rec = cc__rec_get(lifo->domain)};
    node_t *node;
    bool linked;
    int err = -ENOMEM;
    if (cc__limbo_reserve(op.rec, 1)) {
        smr_begin(op.rec);
        err = take(&op, &node, &linked);
        smr_end(op.rec);
    }
    if (err == 0) {
        count(&op, -1);
        *item = node->item;
        if (linked) {
            cc__limbo_add(op.rec,
                          &(cc__entry_t){.ptr = node, .u.birth = node->birth, .sized = cc__sized_node(sizeof *node, 0)},
                          1);
            cc__limbo_maintain(op.rec);
        } else {
            cc_free(node, sizeof *node);
        }
    }
    cc__rec_return(op.rec);
    return err;
}

const cc__lifo_ops_t SCHEME_VARIANT(cc__lifo_ops) = {.push_n = push_n, .pop = pop};
