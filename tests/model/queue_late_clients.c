/* Clients of the queues in which threads stand still at named steps, like late_clients.c: a request of the wait-free ring whose
 * ticket others might step over, tickets of a fifo that are gone when a batch is to take them, and wake-ups that do not come, or
 * come to the wrong one. */
#include "clients.h"
#include "queue_kinds.h"

#include "base/atomic.h"
#include "base/place.h"
#include "ds/event.h"

#include <errno.h>
#include <sched.h>

static const queue_kind_t *kind;
static int came[MODEL_THREADS]; /* to its points, so often */
static int over;                /* threads */
static int rounds;

static void wait_for(const int *counter, int n)
{
    while (*counter < n)
        sched_yield();
}

static void *item(uintptr_t n)
{
    return (void *)n;
}

static void fill(unsigned room, unsigned items)
{
    kind = model_client()->arg;
    over = rounds = 0;
    model_memset(came, 0, sizeof came);
    model_futex_begin();
    model_assert(kind->create(room) == 0);
    for (uintptr_t n = 1; n <= items; n++)
        model_assert(kind->push(item(n)) == 0);
}

/* ---- thread 1 asks for an item, and each time that it is about to take the next ticket thread 2 pops two */

static void setup_batches(void)
{
    fill(8, 4);
}

static void ask_beside_batches(int i)
{
    void *out[2] = {NULL};
    if (i == 1) {
        model_assert(kind->attach() == 0 && cc__place_mine() % 2 == 1); /* its tickets are the second of two */
        model_assert(kind->pop(&out[0]) == 0);
        over = 1;
        return;
    }
    wait_for(&came[1], 1);
    queue_ring_hurries(); /* not thread 1, which has asked */
    while (over == 0) {
        model_assert(kind->push_n((void *const[]){item(8), item(9)}, 2) == 2);
        model_assert(kind->pop_n(out, 2) == 2);
        rounds++;
        sched_yield();
    }
}

/* The first exchange is that of its request. */
static void batches_first(int i)
{
    if (i == 1 && came[1]++ > 0 && over == 0)
        wait_for(&rounds, rounds + 1);
}

static void finish_batches(void)
{
    void *out;
    size_t popped = 0;
    while (kind->pop(&out) == 0)
        popped++;
    model_assert(popped == 4 - 1);
    kind->destroy();
}

/* ---- thread 1 wants three items where two are, and stops at two of its points. At the first thread 2 takes what is there, at
 * the second it pushes another one: that is not thread 1's, which had seen no ticket of it */

enum { STOPS = 10 };

static int first, second; /* at which of its points */
static int taken;

static void setup_beaten(void)
{
    fill(4, 2);
    taken = 0;
    first = (int)model_choose(STOPS) + 1;
    second = first + (int)model_choose(STOPS) + 1;
}

static void await_stop(int stop)
{
    while (came[1] < stop && over == 0)
        sched_yield();
}

static void take_tickets_late(int i)
{
    void *out[3] = {NULL};
    model_assert(kind->attach() == 0);
    if (i == 1) {
        int64_t popped = kind->pop_n(out, 3);
        model_assert(popped == 2 || popped == -EAGAIN);
        over = 1;
        return;
    }
    await_stop(first);
    (void)kind->pop_n(out, 2);
    taken = 1;
    await_stop(second);
    model_assert(kind->push(item(3)) == 0);
    model_assert(kind->pop(&out[0]) == 0 && out[0] == item(3));
    taken = 2;
}

static void stops_twice(int i)
{
    if (i != 1)
        return;
    came[1]++;
    if (came[1] == first)
        wait_for(&taken, 1);
    else if (came[1] == second)
        wait_for(&taken, 2);
}

static void finish_beaten(void)
{
    void *out;
    model_assert(kind->pop(&out) == -EAGAIN);
    kind->destroy();
}

/* ---- 3 and 4 sleep. 1 and 2 push, or make room, and 1 does not come to wake anybody; who is woken by 2 gets what 1 has
 * pushed. 3 and 4 go on nevertheless */

static void setup_items(void)
{
    fill(4, 0);
}

static void setup_room(void)
{
    fill(2, 2);
}

static void get_ready(int i)
{
    model_assert(kind->attach() == 0);
    if (i == (kind->newest_first ? 2 : 1)) {
        while (model_futex_sleepers() < 2)
            sched_yield();
    } else if (i <= 2) {
        wait_for(&came[3 - i], 1);
    }
}

static void push_or_wait(int i)
{
    void *out = NULL;
    get_ready(i);
    model_assert((i <= 2 ? kind->push(item((uintptr_t)i)) : kind->pop_wait(&out, -1)) == 0);
    over++;
}

