/* The contract that ring, fifo and lifo share: this body is compiled once for each.
 *
 * The including source defines, before it includes this:
 *   VERB(name)                 the public function, cc_ring_push for VERB(push)
 *   queue_t, opts_t, OPTS_INIT the types of the handle and of the options, the default options
 *   QUEUE_TEST(name, domain)   head of a test; `domain` is passed on to make_queue and otherwise left alone
 *   CREATE(domain, opts, out)  makes a queue that holds at least QUEUE_ROOM items
 *   NEWEST_FIRST               1 for a stack */
#ifndef CC_TEST_QUEUE_CONTRACT_H
#define CC_TEST_QUEUE_CONTRACT_H

#include "test.h"

#include "support/actor.h"
#include "support/domains.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

enum { QUEUE_ROOM = 256 };

static char nothing;

static void *item_of(uintptr_t n)
{
    return (void *)n; /* the library never looks into it */
}

static queue_t *make_queue_with(cc_domain_t *domain, const opts_t *opts)
{
    queue_t *q = NULL;
    cr_assert_eq(CREATE(domain, opts, &q), 0);
    return q;
}

static queue_t *make_queue(cc_domain_t *domain)
{
    return make_queue_with(domain, NULL);
}

/* What comes out k-th (k = 0, 1, ...) when 1 ... n went in. */
static uintptr_t expected(uintptr_t k, uintptr_t n)
{
    return NEWEST_FIRST ? n - k : k + 1;
}

QUEUE_TEST(arguments_are_checked, domain)
{
    void *out = &nothing, *items[2] = {item_of(1), NULL};
    cc_queue_snapshot_t s = CC_QUEUE_SNAPSHOT_INIT;
    queue_t *q = make_queue(domain);
    cr_assert_eq(VERB(destroy)(NULL), -EINVAL);
    cr_assert_eq(VERB(push)(NULL, &nothing), -EINVAL);
    cr_assert_eq(VERB(push)(q, NULL), -EINVAL);
    cr_assert_eq(VERB(pop)(NULL, &out), -EINVAL);
    cr_assert_eq(VERB(pop)(q, NULL), -EINVAL);
    cr_assert_eq(VERB(push_n)(NULL, items, 1), -EINVAL);
    cr_assert_eq(VERB(push_n)(q, NULL, 1), -EINVAL);
    cr_assert_eq(VERB(push_n)(q, items, 2), -EINVAL);
    cr_assert_eq(VERB(pop_n)(NULL, items, 1), -EINVAL);
    cr_assert_eq(VERB(pop_n)(q, NULL, 1), -EINVAL);
    cr_assert_eq(VERB(pop_wait)(NULL, &out, 0), -EINVAL);
    cr_assert_eq(VERB(pop_wait)(q, NULL, 0), -EINVAL);
    cr_assert_eq(VERB(pop_n_wait)(NULL, &out, 1, 0), -EINVAL);
    cr_assert_eq(VERB(pop_n_wait)(q, NULL, 1, 0), -EINVAL);
    cr_assert_eq(VERB(pop_n_wait)(q, &out, 0, -1), 0);
    cr_assert_eq(VERB(event_fd)(NULL), -EINVAL);
    cr_assert_eq(VERB(arm)(NULL), -EINVAL);
    cr_assert_eq(VERB(arm)(q), -EINVAL); /* no descriptor was asked for */
    cr_assert_eq(VERB(close)(NULL), -EINVAL);
    cr_assert_eq(VERB(count)(NULL), 0);
    cr_assert_eq(VERB(stats_snapshot)(NULL, &s), -EINVAL);
    cr_assert_eq(VERB(stats_snapshot)(q, NULL), -EINVAL);
    s.size--;
    cr_assert_eq(VERB(stats_snapshot)(q, &s), -EINVAL);
    cr_assert_eq(VERB(count)(q), 0);
    cr_assert_eq(VERB(pop)(q, &out), -EAGAIN);
    cr_assert_eq(out, (void *)&nothing);
    cr_assert_eq(VERB(destroy)(q), 0);
}

