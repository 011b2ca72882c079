/* Lock-free unbounded FIFO: linked segments of cells, with fetch-and-add tickets. Compiled once per scheme.
 *
 * After the FAA array queue (Ramalhete, Correia, 2016), of the family of LCRQ (Morrison, Afek: PPoPP 2013). Deviations:
 *   - A consumer that finds its item there takes it by a load, and a producer stores it by a store. Only a consumer that
 *     has waited in vain contests the ticket, by a bit; the two of them then exchange the cell.
 *   - Batches take a range of tickets in one step.
 *   - Closing is in-band: tickets run out, then the last segment's link is marked instead of linked.
 *   - Segments are reclaimed by the domain, in bytes.
 *
 *     head ------> segment --next--> segment --next--> segment <------ tail
 *                  . . x x x x       x x x x x x       x x . . . .
 *                      ^popped                             ^pushed
 *
 * Labelled guarantees
 *   A  A ticket is taken once on each side. While it is not contested, only its consumer takes what is in the cell; once
 *      it is, one exchange gets the item, the consumer's or the producer's. A producer that has stored an item and sees no
 *      contest knows that the consumer will see the item (Contests). So an item is popped once.
 *   B  `next` is set only when no valid ticket is left to take: all cells are given out, or the segment is shut.
 *   C  head leaves a segment only when consumers have taken all its valid tickets, and tail has left it before. So no
 *      link of the queue leads to a retired segment.
 *
 * Contests. The consumer sets the bit, and makes sure of the producer before it exchanges the cell. Either no producer has
 * the ticket yet; then the one that takes it sees the bit, since it takes it from a `pushed` that the consumer has written
 * behind the bit. Or one has it; then the fence rule (base/fence.h) holds between store, light fence and look on its side,
 * and bit, heavy fence and exchange on the consumer's: one sees the other. Both may; then the exchanges decide.
 *
 * Linearization. pop: the fetch-and-add that took its ticket, or the store of its item if that is later. push: the store
 * of its item that was not taken back, or the first store under a later ticket if that came before (the push was under way
 * then). That others see a store later than it was made changes nothing: a consumer waits or contests. -EAGAIN: the
 * read of `pushed` at which consumers had taken all valid tickets, with no next segment. close: the mark of the last
 * segment's link. -EPIPE: then no ticket is valid any more, and consumers have taken all that were: final.
 *
 * Progress: lock-free. A producer loses a ticket to a consumer at most once per cell; a thread that finds no cell left
 * appends a segment with its items in it already, or somebody else has. A consumer's tickets are bounded by those of
 * producers, of whom some succeed. Where the kernel refuses membarrier after having granted it, a consumer waits for a
 * producer that has the ticket.
 *
 * Reclamation. SEARCH reads one link of the queue, which by C names a segment that is not retired; it is committed, and
 * tickets are taken in WRITE: a thread that is thrown back in SEARCH has no ticket, so it loses neither an item nor a cell.
 * WRITE copies `next`, never follows it. Who moves head retires the segment.
 *
 * Caught by: model clients fifo-* (segments of one and two cells), mutants `fifo: ...`, stress_queue, fault/queue. */
#include "base/backoff.h"
#include "base/fence.h"
#include "base/prefetch.h"
#include "ds/fifo.h"
#include "smr/cap.h"
#include "smr/policy.h"
#include "smr/registry.h"

#include <errno.h>

#ifndef CC_FIFO_PATIENCE
#define CC_FIFO_PATIENCE 128 /* looks at a cell whose producer is late, before the cell is taken from it */
#endif

#ifndef CC_FIFO_EMPTY_LOOKS
#define CC_FIFO_EMPTY_LOOKS 16 /* looks at a cell in which the next item will come, before `pushed` is read: 160 ns */
#endif

typedef cc__fifo_segment_t segment_t;

typedef struct {
    cc_fifo_t *fifo;
    cc__rec_t *rec;
    segment_t *segment; /* found by SEARCH and committed */
    segment_t *other;   /* count: the one at the other end */
    segment_t *fresh;   /* made in vain so far */
} op_t;

SMR_SEARCH search_tail(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    op->segment = cc__unmarked(smr_read(&hold, &op->fifo->tail));
    smr_commit(op->rec, op->segment);
}

