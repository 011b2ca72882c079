/* opts.wait_free of cc/ring.h: the contract of all queues, and its limit of threads. */
#include <cc/cc.h>

#define QUEUE_TEST(name, domain) RING_TEST_(name, domain)
#define RING_TEST_(name, domain)                                                                                       \
    static void ring_wait_free_##name##_body(cc_domain_t *domain);                                                     \
    Test(ring_wait_free, name)                                                                                         \
    {                                                                                                                  \
        ring_wait_free_##name##_body(NULL);                                                                            \
    }                                                                                                                  \
    static void ring_wait_free_##name##_body(cc_domain_t *domain)
#define VERB(name)                cc_ring_##name
#define OPTS_INIT                 CC_RING_OPTS_INIT
#define CREATE(domain, opts, out) ((void)(domain), create(QUEUE_ROOM, opts, out))
#define NEWEST_FIRST              0

typedef cc_ring_t queue_t;
typedef cc_ring_opts_t opts_t;

static int create(size_t capacity, const opts_t *opts, queue_t **out)
{
    opts_t mine = OPTS_INIT;
    if (opts != NULL)
        mine = *opts;
    mine.wait_free = true;
    return cc_ring_create(capacity, &mine, out);
}

#include "queue_contract.h"

#ifndef CC_PLACES /* the small library has fewer */
#define CC_PLACES CC_RING_THREADS_MAX
#endif

Test(ring_wait_free, info_tells_what_it_is)
{
    cc_ring_t *ring;
    cc_ring_info_t info = CC_RING_INFO_INIT;
    cr_assert_eq(create(512, NULL, &ring), 0);
    cr_assert_eq(cc_ring_info(ring, &info), 0);
    cr_assert_eq(info.capacity, 512);
    cr_assert_eq(info.slots, 1024);
    cr_assert_geq(info.bytes, 1024 * 16 + CC_PLACES * 16);
    cr_assert_leq(info.bytes, 1024 * 16 + CC_PLACES * 64 + 4096);
    cr_assert_str_eq(info.algorithm, "tickets, with help");
    cr_assert(info.wait_free);
    cr_assert_eq(cc_ring_destroy(ring), 0);
}

typedef struct {
    cc_ring_t *ring;
    int rc;
    void *popped;
} use_t;

static void push_and_pop(void *arg)
{
    use_t *use = arg;
    use->rc = cc_ring_push(use->ring, item_of(7));
    if (use->rc == 0)
        use->rc = cc_ring_pop(use->ring, &use->popped);
}

static void refused_everywhere(void *arg)
{
    use_t *use = arg;
    void *item = item_of(7), *out = &nothing;
    cr_assert_eq(cc_ring_push(use->ring, item), -EBUSY);
    cr_assert_eq(cc_ring_pop(use->ring, &out), -EBUSY);
    cr_assert_eq(cc_ring_push_n(use->ring, &item, 1), -EBUSY);
    cr_assert_eq(cc_ring_pop_n(use->ring, &out, 1), -EBUSY);
    cr_assert_eq(cc_ring_push_wait(use->ring, item, -1), -EBUSY);
    cr_assert_eq(cc_ring_pop_wait(use->ring, &out, -1), -EBUSY);
    cr_assert_eq(out, (void *)&nothing);
    use->rc = 1;
}

static void use_from(actor_t *actor, step_fn *step, cc_ring_t *ring, int rc)
{
    use_t use = {.ring = ring, .rc = 2};
    actor_do(actor, step, &use);
    cr_assert_eq(use.rc, rc);
}

static actor_t crew[CC_PLACES + 1];

/* Threads that take all places: who calls may have one, from a test before. Returns the number of one more, without. */
static int fill_all_places(cc_ring_t *ring)
{
    use_t use = {.ring = ring};
    int n = -1;
    do {
        actor_start(&crew[++n]);
        actor_do(&crew[n], push_and_pop, &use);
    } while (use.rc == 0 && n < CC_PLACES);
    cr_assert_eq(use.rc, -EBUSY);
    cr_assert_geq(n, CC_PLACES - 1);
    return n;
}

/* One that ends makes room for another one. */
Test(ring_wait_free, so_many_threads_and_no_more)
{
    cc_ring_t *ring;
    cr_assert_eq(create(8, NULL, &ring), 0);
    int late = fill_all_places(ring);
    use_from(&crew[late], refused_everywhere, ring, 1);
    actor_stop(&crew[3]);
    use_from(&crew[late], push_and_pop, ring, 0);
    for (int i = 0; i <= late; i++) {
        if (i != 3)
            actor_stop(&crew[i]);
    }
    cr_assert_eq(cc_ring_destroy(ring), 0);
}

static void discard(void *item, void *ctx)
{
    *(uintptr_t *)ctx += (uintptr_t)item;
}

static void push_two(void *arg)
{
    use_t *use = arg;
    use->rc = (int)cc_ring_push_n(use->ring, (void *[]){item_of(1), item_of(2)}, 2);
}

static void close_and_destroy(void *arg)
{
    use_t *use = arg;
    void *out;
    cr_assert_eq(cc_ring_pop(use->ring, &out), -EBUSY);
    cr_assert_eq(cc_ring_close(use->ring), 0);
    use->rc = cc_ring_destroy(use->ring);
}

/* Whoever closes it and destroys it need not have a place. */
Test(ring_wait_free, an_end_without_a_place)
{
    cc_ring_t *ring;
    uintptr_t sum = 0;
    opts_t opts = OPTS_INIT;
    opts.item_reclaim = discard;
    opts.item_ctx = &sum;
    cr_assert_eq(create(8, &opts, &ring), 0);
    int late = fill_all_places(ring);
    use_from(&crew[0], push_two, ring, 2);
    use_from(&crew[late], close_and_destroy, ring, 0);
    cr_assert_eq(sum, 3);
    for (int i = 0; i <= late; i++)
        actor_stop(&crew[i]);
}