QUEUE_TEST(create_refuses_bad_options, domain)
{
    static const size_t sizes[] = {0, 1, sizeof(opts_t) - 1, sizeof(opts_t) + 1, SIZE_MAX};
    cr_assert_eq(CREATE(domain, NULL, NULL), -EINVAL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        opts_t opts = OPTS_INIT;
        queue_t *q = (void *)&nothing;
        opts.size = sizes[i];
        cr_assert_eq(CREATE(domain, &opts, &q), -EINVAL);
        cr_assert_eq(q, (void *)&nothing);
    }
}

QUEUE_TEST(items_come_out_in_order, domain)
{
    queue_t *q = make_queue(domain);
    for (uintptr_t n = 1; n <= QUEUE_ROOM; n += n / 3 + 1) {
        void *out = &nothing;
        for (uintptr_t i = 1; i <= n; i++) {
            cr_assert_eq(VERB(push)(q, item_of(i)), 0);
            cr_assert_eq(VERB(count)(q), i);
        }
        for (uintptr_t k = 0; k < n; k++) {
            cr_assert_eq(VERB(pop)(q, &out), 0);
            cr_assert_eq(out, item_of(expected(k, n)));
            cr_assert_eq(VERB(count)(q), n - k - 1);
        }
        out = &nothing;
        cr_assert_eq(VERB(pop)(q, &out), -EAGAIN);
        cr_assert_eq(out, (void *)&nothing);
    }
    cr_assert_eq(VERB(destroy)(q), 0);
}

/* Any pointer but NULL is an item, however odd. */
QUEUE_TEST(every_bit_of_an_item_is_kept, domain)
{
    queue_t *q = make_queue(domain);
    for (int bit = 0; bit < 64; bit++) {
        uintptr_t odd[] = {(uintptr_t)1 << bit, ~((uintptr_t)1 << bit), UINTPTR_MAX >> bit, UINTPTR_MAX << bit};
        for (int i = 0; i < 4; i++) {
            void *out;
            cr_assert_eq(VERB(push)(q, item_of(odd[i])), 0);
            cr_assert_eq(VERB(pop)(q, &out), 0);
            cr_assert_eq(out, item_of(odd[i]));
        }
    }
    cr_assert_eq(VERB(destroy)(q), 0);
}

QUEUE_TEST(batches, domain)
{
    void *in[100], *out[100];
    queue_t *q = make_queue(domain);
    for (uintptr_t i = 0; i < 100; i++)
        in[i] = item_of(i + 1);
    cr_assert_eq(VERB(push_n)(q, in, 0), 0);
    cr_assert_eq(VERB(pop_n)(q, out, 0), 0);
    out[0] = &nothing;
    cr_assert_eq(VERB(pop_n)(q, out, 100), -EAGAIN);
    cr_assert_eq(out[0], (void *)&nothing);
    for (int round = 0; round < 20; round++) {
        uintptr_t popped = 0;
        cr_assert_eq(VERB(push_n)(q, in, 100), 100);
        cr_assert_eq(VERB(count)(q), 100);
        while (popped < 100) {
            size_t want = popped % 2 == 0 ? 33 : 100;
            memset(out, 0, sizeof out);
            int64_t n = VERB(pop_n)(q, out, want);
            cr_assert(n > 0 && n <= (int64_t)want);
            for (uintptr_t k = 0; k < (uintptr_t)n; k++)
                cr_assert_eq(out[k], item_of(expected(popped + k, 100)));
            for (uintptr_t k = (uintptr_t)n; k < 100; k++)
                cr_assert_null(out[k]);
            popped += (uintptr_t)n;
        }
        cr_assert_eq(popped, 100);
        cr_assert_eq(VERB(count)(q), 0);
    }
    cr_assert_eq(VERB(destroy)(q), 0);
}

/* ---- close */

