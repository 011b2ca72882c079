/* A bounded queue in which every push and pop ends after a bounded number of steps, whatever the other threads do.
 *
 * Fast path and announced requests after Kogan and Petrank (PPoPP 2012); the turns in which requests are served after Herlihy's
 * universal construction (TOPLAS 1991). wCQ (Nikolaev, Ravindran: SPAA 2022) gives the same guarantees by fetch-and-add tickets;
 * here tickets are given out one after the other, so that a cell is settled before the next one is touched, and the whole
 * argument is about one cell at a time.
 *
 *     head, claim               tail
 *      |                         |
 *      v                         v
 *    [item] [item] . . . [item] [item] [item] [older, or claimed, or free again]      . - head <= capacity < slots
 *
 * A push puts its item into the first cell that is not full; tail is that one or one of the few before it, and is moved now and
 * then. A pop reads the item at head, then moves head, by one step. A thread that has lost TRIES such steps to others announces
 * what it wants as a request in its place. Whoever is at ticket t then first serves the request in place t mod CC_PLACES, if
 * there is one; so it is served by the time that tickets have gone round the places once. A request is served in two steps:
 *   push   the cell becomes CLAIMED for it; its word becomes DONE; then the cell gets its item
 *   pop    head gets the claim; its word becomes DONE, with the item at head; then head moves
 * Only its owner withdraws a request, when it finds the ring full, empty or closed. A claim whose request is not DONE then, or
 * has been followed by another one, is taken back. Everybody who meets a claim carries these steps on before anything else.
 *
 * Labelled guarantees
 *   A  Tickets are used in order: a cell is claimed or filled for t only by who saw that all before it are full.
 *   B  While a request is PUSHING, or POPPING, no claim of it was carried out. So it is carried out once: a claim for ticket t
 *      is made by who saw all cells before it full, or head = t, and after that saw the request waiting. Before tickets below t
 *      were passed, their claims had been settled, so none of those was ours; and two claims of one request for t are the
 *      same.
 *   C  A claim is taken back only if its request is over, and not by it: an owner whose request is DONE leaves when the claim
 *      is gone, since it carries it out itself; and no claim is made anew for what is DONE, as the cell, or head, has moved on
 *      from what the maker must find there.
 *   D  An item that was read from the cell at head is the one of that ticket if head has not moved: the cell is used again
 *      only when head has passed it. A claim to head was read before head itself; if head has moved in between, its request
 *      is not waiting any more. So words that never stood together do no harm.
 *   E  Tickets given out less head <= capacity: head was read after the cells before the ticket were seen full.
 *   F  The first cell that is not full is at most CC_RING_LAG beyond tail: who fills one has seen the cells from tail to it
 *      full, and moves tail to it first if these are so many.
 *
 * Linearization. push: its item comes into the cell. -EAGAIN of push: the read of head. pop: the move of head. -EAGAIN of
 * pop: the read of the cell at head. close, and -EPIPE: END comes into the first cell that is not full, and nobody passes it.
 * All exact: no call under way counts as an item, or as room.
 *
 * Progress: wait-free. Let n be CC_PLACES. Whoever passes a ticket has found it before it looked for requests. So
 * once a request is announced only the ticket that was next then can be passed, alone or with others in one step, by
 * who did not see it. Who sees one pops one item in a step, so that no ticket is stepped over: its turn has come when
 * n more have been passed. A turn of the owner that does not end it finds a ticket passed, or settles a claim: two
 * turns for each ticket, two for each claim that is taken back. At one ticket others claim for one place only, whose
 * thread can withdraw there twice after there was room (or an item): once it had looked before that, once the ring
 * was closed since. Each of the others can be late with one claim for either. So at most (n + 1) (2 + 4 n) turns of a
 * few steps and CC_RING_LAG looks, and 2 (n + 1) where nobody withdraws; and TRIES before them. CC_RING_TURN checks
 * that in every build that checks. All this counts from when `announced` has left the buffer of the processor that
 * stored it; on x86 its owner waits for that.
 *
 * The number of threads is bounded because each has a place (base/place.h).
 *
 * Caught by: model clients ring-free-*, ring-asked-* (the latter announce at once; -late-batches: no ticket is
 * stepped over), mutants `ring wait-free: ...`, ring tests, stress_queue, fault/step (a thread stops at each access;
 * what it has announced is done by others). */
