/* cc/ring.h: a bounded queue of pointer-sized items, for any number of producers and consumers, in fixed memory.
 *
 * All memory is allocated at creation; no call allocates, none needs a domain. Strict FIFO: items come out in the
 * order in which their pushes took effect, whoever pushed them. No thread that sleeps, anywhere, stops the others: a push that
 * sleeps before it has stored its item, while others want the room or what is behind it, loses its place, and takes another one.
 *
 *     cc_ring_t *ring;
 *     if (cc_ring_create(1024, NULL, &ring) != 0)      // a power of two
 *         return 1;
 *     if (cc_ring_push(ring, job) == -EAGAIN)
 *         reject(job);                              // full
 *     ...
 *     while (cc_ring_pop_wait(ring, &item, -1) == 0)   // elsewhere; -EPIPE once it is closed and empty
 *         work_on(item);
 *     cc_ring_destroy(ring);
 *
 * | call                        | linearizable      | progress   | in a guard, in a callback |
 * |-----------------------------|-------------------|------------|---------------------------|
 * | push, pop, close            | yes               | lock-free* | yes                       |
 * | push_n, pop_n               | as several calls  | lock-free  | yes                       |
 * | push_wait, pop_wait,        | as push, pop,     | sleeps     | guard only                |
 * | pop_n_wait                  | pop_n             |            |                           |
 * | count, stats_snapshot       | approximate       | wait-free  | yes                       |
 * | info                        | -                 | wait-free  | yes                       |
 * | arm                         | -                 | see there  | yes                       |
 * | create, destroy, event_fd   | -                 | allocates  | yes                       |
 *
 * * wait-free with opts.spsc and with opts.wait_free; push_n and pop_n likewise, item by item.
 *
 * An item is any pointer but NULL; the ring never looks into it. Whoever pops it owns it. Guards do not protect items.
 * After fork the child may go on using the ring; what a vanished thread was in the middle of is lost or done.
 *
 * Complexity: O(1) per item, and a step is made again when another thread was faster; create O(capacity), destroy O(items).
 * Memory: 16 bytes per slot, and twice as many slots as the capacity (256 at least). The algorithm and its argument:
 * docs/ring.md.
 * Source: of the family of LCRQ (Morrison and Afek, PPoPP 2013) and SCQ (Nikolaev, DISC 2019). opts.spsc: after Lamport (1983)
 * and MCRingBuffer (Lee, Bu, Chandranmenon, IPDPS 2010). opts.wait_free: after Kogan and Petrank (PPoPP 2012) and Herlihy's
 * universal construction (TOPLAS 1991).
 *
 * opts.spsc: a ring for one producer and one consumer. At any time at most one thread pushes and at most one pops; the
 * producer itself closes the ring. Two threads on one side lose items or get them twice, and a close by another thread
 * may be undone: nothing checks it. In return push and pop are wait-free, O(items moved), four times as fast between two
 * threads, and the ring takes 8 bytes per item. Threads may hand their part over to each other, if a lock or a join orders
 * it. Calls at two such rings are in one order, but a push is a plain store, which the processor may still hold back while
 * the thread goes on: who pushes here and then finds a queue or map of another kind empty may have looked before the push was
 * seen. Where that matters, put an atomic_thread_fence(memory_order_seq_cst) between.
 *
 * opts.wait_free: push and pop take a bounded number of steps for any number of threads, however others are scheduled.
 *   - How: a call that has lost 64 times to others announces what it wants, and all others serve it before themselves. With
 *     n = CC_RING_THREADS_MAX it is done after 2 (n + 1) turns of a few steps each; or after (n + 1) (2 + 4 n), if others give up
 *     in the middle of their calls because the ring is full, empty or closed.
 *   - Its answers are exact: -EAGAIN of push means that `capacity` items were in the ring at one moment.
 *   - It needs cmpxchg16b, and 8 KB more. It is as fast as the default.
 *   - At most n threads of a process can use such rings at a time. A thread gets a place at its first call, which takes a lock and
 *     can return -ENOMEM, and keeps the place until it exits. If no place is left, push and pop return -EBUSY.
 *   - With opts.spsc as well, the ring is that of opts.spsc.
 *
 * opts.backoff: threads take turns. A call that finds that another thread was here last waits about 2.5 us, once, and then
 * has the lines to itself for about as long. More goes through when several threads do nothing but push and pop (twice as
 * much with two threads, fairly shared); a call that meets another one takes 2.5 us. Not for queues that are used now and
 * then. */
