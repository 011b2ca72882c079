/* The calls of the queues under allocation failure: each at the point where it needs memory. */
#include "oom.h"

#include "alloc/backend_mock.h"

#include <cc/fifo.h>
#include <cc/lifo.h>
#include <cc/ring.h>

#include <errno.h>
#include <pthread.h>

enum { SEGMENT = 2, BATCH = 3, ITEMS_MAX = 16 };

typedef struct {
    cc_domain_t *domain;
    cc_fifo_t *fifo;
    cc_lifo_t *lifo;
    uintptr_t next;                                   /* item to push */
    uintptr_t in_fifo[ITEMS_MAX], in_lifo[ITEMS_MAX]; /* what should be there, oldest first */
    unsigned fifo_count, lifo_count;
} world_t;

static void *item_of(uintptr_t n)
{
    return (void *)n; // NOLINT(performance-no-int-to-ptr): never followed
}

/* The fifo's last segment is full, and its first one is popped empty: the next call of either side needs memory. */
static void set_up(void *world, cc_smr_scheme_t scheme)
{
    world_t *w = world;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_fifo_opts_t fifo_opts = CC_FIFO_OPTS_INIT;
    void *out;
    opts.scheme = scheme;
    fifo_opts.segment_items = SEGMENT;
    CHECK(cc_domain_create(&opts, &w->domain) == 0);
    CHECK(cc_fifo_create(w->domain, &fifo_opts, &w->fifo) == 0);
    CHECK(cc_lifo_create(w->domain, NULL, &w->lifo) == 0);
    for (w->next = 1; w->next <= 2 * SEGMENT; w->next++) {
        CHECK(cc_fifo_push(w->fifo, item_of(w->next)) == 0);
        CHECK(cc_lifo_push(w->lifo, item_of(w->next)) == 0);
        w->in_lifo[w->lifo_count++] = w->next;
    }
    for (uintptr_t i = 1; i <= SEGMENT; i++)
        CHECK(cc_fifo_pop(w->fifo, &out) == 0 && out == item_of(i));
    for (uintptr_t i = SEGMENT + 1; i < w->next; i++)
        w->in_fifo[w->fifo_count++] = i;
}

static cc_domain_t *domain_of(void *world)
{
    return ((world_t *)world)->domain;
}

static void check(void *world)
{
    world_t *w = world;
    CHECK(cc_fifo_count(w->fifo) == w->fifo_count);
    CHECK(cc_lifo_count(w->lifo) == w->lifo_count);
}

/* Everything is there, in order. */
static void tear_down(void *world)
{
    world_t *w = world;
    void *out;
    for (unsigned i = 0; i < w->fifo_count; i++)
        CHECK(cc_fifo_pop(w->fifo, &out) == 0 && out == item_of(w->in_fifo[i]));
    for (unsigned i = w->lifo_count; i-- > 0;)
        CHECK(cc_lifo_pop(w->lifo, &out) == 0 && out == item_of(w->in_lifo[i]));
    CHECK(cc_fifo_pop(w->fifo, &out) == -EAGAIN && cc_lifo_pop(w->lifo, &out) == -EAGAIN);
    CHECK(cc_fifo_destroy(w->fifo) == 0 && cc_lifo_destroy(w->lifo) == 0);
    CHECK(cc_domain_destroy(w->domain) == 0);
}

/* ---- the calls */

static int64_t fifo_create(void *world)
{
    world_t *w = world;
    cc_fifo_t *made = SWEEP_UNTOUCHED;
    cc_fifo_opts_t opts = CC_FIFO_OPTS_INIT;
    opts.statistics = true;
    int64_t rc = cc_fifo_create(w->domain, &opts, &made);
    CHECK((rc == 0) == (made != SWEEP_UNTOUCHED));
    return rc == 0 ? cc_fifo_destroy(made) : rc;
}

static int64_t lifo_create(void *world)
{
    world_t *w = world;
    cc_lifo_t *made = SWEEP_UNTOUCHED;
    cc_lifo_opts_t opts = CC_LIFO_OPTS_INIT;
    opts.statistics = true;
    opts.elimination = 2;
    int64_t rc = cc_lifo_create(w->domain, &opts, &made);
    CHECK((rc == 0) == (made != SWEEP_UNTOUCHED));
    return rc == 0 ? cc_lifo_destroy(made) : rc;
}

static int64_t ring_create(void *world)
{
    cc_ring_t *made = SWEEP_UNTOUCHED;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.statistics = true;
    int64_t rc = cc_ring_create(8, &opts, &made);
    CHECK((rc == 0) == (made != SWEEP_UNTOUCHED));
    return rc == 0 ? cc_ring_destroy(made) : rc;
}

static int64_t wait_free_create(void *world)
{
    cc_ring_t *made = SWEEP_UNTOUCHED;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.statistics = opts.wait_free = true;
    int64_t rc = cc_ring_create(8, &opts, &made);
    CHECK((rc == 0) == (made != SWEEP_UNTOUCHED));
    return rc == 0 ? cc_ring_destroy(made) : rc;
}

