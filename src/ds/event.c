#include "ds/event.h"

#include "base/backoff.h"
#include "base/eventfd.h"
#include "base/futex.h"

#include <errno.h>

#ifndef CC_EVENT_SPINS
#define CC_EVENT_SPINS 32 /* attempts before the first sleep */
#endif

enum {
    SPIN_PAUSES = 16,   /* between two of them */
    POLL_NS = 1000000,  /* a sleep without a fence that works: other threads may not have seen us */
    SECOND = 1000000000 /* in nanoseconds */
};

void cc__event_init(cc__event_t *event)
{
    cc__store_relaxed(&event->waiters, 0); /* nobody shares it yet */
    cc__store_relaxed(&event->seq, 0);
    cc__store_relaxed(&event->fd, -1);
}

void cc__event_fini(cc__event_t *event)
{
    int fd = cc__load_relaxed(&event->fd); /* nobody else is inside */
    if (fd >= 0)
        cc__eventfd_close(fd);
}

/* ---- waking */

static void make_readable(cc__event_t *event)
{
    cc__eventfd_set(cc__load_relaxed(&event->fd)); /* set before it could be armed */
}

static void ring(cc__event_t *event)
{
    uint64_t waiters = cc__load_relaxed(&event->waiters); /* the exchange decides; armed before the look, hence seen */
    while (waiters >= CC__EVENT_RINGING) {
        bool armed = (waiters & CC__EVENT_ARMED) != 0;
        uint64_t mine = armed ? waiters - CC__EVENT_ARMED + CC__EVENT_RINGING : waiters;
        /* [event.disarmed] pairs with [event.armed]: whoever armed it knew the descriptor. */
        if (cc__cas_acq_rel(&event->waiters, &waiters, mine)) {
            make_readable(event);
            if (armed)
                cc__fetch_add_relaxed(&event->waiters, -CC__EVENT_RINGING); /* stale: rung once too often */
            return;
        }
    }
}

__attribute__((cold, noinline)) void cc__event_wake(cc__event_t *event, uint64_t n)
{
    /* [event.moved] pairs with [event.key, event.woken]: who reads it sees the change. */
    cc__fetch_add_acq_rel(&event->seq, 1);
    cc__futex_wake(&event->seq, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
    ring(event);
}

/* ---- sleeping */

static struct timespec now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t;
}

static struct timespec later(struct timespec t, int64_t ns)
{
    t.tv_sec += (time_t)(ns / SECOND);
    t.tv_nsec += (long)(ns % SECOND);
    if (t.tv_nsec >= SECOND) {
        t.tv_nsec -= SECOND;
        t.tv_sec++;
    }
    return t;
}

static bool earlier(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

static int attempt(const cc__event_call_t *call)
{
    return call->attempt(call->queue, call->arg);
}

static int spin(const cc__event_call_t *call)
{
    int result = attempt(call);
    for (int i = 0; i < CC_EVENT_SPINS && result == -EAGAIN; i++) {
        for (int p = 0; p < SPIN_PAUSES; p++)
            cc__pause();
        result = attempt(call);
    }
    return result;
}

/* The kernel refused membarrier: sleeps no longer than POLL_NS. False: the deadline itself has passed. */
static bool doze(cc__event_t *event, uint32_t key, const struct timespec *deadline)
{
    struct timespec poll = later(now(), POLL_NS);
    bool last = deadline != NULL && earlier(deadline, &poll);
    return cc__futex_wait(&event->seq, key, last ? deadline : &poll) || !last;
}

/* One sleep, unless the attempt succeeds once the thread has announced itself. False: the deadline has passed. */
static bool sleep_once(cc__event_t *event, const cc__event_call_t *call, const struct timespec *deadline, int *result,
                       uint64_t *sleeps)
{
    bool in_time = true;
    cc__fetch_add_relaxed(&event->waiters, 1); /* ordered by the fence */
    /* [event.key] pairs with [event.moved]: a seq that has moved comes with the change it stands for. */
    uint32_t key = cc__load_acquire(&event->seq);
    bool fenced = cc__fence_heavy(); /* [event.look] pairs with [event.changed]: announced before the look */
    *result = attempt(call);
    if (*result == -EAGAIN) {
        if (call->other != NULL)
            cc__event_notify(call->other, 1); /* two sides: event.h */
        ++*sleeps;
        in_time = fenced ? cc__futex_wait(&event->seq, key, deadline) : doze(event, key, deadline);
        /* [event.woken] pairs with [event.moved]: what it was woken for is seen. As a read-modify-write it reads the newest. */
        cc__fetch_add_acq_rel(&event->seq, 0);
    }
    cc__fetch_add_relaxed(&event->waiters, (uint64_t)-1); /* stale: a wake-up in vain */
    return in_time;
}

int cc__event_wait(cc__event_t *event, const cc__event_call_t *call, int64_t timeout_ns, uint64_t *sleeps)
{
    struct timespec until = {0};
    bool in_time = timeout_ns != 0;
    if (timeout_ns > 0)
        until = later(now(), timeout_ns);
    *sleeps = 0;
    int result = in_time ? spin(call) : attempt(call);
    while (result == -EAGAIN && in_time) {
        in_time = sleep_once(event, call, timeout_ns > 0 ? &until : NULL, &result, sleeps);
        if (result == -EAGAIN)
            result = attempt(call);
    }
    if (result == -EAGAIN)
        return -ETIMEDOUT;
    if (*sleeps != 0 && call->more(call->queue))
        cc__event_notify(event, 1); /* the baton */
    return result;
}

/* ---- the event fd */

int cc__event_fd(cc__event_t *event)
{
    int fd = cc__load_relaxed(&event->fd); /* a number; the kernel knows the rest */
    if (fd >= 0)
        return fd;
    int made = cc__eventfd_create();
    if (made < 0 || cc__cas_relaxed(&event->fd, &fd, made))
        return made;
    cc__eventfd_close(made);
    return fd;
}

int cc__event_arm(cc__event_t *event)
{
    int fd = cc__load_relaxed(&event->fd); /* as above */
    if (fd < 0)
        return -EINVAL;
    cc__eventfd_clear(fd);
    /* [event.armed] pairs with [event.armed, event.disarmed]: each sees the bit of the other, and the descriptor; the
     * fence does the rest. */
    cc__fetch_or_acq_rel(&event->waiters, CC__EVENT_ARMED);
    if (!cc__fence_heavy())   /* [event.look] pairs with [event.changed]: armed before the caller's next look */
        make_readable(event); /* nothing is sure then: the loop turns once more */
    return 0;
}
