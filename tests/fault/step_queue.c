/* A thread stands still in the middle of a push, a pop, a wait or a close, before each of its accesses in turn. The others go on:
 * every call of theirs returns, items come out in order, none is lost or comes twice, also the sleeper's. What waits for
 * reclamation meanwhile stays below a bound, under schemes that promise one: what was in the queue when it fell asleep,
 * what was born in that epoch, and the thresholds of step_stall.c (which says why DEBRA+ is not measured here). */
#include "ds/fifo.h"
#include "ds/ring_wait_free.h"
#include "smr/types.h"
#include "step.h"
#include "step_scenes.h"

#include "../schemes.h"

#include <cc/cc.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PREFILL = 3, TURNS = 40, ITEMS = 512, SEGMENT = 4, CAPACITY = 8, BATCH = 3 };
enum { PINNED = PREFILL + 2 * BATCH + 1, BOUND = PINNED + PINNED / 4 + CC_SCAN_ENTRIES + 4 };
enum { SLEEPERS_ITEM = ITEMS - BATCH }; /* the first of those that only the sleeper pushes */
enum { CHILD_SECONDS = 60, WAIT_NS = 100000 };
enum { LAST = ITEMS - CAPACITY }; /* the first item of who takes all the room */

typedef struct {
    const char *name;
    bool ordered, backoff, wait_free, by_request; /* the last: the sleeper announces its call at once */
    bool tickets;                                 /* a push takes room before it stores anything */
    int64_t (*push_n)(void *const *items, size_t n);
    int64_t (*pop_n)(void **items, size_t n);
    int (*pop_wait)(void **item, int64_t timeout_ns);
    int (*close)(void);
} kind_t;

static cc_domain_t *domain;
static cc_fifo_t *fifo;
static cc_lifo_t *lifo;
static cc_ring_t *ring;

#define KIND(q)                                                                                                        \
    static int64_t q##_push_n(void *const *items, size_t n)                                                            \
    {                                                                                                                  \
        return cc_##q##_push_n(q, items, n);                                                                           \
    }                                                                                                                  \
    static int64_t q##_pop_n(void **items, size_t n)                                                                   \
    {                                                                                                                  \
        return cc_##q##_pop_n(q, items, n);                                                                            \
    }                                                                                                                  \
    static int q##_pop_wait(void **item, int64_t timeout_ns)                                                           \
    {                                                                                                                  \
        return cc_##q##_pop_wait(q, item, timeout_ns);                                                                 \
    }                                                                                                                  \
    static int q##_close(void)                                                                                         \
    {                                                                                                                  \
        return cc_##q##_close(q);                                                                                      \
    }
KIND(fifo)
KIND(ring)
KIND(lifo)