#include "ds/ring_wait_free.h"

#include "base/prefetch.h"

#include <errno.h>

#ifndef CC_RING_TRIES
#define CC_RING_TRIES 64 /* turns before a call announces what it wants */
#endif

#ifndef CC_RING_LAG
#define CC_RING_LAG 8 /* full cells that tail may be behind */
#endif

enum { BATCH = 32 /* items that one step pops, at most */ };

#define MOST_TURNS ((CC_PLACES + 1) * (2 + 4 * CC_PLACES))
#ifndef CC_RING_TURN
#define CC_RING_TURN(turn) CC_DCHECK((turn) <= MOST_TURNS)
#endif

typedef cc__ring_wait_free_t part_t;

static cc__pair_t *cell_at(const cc_ring_t *ring, uint64_t ticket)
{
    return &ring->wait_free->cell[ticket & (ring->slots - 1)];
}

/* ---- requests */

static uint64_t announce(part_t *part, int place, cc__ring_request_t what, void *item)
{
    cc__pair_t *request = &part->request[place].pair;
    cc__words_t seen = pair_upwards(request);
    uint64_t claim;
    /* Before it is there, so that who reads 0 after that has read it too early. Seen late: served a turn later. */
    cc__fetch_add_relaxed(&part->announced, 1);
    do /* more than once only if a thread with this place has vanished in a fork, and what it wanted is done just now */
        claim = claim_of((seen.low >> 2) + 1, (unsigned)place);
    while (!pair_change(request, &seen, request_word(claim, what), (uintptr_t)item));
    return claim;
}

static void leave(part_t *part)
{
    cc__fetch_add_relaxed(&part->announced, (uint32_t)-1); /* seen late: a look in vain */
}

static bool is_waiting(part_t *part, uint64_t claim, cc__ring_request_t what)
{
    /* [ring.seen] pairs with [ring.change]: a claim that was settled is seen so. */
    return cc__pair_low_acquire(request_in(part, claim)) == request_word(claim, what);
}

/* Somebody has announced a request; to be asked behind the read of the ticket. */
static bool is_asked(part_t *part)
{
    return __builtin_expect(cc__load_relaxed(&part->announced) != 0, 0); /* seen late: served a turn later */
}

/* The request whose turn it is at this ticket; 0: none. */
static uint64_t due(part_t *part, uint64_t ticket, cc__ring_request_t what)
{
    unsigned place = ticket % CC_PLACES;
    /* [ring.seen] pairs with [ring.change]: as above. */
    uint64_t word = cc__pair_low_acquire(&part->request[place].pair);
    return (word & 3) == what ? claim_of(word >> 2, place) : 0;
}

/* True: it was not carried out, and will not be. */
static bool withdraw(part_t *part, uint64_t claim, cc__ring_request_t what)
{
    cc__words_t seen = pair_upwards(request_in(part, claim));
    return seen.low == request_word(claim, what) &&
           pair_change(request_in(part, claim), &seen, request_word(claim, REQUEST_OVER), 0);
}

/* From `seen`, waiting, to DONE. Returns what it is then. */
static cc__words_t make_done(cc__pair_t *request, uint64_t claim, cc__words_t seen, uint64_t item)
{
    cc__words_t done = {request_word(claim, REQUEST_DONE), item};
    return pair_change(request, &seen, done.low, done.high) ? done : seen;
}

/* ---- push */