#ifndef CC_RING_H
#define CC_RING_H

#include <cc/base.h>
#include <cc/stats.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cc_ring cc_ring_t;

/** Most items that a ring can be made for. */
#define CC_RING_CAPACITY_MAX ((size_t)1 << 31)

/** Threads of a process that can use rings with opts.wait_free at the same time. */
#define CC_RING_THREADS_MAX 128

typedef struct {
    size_t size;                 /**< sizeof(cc_ring_opts_t), set by CC_RING_OPTS_INIT */
    cc_reclaim_fn *item_reclaim; /**< gets each item that is left at destroy; NULL: they are the caller's business */
    void *item_ctx;              /**< its ctx */
    bool statistics;             /**< count for cc_ring_stats_snapshot; default: false, which costs nothing */
    bool wait_free;              /**< every push and pop in a bounded number of steps: see above */
    bool spsc;                   /**< one producer, one consumer: see above */
    bool backoff;                /**< threads take turns: see above */
} cc_ring_opts_t;

#define CC_RING_OPTS_INIT                                                                                              \
    {                                                                                                                  \
        sizeof(cc_ring_opts_t), NULL, NULL, false, false, false, false                                                 \
    }

/** What a ring is made of. */
typedef struct {
    size_t size;           /**< set by the caller: sizeof(cc_ring_info_t) */
    const char *algorithm; /**< what runs: a string constant */
    size_t capacity;       /**< items, exactly */
    size_t slots;          /**< cells for them */
    size_t bytes;          /**< memory in all */
    bool wait_free;        /**< every push and pop takes a bounded number of steps */
} cc_ring_info_t;

#define CC_RING_INFO_INIT                                                                                              \
    {                                                                                                                  \
        sizeof(cc_ring_info_t), NULL, 0, 0, 0, false                                                                   \
    }

/** Creates an empty ring for `capacity` items, a power of two. `opts` NULL: the defaults.
 *  @return 0; -EINVAL (`out` NULL, capacity no power of two or above CC_RING_CAPACITY_MAX, wrong opts->size, spsc with
 *          backoff); -ENOTSUP (wait_free without spsc, on a processor without cmpxchg16b); -ENOMEM. */
CC_API CC_NODISCARD int cc_ring_create(size_t capacity, const cc_ring_opts_t *opts, cc_ring_t **out);

/** Frees the ring; items left in it go to opts.item_reclaim, at once, oldest first. No other thread may be inside.
 *  @return 0; -EINVAL (NULL). O(items). */
CC_API int cc_ring_destroy(cc_ring_t *ring);

/** Adds an item at the end. Linearizes at the step that publishes it, or before that at the step that publishes an
 *  item behind it.
 *  @return 0; -EAGAIN: full, that is, at a moment of the call the items that were there and the pushes that were under
 *  way made up the capacity (so never with room left in a quiet ring, and never is there an item too many); -EPIPE:
 *  closed; -EINVAL (ring or item NULL); with opts.wait_free -EBUSY, -ENOMEM: the thread has no place. */
CC_API int cc_ring_push(cc_ring_t *ring, void *item);

/** Takes the oldest item. Linearizes at the step that takes it; for an empty ring at the look at the oldest slot.
 *  @return 0; -EAGAIN: empty; -EPIPE: closed and empty, and so for ever; -EINVAL (ring or item NULL); -EBUSY, -ENOMEM as
 *          push. */
