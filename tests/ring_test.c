/* The contract of cc/ring.h: what it shares with the other queues stands in queue_contract.h. */
#include <cc/cc.h>

#define QUEUE_TEST(name, domain) RING_TEST_(name, domain)
#define RING_TEST_(name, domain)                                                                                       \
    static void ring_##name##_body(cc_domain_t *domain);                                                               \
    Test(ring, name)                                                                                                   \
    {                                                                                                                  \
        ring_##name##_body(NULL);                                                                                      \
    }                                                                                                                  \
    static void ring_##name##_body(cc_domain_t *domain)
#define VERB(name)                cc_ring_##name
#define OPTS_INIT                 CC_RING_OPTS_INIT
#define CREATE(domain, opts, out) ((void)(domain), cc_ring_create(QUEUE_ROOM, opts, out))
#define NEWEST_FIRST              0

typedef cc_ring_t queue_t;
typedef cc_ring_opts_t opts_t;

#include "queue_contract.h"

Test(ring, capacities_are_powers_of_two)
{
    static const size_t bad[] = {0, 3, 5, 6, 7, 1000, SIZE_MAX, 2 * CC_RING_CAPACITY_MAX, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cc_ring_t *ring = (void *)&nothing;
        cr_assert_eq(cc_ring_create(bad[i], NULL, &ring), -EINVAL);
        cr_assert_eq(ring, (void *)&nothing);
    }
}

/* Exactly so many, however often the ring has gone round. */
static void check_capacities(const cc_ring_opts_t *opts)
{
    for (size_t capacity = 1; capacity <= 1024; capacity *= 2) {
        void *out;
        cc_ring_t *ring;
        cr_assert_eq(cc_ring_create(capacity, opts, &ring), 0);
        for (uintptr_t round = 0; round < 20; round++) {
            for (uintptr_t i = 0; i < capacity; i++)
                cr_assert_eq(cc_ring_push(ring, item_of(round * 4096 + i + 1)), 0);
            cr_assert_eq(cc_ring_count(ring), capacity);
            cr_assert_eq(cc_ring_push(ring, item_of(9)), -EAGAIN);
            cr_assert_eq(cc_ring_push_wait(ring, item_of(9), 0), -ETIMEDOUT);
            cr_assert_eq(cc_ring_push_n(ring, (void *[]){item_of(9), item_of(9)}, 2), -EAGAIN);
            cr_assert_eq(cc_ring_pop(ring, &out), 0);
            cr_assert_eq(out, item_of(round * 4096 + 1));
            cr_assert_eq(cc_ring_push_n(ring, (void *[]){item_of(8), item_of(9)}, 2), 1);
            for (uintptr_t i = 1; i < capacity; i++) {
                cr_assert_eq(cc_ring_pop(ring, &out), 0);
                cr_assert_eq(out, item_of(round * 4096 + i + 1));
            }
            cr_assert_eq(cc_ring_pop(ring, &out), 0);
            cr_assert_eq(out, item_of(8));
            cr_assert_eq(cc_ring_pop(ring, &out), -EAGAIN);
        }
        cr_assert_eq(cc_ring_destroy(ring), 0);
    }
}

Test(ring, capacity_is_exact)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    check_capacities(NULL);
    opts.spsc = true;
    check_capacities(&opts);
    opts.spsc = false;
    opts.backoff = true;
    check_capacities(&opts);
    opts.wait_free = true;
    check_capacities(&opts);
    opts.backoff = false;
    check_capacities(&opts);
}