/* The first ticket whose cell is not full: from tail on it is one of the next few. */
static uint64_t next_ticket(const cc_ring_t *ring)
{
    part_t *part = ring->wait_free;
    uint64_t tail =
        cc__load_acquire(&part->tail); /* [ring.tail] pairs with [ring.tail_move]: all cells before it are full */
    uint64_t ticket = tail;
    /* [ring.seen] pairs with [ring.change]: the cell is full, its claim settled. */
    while (ticket - tail < CC_RING_LAG &&
           cc__pair_low_acquire(cell_at(ring, ticket)) == cell_word(ticket, CELL_HAS_ITEM))
        ticket++;
    if (ticket - tail == CC_RING_LAG) {
        /* [ring.tail_move] pairs with [ring.tail]: these cells are full, and their claims settled. */
        (void)cc__cas_release(&part->tail, &tail, ticket);
    }
    return ticket;
}

/* The cell of this ticket is claimed: carries it out, or takes it back. */
static void settle_push(cc_ring_t *ring, uint64_t ticket, uint64_t claim)
{
    cc__pair_t *request = request_in(ring->wait_free, claim);
    cc__words_t claimed = {cell_word(ticket, CELL_CLAIMED_FOR), claim}, seen = pair_upwards(request);
    if (seen.low == request_word(claim, REQUEST_PUSHING))
        seen = make_done(request, claim, seen, seen.high);
    if (seen.low != request_word(claim, REQUEST_DONE)) {
        (void)pair_change(cell_at(ring, ticket), &claimed, cell_word(ticket, CELL_FREE_AGAIN), 0);
        return;
    }
    (void)pair_change(cell_at(ring, ticket), &claimed, cell_word(ticket, CELL_HAS_ITEM), seen.high);
}

static bool has_room(cc_ring_t *ring, uint64_t ticket)
{
    part_t *part = ring->wait_free;
    /* [ring.head_seen] pairs with [ring.head_seen]: as if head itself had been read. */
    if ((int64_t)(ticket - cc__load_acquire(&part->head_seen)) < (int64_t)ring->capacity)
        return true;
    /* [ring.seen] pairs with [ring.change]: who popped has read the cells. */
    uint64_t head = cc__pair_low_acquire(&part->head);
    cc__store_release(&part->head_seen, head); /* [ring.head_seen] pairs with [ring.head_seen]: for the others */
    return (int64_t)(ticket - head) < (int64_t)ring->capacity;
}

/* Puts that into the cell of this ticket, the first that was not full. 1: it is in. 0: look again. -EAGAIN: full. -EPIPE: the end is there. */
static int put(cc_ring_t *ring, uint64_t ticket, cc__ring_kind_t kind, uint64_t what)
{
    cc__pair_t *cell = cell_at(ring, ticket);
    cc__words_t seen = pair_upwards(cell);
    if (seen.low == cell_word(ticket, CELL_END))
        return -EPIPE;
    if (seen.low == cell_word(ticket, CELL_CLAIMED_FOR)) {
        /* [ring.seen] pairs with [ring.change]: still claimed, so what was read is a claim. */
        if (cc__pair_low_acquire(cell) == seen.low)
            settle_push(ring, ticket, seen.high);
        return 0;
    }
    if (seen.low == cell_word(ticket, CELL_HAS_ITEM) || ticket_in(seen.low) > ticket)
        return 0;
    if (kind != CELL_END && !has_room(ring, ticket))
        return -EAGAIN;
    if (pair_change(cell, &seen, cell_word(ticket, kind), what))
        return 1;
    cc__queue_count(ring->stats, CC__QUEUE_RETRIES, 1);
    return 0;
}

/* Puts the end in, unless somebody has. Others add an item each meanwhile at most. */
static void put_end(cc_ring_t *ring)
{
    int went;
    do
        went = put(ring, next_ticket(ring), CELL_END, 0);
    while (went == 0);
}

static bool is_closing(part_t *part)
{
    return cc__load_acquire(&part->closing); /* [ring.closing] pairs with [ring.close]: what came before it */
}

