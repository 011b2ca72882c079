/* The ring's cells and counters, and the life of one cell. The algorithm is in ring.c. */
#ifndef CC_DS_RING_H
#define CC_DS_RING_H

#include "base/assert.h"
#include "cc/ring.h"
#include "ds/event.h"
#include "ds/queue_stats.h"
#include "ds/turn.h"
#include "smr/types.h"

/* state: the cycle of the last ticket that the cell was used for, and what became of it.
 *
 *     63                                            2 1    0
 *     +----------------------------------------------+------+
 *     | cycle                                        | kind |
 *     +----------------------------------------------+------+
 *
 *   FREE     the ticket is void: nothing was or will be stored under it, or nothing yet under any
 *   CLAIMED  its producer is writing the item
 *   FULL     the item is there. It is taken by moving `head` past the ticket; the cell itself stays as it is
 *   DEAD     void like FREE, but the producer of an earlier claim may still write the item: not to be claimed
 *
 * A ticket t = 0, 1, ... belongs to cell t mod slots and to cycle t / slots + 1. In a cell the state only ever moves
 * up in (cycle, kind), but for a DEAD cell that becomes FREE. */
typedef enum { CELL_FREE, CELL_FULL, CELL_CLAIMED, CELL_DEAD } cell_kind_t;

typedef struct {
    CC__ATOMIC(uint64_t) state;
    CC__ATOMIC(void *) item; /* may be read by a consumer that comes too late, and then does not count */
} cc__cell_t;

enum { CC__CELLS_PER_LINE = CC_CACHE_LINE_SIZE / sizeof(cc__cell_t) };

/* Closed: no ticket is given out any more. */
#define CC__RING_CLOSED (UINT64_C(1) << 63)

typedef struct cc__ring_wait_free cc__ring_wait_free_t;

struct cc_ring {
    /* Read by every call, hardly ever written. One of the three is there. */
    cc__cell_t *cells;
    void **item;                     /* opts.spsc */
    cc__ring_wait_free_t *wait_free; /* opts.wait_free without it */
    uint64_t slots;                  /* a power of two, more than capacity (as many with opts.spsc) */
    unsigned slots_log2;
    uint64_t capacity;
    cc__queue_stats_t *stats; /* NULL: nobody wants them */
    cc_ring_opts_t opts;
    cc__event_t items, room;          /* what pop_wait, push_wait sleep on */
    CC__ATOMIC(uint64_t) voided_upto; /* above every void ticket that its producer knows of */

    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint64_t) tail; /* the next ticket to give out; CC__RING_CLOSED */
    CC__ATOMIC(uint64_t) head_seen;                    /* head as a producer saw it: not above head */

    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint64_t) head; /* the oldest ticket that may still be popped */
    CC__ATOMIC(uint64_t) tail_seen;                    /* opts.spsc: tail as the consumer saw it */
    CC__ATOMIC(uint64_t) empty_at;                     /* opts.spsc: head when the consumer last found nothing */

    cc__turn_t turn; /* opts.backoff */
};

/* Any number of threads, ring.c. */
int64_t cc__ring_push_n(cc_ring_t *ring, void *const *items, size_t n);
int64_t cc__ring_pop_n(cc_ring_t *ring, void **items, size_t n);
size_t cc__ring_count(cc_ring_t *ring);    /* O(1), or O(slots) with void tickets between head and tail */
bool cc__ring_has_oldest(cc_ring_t *ring); /* it is stored; if not, a push without room makes some */

/* One producer, one consumer, ring_spsc.c. n > 0. */
int64_t cc__ring_spsc_push_n(cc_ring_t *ring, void *const *items, size_t n);
int64_t cc__ring_spsc_pop_n(cc_ring_t *ring, void **items, size_t n);

