/* The ring for one producer and one consumer, wait-free.
 *
 * After Lamport (1983), with each side's copy of the other's counter, so that a line moves only when the copy is used up
 * (as in MCRingBuffer: Lee, Bu, Chandranmenon, IPDPS 2010). Deviation: tail carries the bit that closes the ring. It is
 * moved by a plain store, so the producer itself has to close; a read-modify-write would wait for the line each time that
 * the consumer has looked at it.
 *
 *     item: [head, tail) are in the ring; [tail, head + capacity) belong to the producer
 *
 * Linearization. push: the move of tail. pop: the move of head. -EAGAIN of push: the last read of head (nobody else can have
 * pushed); of pop: the last read of tail. The fences before them forbid that the producer finds the ring full and the
 * consumer finds it empty, each by what the other one has not made visible yet. close: its bit in tail, after which no push succeeds: -EPIPE, an empty ring with
 * that bit, is final.
 *
 * Progress: wait-free, O(items moved); no call does anything again.
 *
 * Two threads on one side at a time break it: items are lost or come twice. Threads may take over from each other if
 * something else orders them (a lock, a join). A close by another thread than the producer may be undone.
 *
 * Caught by: model clients ring-spsc-*, mutants `ring spsc: ...`, ring tests, stress_queue. */
#include "ds/ring.h"

#include "base/backoff.h"

#include <errno.h>

#ifndef CC_RING_EMPTY_PAUSES
#define CC_RING_EMPTY_PAUSES 16 /* before the consumer looks again: 160 ns */
#endif

static size_t least(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

/* Room as far as the consumer has got. */
static uint64_t look_for_room(cc_ring_t *ring, uint64_t tail)
{
    /* [ring.head_read] pairs with [ring.head_move]: who took these items has read them. */
    uint64_t head = cc__load_acquire(&ring->head);
    cc__store_relaxed(&ring->head_seen, head); /* ours */
    return ring->capacity - (tail - head);
}

int64_t cc__ring_spsc_push_n(cc_ring_t *ring, void *const *items, size_t n)
{
    uint64_t tail = cc__load_relaxed(&ring->tail); /* ours to move, and to close */
    if ((tail & CC__RING_CLOSED) != 0)
        return -EPIPE;
    uint64_t room = ring->capacity - (tail - cc__load_relaxed(&ring->head_seen)); /* ours; stale: looked up again */
    if (room == 0)
        cc__fence_seq_cst(); /* [ring.full] pairs with [ring.empty]: our last item was to be seen before we say full */
    if (room < n)
        room = look_for_room(ring, tail);
    if (room == 0)
        return -EAGAIN;
    n = least(room, n);
    for (size_t i = 0; i < n; i++)
        ring->item[(tail + i) & (ring->slots - 1)] = items[i];
    /* [ring.tail_move] pairs with [ring.tail]: the items, and what they point to. */
    cc__store_release(&ring->tail, tail + n);
    cc__event_notify(&ring->items, n);
    return (int64_t)n;
}

/* All that was seen is popped. A moment's wait lets several items come, and the producer keep its line meanwhile. Where
 * there was nothing the last time, there is no wait. */
static void let_items_come(cc_ring_t *ring, uint64_t head)
{
    for (int i = 0; i < CC_RING_EMPTY_PAUSES && cc__load_relaxed(&ring->empty_at) != head; i++) /* ours */
        cc__pause();
}

/* Items as far as the producer has got. */
static uint64_t look_for_items(cc_ring_t *ring, uint64_t head, bool *closed)
{
    uint64_t tail = cc__load_acquire(&ring->tail); /* [ring.tail] pairs with [ring.tail_move, ring.close]: the items */
    *closed = (tail & CC__RING_CLOSED) != 0;
    tail &= ~CC__RING_CLOSED;
    cc__store_relaxed(&ring->tail_seen, tail); /* ours */
    return tail - head;
}

int64_t cc__ring_spsc_pop_n(cc_ring_t *ring, void **items, size_t n)
{
    uint64_t head = cc__load_relaxed(&ring->head);             /* ours to move */
    uint64_t left = cc__load_relaxed(&ring->tail_seen) - head; /* ours; stale: looked up again */
    bool closed = false;
    if (left == 0) {
        let_items_come(ring, head);
        cc__fence_seq_cst(); /* [ring.empty] pairs with [ring.full]: the room we made was to be seen before we say empty */
    }
    if (left < n)
        left = look_for_items(ring, head, &closed);
    if (left == 0) {
        cc__store_relaxed(&ring->empty_at, head); /* ours */
        return closed ? -EPIPE : -EAGAIN;
    }
    n = least(left, n);
    for (size_t i = 0; i < n; i++)
        items[i] = ring->item[(head + i) & (ring->slots - 1)];
    cc__store_release(&ring->head, head + n); /* [ring.head_move] pairs with [ring.head_read]: the items were read */
    cc__event_notify(&ring->room, n);
    return (int64_t)n;
}
