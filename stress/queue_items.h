/* The calls of a queue's history, sorted out: each item with its push and its pop, and the calls that got nothing. */
#ifndef STRESS_QUEUE_ITEMS_H
#define STRESS_QUEUE_ITEMS_H

#include "linearize_queue.h"

#define QUEUE_NEVER UINT64_MAX

/* An item is inside from some moment of its push to some moment of its pop: certainly so after `push_ret` and before
 * `pop_call`, at no time before `push_call` or after `pop_ret`. */
typedef struct {
    uint64_t push_call, push_ret, pop_call, pop_ret; /* QUEUE_NEVER: not popped */
    const hist_op_t *push, *pop;
} queue_item_t;

typedef struct {
    queue_item_t *items;
    size_t count;
    const hist_op_t **nothing; /* pushes that found it full and pops that found it empty */
    size_t nothing_count;
} queue_items_t;

/* Not LIN_OK: no memory, or a pop that no push explains. To be destroyed in every case. */
queue_finding_t queue_items_create(queue_items_t *out, const hist_op_t *const *ops, size_t count);
void queue_items_destroy(queue_items_t *items);

/* Adds a call to what contradicts the history. */
void queue_blame(queue_finding_t *finding, const hist_op_t *op);
void queue_blame_item(queue_finding_t *finding, const queue_item_t *item);

/* ---- linearize_fifo.c, linearize_lifo.c: pops in an order that the pushes forbid */

queue_finding_t fifo_check_order(const queue_items_t *items);
queue_finding_t lifo_check_order(const queue_items_t *items);

#endif