SMR_SEARCH search_head(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    op->segment = cc__unmarked(smr_read(&hold, &op->fifo->head));
    smr_commit(op->rec, op->segment);
}

/* Moves head or tail from the segment to the next one, unless somebody has. */
static bool leave(cc__link_t *end, segment_t *segment, uintptr_t next)
{
    uintptr_t expected = (uintptr_t)segment;
    /* [node.unlink] pairs with [node.read]: the next segment's contents, which this thread may not have written. */
    return cc__cas_release(end, &expected, next);
}

/* ---- push */

/* Stores an item under a ticket of ours. False: the consumer gave up waiting before, and we have the item back. */
static bool store_item(op_t *op, uint64_t ticket, void *item)
{
    cc__fifo_cell_t *cell = fifo_cell(op->segment, ticket);
    cc__store_release(cell, item); /* [fifo.store] pairs with [fifo.item]: what the item points to */
    cc__fence_light();             /* [fifo.stored] pairs with [fifo.waited]: stored before the bit is read */
    /* Ordered by the fence, or by the fetch-and-add that took the ticket. */
    uint64_t contested = cc__load_relaxed(fifo_contested(op->fifo, op->segment, ticket));
    if (__builtin_expect((contested & fifo_contested_bit(ticket)) == 0, 1))
        return true;
    void *seen = item;
    return !cc__cas_relaxed(cell, &seen, CC__FIFO_TAKEN); /* nothing is passed on: the item is ours, or was popped */
}

/* Stores items under tickets of the segment, in order, as long as it has any. Returns how many. */
static size_t store_items(op_t *op, void *const *items, size_t n)
{
    size_t stored = 0;
    while (stored < n) {
        uint64_t want = n - stored < op->fifo->cells ? n - stored : op->fifo->cells;
        /* [fifo.ticket] pairs with [fifo.empty, fifo.claim]: seq_cst, so that who misses it comes first in the order of all
         * calls. The item is published by its cell. */
        uint64_t ticket = cc__fetch_add_seq_cst(&op->segment->pushed, want);
        if (ticket >= op->fifo->cells)
            break;
        if (want == 1)
            cc__prefetch_write(fifo_cell_ahead(op->fifo, op->segment, ticket));
        uint64_t end = want < op->fifo->cells - ticket ? ticket + want : op->fifo->cells;
        for (; ticket < end; ticket++) { /* an item that comes too late for its ticket goes under the next one */
            if (store_item(op, ticket, items[stored]))
                stored++;
            else
                cc__queue_count(op->fifo->stats, CC__QUEUE_RETRIES, 1);
        }
    }
    return stored;
}

/* A segment with the first of the items in it. A tick of the epoch per so many bytes, not per so many segments: a thread
 * that sleeps in an operation pins what is born in its epoch (IBR). */
static segment_t *make_segment(op_t *op, void *const *items, size_t n)
{
    segment_t *fresh = op->fresh != NULL ? op->fresh : cc__fifo_segment_create(op->fifo);
    if (fresh == NULL)
        return NULL;
    if (op->fresh == NULL) {
        op->rec->ticks += (uint32_t)(cc__fifo_segment_bytes(op->fifo) / CC_CACHE_LINE_SIZE);
        fresh->birth = smr_birth(op->rec);
    }
    op->fresh = fresh;
    fresh->base = op->segment->base + fifo_tickets(op->fifo, cc__load_relaxed(&op->segment->pushed)); /* final */
    for (size_t i = 0; i < n; i++) /* all of it is published by the link */
        cc__store_relaxed(fifo_cell(fresh, i), items[i]);
    cc__store_relaxed(&fresh->pushed, n);
    return fresh;
}

/* It was made in vain: the items go elsewhere, it is kept for the next time. */
static void clear_segment(op_t *op, size_t n)
{
    for (size_t i = 0; i < n; i++) /* still private */
        cc__store_relaxed(fifo_cell(op->fresh, i), NULL);
}

/* No ticket is left in the segment: appends one that has items in it, or follows who did. Returns how many went; 0:
 * search again; -EPIPE, -ENOMEM. */