QUEUE_TEST(closed_takes_nothing_and_gives_what_it_has, domain)
{
    void *out = &nothing, *items[3] = {item_of(4), item_of(5), item_of(6)};
    queue_t *q = make_queue(domain);
    for (uintptr_t i = 1; i <= 3; i++)
        cr_assert_eq(VERB(push)(q, item_of(i)), 0);
    for (int twice = 0; twice < 2; twice++) {
        cr_assert_eq(VERB(close)(q), 0);
        cr_assert_eq(VERB(push)(q, item_of(9)), -EPIPE);
        cr_assert_eq(VERB(push_n)(q, items, 3), -EPIPE);
        cr_assert_eq(VERB(count)(q), 3 - (size_t)twice);
        cr_assert_eq(twice == 0 ? VERB(pop)(q, &out) : VERB(pop_wait)(q, &out, -1), 0);
        cr_assert_eq(out, item_of(expected((uintptr_t)twice, 3)));
    }
    cr_assert_eq(VERB(pop_n)(q, items, 3), 1);
    cr_assert_eq(items[0], item_of(expected(2, 3)));
    for (int i = 0; i < 3; i++) {
        out = items[0] = &nothing;
        cr_assert_eq(VERB(pop)(q, &out), -EPIPE);
        cr_assert_eq(VERB(pop_wait)(q, &out, -1), -EPIPE);
        cr_assert_eq(VERB(pop_n)(q, items, 3), -EPIPE);
        cr_assert_eq(VERB(push)(q, item_of(9)), -EPIPE);
        cr_assert_eq(out, (void *)&nothing);
        cr_assert_eq(items[0], (void *)&nothing);
    }
    cr_assert_eq(VERB(destroy)(q), 0);
}

/* ---- what is left at destroy */

static void note_left(void *item, void *ctx)
{
    uintptr_t *sum = ctx;
    sum[0] += (uintptr_t)item;
    sum[1]++;
}

QUEUE_TEST(destroy_hands_over_what_is_left, domain)
{
    for (int closed = 0; closed < 2; closed++) {
        uintptr_t left[2] = {0};
        void *out;
        opts_t opts = OPTS_INIT;
        opts.item_reclaim = note_left;
        opts.item_ctx = left;
        queue_t *q = make_queue_with(domain, &opts);
        for (uintptr_t i = 1; i <= QUEUE_ROOM; i++)
            cr_assert_eq(VERB(push)(q, item_of(i)), 0);
        for (int i = 0; i < 10; i++)
            cr_assert_eq(VERB(pop)(q, &out), 0);
        if (closed)
            cr_assert_eq(VERB(close)(q), 0);
        cr_assert_eq(left[1], 0);
        cr_assert_eq(VERB(destroy)(q), 0);
        cr_assert_eq(left[1], QUEUE_ROOM - 10);
        uintptr_t all = QUEUE_ROOM * (QUEUE_ROOM + 1) / 2, gone = 0;
        for (uintptr_t k = 0; k < 10; k++)
            gone += expected(k, QUEUE_ROOM);
        cr_assert_eq(left[0], all - gone);
    }
}

/* ---- waiting */

QUEUE_TEST(a_time_limit_is_kept, domain)
{
    void *out = &nothing;
    queue_t *q = make_queue(domain);
    int64_t start = now_ns();
    cr_assert_eq(VERB(pop_wait)(q, &out, 0), -ETIMEDOUT);
    cr_assert_eq(VERB(pop_wait)(q, &out, 20 * MILLISECOND), -ETIMEDOUT);
    cr_assert_geq(now_ns() - start, 20 * MILLISECOND);
    cr_assert_eq(out, (void *)&nothing);
    cr_assert_eq(VERB(push)(q, item_of(1)), 0);
    cr_assert_eq(VERB(pop_wait)(q, &out, 0), 0);
    cr_assert_eq(out, item_of(1));
    cr_assert_eq(VERB(destroy)(q), 0);
}

typedef struct {
    queue_t *q;
    void *item;
    int result;
} wait_step_t;

static void step_pop_wait(void *arg)
{
    wait_step_t *s = arg;
    s->result = VERB(pop_wait)(s->q, &s->item, -1);
}