static void pop_or_wait(int i)
{
    void *out = NULL;
    get_ready(i);
    model_assert((i <= 2 ? kind->pop(&out) : kind->push_wait(item((uintptr_t)i), -1)) == 0);
    over++;
}

/* What either has changed is there; the first of them stops. */
static void first_stalls(int i)
{
    came[i]++;
    if (i == 2) {
        wait_for(&came[1], 1);
    } else if (i == 1 && came[1] == 1) {
        model_stall();
        model_assert(over == 3);
    }
}

static void finish_waits(void)
{
    void *out;
    while (kind->pop(&out) == 0) {
    }
    kind->destroy();
}

/* ---- 4 waits for the room that 1 took, and makes some; 2, and then 3, come first, and stand still like 1. It does not fall
 * asleep: there is nothing to pop that would wake it */

static bool waited;

static void setup_thieves(void)
{
    fill(1, 0);
    waited = false;
}

static void take_room_or_wait(int i)
{
    if (i == 4) {
        wait_for(&came[1], 1);
        model_assert(kind->push_wait(item(4), -1) == 0);
        waited = true;
    } else {
        wait_for(&came[4], i - 1);
        model_assert(kind->push(item((uintptr_t)i)) == -EAGAIN);
    }
}

/* 1, 2 and 3 have their tickets; 4 is about to take one. */
static void thieves_first(int i)
{
    came[i]++;
    if (i == 4) {
        wait_for(&came[2], came[4] >= 1);
        wait_for(&came[3], came[4] >= 2);
    } else if (came[i] == 1) {
        model_stall();
        model_assert(waited);
    }
}

static void finish_thieves(void)
{
    model_assert(came[4] == 3);
    finish_waits();
}

/* ---- 2 and 3 sleep, and 1 pushes two items at once, or makes room for two. Who is woken first stops: the other one goes on */

static void batch_or_wait(int i, bool room)
{
    void *out[2] = {NULL};
    model_assert(kind->attach() == 0);
    while (i == 1 && model_futex_sleepers() < 2)
        sched_yield();
    if (i == 1)
        model_assert((room ? kind->pop_n(out, 2) : kind->push_n((void *const[]){item(1), item(2)}, 2)) == 2);
    else
        model_assert((room ? kind->push_wait(item((uintptr_t)i), -1) : kind->pop_wait(&out[0], -1)) == 0);
    over++;
}

static void push_batch_or_wait(int i)
{
    batch_or_wait(i, false);
}

static void pop_batch_or_wait(int i)
{
    batch_or_wait(i, true);
}

static void woken_stalls(int i)
{
    if (i != 1 && came[0]++ == 0) {
        model_stall();
        model_assert(over == 2);
    }
}

/* ---- of two who wait, the one that comes first is refused by its attempt: the other one gets the item */

static cc__event_t event;
static CC__ATOMIC(int) items;
static bool refused;

static int attempt(void *queue, void *arg)
{
    (void)queue;
    (void)arg;
    if (cc__load_acquire(&items) == 0)
        return -EAGAIN;
    if (!refused) {
        refused = true;
        return -ENOMEM;
    }
    cc__fetch_add_acq_rel(&items, -1);
    return 0;
}

static bool more(void *queue)
{
    (void)queue;
    return cc__load_relaxed(&items) != 0;
}

static void setup_refused(void)
{
    model_futex_begin();
    cc__event_init(&event);
    cc__store_relaxed(&items, 0);
    refused = false;
}

static void push_one_or_wait(int i)
{
    uint64_t sleeps;
    if (i == 1) {
        cc__fetch_add_acq_rel(&items, 1);
        cc__event_notify(&event, 1);
    } else {
        int err = cc__event_wait(&event, &(cc__event_call_t){attempt, more, NULL, NULL, NULL}, -1, &sleeps);
        model_assert(err == 0 || err == -ENOMEM);
    }
}

static void finish_refused(void)
{
    model_assert(refused && cc__load_relaxed(&items) == 0);
    cc__event_fini(&event);
}

/* ---- 3 polls the descriptor. 1 takes the bit that says so, and does not come to ring; 2 rings nevertheless */

static bool polls;

static void setup_poll(void)
{
    setup_refused();
    polls = false;
    over = 0;
    model_memset(came, 0, sizeof came);
}

static void notify_or_poll(int i)
{
    if (i == 3) {
        int fd = cc__event_fd(&event);
        model_assert(fd >= 0 && cc__event_arm(&event) == 0);
        polls = true;
        model_eventfd_wait(fd);
    } else {
        while (i == 1 ? !polls : came[1] == 0)
            sched_yield();
        cc__event_notify(&event, 1);
    }
    over++;
}

static void does_not_ring(int i)
{
    if (i == 1 && came[1]++ == 0) {
        model_stall();
        model_assert(over == 2);
    }
}

