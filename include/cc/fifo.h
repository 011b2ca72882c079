/* cc/fifo.h: an unbounded queue of pointer-sized items, for any number of producers and consumers.
 *
 * Strict FIFO: items come out in the order in which their pushes took effect, whoever pushed them. No thread that
 * sleeps, anywhere, stops the others. (A consumer that sleeps in the middle of pop may have the next item that is pushed: it
 * pops that when it goes on. If it vanished in a fork, that item is lost in the child. Only a thread's first call in a domain
 * takes a lock for a moment, see cc_thread_attach.)
 * Memory follows the number of items, down to one segment when it is empty.
 *
 *     cc_fifo_t *fifo;
 *     if (cc_fifo_create(NULL, NULL, &fifo) != 0)
 *         return 1;
 *     cc_fifo_push(fifo, job);
 *     ...
 *     while (cc_fifo_pop_wait(fifo, &item, -1) == 0)   // elsewhere; -EPIPE once it is closed and empty
 *         work_on(item);
 *     cc_fifo_destroy(fifo);
 *
 * | call                        | linearizable     | progress   | in a guard, in a callback |
 * |-----------------------------|------------------|------------|---------------------------|
 * | push, pop, close            | yes              | lock-free  | yes                       |
 * | push_n, pop_n               | as several calls | lock-free  | yes                       |
 * | pop_wait, pop_n_wait        | as pop, pop_n    | sleeps     | guard only                |
 * | count                       | approximate      | lock-free  | yes                       |
 * | stats_snapshot              | approximate      | wait-free  | yes                       |
 * | arm                         | -                | see there  | yes                       |
 * | create, destroy, event_fd   | -                | allocates  | yes                       |
 *
 * An item is any pointer but NULL (and but one address inside the library, which no caller can have); the queue never
 * looks into it. Whoever pops it owns it. Guards do not protect items.
 *
 * Complexity: O(1) per item, and a step is made again when another thread was faster; destroy O(items); create O(items of a
 * segment); all other calls O(1).
 * Memory: 8 bytes per item, in segments of 1024 items. A segment that was popped empty is retired in the domain, counted
 * in bytes there; what a sleeping thread pins, the domain's scheme says. The algorithm and its argument:
 * docs/fifo.md.
 * Source: after the FAA array queue (Ramalhete and Correia 2016), of the family of LCRQ (Morrison and Afek, PPoPP 2013).
 *
 * opts.backoff: threads take turns. A call that finds that another thread was here last waits about 2.5 us, once, and then
 * has the lines to itself for about as long. More goes through when several threads do nothing but push and pop (three
 * times as much with two threads, fairly shared); a call that meets another one takes 2.5 us. Not for queues that are used
 * now and then. */
#ifndef CC_FIFO_H
#define CC_FIFO_H

#include <cc/domain.h>
#include <cc/stats.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cc_fifo cc_fifo_t;

/** Most items of a segment. */
#define CC_FIFO_SEGMENT_MAX ((size_t)1 << 20)

typedef struct {
    size_t size;                 /**< sizeof(cc_fifo_opts_t), set by CC_FIFO_OPTS_INIT */
    cc_reclaim_fn *item_reclaim; /**< gets each item that is left at destroy; NULL: they are the caller's business */
    void *item_ctx;              /**< its ctx */
    size_t segment_items;        /**< items per segment, a power of two up to CC_FIFO_SEGMENT_MAX; 0: 1024 */
    bool statistics;             /**< count for cc_fifo_stats_snapshot; default: false, which costs nothing */
    bool backoff;                /**< threads take turns: see above */
} cc_fifo_opts_t;

#define CC_FIFO_OPTS_INIT                                                                                              \
    {                                                                                                                  \
        sizeof(cc_fifo_opts_t), NULL, NULL, 0, false, false                                                            \
    }

/** Creates an empty queue in `domain` (NULL: the default domain). `opts` NULL: the defaults.
 *  @return 0; -EINVAL (`out` NULL, wrong opts->size, bad segment_items, default domain wanted but CC_SMR is bad);
 *          -ENOMEM. */
CC_API CC_NODISCARD int cc_fifo_create(cc_domain_t *domain, const cc_fifo_opts_t *opts, cc_fifo_t **out);