/* Long enough to fall asleep. If it is not, the test proves less, but fails no more. */
enum { ASLEEP_MS = 20 };

QUEUE_TEST(a_sleeper_is_woken_by_a_push, domain)
{
    actor_t other;
    queue_t *q = make_queue(domain);
    wait_step_t s = {.q = q, .result = 1};
    actor_start(&other);
    for (uintptr_t i = 1; i <= 3; i++) {
        actor_begin(&other, step_pop_wait, &s);
        sleep_ms(ASLEEP_MS);
        cr_assert_eq(VERB(push)(q, item_of(i)), 0);
        actor_wait(&other);
        cr_assert_eq(s.result, 0);
        cr_assert_eq(s.item, item_of(i));
    }
    actor_stop(&other);
    cr_assert_eq(VERB(destroy)(q), 0);
}

QUEUE_TEST(all_sleepers_are_woken_by_close, domain)
{
    enum { SLEEPERS = 3 };
    actor_t other[SLEEPERS];
    wait_step_t s[SLEEPERS];
    queue_t *q = make_queue(domain);
    for (int i = 0; i < SLEEPERS; i++) {
        s[i] = (wait_step_t){.q = q, .result = 1};
        actor_start(&other[i]);
        actor_begin(&other[i], step_pop_wait, &s[i]);
    }
    sleep_ms(ASLEEP_MS);
    cr_assert_eq(VERB(close)(q), 0);
    for (int i = 0; i < SLEEPERS; i++) {
        actor_wait(&other[i]);
        cr_assert_eq(s[i].result, -EPIPE);
        actor_stop(&other[i]);
    }
    cr_assert_eq(VERB(destroy)(q), 0);
}

/* A batch wakes as many sleepers as it brings items. */
QUEUE_TEST(a_batch_wakes_several_sleepers, domain)
{
    enum { SLEEPERS = 3 };
    actor_t other[SLEEPERS];
    wait_step_t s[SLEEPERS];
    void *items[SLEEPERS];
    uintptr_t sum = 0;
    queue_t *q = make_queue(domain);
    for (int i = 0; i < SLEEPERS; i++) {
        items[i] = item_of((uintptr_t)1 << i);
        s[i] = (wait_step_t){.q = q, .result = 1};
        actor_start(&other[i]);
        actor_begin(&other[i], step_pop_wait, &s[i]);
    }
    sleep_ms(ASLEEP_MS);
    cr_assert_eq(VERB(push_n)(q, items, SLEEPERS), SLEEPERS);
    for (int i = 0; i < SLEEPERS; i++) {
        actor_wait(&other[i]);
        cr_assert_eq(s[i].result, 0);
        sum += (uintptr_t)s[i].item;
        actor_stop(&other[i]);
    }
    cr_assert_eq(sum, ((uintptr_t)1 << SLEEPERS) - 1);
    cr_assert_eq(VERB(destroy)(q), 0);
}

typedef struct {
    queue_t *q;
    void *items[4];
    int64_t result;
} wait_n_step_t;

static void step_pop_n_wait(void *arg)
{
    wait_n_step_t *s = arg;
    s->result = VERB(pop_n_wait)(s->q, s->items, 4, -1);
}