#define VERBS(q) .push_n = q##_push_n, .pop_n = q##_pop_n, .pop_wait = q##_pop_wait, .close = q##_close
static const kind_t kinds[] = {
    {"fifo", .ordered = true, VERBS(fifo)},
    {"ring", .ordered = true, .tickets = true, VERBS(ring)},
    {"lifo", VERBS(lifo)},
    {"fifo with back-off", .ordered = true, .backoff = true, VERBS(fifo)},
    {"ring with back-off", .ordered = true, .backoff = true, .tickets = true, VERBS(ring)},
    {"wait-free ring", .ordered = true, .wait_free = true, VERBS(ring)},
    {"wait-free ring by request", .ordered = true, .wait_free = true, .by_request = true, VERBS(ring)},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const kind_t *kind;
static bool inside[ITEMS]; /* pushed with success, not popped */
static bool closing;
static uintptr_t sleepers = SLEEPERS_ITEM;
static int served; /* items that a sleeper's request may have been given */

static void *item_of(uintptr_t n)
{
    return (void *)(n + 1); // NOLINT(performance-no-int-to-ptr): never followed
}

static void note_pushed(uintptr_t n)
{
    CHECK(!inside[n]);
    inside[n] = true;
}

/* The sleeper's items may come out before its push has returned. */
static uintptr_t note_popped(void *item)
{
    uintptr_t n = (uintptr_t)item - 1;
    CHECK(n < ITEMS && (inside[n] || n >= sleepers), "item %" PRIuPTR " comes twice, or from nowhere", n);
    inside[n] = n >= sleepers && !inside[n]; /* then its push is still to be noted, and cancels this */
    return n;
}

/* ---- what the sleeper does */

static void sleeper_pushed(uintptr_t n)
{
    inside[n] = !inside[n]; /* it may have been popped already */
}

static void be_known(void)
{
    CHECK(cc_thread_attach(domain) == 0);
    step_ring_tries = !kind->by_request;
}

static void push_n(size_t n)
{
    void *items[BATCH] = {item_of(SLEEPERS_ITEM), item_of(SLEEPERS_ITEM + 1), item_of(SLEEPERS_ITEM + 2)};
    step_begin();
    int64_t went = kind->push_n(items, n);
    step_end();
    CHECK(went > 0);
    for (int64_t i = 0; i < went; i++)
        sleeper_pushed(SLEEPERS_ITEM + (uintptr_t)i);
}

static void pop_n(size_t n)
{
    void *items[BATCH];
    step_begin();
    int64_t went = kind->pop_n(items, n);
    step_end();
    CHECK(went > 0);
    for (int64_t i = 0; i < went; i++)
        (void)note_popped(items[i]);
}

static void push_one(void *arg)
{
    (void)arg;
    be_known();
    push_n(1);
}
static void push_batch(void *arg)
{
    (void)arg;
    be_known();
    push_n(BATCH);
}
/* All the room there is. What comes to nothing for want of room was never inside. */
static void push_all(void *arg)
{
    void *items[CAPACITY];
    (void)arg;
    for (uintptr_t i = 0; i < CAPACITY; i++)
        items[i] = item_of(LAST + i);
    be_known();
    step_begin();
    int64_t went = kind->push_n(items, CAPACITY);
    step_end();
    CHECK(went > 0 || went == -EAGAIN);
    for (int64_t i = 0; i < went; i++)
        sleeper_pushed(LAST + (uintptr_t)i);
}
static void pop_one(void *arg)
{
    (void)arg;
    be_known();
    pop_n(1);
}
static void pop_batch(void *arg)
{
    (void)arg;
    be_known();
    pop_n(BATCH);
}
/* Of an empty queue: it announces that it sleeps, looks once more, and sleeps for a moment. */
static void pop_waiting(void *arg)
{
    void *item;
    (void)arg;
    be_known();
    step_begin();
    int err = kind->pop_wait(&item, WAIT_NS);
    step_end();
    CHECK(err == 0 || err == -ETIMEDOUT);
    if (err == 0)
        (void)note_popped(item);
}
static void close_it(void *arg)
{
    (void)arg;
    be_known();
    step_begin();
    CHECK(kind->close() == 0);
    step_end();
}

static void spsc_push(void *arg)
{
    void *items[BATCH] = {item_of(2), item_of(3), item_of(4)};
    (void)arg;
    step_begin();
    CHECK(cc_ring_push_n(ring, items, BATCH) == BATCH && cc_ring_close(ring) == 0);
    step_end();
}
static void spsc_pop(void *arg)
{
    void *item;
    (void)arg;
    step_begin();
    CHECK(cc_ring_pop(ring, &item) == 0 && item == item_of(1));
    step_end();
}

/* ---- what the others do meanwhile */

static void push_some(uintptr_t *next)
{
    void *item = item_of(*next);
    int64_t went = kind->push_n(&item, 1);
    CHECK(went == 1 || (closing && went == -EPIPE), "push: %" PRId64, went);
    if (went == 1)
        note_pushed(*next);
    ++*next;
}

/* False: there is nothing. */
static bool pop_some(uintptr_t *last)
{
    void *item;
    int64_t went = kind->pop_n(&item, 1);
    CHECK(went == 1 || went == -EAGAIN || (closing && went == -EPIPE), "pop: %" PRId64, went);
    if (went != 1)
        return false;
    uintptr_t n = note_popped(item);
    if (n < sleepers) {
        CHECK(!kind->ordered || *last == 0 || n > *last, "item %" PRIuPTR " after item %" PRIuPTR, n, *last);
        *last = n;
    }
    return true;
}

static void go_on(uintptr_t *next, uintptr_t *last)
{
    for (int i = 0; i < TURNS; i++) {
        push_some(next);
        push_some(next);
        CHECK(pop_some(last) || closing || served-- > 0, "nothing to pop from a %s", kind->name);
        CHECK(pop_some(last) || closing || served-- > 0, "nothing to pop from a %s", kind->name);
    }
    CHECK(cc_domain_flush(domain) >= 0);
}

/* What the sleeper has announced is done by now. */
static bool all_served(void)
{
    for (int i = 0; ring->wait_free != NULL && i < CC_PLACES; i++) {
        uint64_t state = cc__pair_low_acquire(&ring->wait_free->request[i].pair) & 3;
        if (state == REQUEST_PUSHING || state == REQUEST_POPPING)
            return false;
    }
    return true;
}

/* Whoever has come to the end of the fifo says so: later pushes take no tickets there. */
static bool end_is_known(void)
{
    cc__fifo_segment_t *last = cc__unmarked(cc__load_relaxed(&fifo->tail));
    return cc__load_relaxed(&last->next) != CC__MARK || cc__load_relaxed(&fifo->closed);
}

static uint64_t waiting(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(domain, &s) == 0);
    return s.limbo_count;
}

