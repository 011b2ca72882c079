#include "queue_kinds.h"

#include "model.h"

#include "cc/cc.h"
#include "ds/lifo.h"
#include "ds/ring_wait_free.h"

#include <errno.h>

/* ---- the ring */

static cc_ring_t *ring;

static int ring_create(unsigned size)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.statistics = true;
    return cc_ring_create(size, &opts, &ring);
}
static int ring_turns_create(unsigned size)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.statistics = true;
    opts.backoff = true;
    return cc_ring_create(size, &opts, &ring);
}
static int ring_spsc_create(unsigned size)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.statistics = true;
    opts.spsc = true;
    return cc_ring_create(size, &opts, &ring);
}

/* Tries that fail before a call of a wait-free ring announces itself; the most turns that it may take then: its source says
 * how many, and how many if nobody withdraws anything. */
int model_ring_tries;
static unsigned most_turns;

enum { MOST_TURNS = (CC_PLACES + 1) * (2 + 4 * CC_PLACES), MOST_SERVED = 2 * (CC_PLACES + 1) };

void model_ring_turn(unsigned turn)
{
    model_assert(turn <= most_turns);
}

static int ring_wait_free_create(unsigned size)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.statistics = true;
    opts.wait_free = true;
    return cc_ring_create(size, &opts, &ring);
}
void queue_ring_hurries(void)
{
    model_ring_tries = 1;
    most_turns = MOST_TURNS;
}
static int ring_free_create(unsigned size)
{
    queue_ring_hurries();
    return ring_wait_free_create(size);
}
static int ring_asked_create(unsigned size)
{
    model_ring_tries = 0;
    most_turns = MOST_TURNS;
    return ring_wait_free_create(size);
}
static int ring_served_create(unsigned size)
{
    model_ring_tries = 0;
    most_turns = MOST_SERVED;
    return ring_wait_free_create(size);
}
static int ring_waiting(void)
{
    int waiting = 0;
    for (unsigned i = 0; i < CC_PLACES; i++) {
        uint64_t state = cc__pair_low_acquire(&ring->wait_free->request[i].pair) & 3;
        waiting += state == REQUEST_PUSHING || state == REQUEST_POPPING;
    }
    return waiting;
}
static void ring_destroy(void)
{
    model_assert(cc_ring_destroy(ring) == 0);
}
static int ring_push(void *item)
{
    return cc_ring_push(ring, item);
}
static int ring_pop(void **item)
{
    return cc_ring_pop(ring, item);
}
static int64_t ring_push_n(void *const *items, size_t n)
{
    return cc_ring_push_n(ring, items, n);
}
static int64_t ring_pop_n(void **items, size_t n)
{
    return cc_ring_pop_n(ring, items, n);
}
static int ring_push_wait(void *item, int64_t timeout_ns)
{
    return cc_ring_push_wait(ring, item, timeout_ns);
}
static int ring_pop_wait(void **item, int64_t timeout_ns)
{
    return cc_ring_pop_wait(ring, item, timeout_ns);
}
static int64_t ring_pop_n_wait(void **items, size_t n, int64_t timeout_ns)
{
    return cc_ring_pop_n_wait(ring, items, n, timeout_ns);
}
static int ring_close(void)
{
    return cc_ring_close(ring);
}
static size_t ring_count(void)
{
    return cc_ring_count(ring);
}

static int ring_event_fd(void)
{
    return cc_ring_event_fd(ring);
}
static int ring_arm(void)
{
    return cc_ring_arm(ring);
}

static cc_queue_snapshot_t ring_stats(void)
{
    cc_queue_snapshot_t s = CC_QUEUE_SNAPSHOT_INIT;
    model_assert(cc_ring_stats_snapshot(ring, &s) == 0);
    return s;
}

/* A place is given under a lock. */
static int ring_attach(void)
{
    return ring->wait_free == NULL || cc__place_mine() >= 0 ? 0 : -EBUSY;
}

#define RING(create)                                                                                                   \
    {                                                                                                                  \
        .name = "ring", create, ring_destroy, ring_attach, ring_push, ring_pop, ring_push_n, ring_pop_n,               \
        ring_push_wait, ring_pop_wait, ring_pop_n_wait, ring_close, ring_count, ring_event_fd, ring_arm, NULL,         \
        ring_stats, .bounded = true                                                                                    \
    }
#define WAIT_FREE_RING(create, all_served)                                                                             \
    {                                                                                                                  \
        .name = "ring", create, ring_destroy, ring_attach, ring_push, ring_pop, ring_push_n, ring_pop_n,               \
        ring_push_wait, ring_pop_wait, ring_pop_n_wait, ring_close, ring_count, ring_event_fd, ring_arm, NULL,         \
        ring_stats, ring_waiting, .bounded = true, .exact = true, .serves = all_served                                 \
    }
const queue_kind_t queue_ring_free = WAIT_FREE_RING(ring_free_create, false);
const queue_kind_t queue_ring_asked = WAIT_FREE_RING(ring_asked_create, false);
const queue_kind_t queue_ring_served = WAIT_FREE_RING(ring_served_create, true);
const queue_kind_t queue_ring = RING(ring_create);
const queue_kind_t queue_ring_turns = RING(ring_turns_create);
const queue_kind_t queue_ring_spsc = RING(ring_spsc_create);

/* ---- fifo and lifo, in a domain */

static cc_domain_t *domain;