/* One turn of a push. `mine` is its request, or 0: then its item goes in as it is. As put. */
static int push_turn(cc_ring_t *ring, void *item, uint64_t mine)
{
    part_t *part = ring->wait_free;
    if (is_closing(part)) {
        put_end(ring);
        return -EPIPE;
    }
    uint64_t ticket = next_ticket(ring), claim = is_asked(part) ? due(part, ticket, REQUEST_PUSHING) : 0;
    if (claim == 0) {
        if (mine != 0 && !is_waiting(part, mine, REQUEST_PUSHING))
            return 0;
        claim = mine;
    }
    int went =
        claim != 0 ? put(ring, ticket, CELL_CLAIMED_FOR, claim) : put(ring, ticket, CELL_HAS_ITEM, (uintptr_t)item);
    if (went != 1)
        return went;
    if (claim == 0)
        return 1;
    settle_push(ring, ticket, claim);
    return 0;
}

/* Its cell may still be only claimed: then it is the first that is not full. */
static void finish_push(cc_ring_t *ring, uint64_t mine)
{
    uint64_t ticket = next_ticket(ring);
    cc__words_t seen = pair_upwards(cell_at(ring, ticket));
    if (seen.low == cell_word(ticket, CELL_CLAIMED_FOR) && seen.high == mine)
        settle_push(ring, ticket, mine);
}

static int push_by_request(cc_ring_t *ring, int place, void *item)
{
    part_t *part = ring->wait_free;
    uint64_t mine = announce(part, place, REQUEST_PUSHING, item);
    int went = 1;
    for (unsigned turn = 1; is_waiting(part, mine, REQUEST_PUSHING); turn++) {
        CC_RING_TURN(turn);
        int answer = push_turn(ring, item, mine);
        if (answer < 0 && withdraw(part, mine, REQUEST_PUSHING))
            went = answer;
    }
    if (went == 1)
        finish_push(ring, mine);
    leave(part);
    return went;
}

static int push_one(cc_ring_t *ring, int place, void *item)
{
    int went = 0;
    for (int i = 0; i < CC_RING_TRIES && went == 0; i++)
        went = push_turn(ring, item, 0);
    return went != 0 ? went : push_by_request(ring, place, item);
}

int64_t cc__ring_wait_free_push_n(cc_ring_t *ring, void *const *items, size_t n)
{
    size_t pushed = 0;
    int went = 0, place = cc__place_mine();
    if (place < 0)
        return place;
    while (pushed < n && (went = push_one(ring, place, items[pushed])) == 1)
        pushed++;
    if (pushed == 0)
        return went;
    cc__event_notify(&ring->items, pushed);
    return (int64_t)pushed;
}

void cc__ring_wait_free_close(cc_ring_t *ring)
{
    cc__store_release(&ring->wait_free->closing,
                      true); /* [ring.close] pairs with [ring.closing]: what came before it */
    put_end(ring);
}

/* ---- pop */

/* head is claimed: carries it out, or takes it back. */
static void settle_pop(cc_ring_t *ring, uint64_t head, uint64_t claim)
{
    part_t *part = ring->wait_free;
    cc__pair_t *request = request_in(part, claim);
    cc__words_t claimed = {head, claim}, seen = pair_upwards(request);
    if (seen.low == request_word(claim, REQUEST_POPPING)) /* else too late, if the cell is another ticket's by now */
        seen = make_done(request, claim, seen, pair_upwards(cell_at(ring, head)).high);
    bool done = seen.low == request_word(claim, REQUEST_DONE);
    if (pair_change(&part->head, &claimed, done ? head + 1 : head, 0) && done)
        cc__event_notify(&ring->room, 1);
}

/* Items from `head` on, up to n: read, not yet taken. */
static size_t read_items(cc_ring_t *ring, uint64_t head, void **items, size_t n, uint64_t *word)
{
    size_t found = 0;
    for (; found < n; found++) {
        cc__words_t seen = pair_upwards(cell_at(ring, head + found));
        *word = seen.low;
        if (seen.low != cell_word(head + found, CELL_HAS_ITEM))
            break;
        items[found] = (void *)(uintptr_t)seen.high; // NOLINT(performance-no-int-to-ptr)
    }
    return found;
}

