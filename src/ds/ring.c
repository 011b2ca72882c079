/* A bounded lock-free queue in an array of two-word cells, with tickets.
 *
 * Of the family of LCRQ (Morrison, Afek: PPoPP 2013) and SCQ (Nikolaev: DISC 2019): two counters give out tickets, a
 * ticket names a cell and a cycle, and a consumer that comes before its producer makes the ticket void rather than wait.
 * Deviations, all of them to hold any pointer with single-width compare-and-swap and to keep an exact capacity:
 *   - An item lies in the cell, beside the state, not in a second ring of indices: one pair of contended counters
 *     instead of two. That the two words are not written at once is settled by a claim: the producer claims the cell,
 *     writes the item, publishes. A claim that was made void leaves the cell DEAD until its producer has noticed, so
 *     that its late write hits nobody.
 *   - A consumer looks before it takes. It moves `head` past a ticket whose item it has read; there is no step after
 *     that, so a consumer never holds a cell, wherever it stops.
 *   - A ticket is made void only if an item is already there behind it, or if a push finds no room. An empty ring is told by
 *     looking.
 *   - tail is moved by compare-and-swap, so that no ticket is given out beyond the capacity.
 *
 *     head                                  tail
 *      |                                     |
 *      v                                     v
 *    [full] [claimed] [void] [full] [not yet] . . .      tail - head - void tickets <= capacity
 *
 * Life of a ticket (a cell's states: ring.h)
 *
 *   given out --claim--> claimed --publish--> full --head moves past it--> taken
 *       |                   |
 *       +------ void -------+--- by a consumer that saw an item behind it, or by a push that found no room and this ticket the
 *       |                        oldest: the producer takes another ticket
 *       +------ void, by its producer: the cell is DEAD, an earlier producer is still asleep in it
 *
 * Labelled guarantees
 *   A  head passes a ticket only when it is full (then whoever moved head has the item) or over: no item is lost.
 *   B  A cell is claimed for a ticket only when head has passed the cell's previous one: tickets given out reach less
 *      than `slots` beyond head.
 *   C  At most one thread writes a cell's item at a time: the claimer. A DEAD cell is not claimed.
 *   D  tail - head, less the void tickets between them, never exceeds the capacity.
 *
 * Linearization. pop: the move of head. push: its publication, or the first publication under a later ticket if that
 * came before (the push was under way then: its ticket is older). -EAGAIN of pop: its first look at the oldest ticket.
 * Every ticket from there to the tail was seen unstored later, so was unstored at that moment. -EAGAIN of push: the
 * last read of head, by D: what the push did before, for want of room, was to pass tickets that hold nothing. close: its
 * bit in tail; then the oldest tickets are made void even with nothing behind them, so that -EPIPE (head has reached a
 * closed tail) is final.
 *
 * Progress: lock-free. head and tail move by somebody's success, or past void tickets. A ticket is made void by a consumer only
 * with an item behind it, so some pop succeeds before that can be repeated without end; by a push that finds no room once per
 * call, so some call ends before; and by its producer only at a DEAD cell, of which there are no more than threads asleep in the
 * middle of a push. With more of those than slots - capacity the ring can be full before its capacity is reached. One producer
 * may lose ticket after ticket, if it stands still for CC_RING_PATIENCE looks of somebody else each time.
 *
 * Nobody holds all the room. Producers that stand still may have all the tickets that there is room for, and have stored nothing:
 * nothing to pop, and no room. The next push finds the oldest ticket unstored, makes it void and moves head past it; that is room
 * for its own item, behind which consumers make the rest void. So a push that finds no room ends with its item stored, or
 * has seen an item to be popped, or others took the room that it made. One that waits tries again then, for it has told itself of
 * that room: it sleeps only when it has seen an item. Pops need not do it: while nothing is stored, empty is right.
 * Nothing is passed but what was given out: head stays at or below tail.
 *
 * Caught by: A, C model clients ring-*, stress_queue (order, checksum); B, D ring tests (exact capacity), ring-full; all the room:
 * ring-stall-room*, ring-wait-room-thieves, fault/step_queue.c. */
#include "ds/ring.h"

#include "base/backoff.h"
#include "base/prefetch.h"

#include <errno.h>

#ifndef CC_RING_PATIENCE
#define CC_RING_PATIENCE 64 /* looks at a ticket whose producer is late, before it is made void */
#endif

enum {
    BATCH = 32, /* items that one step takes, at most */
    AHEAD = 3   /* tickets: a cell that far on is fetched, for this thread's next call or its neighbour's */
};

/* ---- the oldest ticket */

/* Gives the producer at head a moment. False: it is still not done. */
static bool wait_for_producer(cc__cell_t *cell, uint64_t state)
{
    for (int i = 0; i < CC_RING_PATIENCE; i++) {
        if (cc__load_relaxed(&cell->state) != state) /* only to look again */
            return true;
        cc__pause();
    }
    return false;
}