/* Any number of threads, none waits for long, ring_wait_free.c. -EBUSY, -ENOMEM: the thread has no place. */
size_t cc__ring_wait_free_bytes(size_t slots);
int64_t cc__ring_wait_free_push_n(cc_ring_t *ring, void *const *items, size_t n);
int64_t cc__ring_wait_free_pop_n(cc_ring_t *ring, void **items, size_t n);
bool cc__ring_wait_free_pop_alone(cc_ring_t *ring, void **item); /* nobody else is inside; needs no place */
void cc__ring_wait_free_close(cc_ring_t *ring);
size_t cc__ring_wait_free_count(const cc_ring_t *ring);

/* Neighbouring tickets lie in different cache lines: their owners work at the same time. */
static inline cc__cell_t *cell_of(cc_ring_t *ring, uint64_t ticket)
{
    uint64_t i = ticket & (ring->slots - 1), lines = ring->slots / CC__CELLS_PER_LINE;
    return &ring->cells[(i & (lines - 1)) * CC__CELLS_PER_LINE + (i >> (ring->slots_log2 - 2))];
}

static inline uint64_t cycle_of(const cc_ring_t *ring, uint64_t ticket)
{
    return (ticket >> ring->slots_log2) + 1;
}

static inline uint64_t cell_state(uint64_t cycle, cell_kind_t kind)
{
    return cycle << 2 | kind;
}

static inline uint64_t cell_cycle(uint64_t state)
{
    return state >> 2;
}

static inline cell_kind_t cell_kind(uint64_t state)
{
    return (cell_kind_t)(state & 3);
}

/* Will never be stored under, or was stored under and popped long ago. */
static inline bool cell_over(uint64_t state, uint64_t cycle)
{
    return cell_cycle(state) > cycle ||
           (cell_cycle(state) == cycle && (cell_kind(state) == CELL_FREE || cell_kind(state) == CELL_DEAD));
}

static inline uint64_t cell_look(cc__cell_t *cell)
{
    /* [ring.look] pairs with [ring.publish, ring.void]: the item; seq_cst: empty is empty in the order of all calls. */
    return cc__load_seq_cst(&cell->state);
}

/* Makes the ticket of this cycle void, from a state in which it is neither stored nor over. Whoever is writing the
 * item will find the cell DEAD. False: the state has changed. */
static inline bool cell_void(cc__cell_t *cell, uint64_t state, uint64_t cycle)
{
    bool written = cell_kind(state) == CELL_CLAIMED || cell_kind(state) == CELL_DEAD;
    uint64_t next = cell_state(cycle, written ? CELL_DEAD : CELL_FREE);
    /* [ring.void] pairs with [ring.look, ring.claim]: who claims the cell later comes after all that used it. */
    return cc__cas_acq_rel(&cell->state, &state, next);
}

/* The claim of this thread failed: the cell is usable again, under whatever ticket it was made void for last. */
static inline void cell_let_go(cc__cell_t *cell)
{
    /* [ring.void] pairs with [ring.look, ring.claim]: our write of the item comes before that of the next claim. */
    cc__fetch_add_acq_rel(&cell->state, (uint64_t)CELL_FREE - CELL_DEAD);
}

/* The producer's part, with a ticket of its own. False: the ticket is void; a consumer came first, or the cell cannot
 * be used. */
static inline bool cell_put(cc__cell_t *cell, uint64_t cycle, void *item)
{
    uint64_t state = cell_look(cell), claimed = cell_state(cycle, CELL_CLAIMED);
    for (;;) {
        if (cell_cycle(state) >= cycle)
            return false;
        if (cell_kind(state) == CELL_DEAD) {
            if (cell_void(cell, state, cycle))
                return false;
            state = cell_look(cell);
            /* [ring.claim] pairs with [ring.void]: the write of an earlier producer comes before ours. */
        } else if (cc__cas_acq_rel(&cell->state, &state, claimed)) {
            break;
        }
    }
    cc__store_relaxed(&cell->item, item); /* published by the next step; read too early, it does not count */
    /* [ring.publish] pairs with [ring.look]: the item, and what it points to; seq_cst: as there. */
    if (cc__cas_seq_cst(&cell->state, &claimed, cell_state(cycle, CELL_FULL)))
        return true;
    cell_let_go(cell);
    return false;
}

#endif