/* It takes what there is, up to n, and waits for the first only. */
QUEUE_TEST(a_batch_is_waited_for, domain)
{
    actor_t other;
    queue_t *q = make_queue(domain);
    wait_n_step_t s = {.q = q, .result = 99};
    void *items[] = {item_of(1), item_of(2), item_of(3), item_of(4), item_of(5)}, *out[8];
    cr_assert_eq(VERB(pop_n_wait)(q, out, 8, 0), -ETIMEDOUT);
    cr_assert_eq(VERB(pop_n_wait)(q, out, 8, MILLISECOND), -ETIMEDOUT);
    cr_assert_eq(VERB(push_n)(q, items, 5), 5);
    cr_assert_eq(VERB(pop_n_wait)(q, out, 2, -1), 2);
    cr_assert_eq(out[0], item_of(NEWEST_FIRST ? 5 : 1));
    cr_assert_eq(out[1], item_of(NEWEST_FIRST ? 4 : 2));
    cr_assert_eq(VERB(pop_n_wait)(q, out, 8, -1), 3);
    cr_assert_eq(out[2], item_of(NEWEST_FIRST ? 1 : 5));
    actor_start(&other);
    actor_begin(&other, step_pop_n_wait, &s);
    sleep_ms(ASLEEP_MS);
    cr_assert_eq(VERB(push)(q, item_of(1)), 0);
    actor_wait(&other);
    cr_assert_eq(s.result, 1);
    cr_assert_eq(s.items[0], item_of(1));
    actor_begin(&other, step_pop_n_wait, &s);
    sleep_ms(ASLEEP_MS);
    cr_assert_eq(VERB(close)(q), 0);
    actor_wait(&other);
    cr_assert_eq(s.result, -EPIPE);
    actor_stop(&other);
    cr_assert_eq(VERB(destroy)(q), 0);
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

QUEUE_TEST(the_event_fd_is_readable_when_items_have_come, domain)
{
    void *out;
    queue_t *q = make_queue(domain);
    int fd = VERB(event_fd)(q);
    cr_assert_geq(fd, 0);
    cr_assert_eq(VERB(event_fd)(q), fd);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(VERB(arm)(q), 0);
        cr_assert_not(readable(fd));
        cr_assert_eq(VERB(push)(q, item_of(1)), 0);
        cr_assert(readable(fd));
        cr_assert_eq(VERB(arm)(q), 0);
        cr_assert_not(readable(fd)); /* of what came before, the caller's own look tells */
        cr_assert_eq(VERB(pop)(q, &out), 0);
    }
    cr_assert_eq(VERB(close)(q), 0);
    cr_assert(readable(fd));
    cr_assert_eq(VERB(destroy)(q), 0);
}

static void *push_when_cancelled(void *q)
{
    static int result; /* the thread ends at the first cancellation point, which must not be in the push */
    result = -1;
    pthread_cancel(pthread_self());
    result = VERB(push)(q, item_of(1));
    return &result;
}