static int64_t append(op_t *op, void *const *items, size_t n)
{
    cc_fifo_t *fifo = op->fifo;
    /* [fifo.next] pairs with [fifo.append, fifo.end]: the link; after it the segment's tickets are final. */
    uintptr_t next = cc__load_acquire(&op->segment->next);
    int64_t went = 0;
    if (next == 0) {
        n = n < fifo->cells ? n : fifo->cells;
        segment_t *fresh = make_segment(op, items, n);
        if (fresh == NULL)
            return -ENOMEM;
        /* [fifo.append] pairs with [fifo.next]: its items, and that the tickets before it are gone; seq_cst: see store_items. */
        if (cc__cas_seq_cst(&op->segment->next, &next, (uintptr_t)fresh)) {
            op->fresh = NULL;
            next = (uintptr_t)fresh;
            went = (int64_t)n;
        } else {
            clear_segment(op, n);
        }
    }
    if (next == CC__MARK) {
        /* [fifo.close] pairs with [fifo.closed]: the end was marked before. Who has marked it may have stopped, and pushes that
         * come here each add to the tickets of this segment. */
        cc__store_release(&fifo->closed, true);
        return -EPIPE;
    }
    leave(&fifo->tail, op->segment, next);
    return went;
}

static int64_t push_n(cc_fifo_t *fifo, void *const *items, size_t n)
{
    op_t op = {.fifo = fifo, .rec = cc__rec_get(fifo->domain)};
    size_t pushed = 0;
    int64_t went = cc__limbo_admit(op.rec, 0);
    if (went < 0) {
        cc__rec_return(op.rec);
        return went;
    }
    smr_begin(op.rec);
    while (pushed < n) {
        smr_search(op.rec, search_tail, &op);
        pushed += store_items(&op, items + pushed, n - pushed);
        if (pushed == n || (went = append(&op, items + pushed, n - pushed)) < 0)
            break;
        pushed += (size_t)went;
    }
    smr_end(op.rec);
    if (op.fresh != NULL)
        cc_free(op.fresh, cc__fifo_segment_bytes(fifo)); /* never linked */
    cc__rec_return(op.rec);
    return pushed > 0 ? (int64_t)pushed : went;
}

/* ---- pop */

/* The item under a ticket of ours, whose producer is late; NULL: it will notice that it came too late, or has. */
static void *contest(op_t *op, uint64_t ticket)
{
    cc__fifo_cell_t *cell = fifo_cell(op->segment, ticket);
    /* Relaxed: passed on by the next access, or ordered by the fence. */
    cc__fetch_or_relaxed(fifo_contested(op->fifo, op->segment, ticket), fifo_contested_bit(ticket));
    /* [fifo.claim] pairs with [fifo.ticket]: a producer that takes the ticket later sees the bit. */
    if (ticket < fifo_tickets(op->fifo, cc__fetch_add_acq_rel(&op->segment->pushed, 0)))
        /* [fifo.waited] pairs with [fifo.stored]: it sees the bit, or we its item. Refused: wait for it. */
        while (!cc__fence_heavy() && cc__load_relaxed(cell) == NULL)
            cc__pause();
    /* [fifo.item] pairs with [fifo.store]: it came just now. */
    void *item = cc__exchange_acquire(cell, CC__FIFO_TAKEN);
    return item != CC__FIFO_TAKEN ? item : NULL;
}

/* The item under a ticket of ours; NULL: its producer was late, and takes another one. */
static void *take(op_t *op, uint64_t ticket)
{
    cc__fifo_cell_t *cell = fifo_cell(op->segment, ticket);
    for (int i = 0; i <= CC_FIFO_PATIENCE; i++) {
        void *item = cc__load_acquire(cell); /* [fifo.item] pairs with [fifo.store]: what it points to */
        if (item != NULL)
            return item;
        cc__pause();
    }
    return contest(op, ticket);
}

/* Something lies in the cell of the first ticket not popped, or does in a moment. Only the cell is looked at: a consumer
 * who looks at `pushed` takes its line from the producer. Who found nothing here the last time does not wait again. */
