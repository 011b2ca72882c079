/* The queue's segments, the queue itself, and the verbs that are compiled per scheme. */
#ifndef CC_DS_FIFO_H
#define CC_DS_FIFO_H

#include "base/mark.h"
#include "base/names.h"
#include "cc/fifo.h"
#include "ds/event.h"
#include "ds/queue_stats.h"
#include "ds/turn.h"
#include "smr/types.h"

/* A cell is used once: NULL -> item, by the producer that has its ticket; an item that was popped stays there. If the
 * consumer that has the ticket came first, and has waited long enough, the ticket is contested: each of the two
 * exchanges what is there for TAKEN, and who gets the item has it. The producer takes another ticket then. */
typedef CC__ATOMIC(void *) cc__fifo_cell_t;

extern char cc__fifo_taken __attribute__((visibility("hidden")));
#define CC__FIFO_TAKEN ((void *)&cc__fifo_taken)

/* Tickets taken; of producers also, from the moment at which nobody may push here any more, how many of them are valid.
 *
 *     63     62       40 39                      0
 *     +------+----------+------------------------+
 *     | shut | valid    | taken, valid or not    |
 *     +------+----------+------------------------+ */
#define CC__FIFO_SHUT        (UINT64_C(1) << 63)
#define CC__FIFO_VALID_SHIFT 40

typedef struct {
    uint64_t birth;  /* epoch of its allocation (IBR) */
    uint64_t base;   /* cells of all segments before it */
    cc__link_t next; /* 0; then for ever: the next segment, or the mark alone, the end of a closed queue */

    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint64_t) pushed; /* tickets taken by producers, more than cells at the end */
    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint64_t) popped; /* tickets taken by consumers, likewise */
    CC__ATOMIC(uint64_t) pushed_seen; /* `pushed` as a consumer saw it: so many tickets are valid, at least */
    CC__ATOMIC(uint64_t) empty_at;    /* 1 + `popped` when a consumer last found nothing */
    _Alignas(CC_NO_SHARING) cc__fifo_cell_t cell[]; /* behind them, a bit each: which tickets are contested */
} cc__fifo_segment_t;

enum { CC__FIFO_WORD_BITS = 64 };

/* Arguments were checked. */
typedef struct {
    int64_t (*push_n)(cc_fifo_t *fifo, void *const *items, size_t n);
    int64_t (*pop_n)(cc_fifo_t *fifo, void **items, size_t n);
    void (*close)(cc_fifo_t *fifo);
    size_t (*count)(cc_fifo_t *fifo);
} cc__fifo_ops_t;

struct cc_fifo {
    const cc__fifo_ops_t *ops;
    cc_domain_t *domain;
    cc__queue_stats_t *stats; /* NULL: nobody wants them */
    size_t cells;             /* of a segment; a power of two */
    cc_fifo_opts_t opts;
    cc__event_t items;       /* what pop_wait sleeps on */
    CC__ATOMIC(bool) closed; /* set after the end was marked: spares later pushes the way there */

    _Alignas(CC_NO_SHARING) cc__link_t tail; /* the last segment, or one before it; never before head */
    _Alignas(CC_NO_SHARING) cc__link_t head; /* the first segment that may still have items */

    cc__turn_t turn; /* opts.backoff */
};

/* Empty, not yet born. NULL: no memory. */
cc__fifo_segment_t *cc__fifo_segment_create(cc_fifo_t *fifo);

static inline size_t cc__fifo_segment_bytes(const cc_fifo_t *fifo)
{
    size_t words = (fifo->cells + CC__FIFO_WORD_BITS - 1) / CC__FIFO_WORD_BITS;
    return sizeof(cc__fifo_segment_t) + fifo->cells * sizeof(cc__fifo_cell_t) + words * sizeof(uint64_t);
}

/* Valid tickets, of those that were taken. */
static inline uint64_t fifo_tickets(const cc_fifo_t *fifo, uint64_t taken)
{
    if ((taken & CC__FIFO_SHUT) != 0)
        return (taken & ~CC__FIFO_SHUT) >> CC__FIFO_VALID_SHIFT;
    return taken < fifo->cells ? taken : fifo->cells;
}

static inline cc__fifo_cell_t *fifo_cell(cc__fifo_segment_t *segment, uint64_t ticket)
{
    return &segment->cell[ticket];
}

/* The word that says whether a ticket is contested, and the bit in it. */
static inline CC__ATOMIC(uint64_t) * fifo_contested(const cc_fifo_t *fifo, cc__fifo_segment_t *segment, uint64_t ticket)
{
    uintptr_t words = (uintptr_t)fifo_cell(segment, fifo->cells);
    return (CC__ATOMIC(uint64_t) *)words + ticket / CC__FIFO_WORD_BITS; // NOLINT
}

static inline uint64_t fifo_contested_bit(uint64_t ticket)
{
    return UINT64_C(1) << ticket % CC__FIFO_WORD_BITS;
}

/* What is fetched into the cache while a ticket is served: where this one or a neighbour will be in a moment. */
enum { FIFO_AHEAD = 8 /* tickets: one line */ };
static inline cc__fifo_cell_t *fifo_cell_ahead(const cc_fifo_t *fifo, cc__fifo_segment_t *segment, uint64_t ticket)
{
    return fifo_cell(segment, (ticket + FIFO_AHEAD) & (fifo->cells - 1));
}

extern const cc__fifo_ops_t cc__fifo_ops_ibr __attribute__((visibility("hidden")));
extern const cc__fifo_ops_t cc__fifo_ops_debra __attribute__((visibility("hidden")));
extern const cc__fifo_ops_t cc__fifo_ops_epoch __attribute__((visibility("hidden")));
extern const cc__fifo_ops_t cc__fifo_ops_leak __attribute__((visibility("hidden")));
extern const cc__fifo_ops_t cc__fifo_ops_urcu __attribute__((visibility("hidden")));
extern const cc__fifo_ops_t cc__fifo_ops_ck __attribute__((visibility("hidden")));

#endif