static int make_domain(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = scheme;
    return cc_domain_create(&opts, &domain);
}

static void end_domain(void)
{
    model_assert(cc_domain_drain(domain, 0) == 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.leaked == 0 && s.retired == s.reclaimed);
    model_assert(cc_domain_destroy(domain) == 0);
}

/* What the two have in common, and the ring has not. */
#define IN_DOMAIN(kind, size_option)                                                                                   \
    static cc_##kind##_t *the_##kind##_made;                                                                           \
    static int kind##_create(unsigned size)                                                                            \
    {                                                                                                                  \
        cc_##kind##_opts_t opts = (cc_##kind##_opts_t){.size = sizeof opts, .size_option = size};                      \
        model_assert(make_domain(model_client()->scheme) == 0);                                                        \
        return cc_##kind##_create(domain, &opts, &the_##kind##_made);                                                  \
    }                                                                                                                  \
    static void kind##_destroy(void)                                                                                   \
    {                                                                                                                  \
        model_assert(cc_##kind##_destroy(the_##kind##_made) == 0);                                                     \
        end_domain();                                                                                                  \
    }                                                                                                                  \
    static int kind##_push(void *item)                                                                                 \
    {                                                                                                                  \
        return cc_##kind##_push(the_##kind##_made, item);                                                              \
    }                                                                                                                  \
    static int kind##_pop(void **item)                                                                                 \
    {                                                                                                                  \
        return cc_##kind##_pop(the_##kind##_made, item);                                                               \
    }                                                                                                                  \
    static int64_t kind##_push_n(void *const *items, size_t n)                                                         \
    {                                                                                                                  \
        return cc_##kind##_push_n(the_##kind##_made, items, n);                                                        \
    }                                                                                                                  \
    static int64_t kind##_pop_n(void **items, size_t n)                                                                \
    {                                                                                                                  \
        return cc_##kind##_pop_n(the_##kind##_made, items, n);                                                         \
    }                                                                                                                  \
    static int kind##_pop_wait(void **item, int64_t timeout_ns)                                                        \
    {                                                                                                                  \
        return cc_##kind##_pop_wait(the_##kind##_made, item, timeout_ns);                                              \
    }                                                                                                                  \
    static int64_t kind##_pop_n_wait(void **items, size_t n, int64_t timeout_ns)                                       \
    {                                                                                                                  \
        return cc_##kind##_pop_n_wait(the_##kind##_made, items, n, timeout_ns);                                        \
    }                                                                                                                  \
    static int kind##_close(void)                                                                                      \
    {                                                                                                                  \
        return cc_##kind##_close(the_##kind##_made);                                                                   \
    }                                                                                                                  \
    static size_t kind##_count(void)                                                                                   \
    {                                                                                                                  \
        return cc_##kind##_count(the_##kind##_made);                                                                   \
    }                                                                                                                  \
    static int kind##_event_fd(void)                                                                                   \
    {                                                                                                                  \
        return cc_##kind##_event_fd(the_##kind##_made);                                                                \
    }                                                                                                                  \
    static int kind##_arm(void)                                                                                        \
    {                                                                                                                  \
        return cc_##kind##_arm(the_##kind##_made);                                                                     \
    }

IN_DOMAIN(fifo, segment_items)
IN_DOMAIN(lifo, elimination)

/* Quiet: nobody waits at a place, and none is left taken. */
static void lifo_end(void)
{
    for (uint32_t i = 0; i < the_lifo_made->opts.elimination; i++)
        model_assert(cc__load_relaxed(&the_lifo_made->places[i].offer) == NULL);
    lifo_destroy();
}

static void flush(void)
{
    cc_domain_flush(domain);
}

static void drain(void)
{
    (void)cc_domain_drain(domain, 0);
}

static int attach(void)
{
    return cc_thread_attach(domain);
}

static int no_push_wait(void *item, int64_t timeout_ns)
{
    (void)item;
    (void)timeout_ns;
    return -EINVAL;
}

static int fifo_turns_create(unsigned size)
{
    cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
    opts.segment_items = size;
    opts.backoff = true;
    model_assert(make_domain(model_client()->scheme) == 0);
    return cc_fifo_create(domain, &opts, &the_fifo_made);
}

#define FIFO(create)                                                                                                   \
    {                                                                                                                  \
        .name = "fifo", create, fifo_destroy, attach, fifo_push, fifo_pop, fifo_push_n, fifo_pop_n, no_push_wait,      \
        fifo_pop_wait, fifo_pop_n_wait, fifo_close, fifo_count, fifo_event_fd, fifo_arm, flush, .drain = drain,        \
        .in_domain = true                                                                                              \
    }
const queue_kind_t queue_fifo = FIFO(fifo_create);
const queue_kind_t queue_fifo_turns = FIFO(fifo_turns_create);
const queue_kind_t queue_lifo = {.name = "lifo",
                                 lifo_create,
                                 lifo_end,
                                 attach,
                                 lifo_push,
                                 lifo_pop,
                                 lifo_push_n,
                                 lifo_pop_n,
                                 no_push_wait,
                                 lifo_pop_wait,
                                 lifo_pop_n_wait,
                                 lifo_close,
                                 lifo_count,
                                 lifo_event_fd,
                                 lifo_arm,
                                 flush,
                                 .drain = drain,
                                 .in_domain = true,
                                 .newest_first = true};
