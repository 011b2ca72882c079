/* The one thread-local pointer of the library, and what hangs on it.
 *
 * A thread is known from its first call that needs it (allocation with statistics, any operation) until its
 * exit, when a pthread_key destructor hands over what it still owns. The pointer is initial-exec: with the
 * default model a shared library calls __tls_get_addr at every use. */
#ifndef CC_BASE_THREAD_H
#define CC_BASE_THREAD_H

#include "base/atomic.h"

#include <sys/types.h>

struct cc__rec;

/* Allocation counters of one thread: only the owner writes, snapshots sum over all. Signed, because a thread
 * that frees what others allocated goes below zero; only the sum means something. */
typedef struct {
    CC__ATOMIC(int64_t) alloc_count;
    CC__ATOMIC(int64_t) free_count;
    CC__ATOMIC(int64_t) alloc_bytes;
    CC__ATOMIC(int64_t) free_bytes;
} cc__alloc_shard_t;

enum { CC__REC_CACHE = 16 }; /* domains a thread can use in turn without the slow path */

typedef struct cc__thread {
    cc__alloc_shard_t alloc; /* written by this thread only */
    struct {
        uint64_t domain_id; /* never reused, so an entry of a destroyed domain can only miss */
        struct cc__rec *rec;
    } cache[CC__REC_CACHE]; /* direct mapped by domain id; owner only */
    struct cc__rec *recs;   /* records of this thread, one per attached domain; under cc__threads_lock */
    CC__ATOMIC(struct cc__rec *) searching; /* DEBRA+: which record is inside a SEARCH; for our own signal handler */
    bool in_callback;                       /* a user callback is running: run no other */
    void (*farewell)(void);                 /* at exit, behind everything else; NULL: nothing */
    pid_t tid;
    int place;               /* base/place.h: 1 + its number; 0: none */
    struct cc__thread *next; /* all threads; under cc__threads_lock */
    struct cc__thread **link;
} cc__thread_t;

extern _Thread_local cc__thread_t *cc__thread_tls __attribute__((visibility("hidden"), tls_model("initial-exec")));

/* The calling thread, or NULL if it was never seen. */
static inline cc__thread_t *cc__thread_peek(void)
{
    return cc__thread_tls;
}

/* The calling thread, made known on first use. NULL: no memory. */
cc__thread_t *cc__thread_self(void);

/* Guards the list of threads and each thread's list of records. Taken on slow paths only: first use, exit,
 * attach, detach, domain destruction, allocation snapshots. */
void cc__threads_lock(void);
bool cc__threads_trylock(void);
void cc__threads_unlock(void);
cc__thread_t *cc__threads_first(void); /* under the lock */

/* In the child of a fork, under the lock: the other threads do not exist here. */
void cc__threads_forget_others(void);

#endif
