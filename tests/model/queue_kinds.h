/* The queues behind one set of verbs, for the model's clients. */
#ifndef MODEL_QUEUE_KINDS_H
#define MODEL_QUEUE_KINDS_H

#include "cc/stats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name;
    int (*create)(unsigned size); /* capacity of a ring, items in a segment of a fifo, places of a lifo */
    void (*destroy)(void);
    int (*attach)(void); /* the thread becomes known */
    int (*push)(void *item);
    int (*pop)(void **item);
    int64_t (*push_n)(void *const *items, size_t n);
    int64_t (*pop_n)(void **items, size_t n);
    int (*push_wait)(void *item, int64_t timeout_ns);
    int (*pop_wait)(void **item, int64_t timeout_ns);
    int64_t (*pop_n_wait)(void **items, size_t n, int64_t timeout_ns);
    int (*close)(void);
    size_t (*count)(void);
    int (*event_fd)(void);
    int (*arm)(void);
    void (*flush)(void);                /* its domain, if it has one */
    cc_queue_snapshot_t (*stats)(void); /* of a bounded one */
    int (*waiting)(void);               /* of a wait-free one: how many requests wait to be served */
    bool newest_first, bounded, in_domain;
    void (*drain)(void); /* its domain, without waiting */
    bool exact;          /* full is full, whatever pushes are under way */
    bool serves;         /* a wait-free one whose clients withdraw nothing: a tighter bound holds */
} queue_kind_t;

enum { QUEUE_PLACES = CC_PLACES };

void queue_ring_hurries(void); /* a call of a wait-free ring announces itself after one try, from now on */

extern const queue_kind_t queue_ring, queue_ring_turns, queue_ring_spsc, queue_ring_free, queue_ring_asked,
    queue_ring_served, queue_fifo, queue_fifo_turns, queue_lifo;

#endif
