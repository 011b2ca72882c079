/* Cells, requests and claims of the wait-free ring. The algorithm is in ring_wait_free.c. */
#ifndef CC_DS_RING_WAIT_FREE_H
#define CC_DS_RING_WAIT_FREE_H

#include "base/place.h"
#include "ds/ring.h"

/* A cell: (ticket and kind, what is in it). Ticket t = 0, 1, ... belongs to cell t mod slots; a cell goes through the tickets
 * that are its own in order, and through these states with each:
 *
 *     (an older ticket) --> FULL, an item                        by a thread with an item of its own
 *     (an older ticket) --> CLAIMED --> FULL                     for a request
 *                              |  ^
 *                              v  |
 *                             FREE, nothing                      the request was withdrawn
 *     (an older ticket), FREE --> END, nothing                   the ring is closed */
typedef enum { CELL_FREE_AGAIN, CELL_CLAIMED_FOR, CELL_HAS_ITEM, CELL_END } cc__ring_kind_t;

/* A request of a thread, in its place: (number and state, item). What is pushed or was popped stands in the second word.
 *
 *     OVER --> PUSHING or POPPING, the next number --> DONE, or OVER again: withdrawn */
typedef enum { REQUEST_OVER, REQUEST_PUSHING, REQUEST_POPPING, REQUEST_DONE } cc__ring_request_t;

/* A claim names a request: its number, and the place of its thread. 0: none. */
enum { CLAIM_PLACE_BITS = 16 };

struct cc__ring_wait_free {
    CC__ATOMIC(uint32_t) announced; /* requests under way, and those whose owner is about to leave */
    CC__ATOMIC(bool) closing;       /* the end is to be put in: every producer does it */

    _Alignas(CC_NO_SHARING) CC__ATOMIC(uint64_t) tail; /* all cells before it are full */
    CC__ATOMIC(uint64_t) head_seen;                    /* head as a producer saw it: not above head */

    _Alignas(CC_NO_SHARING) cc__pair_t head; /* (the oldest ticket that was not popped, the claim to it) */

    struct {
        _Alignas(CC_CACHE_LINE_SIZE) cc__pair_t pair;
    } request[CC_PLACES];

    _Alignas(CC_NO_SHARING) cc__pair_t cell[];
};

static inline uint64_t cell_word(uint64_t ticket, cc__ring_kind_t kind)
{
    return ticket << 2 | kind;
}

static inline uint64_t ticket_in(uint64_t cell_word)
{
    return cell_word >> 2;
}

static inline uint64_t claim_of(uint64_t number, unsigned place)
{
    return number << CLAIM_PLACE_BITS | place;
}

/* What a request's first word is in that state, if it is still the one that the claim names. */
static inline uint64_t request_word(uint64_t claim, cc__ring_request_t state)
{
    return claim >> CLAIM_PLACE_BITS << 2 | state;
}

static inline cc__pair_t *request_in(cc__ring_wait_free_t *ring, uint64_t claim)
{
    return &ring->request[claim & ((1U << CLAIM_PLACE_BITS) - 1)].pair;
}

/* The second word is as old as the first, or newer. */
static inline cc__words_t pair_upwards(cc__pair_t *pair)
{
    cc__words_t words;
    words.low = cc__pair_low_acquire(pair);   /* [ring.seen] pairs with [ring.change]: what came before the change */
    words.high = cc__pair_high_acquire(pair); /* [ring.seen] pairs with [ring.change]: likewise; the item's contents */
    return words;
}

/* The first word is as old as the second, or newer. */
static inline cc__words_t pair_downwards(cc__pair_t *pair)
{
    cc__words_t words;
    words.high = cc__pair_high_acquire(pair); /* [ring.seen] pairs with [ring.change]: what came before the change */
    words.low = cc__pair_low_acquire(pair);   /* [ring.seen] pairs with [ring.change]: likewise */
    return words;
}

static inline bool pair_change(cc__pair_t *pair, cc__words_t *expected, uint64_t low, uint64_t high)
{
    /* [ring.change] pairs with [ring.seen, ring.change]: all that this thread has seen and done comes with the change. */
    return cc__pair_cas(pair, expected, ((cc__words_t){low, high}));
}

#endif