/* ---- the scene */

static void create(void)
{
    cc_fifo_opts_t fifo_opts = CC_FIFO_OPTS_INIT;
    cc_ring_opts_t ring_opts = CC_RING_OPTS_INIT;
    fifo_opts.segment_items = SEGMENT;
    fifo_opts.backoff = ring_opts.backoff = kind->backoff;
    ring_opts.wait_free = kind->wait_free;
    CHECK(cc_fifo_create(domain, &fifo_opts, &fifo) == 0);
    CHECK(cc_lifo_create(domain, NULL, &lifo) == 0);
    CHECK(cc_ring_create(CAPACITY, &ring_opts, &ring) == 0);
    for (uintptr_t i = 0; i < ITEMS; i++)
        inside[i] = false;
}

static void destroy(void)
{
    for (uintptr_t i = 0; i < ITEMS; i++)
        CHECK(!inside[i], "item %" PRIuPTR " is lost", i);
    CHECK(cc_fifo_destroy(fifo) == 0 && cc_lifo_destroy(lifo) == 0 && cc_ring_destroy(ring) == 0);
    CHECK(cc_domain_drain(domain, 0) == 0);
}

/* False: the call ends before its n-th access. */
static bool stand_still(void (*call)(void *), const char *name, long n, bool bounded)
{
    stepper_t stepper;
    uintptr_t next = 1, last = 0;
    create();
    for (int i = 0; i < PREFILL && call != pop_waiting; i++)
        push_some(&next);
    closing = call == close_it;
    served = call == pop_waiting && kind->wait_free;
    bool stopped = step_start(&stepper, call, NULL, n);
    go_on(&next, &last);
    CHECK(end_is_known(), "a push has met the end, access %ld of %s", n, name);
    CHECK(closing || all_served(), "a request waits, access %ld of %s", n, name);
    CHECK(!bounded || waiting() <= BOUND, "%" PRIu64 " objects wait for a thread in %s of a %s, access %ld", waiting(),
          name, kind->name, n);
    step_finish(&stepper);
    while (pop_some(&last)) {
    }
    closing = false;
    destroy();
    return stopped;
}

/* ---- another thread forks: in the child, who stood still has vanished, and its place is free */

static void *take_its_place(void *arg)
{
    uintptr_t *ends = arg;
    step_ring_tries = 0;
    go_on(&ends[0], &ends[1]);
    return NULL;
}

/* The vanished thread may have taken so many. */
static _Noreturn void live_on(uintptr_t next, uintptr_t last, int taken)
{
    uintptr_t ends[] = {next, last};
    pthread_t thread;
    alarm(CHILD_SECONDS);
    step_ring_tries = 0;
    go_on(&ends[0], &ends[1]);
    CHECK(all_served());
    if (!SCENARIO_ASAN) { /* whose children start no threads */
        CHECK(pthread_create(&thread, NULL, take_its_place, ends) == 0 && pthread_join(thread, NULL) == 0);
        CHECK(all_served());
    }
    while (pop_some(&ends[1])) {
    }
    int gone = 0;
    for (uintptr_t i = 0; i < SLEEPERS_ITEM; i++)
        gone += inside[i];
    CHECK(gone <= taken, "%d items are lost, which were not the vanished thread's", gone);
    _exit(EXIT_SUCCESS);
}

static bool vanishes(void (*call)(void *), const char *name, long n)
{
    stepper_t stepper;
    uintptr_t next = 1, last = 0;
    int status;
    create();
    for (int i = 0; i < PREFILL; i++)
        push_some(&next);
    bool stopped = step_start(&stepper, call, NULL, n);
    step_pass_locks(&stepper);
    pid_t child = fork();
    step_pass_locks(NULL);
    if (child == 0)
        live_on(next, last, call == pop_one ? 1 : call == pop_batch ? BATCH : 0);
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
          "the child ended with status 0x%x beside a thread in %s, access %ld", (unsigned)status, name, n);
    step_finish(&stepper);
    while (pop_some(&last)) {
    }
    destroy();
    return stopped;
}

