/* The queues behind one set of verbs. */
#ifndef STRESS_QUEUE_KIND_H
#define STRESS_QUEUE_KIND_H

#include "linearize_queue.h"

#include <cc/domain.h>

typedef struct {
    const char *name;
    queue_order_t order;
    bool in_domain; /* else the domain is NULL */
    bool bounded;
    void *(*create)(cc_domain_t *domain, size_t size); /* of a ring its capacity, of a fifo its segments */
    void (*destroy)(void *queue);
    int (*push)(void *queue, void *item);
    int (*pop)(void *queue, void **item);
    int64_t (*push_n)(void *queue, void *const *items, size_t n);
    int64_t (*pop_n)(void *queue, void **items, size_t n);
    int (*push_wait)(void *queue, void *item, int64_t timeout_ns); /* of an unbounded queue: push */
    int (*pop_wait)(void *queue, void **item, int64_t timeout_ns);
    int64_t (*pop_n_wait)(void *queue, void **items, size_t n, int64_t timeout_ns);
    int (*close)(void *queue);
    size_t (*count)(void *queue);
} queue_kind_t;

enum { QUEUE_KINDS = 7 };
extern const queue_kind_t *const queue_kinds[QUEUE_KINDS]; /* for any number of threads */
extern const queue_kind_t queue_pipe;                      /* for one producer and one consumer */

#endif