static void finish_poll(void)
{
    cc__event_fini(&event);
}

/* ---- the clients */

/* The rest of a client is the kind's: in a domain it comes once per scheme. */
static void add_of_kind(const queue_kind_t *of, model_client_t client)
{
    client.structure = of->name;
    client.scheme = CC_SMR_DEFAULT;
    client.finish = finish_waits;
    client.arg = of;
    of->in_domain ? model_add_for_schemes(&client) : model_add_client(&client);
}

static void add_waits(const char *name, const queue_kind_t *of, bool room)
{
    static const char *const points[] = {"load_relaxed &event->waiters", "load_relaxed &event->waiters", " |fence",
                                         " |fence"};
    add_of_kind(of, (model_client_t){.name = name,
                                     .what = "who stops before it wakes anybody keeps nobody else's change from who "
                                             "sleeps",
                                     .threads = 4,
                                     .setup = room ? setup_room : setup_items,
                                     .thread = room ? pop_or_wait : push_or_wait,
                                     .points = points,
                                     .at_point = first_stalls});
}

static void add_woken(const char *name, const queue_kind_t *of, bool room)
{
    static const char *const points[] = {NULL, "fetch_add_acq_rel &event->seq", "fetch_add_acq_rel &event->seq"};
    add_of_kind(of, (model_client_t){.name = name,
                                     .what = "who stops when it is woken by a batch keeps one item of it from who "
                                             "sleeps",
                                     .threads = 3,
                                     .setup = room ? setup_room : setup_items,
                                     .thread = room ? pop_batch_or_wait : push_batch_or_wait,
                                     .points = points,
                                     .at_point = woken_stalls});
}

void model_add_queue_late_clients(void)
{
    static const char *const exchange[] = {"pair_cas", NULL};
    model_add_client(&(model_client_t){.name = "ring-asked-late-batches",
                                       .what = "a request is served though others pop two at a time",
                                       .structure = "ring",
                                       .threads = 2,
                                       .setup = setup_batches,
                                       .thread = ask_beside_batches,
                                       .points = exchange,
                                       .at_point = batches_first,
                                       .finish = finish_batches,
                                       .arg = &queue_ring_served});
    static const char *const tickets[] = {"cell->state", "cell->state", "cell->state", "cas_seq_cst &ring->tail"};
    model_add_client(&(model_client_t){.name = "ring-wait-room-thieves",
                                       .what = "who waits for room does not sleep before an item is there",
                                       .structure = "ring",
                                       .threads = 4,
                                       .setup = setup_thieves,
                                       .thread = take_room_or_wait,
                                       .points = tickets,
                                       .at_point = thieves_first,
                                       .finish = finish_thieves,
                                       .arg = &queue_ring});
    static const char *const looks[] = {"segment->p| cell", NULL};
    model_add_for_schemes(&(model_client_t){.name = "fifo-batch-beaten",
                                            .what = "who wants several items takes no ticket but those that it saw",
                                            .structure = "fifo",
                                            .threads = 2,
                                            .setup = setup_beaten,
                                            .thread = take_tickets_late,
                                            .points = looks,
                                            .at_point = stops_twice,
                                            .finish = finish_beaten,
                                            .arg = &queue_fifo});
    add_waits("ring-wait-baton", &queue_ring, false);
    add_waits("ring-wait-room-baton", &queue_ring, true);
    add_waits("ring-free-wait-baton", &queue_ring_free, false);
    add_waits("fifo-wait-baton", &queue_fifo, false);
    add_waits("lifo-wait-baton", &queue_lifo, false);
    add_woken("ring-wait-woken", &queue_ring, false);
    add_woken("ring-wait-room-woken", &queue_ring, true);
    add_woken("ring-free-wait-woken", &queue_ring_free, false);
    add_woken("ring-free-wait-room-woken", &queue_ring_free, true);
    add_woken("fifo-wait-woken", &queue_fifo, false);
    add_woken("lifo-wait-woken", &queue_lifo, false);
    model_add_client(&(model_client_t){.name = "event-wait-refused",
                                       .what = "who is woken and refused leaves the item to the next one that sleeps",
                                       .structure = "ring",
                                       .threads = 3,
                                       .setup = setup_refused,
                                       .thread = push_one_or_wait,
                                       .finish = finish_refused});
    static const char *const fd[] = {"load_relaxed &event->fd", NULL, NULL};
    model_add_client(&(model_client_t){.name = "event-ring-asleep",
                                       .what = "who stops before it rings keeps nobody else from ringing",
                                       .structure = "ring",
                                       .threads = 3,
                                       .setup = setup_poll,
                                       .thread = notify_or_poll,
                                       .points = fd,
                                       .at_point = does_not_ring,
                                       .finish = finish_poll});
}