/* ---- a push that takes all the room stands still: the others push and pop. Or it vanishes there in a fork: in the child */

/* The first pop may find nothing. */
static void make_use_of_room(uintptr_t *next, uintptr_t *last)
{
    (void)pop_some(last);
    for (int i = 0; i < TURNS; i++) {
        push_some(next);
        CHECK(pop_some(last), "nothing to pop behind a push into a %s", kind->name);
    }
    while (pop_some(last)) {
    }
    for (int i = 0; i < CAPACITY; i++)
        push_some(next); /* the room is whole, whatever the sleeper has of it */
}

static bool holds_all_room(long n, bool forks)
{
    stepper_t stepper;
    uintptr_t next = 1, last = 0;
    int status;
    create();
    sleepers = LAST;
    bool stopped = step_start(&stepper, push_all, NULL, n);
    pid_t child = forks ? fork() : -1;
    if (child == 0)
        alarm(CHILD_SECONDS);
    if (child <= 0)
        make_use_of_room(&next, &last);
    if (child == 0)
        _exit(EXIT_SUCCESS);
    CHECK(!forks || (waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS),
          "beside a thread in a push of all, access %ld", n);
    step_finish(&stepper);
    while (pop_some(&last)) {
    }
    destroy();
    sleepers = SLEEPERS_ITEM;
    return stopped;
}

/* ---- one producer, one consumer: the other one goes on, as far as it can by itself */

static void consume_all(void)
{
    void *item;
    for (uintptr_t n = 1; cc_ring_pop(ring, &item) == 0; n++)
        CHECK(item == item_of(n));
}

static bool producer_stands_still(long n)
{
    stepper_t stepper;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.spsc = true;
    CHECK(cc_ring_create(CAPACITY, &opts, &ring) == 0 && cc_ring_push(ring, item_of(1)) == 0);
    bool stopped = step_start(&stepper, spsc_push, NULL, n);
    consume_all();
    step_finish(&stepper);
    CHECK(cc_ring_destroy(ring) == 0);
    return stopped;
}

static bool consumer_stands_still(long n)
{
    stepper_t stepper;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.spsc = true;
    CHECK(cc_ring_create(CAPACITY, &opts, &ring) == 0 && cc_ring_push(ring, item_of(1)) == 0);
    bool stopped = step_start(&stepper, spsc_pop, NULL, n);
    uintptr_t pushed = 1;
    while (cc_ring_push(ring, item_of(pushed + 1)) == 0)
        pushed++;
    CHECK(pushed == CAPACITY || pushed == CAPACITY + 1);
    step_finish(&stepper);
    CHECK(cc_ring_destroy(ring) == 0);
    return stopped;
}

void step_queue(cc_smr_scheme_t scheme)
{
    static const struct {
        const char *name;
        void (*call)(void *);
    } calls[] = {{"a push", push_one},  {"a push of several", push_batch},
                 {"a pop", pop_one},    {"a pop of several", pop_batch},
                 {"a close", close_it}, {"a pop that waits", pop_waiting}};
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = scheme;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    for (int k = 0; k < KINDS; k++) {
        kind = &kinds[k];
        for (int c = 0; c < 6; c++) {
            for (long n = 1; stand_still(calls[c].call, calls[c].name, n, scheme == CC_SMR_IBR); n += STEP_STRIDE) {
            }
        }
    }
    for (kind = kinds; kind < kinds + KINDS; kind++) {
        for (long n = 1; kind->tickets && holds_all_room(n, false); n += STEP_STRIDE) {
        }
        for (long n = 1; kind->tickets && !SCENARIO_TSAN && holds_all_room(n, true); n += STEP_STRIDE) {
        }
    }
    kind = &kinds[KINDS - 1];                       /* by request */
    for (int c = 0; c < 4 && !SCENARIO_TSAN; c++) { /* not of a close; ThreadSanitizer misses who has vanished */
        for (long n = 1; vanishes(calls[c].call, calls[c].name, n); n += STEP_STRIDE) {
        }
    }
    CHECK(cc_domain_destroy(domain) == 0);
    for (long n = 1; producer_stands_still(n); n += STEP_STRIDE) {
    }
    for (long n = 1; consumer_stands_still(n); n += STEP_STRIDE) {
    }
}
