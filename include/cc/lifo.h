/* cc/lifo.h: an unbounded stack of pointer-sized items, for any number of threads.
 *
 *     cc_lifo_t *lifo;
 *     if (cc_lifo_create(NULL, NULL, &lifo) != 0)
 *         return 1;
 *     cc_lifo_push(lifo, buffer);                   // the one given back last is the one that is still in the cache
 *     ...
 *     if (cc_lifo_pop(lifo, &buffer) == -EAGAIN)
 *         buffer = make_buffer();
 *     cc_lifo_destroy(lifo);
 *
 * | call                        | linearizable    | progress   | in a guard, in a callback |
 * |-----------------------------|-----------------|------------|---------------------------|
 * | push, push_n, pop, close    | yes             | lock-free  | yes                       |
 * | pop_n                       | as several pops | lock-free  | yes                       |
 * | pop_wait, pop_n_wait        | as pop, pop_n   | sleeps     | guard only                |
 * | count, stats_snapshot       | approximate     | wait-free  | yes                       |
 * | arm                         | -               | see there  | yes                       |
 * | create, destroy, event_fd   | -               | allocates  | yes                       |
 *
 * An item is any pointer but NULL; the stack never looks into it. Whoever pops it owns it. Guards do not protect items.
 * No thread that sleeps, anywhere, stops the others. (Only a thread's first call in a domain takes a lock for a moment, see
 * cc_thread_attach.)
 *
 * Complexity: O(1) per item, and a step is made again when another thread was faster; destroy O(items); all other calls O(1).
 * An entry takes 64 bytes. A stack has one hot word: with many threads a ring or a fifo is faster, unless the order is
 * what you want, or pushes meet pops and opts.elimination lets them. The algorithm and its argument: docs/lifo.md.
 * Source: after Treiber (1986). */
#ifndef CC_LIFO_H
#define CC_LIFO_H

#include <cc/domain.h>
#include <cc/stats.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cc_lifo cc_lifo_t;

/** Most places of opts.elimination. */
#define CC_LIFO_ELIMINATION_MAX 64

typedef struct {
    size_t size;                 /**< sizeof(cc_lifo_opts_t), set by CC_LIFO_OPTS_INIT */
    cc_reclaim_fn *item_reclaim; /**< gets each item that is left at destroy; NULL: they are the caller's business */
    void *item_ctx;              /**< its ctx */
    unsigned elimination; /**< places where a push that meets contention can hand its item to a pop that does; about
                                    a quarter of the threads. 0 (default): none. At most CC_LIFO_ELIMINATION_MAX */
    bool statistics;      /**< count for cc_lifo_stats_snapshot; default: false, which costs nothing */
} cc_lifo_opts_t;

#define CC_LIFO_OPTS_INIT                                                                                              \
    {                                                                                                                  \
        sizeof(cc_lifo_opts_t), NULL, NULL, 0, false                                                                   \
    }

/** Creates an empty stack in `domain` (NULL: the default domain). `opts` NULL: the defaults.
 *  @return 0; -EINVAL (`out` NULL, wrong opts->size, elimination too large, default domain wanted but CC_SMR is bad);
 *          -ENOMEM. */
CC_API CC_NODISCARD int cc_lifo_create(cc_domain_t *domain, const cc_lifo_opts_t *opts, cc_lifo_t **out);

/** Frees the stack; items left in it go to opts.item_reclaim, at once, newest first. No other thread may be inside.
 *  @return 0; -EINVAL (NULL). O(items). */
CC_API int cc_lifo_destroy(cc_lifo_t *lifo);

/** Adds an item on top. Linearizes at the change of the top, or where a pop takes the item over from this call.
 *  @return 0; -EPIPE: closed; -EINVAL (lifo or item NULL); -ENOMEM; -ENOSPC (the domain's memory cap). */
CC_API int cc_lifo_push(cc_lifo_t *lifo, void *item);

/** Takes the newest item.
 *  @return 0; -EAGAIN: empty; -EPIPE: closed and empty, and so for ever; -EINVAL (lifo or item NULL); -ENOMEM (nothing
 *          changed: room for the retirement is reserved before anything is touched). */
CC_API int cc_lifo_pop(cc_lifo_t *lifo, void **item);

/** push_n adds all of them in one step, items[n - 1] on top. pop_n takes up to n, one after the other.
 *  @return how many went, at least 1 (0 for n == 0); -EPIPE, -EAGAIN, -ENOMEM, -ENOSPC as push and pop if none did; -EINVAL
 *  (lifo or items NULL, an item NULL: then none went). */
CC_API int64_t cc_lifo_push_n(cc_lifo_t *lifo, void *const *items, size_t n);
CC_API int64_t cc_lifo_pop_n(cc_lifo_t *lifo, void **items, size_t n);

/** As pop, but instead of -EAGAIN it sleeps in the kernel until there is an item. A negative timeout is for ever, 0
 *  tries once. Time is CLOCK_MONOTONIC; signals that interrupt the sleep do not end it.
 *  @return as pop; -ETIMEDOUT. Not in a deferred callback: it would keep others waiting. */
CC_API int cc_lifo_pop_wait(cc_lifo_t *lifo, void **item, int64_t timeout_ns);

/** As pop_n, but instead of -EAGAIN it sleeps until there is an item; it does not wait for n. Takes up to n, one after the other.
 *
 *      void *job[32];
 *      int64_t n;
 *      while ((n = cc_lifo_pop_n_wait(lifo, job, 32, -1)) > 0)
 *          run_all(job, n);
 *
 *  @return as pop_n; -ETIMEDOUT. Otherwise as pop_wait. */
CC_API int64_t cc_lifo_pop_n_wait(cc_lifo_t *lifo, void **items, size_t n, int64_t timeout_ns);

/** A file descriptor for epoll or poll: readable when items may have come since the last cc_lifo_arm. It belongs to
 *  the stack, which closes it. To wait in an event loop: arm, pop until -EAGAIN, then wait for the descriptor.
 *  A forked child shares it: only one of the two may go on arming it.
 *  @return the descriptor, always the same one; -EINVAL (NULL); -EMFILE, -ENFILE, -ENOMEM. */
CC_API int cc_lifo_event_fd(cc_lifo_t *lifo);

/** Makes the descriptor unreadable until the next item comes, or the stack is closed.
 *  Leave it to one thread of those that share the descriptor, or to one at a time: while a thread stands still inside,
 *  nothing wakes the others, though items come.
 *  @return 0; -EINVAL (NULL, or no descriptor was asked for yet). */
CC_API int cc_lifo_arm(cc_lifo_t *lifo);

/** No push begins to succeed any more; what is inside can still be popped. Everybody who waits is woken. Closing twice
 *  changes nothing. Linearizes at its one step. @return 0; -EINVAL (NULL). */
CC_API int cc_lifo_close(cc_lifo_t *lifo);

/** Items: exact while nothing changes, else approximate. 0 for NULL. */
CC_API size_t cc_lifo_count(cc_lifo_t *lifo);

/** The counters of a stack created with opts.statistics; all zero otherwise.
 *  @return 0; -EINVAL (NULL, or out->size smaller than the first version of the struct). */
CC_API int cc_lifo_stats_snapshot(cc_lifo_t *lifo, cc_queue_snapshot_t *out);

#ifdef __cplusplus
}
#endif

#endif