Test(ring, one_producer_and_one_consumer)
{
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    cc_ring_info_t info = CC_RING_INFO_INIT;
    cc_ring_t *ring = (void *)&nothing;
    void *out = NULL;
    opts.spsc = true;
    opts.backoff = true; /* between two threads that never do the same there is nothing to take turns at */
    cr_assert_eq(cc_ring_create(512, &opts, &ring), -EINVAL);
    cr_assert_eq(ring, (void *)&nothing);
    opts.backoff = false;
    opts.wait_free = true;
    cr_assert_eq(cc_ring_create(512, &opts, &ring), 0);
    cr_assert_eq(cc_ring_info(ring, &info), 0);
    cr_assert(info.wait_free);
    cr_assert_eq(info.capacity, 512);
    cr_assert_eq(info.slots, 512);
    cr_assert_geq(info.bytes, 512 * sizeof(void *));
    cr_assert_leq(info.bytes, 512 * sizeof(void *) + 4096);
    cr_assert_str_eq(info.algorithm, "one producer, one consumer");
    cr_assert_eq(cc_ring_push(ring, item_of(1)), 0);
    cr_assert_eq(cc_ring_close(ring), 0);
    cr_assert_eq(cc_ring_push(ring, item_of(2)), -EPIPE);
    cr_assert_eq(cc_ring_count(ring), 1);
    cr_assert_eq(cc_ring_pop(ring, &out), 0);
    cr_assert_eq(out, item_of(1));
    cr_assert_eq(cc_ring_pop(ring, &out), -EPIPE);
    cr_assert_eq(cc_ring_destroy(ring), 0);
}

Test(ring, info_tells_what_it_is)
{
    cc_ring_t *ring;
    cc_ring_info_t info = CC_RING_INFO_INIT;
    cr_assert_eq(cc_ring_create(512, NULL, &ring), 0);
    cr_assert_eq(cc_ring_info(ring, &info), 0);
    cr_assert_eq(info.capacity, 512);
    cr_assert_eq(info.slots, 1024);
    cr_assert_geq(info.bytes, 1024 * 16);
    cr_assert_leq(info.bytes, 1024 * 16 + 4096);
    cr_assert_str_eq(info.algorithm, "tickets");
    cr_assert_not(info.wait_free);
    cr_assert_eq(cc_ring_info(NULL, &info), -EINVAL);
    cr_assert_eq(cc_ring_info(ring, NULL), -EINVAL);
    info.size--;
    cr_assert_eq(cc_ring_info(ring, &info), -EINVAL);
    cr_assert_eq(cc_ring_destroy(ring), 0);
}

Test(ring, full_is_counted)
{
    cc_ring_t *ring;
    cc_ring_opts_t opts = CC_RING_OPTS_INIT;
    cc_queue_snapshot_t s = CC_QUEUE_SNAPSHOT_INIT;
    opts.statistics = true;
    cr_assert_eq(cc_ring_create(1, &opts, &ring), 0);
    cr_assert_eq(cc_ring_push(ring, item_of(1)), 0);
    cr_assert_eq(cc_ring_push(ring, item_of(2)), -EAGAIN);
    cr_assert_eq(cc_ring_stats_snapshot(ring, &s), 0);
    cr_assert_eq(s.full, 1);
    cr_assert_eq(s.pushes, 1);
    cr_assert_eq(cc_ring_destroy(ring), 0);
}

static void step_push_wait(void *arg)
{
    wait_step_t *s = arg;
    s->result = cc_ring_push_wait(s->q, s->item, -1);
}

Test(ring, a_sleeping_producer_is_woken_by_a_pop_or_close)
{
    for (int closing = 0; closing < 2; closing++) {
        actor_t other;
        void *out;
        cc_ring_t *ring;
        cr_assert_eq(cc_ring_create(1, NULL, &ring), 0);
        cr_assert_eq(cc_ring_push(ring, item_of(1)), 0);
        wait_step_t s = {.q = ring, .item = item_of(2), .result = 1};
        actor_start(&other);
        actor_begin(&other, step_push_wait, &s);
        sleep_ms(ASLEEP_MS);
        if (closing) {
            cr_assert_eq(cc_ring_close(ring), 0);
        } else {
            cr_assert_eq(cc_ring_pop(ring, &out), 0);
            cr_assert_eq(out, item_of(1));
        }
        actor_wait(&other);
        cr_assert_eq(s.result, closing ? -EPIPE : 0);
        cr_assert_eq(cc_ring_pop(ring, &out), 0);
        cr_assert_eq(out, item_of(closing ? 1 : 2));
        cr_assert_eq(cc_ring_push_wait(ring, item_of(3), -1), closing ? -EPIPE : 0);
        actor_stop(&other);
        cr_assert_eq(cc_ring_destroy(ring), 0);
    }
}