/** Frees the queue; items left in it go to opts.item_reclaim, at once, oldest first. No other thread may be inside.
 *  @return 0; -EINVAL (NULL). O(items). */
CC_API int cc_fifo_destroy(cc_fifo_t *fifo);

/** Adds an item at the end. Linearizes when the item is stored in its cell, or before that when an item behind it is.
 *  @return 0; -EPIPE: closed; -EINVAL (fifo or item NULL); -ENOMEM (only where a new segment is needed);
 *          -ENOSPC (the domain's memory cap). */
CC_API int cc_fifo_push(cc_fifo_t *fifo, void *item);

/** Takes the oldest item.
 *  @return 0; -EAGAIN: empty; -EPIPE: closed and empty, and so for ever; -EINVAL (fifo or item NULL); -ENOMEM (nothing
 *          changed: room for the retirement of a segment is reserved before anything is touched). */
CC_API int cc_fifo_pop(cc_fifo_t *fifo, void **item);

/** As push and pop of several, in order, for the price of one contended step. The items of one push_n lie next to each
 *  other, unless a pop overtook the push in the middle, or a segment ended there. pop_n takes up to n oldest ones.
 *  @return how many went, at least 1 (0 for n == 0); -EAGAIN, -EPIPE, -ENOMEM, -ENOSPC if none did; -EINVAL (fifo or items NULL,
 *  an item NULL: then none went). */
CC_API int64_t cc_fifo_push_n(cc_fifo_t *fifo, void *const *items, size_t n);
CC_API int64_t cc_fifo_pop_n(cc_fifo_t *fifo, void **items, size_t n);

/** As pop, but instead of -EAGAIN it sleeps in the kernel until there is an item. A negative timeout is for ever, 0
 *  tries once. Time is CLOCK_MONOTONIC; signals that interrupt the sleep do not end it.
 *  @return as pop; -ETIMEDOUT. Not in a deferred callback: it would keep others waiting. */
CC_API int cc_fifo_pop_wait(cc_fifo_t *fifo, void **item, int64_t timeout_ns);

/** As pop_n, but instead of -EAGAIN it sleeps until there is an item; it does not wait for n. Takes up to n, the oldest ones.
 *
 *      void *job[32];
 *      int64_t n;
 *      while ((n = cc_fifo_pop_n_wait(fifo, job, 32, -1)) > 0)
 *          run_all(job, n);
 *
 *  @return as pop_n; -ETIMEDOUT. Otherwise as pop_wait. */
CC_API int64_t cc_fifo_pop_n_wait(cc_fifo_t *fifo, void **items, size_t n, int64_t timeout_ns);

/** A file descriptor for epoll or poll: readable when items may have come since the last cc_fifo_arm. It belongs to
 *  the queue, which closes it. To wait in an event loop: arm, pop until -EAGAIN, then wait for the descriptor.
 *  A forked child shares it: only one of the two may go on arming it.
 *  @return the descriptor, always the same one; -EINVAL (NULL); -EMFILE, -ENFILE, -ENOMEM. */
CC_API int cc_fifo_event_fd(cc_fifo_t *fifo);

/** Makes the descriptor unreadable until the next item comes, or the queue is closed.
 *  Leave it to one thread of those that share the descriptor, or to one at a time: while a thread stands still inside,
 *  nothing wakes the others, though items come.
 *  @return 0; -EINVAL (NULL, or no descriptor was asked for yet). */
CC_API int cc_fifo_arm(cc_fifo_t *fifo);

/** No push begins to succeed any more; what is inside can still be popped. Everybody who waits is woken. Closing twice
 *  changes nothing. Linearizes when the last segment gets its end mark. @return 0; -EINVAL (NULL). Lock-free. */
CC_API int cc_fifo_close(cc_fifo_t *fifo);

/** Items: exact while nothing changes, else approximate. 0 for NULL. */
CC_API size_t cc_fifo_count(cc_fifo_t *fifo);

/** The counters of a queue created with opts.statistics; all zero otherwise.
 *  @return 0; -EINVAL (NULL, or out->size smaller than the first version of the struct). */
CC_API int cc_fifo_stats_snapshot(cc_fifo_t *fifo, cc_queue_snapshot_t *out);

#ifdef __cplusplus
}
#endif

#endif
