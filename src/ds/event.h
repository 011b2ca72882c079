/* An event count: how threads sleep until a queue has changed, at the cost of one load to those who change it.
 *
 *     waiter                                     notifier
 *     waiters += 1                               change the queue
 *     key = seq                                  light fence
 *     heavy fence                                waiters == 0? then done
 *     look at the queue: found? then done        seq += 1
 *     sleep while seq == key                     wake as many as there is work for
 *     waiters -= 1
 *
 * No wake-up is lost. By the fence rule (base/fence.h) the waiter's look sees the change, or the notifier sees the
 * waiter. In the second case the notifier moves seq after its change: a waiter that took its key before does not fall
 * asleep, or is asleep and stands among those who are woken; one that took it after sees the change, since it read the
 * moved seq.
 *
 * The baton. Who is woken need not get the item that it was woken for: it may get an older one, whose producer has not
 * come to wake anybody, or an error. So who has slept, and ends by anything but a time-out, looks whether there is
 * more, and then notifies one waiter itself. Thus, while somebody sleeps, each item in the queue whose producer has
 * notified has a thread that is awake and will look for it. Those who sleep do so since before that notification, for
 * who comes later has looked and found the item. So one of them was woken by it, and reads the seq that it moved.
 * That one ends when it has looked: either the item is gone, or by its own notification the same holds again. If it
 * finds nothing, and sleeps again or has no time left, the item is gone too. Hence a notifier that is stopped before
 * it wakes anybody delays nobody but its own item, which is not pushed before it returns. (A thread that is stopped
 * after it was woken keeps one item from those who sleep until the next notification.) Room in a ring is such an
 * item, for those who wait to push.
 *
 * A thread that is woken and finds nothing, because others were faster, sleeps again; each item wakes one thread, and who
 * has slept one more at most, so there is no herd. The 32-bit seq can come round to the same value while a thread stands
 * between its key and its sleep only by 2^32 notifications meanwhile.
 *
 * Two sides. In a bounded queue both could sleep: a push stores the last item that there is room for, and stops before it
 * wakes a consumer; then a producer finds no room. So who is about to sleep wakes one of the other side (`other`), which
 * can go on: without room there is an item, without items there is room. Let one of either side announce itself, look,
 * find nothing, and tell the other side. By the fence rule (the light fence of one's telling, the heavy one of the other) one
 * of the two sees that the other has announced itself, and moves the seq that it sleeps on: either its key is
 * older, so it does not stay asleep, or it took its key and looked after that, and saw all that its waker had seen.
 *
 * The event fd is one more waiter, by a bit of the same word: armed, it becomes readable at the next notification. Who
 * takes the bit counts itself as ringing until it has made the descriptor readable. For if it is stopped in between, nobody
 * sees the bit any more; so who finds somebody ringing makes it readable as well. (Of one that vanished in a fork the count
 * stays: then each notification rings, in the child.)
 *
 * Caught by: model clients *-wait-*, *-event-*, event-wait-refused, event-ring-asleep, the mutants `event: ...`, wait tests
 * of each queue. */
#ifndef CC_DS_EVENT_H
#define CC_DS_EVENT_H

#include "base/fence.h"

typedef struct {
    CC__ATOMIC(uint64_t) waiters; /* threads that sleep or are about to; CC__EVENT_RINGING each; CC__EVENT_ARMED */
    CC__ATOMIC(uint32_t) seq;     /* what they sleep on */
    CC__ATOMIC(int) fd;           /* the event fd, or -1 */
} cc__event_t;

#define CC__EVENT_RINGING ((uint64_t)1 << 32)
#define CC__EVENT_ARMED   ((uint64_t)1 << 63)

void cc__event_init(cc__event_t *event);
void cc__event_fini(cc__event_t *event);

/* The slow part of cc__event_notify. */
void cc__event_wake(cc__event_t *event, uint64_t n);

/* The queue has changed so that n waiters can go on (UINT32_MAX: all). */
static inline void cc__event_notify(cc__event_t *event, uint64_t n)
{
    cc__fence_light(); /* [event.changed] pairs with [event.look]: changed before the waiters are counted */
    if (__builtin_expect(cc__load_relaxed(&event->waiters) != 0, 0)) /* ordered by the fence */
        cc__event_wake(event, n);
}

/* A call that waits. */
typedef struct {
    int (*attempt)(void *queue, void *arg);
    bool (*more)(void *queue); /* another such attempt may succeed; true if one does that sees what this thread sees */
    void *queue, *arg;
    cc__event_t *other; /* who waits there can go on while this call cannot; NULL: nobody does */
} cc__event_call_t;

/* Attempts until the answer is something else than -EAGAIN, asleep in between. A last attempt precedes -ETIMEDOUT. *sleeps
 * counts how often it went to sleep. */
int cc__event_wait(cc__event_t *event, const cc__event_call_t *call, int64_t timeout_ns, uint64_t *sleeps);

/* The event fd, made on first use; -errno. */
int cc__event_fd(cc__event_t *event);
int cc__event_arm(cc__event_t *event);

#endif
