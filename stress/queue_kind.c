#include "queue_kind.h"

#include "report.h"

#include <cc/cc.h>

#define CREATED(call)                                                                                                  \
    if ((call) != 0)                                                                                                   \
        give_up("a queue could not be created");                                                                       \
    return q

static void *ring_create(cc_domain_t *domain, size_t size)
{
    cc_ring_t *q;
    (void)domain;
    CREATED(cc_ring_create(size, NULL, &q));
}

static void *ring_of_turns_create(cc_domain_t *domain, size_t size)
{
    cc_ring_t *q;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    (void)domain;
    opts.backoff = true;
    CREATED(cc_ring_create(size, &opts, &q));
}

static void *wait_free_create(cc_domain_t *domain, size_t size)
{
    cc_ring_t *q;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    (void)domain;
    opts.wait_free = true;
    CREATED(cc_ring_create(size, &opts, &q));
}

static void *fifo_of_turns_create(cc_domain_t *domain, size_t size)
{
    cc_fifo_t *q;
    cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
    opts.segment_items = size;
    opts.backoff = true;
    CREATED(cc_fifo_create(domain, &opts, &q));
}

static void *pipe_create(cc_domain_t *domain, size_t size)
{
    cc_ring_t *q;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    (void)domain;
    opts.spsc = true;
    CREATED(cc_ring_create(size, &opts, &q));
}

static void *fifo_create(cc_domain_t *domain, size_t size)
{
    cc_fifo_t *q;
    cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
    opts.segment_items = size;
    CREATED(cc_fifo_create(domain, &opts, &q));
}

static void *lifo_create(cc_domain_t *domain, size_t size)
{
    cc_lifo_t *q;
    (void)size;
    CREATED(cc_lifo_create(domain, NULL, &q));
}

static void *eliminating_create(cc_domain_t *domain, size_t size)
{
    cc_lifo_t *q;
    cc_lifo_opts_t opts = CC_LIFO_OPTS_INIT;
    (void)size;
    opts.elimination = 1;
    CREATED(cc_lifo_create(domain, &opts, &q));
}

/* The verbs that all have, with the handle as void *. */
#define VERBS(kind)                                                                                                    \
    static void kind##_destroy(void *q)                                                                                \
    {                                                                                                                  \
        if (cc_##kind##_destroy(q) != 0)                                                                               \
            finding("destroy failed");                                                                                 \
    }                                                                                                                  \
    static int kind##_push(void *q, void *item)                                                                        \
    {                                                                                                                  \
        return cc_##kind##_push(q, item);                                                                              \
    }                                                                                                                  \
    static int kind##_pop(void *q, void **item)                                                                        \
    {                                                                                                                  \
        return cc_##kind##_pop(q, item);                                                                               \
    }                                                                                                                  \
    static int64_t kind##_push_n(void *q, void *const *items, size_t n)                                                \
    {                                                                                                                  \
        return cc_##kind##_push_n(q, items, n);                                                                        \
    }                                                                                                                  \
    static int64_t kind##_pop_n(void *q, void **items, size_t n)                                                       \
    {                                                                                                                  \
        return cc_##kind##_pop_n(q, items, n);                                                                         \
    }                                                                                                                  \
    static int kind##_pop_wait(void *q, void **item, int64_t timeout_ns)                                               \
    {                                                                                                                  \
        return cc_##kind##_pop_wait(q, item, timeout_ns);                                                              \
    }                                                                                                                  \
    static int64_t kind##_pop_n_wait(void *q, void **items, size_t n, int64_t timeout_ns)                              \
    {                                                                                                                  \
        return cc_##kind##_pop_n_wait(q, items, n, timeout_ns);                                                        \
    }                                                                                                                  \
    static int kind##_close(void *q)                                                                                   \
    {                                                                                                                  \
        return cc_##kind##_close(q);                                                                                   \
    }                                                                                                                  \
    static size_t kind##_count(void *q)                                                                                \
    {                                                                                                                  \
        return cc_##kind##_count(q);                                                                                   \
    }
VERBS(ring)
VERBS(fifo)
VERBS(lifo)

static int ring_push_wait(void *q, void *item, int64_t timeout_ns)
{
    return cc_ring_push_wait(q, item, timeout_ns);
}

static int fifo_push_wait(void *q, void *item, int64_t timeout_ns)
{
    (void)timeout_ns;
    return cc_fifo_push(q, item);
}

static int lifo_push_wait(void *q, void *item, int64_t timeout_ns)
{
    (void)timeout_ns;
    return cc_lifo_push(q, item);
}

#define KIND(kind)                                                                                                     \
    .destroy = kind##_destroy, .push = kind##_push, .pop = kind##_pop, .push_n = kind##_push_n, .pop_n = kind##_pop_n, \
    .push_wait = kind##_push_wait, .pop_wait = kind##_pop_wait, .pop_n_wait = kind##_pop_n_wait,                       \
    .close = kind##_close, .count = kind##_count

static const queue_kind_t ring = {.name = "ring", .bounded = true, .create = ring_create, KIND(ring)};
static const queue_kind_t ring_of_turns = {
    .name = "ring-backoff", .bounded = true, .create = ring_of_turns_create, KIND(ring)};
static const queue_kind_t wait_free = {
    .name = "ring-wait-free", .bounded = true, .create = wait_free_create, KIND(ring)};
static const queue_kind_t fifo_of_turns = {
    .name = "fifo-backoff", .in_domain = true, .create = fifo_of_turns_create, KIND(fifo)};
static const queue_kind_t fifo = {.name = "fifo", .in_domain = true, .create = fifo_create, KIND(fifo)};
static const queue_kind_t lifo = {
    .name = "lifo", .order = QUEUE_LIFO, .in_domain = true, .create = lifo_create, KIND(lifo)};
static const queue_kind_t eliminating = {
    .name = "lifo-eliminating", .order = QUEUE_LIFO, .in_domain = true, .create = eliminating_create, KIND(lifo)};

const queue_kind_t *const queue_kinds[QUEUE_KINDS] = {&fifo,          &ring,          &lifo,     &eliminating,
                                                      &fifo_of_turns, &ring_of_turns, &wait_free};
const queue_kind_t queue_pipe = {.name = "ring-spsc", .bounded = true, .create = pipe_create, KIND(ring)};