/* One turn of a pop: how many; 0: look again; -EAGAIN, -EPIPE. `mine` is its request, or 0. */
static int64_t pop_turn(cc_ring_t *ring, void **items, size_t n, uint64_t mine)
{
    void *read[BATCH];
    part_t *part = ring->wait_free;
    cc__prefetch_write(&part->head);
    cc__words_t seen = pair_downwards(&part->head);
    uint64_t head = seen.low, word = 0;
    if (seen.high != 0) {
        settle_pop(ring, head, seen.high);
        return 0;
    }
    bool asked = is_asked(part);
    uint64_t claim = asked ? due(part, head, REQUEST_POPPING) : 0;
    if (claim == 0) {
        if (mine != 0 && !is_waiting(part, mine, REQUEST_POPPING))
            return 0;
        claim = mine;
    }
    size_t most = asked ? 1 : n < BATCH ? n : BATCH; /* several would step over the ticket of a request */
    size_t found = read_items(ring, head, read, most, &word);
    if (found == 0) {
        if (ticket_in(word) > head)
            return 0;
        return word == cell_word(head, CELL_END) ? -EPIPE : -EAGAIN;
    }
    if (!pair_change(&part->head, &seen, claim != 0 ? head : head + found, claim)) {
        cc__queue_count(ring->stats, CC__QUEUE_RETRIES, 1);
        return 0;
    }
    if (claim != 0) {
        settle_pop(ring, head, claim);
        return 0;
    }
    for (size_t i = 0; i < found; i++)
        items[i] = read[i];
    cc__event_notify(&ring->room, found);
    return (int64_t)found;
}

/* head may still be only claimed. */
static void finish_pop(cc_ring_t *ring, uint64_t mine)
{
    cc__words_t seen = pair_downwards(&ring->wait_free->head);
    if (seen.high == mine)
        settle_pop(ring, seen.low, mine);
}

static int64_t pop_by_request(cc_ring_t *ring, int place, void **item)
{
    part_t *part = ring->wait_free;
    uint64_t mine = announce(part, place, REQUEST_POPPING, NULL);
    int64_t went = 1;
    for (unsigned turn = 1; is_waiting(part, mine, REQUEST_POPPING); turn++) {
        CC_RING_TURN(turn);
        int64_t answer = pop_turn(ring, NULL, 1, mine);
        if (answer < 0 && withdraw(part, mine, REQUEST_POPPING))
            went = answer;
    }
    if (went == 1) {
        *item = (void *)(uintptr_t)pair_upwards(request_in(part, mine)).high; // NOLINT(performance-no-int-to-ptr)
        finish_pop(ring, mine);
    }
    leave(part);
    return went;
}

static int64_t pop_some(cc_ring_t *ring, int place, void **items, size_t n)
{
    int64_t went = 0;
    for (int i = 0; i < CC_RING_TRIES && went == 0; i++)
        went = pop_turn(ring, items, n, 0);
    return went != 0 ? went : pop_by_request(ring, place, items);
}

int64_t cc__ring_wait_free_pop_n(cc_ring_t *ring, void **items, size_t n)
{
    size_t popped = 0;
    int64_t went = 0;
    int place = cc__place_mine();
    if (place < 0)
        return place;
    while (popped < n && (went = pop_some(ring, place, items + popped, n - popped)) > 0)
        popped += (size_t)went;
    return popped > 0 ? (int64_t)popped : went;
}

/* ---- alone, and numbers */

bool cc__ring_wait_free_pop_alone(cc_ring_t *ring, void **item)
{
    int64_t went;
    do
        went = pop_turn(ring, item, 1, 0);
    while (went == 0);
    return went == 1;
}

size_t cc__ring_wait_free_bytes(size_t slots)
{
    return sizeof(part_t) + slots * sizeof(cc__pair_t);
}

size_t cc__ring_wait_free_count(const cc_ring_t *ring)
{
    /* [ring.seen] pairs with [ring.change]: who popped has seen the cells full. */
    uint64_t head = cc__pair_low_acquire(&ring->wait_free->head);
    uint64_t ticket = next_ticket(ring);
    return ticket > head ? (size_t)(ticket - head) : 0;
}