/* The ticket at head, which was given out, holds no item: passes it if that is final, or makes it so. True: made it so. */
static bool pass(cc_ring_t *ring, uint64_t head, uint64_t state)
{
    cc__cell_t *cell = cell_of(ring, head);
    uint64_t cycle = cycle_of(ring, head);
    bool voids = !cell_over(state, cycle);
    if (voids && (wait_for_producer(cell, state) || !cell_void(cell, state, cycle)))
        return false;
    /* [ring.head_move] pairs with [ring.head_read, ring.head]: the ticket is over. */
    (void)cc__cas_seq_cst(&ring->head, &head, head + 1); /* or somebody else has moved it */
    cc__event_notify(&ring->room, 1); /* also this thread, if it waits: it looks again before it sleeps */
    return voids;
}

/* True: the oldest ticket is stored. */
static bool look_at_oldest(cc_ring_t *ring, uint64_t *head, uint64_t *state)
{
    /* [ring.head] pairs with [ring.head_move]: tail is seen not below head. */
    *head = cc__load_acquire(&ring->head);
    *state = cell_look(cell_of(ring, *head));
    return *state == cell_state(cycle_of(ring, *head), CELL_FULL);
}

bool cc__ring_has_oldest(cc_ring_t *ring)
{
    uint64_t head, state;
    return look_at_oldest(ring, &head, &state);
}

/* A push has found no room: passes the oldest ticket if it is not stored. False: it is, or this push has already made one void,
 * which it may do once: else two producers could take each other's tickets away for ever. */
static bool make_room(cc_ring_t *ring, bool *voided)
{
    uint64_t head, state;
    if (*voided || look_at_oldest(ring, &head, &state))
        return false;
    if (head <
        (cc__load_relaxed(&ring->tail) & ~CC__RING_CLOSED)) /* given out; not older than when there was no room */
        *voided = pass(ring, head, state);
    cc__queue_count(ring->stats, CC__QUEUE_RETRIES, 1);
    return true;
}

/* ---- push */

/* Tickets in [from, to) that will never hold an item. */
static uint64_t void_tickets(cc_ring_t *ring, uint64_t from, uint64_t to)
{
    uint64_t n = 0;
    for (uint64_t t = from; t < to; t++)
        n += cell_over(cell_look(cell_of(ring, t)), cycle_of(ring, t));
    return n;
}

size_t cc__ring_count(cc_ring_t *ring)
{
    /* Relaxed: off by what happens meanwhile. head first, so that the difference is not below zero. */
    uint64_t head = cc__load_relaxed(&ring->head), tail = cc__load_relaxed(&ring->tail) & ~CC__RING_CLOSED;
    if (tail <= head)
        return 0;
    if (tail - head > ring->slots)
        head = tail - ring->slots; /* B: it has moved so far at least */
    uint64_t n = tail - head;
    if (cc__load_relaxed(&ring->voided_upto) > head) /* likewise */
        n -= void_tickets(ring, head, tail);
    return n;
}

/* How many tickets may be given out from `tail` on. Void tickets between head and tail take no room; they are counted
 * only if there may be any. */
static uint64_t room_at(cc_ring_t *ring, uint64_t tail)
{
    /* [ring.head_seen] pairs with [ring.head_seen]: as if head itself had been read. */
    int64_t used = (int64_t)(tail - cc__load_acquire(&ring->head_seen)), voids = 0, room;
    if (used >= (int64_t)ring->capacity) {
        /* [ring.head_read] pairs with [ring.head_move]: who took these tickets has read their cells; seq_cst: full is full
         * in the order of all calls. */
        uint64_t head = cc__load_seq_cst(&ring->head);
        cc__store_release(&ring->head_seen, head); /* [ring.head_seen] pairs with [ring.head_seen]: for the others */
        used = (int64_t)(tail - head);
        if (used >= (int64_t)ring->capacity && cc__load_relaxed(&ring->voided_upto) > head) /* stale: full too early */
            voids = (int64_t)void_tickets(ring, head, tail);
    }
    room = (int64_t)ring->capacity - (used - voids);
    if (room > (int64_t)ring->slots - used)
        room = (int64_t)ring->slots - used; /* B */
    return room > 0 ? (uint64_t)room : 0;
}

/* Takes up to n tickets in one step. Returns how many, from *first on; -EAGAIN, -EPIPE. */
static int64_t take_tickets(cc_ring_t *ring, size_t n, uint64_t *first)
{
    cc__prefetch_write(&ring->tail);
    uint64_t tail = cc__load_relaxed(&ring->tail); /* stale: the exchange fails */
    for (;;) {
        if ((tail & CC__RING_CLOSED) != 0)
            return -EPIPE;
        uint64_t room = room_at(ring, tail);
        if (room == 0)
            return -EAGAIN;
        uint64_t take = n < room ? n : room;
        /* [ring.ticket] pairs with [ring.tail]: seq_cst, as all that an empty answer looks at. */
        if (cc__cas_seq_cst(&ring->tail, &tail, tail + take)) {
            *first = tail;
            return (int64_t)take;
        }
        cc__queue_count(ring->stats, CC__QUEUE_RETRIES, 1);
    }
}