static bool item_comes(op_t *op, uint64_t popped)
{
    if (popped >= op->fifo->cells ||
        cc__load_relaxed(&op->segment->empty_at) == popped + 1) /* stale: a wait too many */
        return false;
    for (int i = 0; i < CC_FIFO_EMPTY_LOOKS; i++) {
        if (cc__load_relaxed(fifo_cell(op->segment, popped)) != NULL) /* read again by who has the ticket */
            return true;
        cc__pause();
    }
    return false;
}

/* How many valid tickets from *first on no consumer has taken, as far as that was looked up (at least 1 of them, `wanted` or more
 * where there are that many); 0 only if there are none at one moment. */
static uint64_t tickets_left(op_t *op, uint64_t wanted, uint64_t *first)
{
    segment_t *segment = op->segment;
    cc__prefetch_write(&segment->popped);
    /* [fifo.popped] pairs with [fifo.pop]: `pushed` is seen as new as those saw it who took these tickets. */
    uint64_t popped = *first = cc__load_acquire(&segment->popped);
    uint64_t pushed = cc__load_relaxed(&segment->pushed_seen); /* stale: looked up again */
    if (pushed <= popped || (wanted > pushed - popped && wanted > 1)) {
        if (item_comes(op, popped) && wanted == 1)
            return 1;
        /* [fifo.empty] pairs with [fifo.ticket, fifo.shut]: the answer is as old as it is. */
        pushed = fifo_tickets(op->fifo, cc__load_seq_cst(&segment->pushed));
        if (pushed <= popped) {
            cc__store_relaxed(&segment->empty_at, popped + 1);
            return 0;
        }
        cc__store_relaxed(&segment->pushed_seen, pushed);
    }
    return pushed - popped;
}

/* Takes n tickets, the first of which is *ticket. Several only where they were seen, or a consumer that comes between could leave us
 * with as many that no producer has: each would wait for the next item that comes. False: one came between. */
static bool take_tickets(op_t *op, uint64_t n, uint64_t *ticket)
{
    /* [fifo.pop] pairs with [fifo.popped]: whoever sees the ticket taken sees that it was valid; here and below. */
    if (n > 1)
        return cc__cas_acq_rel(&op->segment->popped, ticket, *ticket + n);
    *ticket = cc__fetch_add_acq_rel(&op->segment->popped, 1); /* [fifo.pop] */
    return true;
}

/* Takes tickets from `ticket` on, and what lies under them. Returns how many items; 0: none came in time. */
static size_t take_items(op_t *op, void **items, uint64_t n, uint64_t ticket)
{
    size_t taken = 0;
    if (!take_tickets(op, n, &ticket))
        return 0;
    if (n == 1 && ticket + FIFO_AHEAD < cc__load_relaxed(&op->segment->pushed_seen)) /* stale: not fetched ahead */
        cc__prefetch_read(fifo_cell_ahead(op->fifo, op->segment, ticket));
    uint64_t end = ticket + n < op->fifo->cells ? ticket + n : op->fifo->cells;
    for (; ticket < end; ticket++) {
        void *item = take(op, ticket);
        if (item != NULL)
            items[taken++] = item;
        else
            cc__queue_count(op->fifo->stats, CC__QUEUE_RETRIES, 1);
    }
    return taken;
}

/* From the committed segment: items, how many; 0: it is finished, *next is the one behind it; -EAGAIN, -EPIPE. */
static int64_t pop_from(op_t *op, void **items, size_t n, uintptr_t *next)
{
    for (;;) {
        uint64_t first, left = tickets_left(op, n, &first);
        if (left != 0) {
            size_t taken = take_items(op, items, n < left ? n : left, first);
            if (taken != 0)
                return (int64_t)taken;
            continue;
        }
        /* [fifo.next] pairs with [fifo.append, fifo.end]: as in append; seq_cst: an empty queue is one in the order of all
         * calls. */
        *next = cc__load_seq_cst(&op->segment->next);
        if (*next == 0)
            return -EAGAIN;
        if (tickets_left(op, 1, &first) == 0)
            return *next == CC__MARK ? -EPIPE : 0;
    }
}

/* Moves head to the next segment (C). True: the one left behind is ours to retire. */
static bool pass(op_t *op, uintptr_t next)
{
    leave(&op->fifo->tail, op->segment, next);
    return leave(&op->fifo->head, op->segment, next);
}