/* Without memory from beginning to end. */
static int64_t use_with(const cc_ring_opts_t *opts)
{
    cc_ring_t *ring;
    void *out;
    cc__mock_fail_at(0);
    CHECK(cc_ring_create(2, opts, &ring) == 0);
    cc__mock_fail_from(1);
    for (uintptr_t i = 1; i <= 1000; i++) {
        CHECK(cc_ring_push(ring, item_of(i)) == 0 && cc_ring_push_n(ring, (void *[]){item_of(i + 1)}, 1) == 1);
        CHECK(cc_ring_push(ring, item_of(i)) == -EAGAIN);
        CHECK(cc_ring_pop(ring, &out) == 0 && out == item_of(i) && cc_ring_pop(ring, &out) == 0);
        CHECK(cc_ring_pop_wait(ring, &out, 0) == -ETIMEDOUT);
    }
    return cc_ring_destroy(ring);
}

static int64_t ring_use(void *world)
{
    return use_with(NULL);
}

static int64_t wait_free_use(void *world)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.wait_free = true;
    return use_with(&opts);
}

/* A thread's first call makes it known. */
static void *first_call(void *arg)
{
    void **what = arg;
    int rc = cc_ring_push(what[0], item_of(1));
    *(int64_t *)what[1] = rc;
    return NULL;
}

static int64_t wait_free_first(void *world)
{
    int64_t rc = 1;
    cc_ring_t *ring;
    pthread_t thread;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    opts.wait_free = true;
    int made = cc_ring_create(2, &opts, &ring);
    if (made != 0)
        return made;
    void *what[] = {ring, &rc};
    CHECK(pthread_create(&thread, NULL, first_call, what) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(cc_ring_count(ring) == (rc == 0));
    CHECK(cc_ring_destroy(ring) == 0);
    return rc;
}

static int64_t fifo_push(void *world)
{
    world_t *w = world;
    return cc_fifo_push(w->fifo, item_of(w->next));
}

static int64_t lifo_push(void *world)
{
    world_t *w = world;
    return cc_lifo_push(w->lifo, item_of(w->next));
}

static void one_more_in_fifo(void *world)
{
    world_t *w = world;
    w->in_fifo[w->fifo_count++] = w->next;
}

static void one_more_in_lifo(void *world)
{
    world_t *w = world;
    w->in_lifo[w->lifo_count++] = w->next;
}

/* All of them or none. */
static int64_t lifo_push_n(void *world)
{
    world_t *w = world;
    void *items[BATCH] = {item_of(w->next), item_of(w->next + 1), item_of(w->next + 2)};
    return cc_lifo_push_n(w->lifo, items, BATCH);
}

static void batch_in_lifo(void *world)
{
    world_t *w = world;
    for (int i = 0; i < BATCH; i++)
        w->in_lifo[w->lifo_count++] = w->next++;
}

static int64_t fifo_pop(void *world)
{
    world_t *w = world;
    void *out = SWEEP_UNTOUCHED;
    int64_t rc = cc_fifo_pop(w->fifo, &out);
    CHECK(out == (rc == 0 ? item_of(w->in_fifo[0]) : SWEEP_UNTOUCHED));
    return rc;
}

static void first_of_fifo(void *world)
{
    world_t *w = world;
    w->fifo_count--;
    for (unsigned i = 0; i < w->fifo_count; i++)
        w->in_fifo[i] = w->in_fifo[i + 1];
}

static int64_t lifo_pop(void *world)
{
    world_t *w = world;
    void *out = SWEEP_UNTOUCHED;
    int64_t rc = cc_lifo_pop(w->lifo, &out);
    CHECK(out == (rc == 0 ? item_of(w->in_lifo[w->lifo_count - 1]) : SWEEP_UNTOUCHED));
    return rc;
}

static void last_of_lifo(void *world)
{
    world_t *w = world;
    w->lifo_count--;
}

static const sweep_call_t calls[] = {
    {"fifo create", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, fifo_create, NULL},
    {"lifo create", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, lifo_create, NULL},
    {"ring create", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, ring_create, NULL},
    {"ring use", SWEEP_READY, 0, 0, NULL, ring_use, NULL},
    {"wait-free ring create", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, wait_free_create, NULL},
    {"wait-free ring use", SWEEP_READY, 0, 0, NULL, wait_free_use, NULL},
    {"wait-free ring, a thread's first push", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, wait_free_first, NULL},
    {"fifo push", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, fifo_push, one_more_in_fifo},
    {"fifo pop", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, fifo_pop, first_of_fifo},
    {"lifo push", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, lifo_push, one_more_in_lifo},
    {"lifo push_n", SWEEP_ALL, SWEEP_EVERY_SCHEME, BATCH, NULL, lifo_push_n, batch_in_lifo},
    {"lifo pop", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, lifo_pop, last_of_lifo},
};

const sweep_suite_t oom_queue = {
    .world_size = sizeof(world_t),
    .set_up = set_up,
    .domain = domain_of,
    .check = check,
    .tear_down = tear_down,
    .calls = calls,
    .count = sizeof calls / sizeof calls[0],
};