static void note_void(cc_ring_t *ring, uint64_t ticket)
{
    uint64_t upto = cc__load_relaxed(&ring->voided_upto); /* a hint, see room_at */
    while (upto <= ticket && !cc__cas_relaxed(&ring->voided_upto, &upto, ticket + 1)) {
    }
}

int64_t cc__ring_push_n(cc_ring_t *ring, void *const *items, size_t n)
{
    size_t pushed = 0;
    int64_t taken = 0;
    bool voided = false; /* a ticket, for want of room */
    while (pushed < n) {
        uint64_t ticket;
        taken = take_tickets(ring, n - pushed, &ticket);
        if (taken == -EAGAIN && make_room(ring, &voided))
            continue;
        if (taken < 0)
            break;
        for (; taken > 0; taken--, ticket++) { /* an item whose ticket is void goes under the next one */
            cc__prefetch_write(cell_of(ring, ticket + AHEAD));
            bool put = cell_put(cell_of(ring, ticket), cycle_of(ring, ticket), items[pushed]);
            if (put) {
                pushed++;
            } else {
                note_void(ring, ticket);
                cc__queue_count(ring->stats, CC__QUEUE_RETRIES, 1);
            }
        }
    }
    if (pushed == 0)
        return taken;
    cc__event_notify(&ring->items, pushed);
    return (int64_t)pushed;
}

/* ---- pop */

/* The ticket at head is not stored. 0: it is in the way of an item behind it, or of the end of a closed ring.
 * -EAGAIN: there is nothing behind it. -EPIPE: it was never given out, and never will be. */
static int overtaken(cc_ring_t *ring, uint64_t head)
{
    uint64_t ticket = head + 1, tail = head;
    for (;; ticket++) {
        if (ticket > (tail & ~CC__RING_CLOSED)) {
            /* [ring.tail] pairs with [ring.close, ring.ticket]: all that came before it. */
            tail = cc__load_seq_cst(&ring->tail);
            bool given_out = (tail & ~CC__RING_CLOSED) > head;
            if ((tail & CC__RING_CLOSED) != 0)
                return given_out ? 0 : -EPIPE;
            if (ticket >= tail)
                return -EAGAIN;
        }
        uint64_t state = cell_look(cell_of(ring, ticket)), cycle = cycle_of(ring, ticket);
        if (state == cell_state(cycle, CELL_FULL) || cell_cycle(state) > cycle)
            return 0;
    }
}

/* Items that stand next to each other from `head` on, up to n: read, not yet taken. */
static size_t read_full(cc_ring_t *ring, uint64_t head, void **items, size_t n, uint64_t *state)
{
    size_t found = 0;
    for (; found < n; found++) {
        cc__cell_t *cell = cell_of(ring, head + found);
        *state = cell_look(cell);
        if (*state != cell_state(cycle_of(ring, head + found), CELL_FULL))
            break;
        items[found] = cc__load_relaxed(&cell->item); /* after the look; of use only if head has not moved */
    }
    return found;
}

static int64_t pop_some(cc_ring_t *ring, void **items, size_t n)
{
    void *read[BATCH];
    for (;;) {
        cc__prefetch_write(&ring->head);
        /* [ring.head] pairs with [ring.head_move]: tail is seen not below head. */
        uint64_t head = cc__load_acquire(&ring->head), state = 0;
        cc__prefetch_read(cell_of(ring, head + AHEAD));
        size_t found = read_full(ring, head, read, n < BATCH ? n : BATCH, &state);
        if (found == 0) {
            int err = cell_over(state, cycle_of(ring, head)) ? 0 : overtaken(ring, head);
            if (err != 0)
                return err;
            pass(ring, head, state);
            /* [ring.head_move] pairs with [ring.head_read, ring.head]: the items were read before it. */
        } else if (cc__cas_seq_cst(&ring->head, &head, head + found)) {
            for (size_t i = 0; i < found; i++)
                items[i] = read[i];
            cc__event_notify(&ring->room, found);
            return (int64_t)found;
        }
        cc__queue_count(ring->stats, CC__QUEUE_RETRIES, 1);
    }
}

int64_t cc__ring_pop_n(cc_ring_t *ring, void **items, size_t n)
{
    size_t popped = 0;
    int64_t some = 0;
    while (popped < n && (some = pop_some(ring, items + popped, n - popped)) > 0)
        popped += (size_t)some;
    return popped > 0 ? (int64_t)popped : some;
}