/* A push is no cancellation point: neither half done nor done with nobody told. */
QUEUE_TEST(a_push_is_not_cancelled, domain)
{
    void *result, *out;
    pthread_t thread;
    queue_t *q = make_queue(domain);
    int fd = VERB(event_fd)(q);
    cr_assert_eq(VERB(arm)(q), 0);
    cr_assert_eq(pthread_create(&thread, NULL, push_when_cancelled, q), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_assert_neq(result, PTHREAD_CANCELED);
    cr_assert_eq(*(int *)result, 0);
    cr_assert(readable(fd));
    cr_assert_eq(VERB(pop)(q, &out), 0);
    cr_assert_eq(VERB(destroy)(q), 0);
}

/* ---- numbers */

QUEUE_TEST(statistics_count, domain)
{
    void *out;
    opts_t opts = OPTS_INIT;
    opts.statistics = true;
    for (int on = 0; on < 2; on++) {
        cc_queue_snapshot_t s = CC_QUEUE_SNAPSHOT_INIT;
        queue_t *q = make_queue_with(domain, on ? &opts : NULL);
        for (uintptr_t i = 1; i <= 5; i++)
            cr_assert_eq(VERB(push)(q, item_of(i)), 0);
        for (int i = 0; i < 5; i++)
            cr_assert_eq(VERB(pop)(q, &out), 0);
        cr_assert_eq(VERB(pop)(q, &out), -EAGAIN);
        cr_assert_eq(VERB(pop_wait)(q, &out, MILLISECOND), -ETIMEDOUT);
        memset(&s, 0xEE, sizeof s);
        s.size = sizeof s;
        cr_assert_eq(VERB(stats_snapshot)(q, &s), 0);
        cr_assert_eq(s.pushes, on ? 5 : 0);
        cr_assert_eq(s.pops, on ? 5 : 0);
        cr_assert_eq(s.empty, on ? 1 : 0);
        cr_assert_eq(s.full, 0);
        cr_assert_eq(s.retries, 0);
        cr_assert_eq(s.eliminated, 0);
        cr_assert(on ? s.waits >= 1 : s.waits == 0);
        cr_assert_eq(VERB(destroy)(q), 0);
    }
}

/* ---- many threads */

enum { PRODUCERS = 3, CONSUMERS = 3, EACH = 20000 };

typedef struct {
    queue_t *q;
    uintptr_t number; /* of a producer: 0, 1, ...; consumers come behind them */
    uint64_t sum, count;
    int wrong;
} crowd_t;

/* An item: who pushed it, and as his how-manieth. */
static void *crowd_item(uintptr_t producer, uintptr_t n)
{
    return item_of(producer << 32 | (n + 1));
}

static void crowd_produce(crowd_t *me)
{
    void *batch[7];
    for (uintptr_t n = 0; n < EACH;) {
        size_t want = n % 5 == 0 && EACH - n >= 7 ? 7 : 1;
        for (size_t i = 0; i < want; i++)
            batch[i] = crowd_item(me->number, n + i);
        int64_t pushed = VERB(push_n)(me->q, batch, want);
        me->wrong += pushed < 0 && pushed != -EAGAIN;
        for (int64_t i = 0; i < pushed; i++)
            me->sum += (uintptr_t)batch[i];
        n += pushed > 0 ? (uintptr_t)pushed : 0;
    }
}

static void crowd_take(crowd_t *me, void *item, uintptr_t last[PRODUCERS])
{
    uintptr_t producer = (uintptr_t)item >> 32, n = (uintptr_t)item & UINT32_MAX;
    if (producer >= PRODUCERS || n == 0 || n > EACH) {
        me->wrong++;
        return;
    }
    me->wrong += !NEWEST_FIRST && n <= last[producer];
    last[producer] = n;
    me->sum += (uintptr_t)item;
    me->count++;
}

static void crowd_consume(crowd_t *me)
{
    uintptr_t last[PRODUCERS] = {0};
    void *items[5];
    for (;;) {
        int64_t n = me->number % 2 == 0 ? VERB(pop_n_wait)(me->q, items, 5, -1) : VERB(pop_n)(me->q, items, 5);
        if (n == -EAGAIN)
            n = VERB(pop_wait)(me->q, items, -1) == 0 ? 1 : -EPIPE;
        if (n == -EPIPE)
            return;
        me->wrong += n <= 0;
        for (int64_t i = 0; i < n; i++)
            crowd_take(me, items[i], last);
    }
}

static atomic_int producers_left;

static void step_crowd(void *arg)
{
    crowd_t *me = arg;
    if (me->number >= PRODUCERS) {
        crowd_consume(me);
        return;
    }
    crowd_produce(me);
    if (atomic_fetch_sub(&producers_left, 1) == 1)
        me->wrong += VERB(close)(me->q) != 0;
}

QUEUE_TEST(a_crowd_loses_nothing_and_keeps_order, domain)
{
    crowd_t crowd[PRODUCERS + CONSUMERS];
    uint64_t pushed = 0, popped = 0, count = 0;
    queue_t *q = make_queue(domain);
    atomic_store(&producers_left, PRODUCERS);
    for (uintptr_t i = 0; i < PRODUCERS + CONSUMERS; i++)
        crowd[i] = (crowd_t){.q = q, .number = i};
    actors_run(PRODUCERS + CONSUMERS, step_crowd, crowd, sizeof crowd[0]);
    for (int i = 0; i < PRODUCERS + CONSUMERS; i++) {
        cr_assert_eq(crowd[i].wrong, 0);
        *(i < PRODUCERS ? &pushed : &popped) += crowd[i].sum;
        count += crowd[i].count;
    }
    cr_assert_eq(count, PRODUCERS * EACH);
    cr_assert_eq(pushed, popped);
    cr_assert_eq(VERB(count)(q), 0);
    cr_assert_eq(VERB(destroy)(q), 0);
}

#endif