static void retire(op_t *op)
{
    segment_t *segment = op->segment;
    cc__limbo_add(op->rec,
                  &(cc__entry_t){.ptr = segment,
                                 .u.birth = segment->birth,
                                 .sized = cc__sized_node(cc__fifo_segment_bytes(op->fifo), 0)},
                  1);
    cc__limbo_maintain(op->rec);
}

/* One operation: 0, a segment was passed, and there is more to do. */
static int64_t pop_once(op_t *op, void **items, size_t n)
{
    uintptr_t next;
    bool mine = false;
    if (!cc__limbo_reserve(op->rec, 1))
        return -ENOMEM;
    smr_begin(op->rec);
    smr_search(op->rec, search_head, op);
    int64_t popped = pop_from(op, items, n, &next);
    if (popped == 0)
        mine = pass(op, next);
    smr_end(op->rec);
    if (mine)
        retire(op);
    return popped;
}

static int64_t pop_n(cc_fifo_t *fifo, void **items, size_t n)
{
    op_t op = {.fifo = fifo, .rec = cc__rec_get(fifo->domain)};
    int64_t popped;
    do
        popped = pop_once(&op, items, n);
    while (popped == 0);
    cc__rec_return(op.rec);
    return popped;
}

/* ---- close, count */

/* Shuts the last segment, then marks its link; if a producer has appended one meanwhile, that is the last one. */
static bool end_here(op_t *op)
{
    uintptr_t next = 0;
    uint64_t taken = cc__load_relaxed(&op->segment->pushed), shut; /* the exchange decides */
    do
        shut = CC__FIFO_SHUT | fifo_tickets(op->fifo, taken) << CC__FIFO_VALID_SHIFT;
    while ((taken & CC__FIFO_SHUT) == 0 &&
           /* [fifo.shut] pairs with [fifo.shut, fifo.empty]: before the mark. */
           !cc__cas_seq_cst(&op->segment->pushed, &taken, shut));
    /* [fifo.end] pairs with [fifo.next]: no ticket of the segment is valid any more that was not taken before. */
    if (cc__cas_seq_cst(&op->segment->next, &next, CC__MARK) || next == CC__MARK)
        return true;
    leave(&op->fifo->tail, op->segment, next);
    return false;
}

static void close_queue(cc_fifo_t *fifo)
{
    op_t op = {.fifo = fifo, .rec = cc__rec_get(fifo->domain)};
    smr_begin(op.rec);
    do
        smr_search(op.rec, search_tail, &op);
    while (!end_here(&op));
    smr_end(op.rec);
    cc__rec_return(op.rec);
}

SMR_SEARCH search_ends(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    op->segment = cc__unmarked(smr_read(&hold, &op->fifo->head));
    op->other = cc__unmarked(smr_read(&hold, &op->fifo->tail));
    smr_commit(op->rec, op->segment, op->other);
}

/* From the first ticket not popped to the last one pushed. What lies in between may have been taken from its producer:
 * off by the calls in flight. */
static size_t count(cc_fifo_t *fifo)
{
    op_t op = {.fifo = fifo, .rec = cc__rec_get(fifo->domain)};
    smr_begin(op.rec);
    smr_search(op.rec, search_ends, &op);
    uint64_t popped = cc__load_relaxed(&op.segment->popped); /* stale, here and below: as above */
    uint64_t pushed = fifo_tickets(fifo, cc__load_relaxed(&op.segment->pushed));
    /* Who came to an empty segment together with another one has taken a ticket that is no producer's, and never will be if the
     * segment was shut meanwhile. */
    uint64_t first = op.segment->base + (popped < pushed ? popped : pushed);
    uint64_t last = op.other->base + fifo_tickets(fifo, cc__load_relaxed(&op.other->pushed));
    smr_end(op.rec);
    cc__rec_return(op.rec);
    return last > first ? last - first : 0;
}

const cc__fifo_ops_t SCHEME_VARIANT(cc__fifo_ops) = {
    .push_n = push_n,
    .pop_n = pop_n,
    .close = close_queue,
    .count = count,
};
