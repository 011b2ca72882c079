/* The stack's node, the stack itself, and the verbs that are compiled per scheme. */
#ifndef CC_DS_LIFO_H
#define CC_DS_LIFO_H

#include "base/mark.h"
#include "base/names.h"
#include "cc/lifo.h"
#include "ds/event.h"
#include "ds/queue_stats.h"
#include "smr/types.h"

enum { CC__LIFO_STRIPES = 16 /* of the counter */ };

/* One cache line, as which it is accounted for when it waits. Immutable once it is linked or offered. */
typedef struct cc__lifo_node {
    _Alignas(CC_CACHE_LINE_SIZE) uint64_t birth; /* epoch of its allocation (IBR) */
    struct cc__lifo_node *next;
    void *item;
} cc__lifo_node_t;

/* A place where a push and a pop can meet: NULL, the node of a push that waits there, or CC__LIFO_TAKEN. */
typedef struct {
    _Alignas(CC_NO_SHARING) CC__ATOMIC(cc__lifo_node_t *) offer;
} cc__lifo_place_t;

#define CC__LIFO_TAKEN ((cc__lifo_node_t *)1)

/* Arguments were checked. */
typedef struct {
    int64_t (*push_n)(cc_lifo_t *lifo, void *const *items, size_t n);
    int (*pop)(cc_lifo_t *lifo, void **item);
} cc__lifo_ops_t;

struct cc_lifo {
    const cc__lifo_ops_t *ops;
    cc_domain_t *domain;
    cc__queue_stats_t *stats; /* NULL: nobody wants them */
    cc__lifo_place_t *places; /* opts.elimination of them, or NULL */
    cc_lifo_opts_t opts;
    cc__event_t items; /* what pop_wait sleeps on */

    _Alignas(CC_NO_SHARING) cc__link_t top; /* marked: closed */

    struct {
        _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(int64_t) entries;
    } count[CC__LIFO_STRIPES]; /* by thread record, so that threads do not share a line */
};

extern const cc__lifo_ops_t cc__lifo_ops_ibr __attribute__((visibility("hidden")));
extern const cc__lifo_ops_t cc__lifo_ops_debra __attribute__((visibility("hidden")));
extern const cc__lifo_ops_t cc__lifo_ops_epoch __attribute__((visibility("hidden")));
extern const cc__lifo_ops_t cc__lifo_ops_leak __attribute__((visibility("hidden")));
extern const cc__lifo_ops_t cc__lifo_ops_urcu __attribute__((visibility("hidden")));
extern const cc__lifo_ops_t cc__lifo_ops_ck __attribute__((visibility("hidden")));

#endif