CC_API int cc_ring_pop(cc_ring_t *ring, void **item);

/** As push and pop of several, in order. The items of one push_n lie next to each other unless another call overtook the push
 *  in the middle; pop_n takes up to n oldest ones.
 *  @return how many went, at least 1 (0 for n == 0); -EAGAIN, -EPIPE, -EBUSY, -ENOMEM if none could; -EINVAL (ring or
 *  items NULL, an item NULL: then none went). */
CC_API int64_t cc_ring_push_n(cc_ring_t *ring, void *const *items, size_t n);
CC_API int64_t cc_ring_pop_n(cc_ring_t *ring, void **items, size_t n);

/** As push and pop, but instead of -EAGAIN they sleep in the kernel until there is room, or an item. A negative timeout
 *  is for ever, 0 tries once. Time is CLOCK_MONOTONIC; signals that interrupt the sleep do not end it. Who sleeps is woken by the
 *  call that brings an item or room, before that returns; if that call is kept from it, by the next one that does, or by the next
 *  thread that goes to sleep on the other side.
 *  @return as push and pop; -ETIMEDOUT. Not in a deferred callback: it would keep others waiting. */
CC_API int cc_ring_push_wait(cc_ring_t *ring, void *item, int64_t timeout_ns);
CC_API int cc_ring_pop_wait(cc_ring_t *ring, void **item, int64_t timeout_ns);

/** As pop_n, but instead of -EAGAIN it sleeps until there is an item; it does not wait for n. Takes up to n, the oldest ones.
 *
 *      void *job[32];
 *      int64_t n;
 *      while ((n = cc_ring_pop_n_wait(ring, job, 32, -1)) > 0)
 *          run_all(job, n);
 *
 *  @return as pop_n; -ETIMEDOUT. Otherwise as pop_wait. */
CC_API int64_t cc_ring_pop_n_wait(cc_ring_t *ring, void **items, size_t n, int64_t timeout_ns);

/** A file descriptor for epoll or poll: readable when items may have come since the last cc_ring_arm. It belongs to
 *  the ring, which closes it. To wait in an event loop: arm, pop until -EAGAIN, then wait for the descriptor. Threads
 *  that share it are all woken.
 *  A forked child shares it: only one of the two may go on arming it.
 *  @return the descriptor, always the same one; -EINVAL (NULL); -EMFILE, -ENFILE, -ENOMEM. */
CC_API int cc_ring_event_fd(cc_ring_t *ring);

/** Makes the descriptor unreadable until the next item comes, or the ring is closed.
 *  Leave it to one thread of those that share the descriptor, or to one at a time: while a thread stands still inside,
 *  nothing wakes the others, though items come.
 *  @return 0; -EINVAL (NULL, or no descriptor was asked for yet). */
CC_API int cc_ring_arm(cc_ring_t *ring);

/** No push begins to succeed any more; what is inside can still be popped. Everybody who waits is woken. Closing twice
 *  changes nothing. Linearizes at its one step. With opts.spsc for the producer only. @return 0; -EINVAL (NULL). */
CC_API int cc_ring_close(cc_ring_t *ring);

/** Items: exact while nothing changes, else approximate. 0 for NULL. O(1); O(slots) while pushes that lost their slot to a pop
 *  are in the way. */
CC_API size_t cc_ring_count(cc_ring_t *ring);

/** Fills as many fields of `out` as out->size has room for. @return 0; -EINVAL (NULL, out->size too small). */
CC_API int cc_ring_info(cc_ring_t *ring, cc_ring_info_t *out);

/** The counters of a ring created with opts.statistics; all zero otherwise.
 *  @return 0; -EINVAL (NULL, or out->size smaller than the first version of the struct). */
CC_API int cc_ring_stats_snapshot(cc_ring_t *ring, cc_queue_snapshot_t *out);

#ifdef __cplusplus
}
#endif

#endif
