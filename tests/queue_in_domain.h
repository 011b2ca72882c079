/* What fifo and lifo share beside queue_contract.h, which is included before: they live in a domain.
 *
 *   QUEUE_TEST_ALONE(name), RECLAIMING_QUEUE_TEST(name, domain)   heads of tests: without a domain; under schemes that reclaim */
#ifndef CC_TEST_QUEUE_IN_DOMAIN_H
#define CC_TEST_QUEUE_IN_DOMAIN_H

QUEUE_TEST(a_domain_outlives_its_queues, domain)
{
    queue_t *q = make_queue(domain);
    cr_assert_eq(cc_domain_destroy(domain), -EBUSY);
    cr_assert_eq(VERB(destroy)(q), 0);
}

/* Without a domain of its own it lives in the default one. */
QUEUE_TEST_ALONE(the_default_domain_serves)
{
    void *out;
    queue_t *q = make_queue(NULL);
    cr_assert_eq(VERB(push)(q, item_of(1)), 0);
    cr_assert_eq(VERB(pop)(q, &out), 0);
    cr_assert_eq(out, item_of(1));
    cr_assert_eq(VERB(destroy)(q), 0);
}

/* A thread in a guard, and one in a deferred callback, may use queues. */
static void push_from_callback(void *ptr, void *ctx)
{
    void *out;
    cr_assert_eq(VERB(push)(ctx, ptr), 0);
    cr_assert_eq(VERB(pop)(ctx, &out), 0);
    cr_assert_eq(VERB(push)(ctx, ptr), 0);
}

RECLAIMING_QUEUE_TEST(guards_and_callbacks_may_use_it, domain)
{
    static char object[CC_CACHE_LINE_SIZE];
    void *out;
    queue_t *q = make_queue(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(VERB(push)(q, item_of(1)), 0);
    cr_assert_eq(VERB(pop)(q, &out), 0);
    cc_guard_leave(guard);
    cr_assert_eq(cc_retire(domain, object, sizeof object, push_from_callback, q), 0);
    cr_assert_eq(cc_domain_drain(domain, SECOND), 0);
    cr_assert_eq(VERB(pop)(q, &out), 0);
    cr_assert_eq(out, (void *)object);
    cr_assert_eq(VERB(destroy)(q), 0);
}

#endif
