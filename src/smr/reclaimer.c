/* The reclaimer thread of a domain, and what the other modes have in common with it.
 *
 * Unless a domain reclaims inline, threads that retire only fill blocks, and hand full ones over to the orphan stack; so the
 * price of a retirement is that of an append, and no callback runs on them. The reclaimer is a drainer that comes back: each
 * attempt collects what every thread has (idle ones too, partly filled blocks too), frees what nobody holds, and leaves the
 * rest among the orphans. It waits for nobody, and lets a drain that somebody called go first.
 *
 * It wakes when enough bytes were handed over, or time has passed. What it had to leave raises the bytes by a quarter of
 * it, as thresholds do elsewhere, so that a reader which pins much does not make it look at all of that all the time.
 *
 * It allocates once before anything else: an allocator with heaps by thread (mimalloc) otherwise keeps what such a thread
 * frees. All signals are blocked in it but the domain's own.
 *
 * Tests: reclaimer_test, the model's clients manual-* and reclaimer-wake. */
#include "smr/reclaimer.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/futex.h"
#include "base/thread.h"
#include "cc/alloc.h"
#include "smr/drain.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

enum { USUAL_NS = CC__SECOND / 10 };

int cc__reclaimer_prepare(cc_domain_t *domain, const cc_domain_opts_t *opts)
{
    if ((unsigned)opts->reclaimer > CC_RECLAIM_MANUAL || opts->reclaim_ns < 0)
        return -EINVAL;
    if (opts->reclaimer != CC_RECLAIM_INLINE && !domain->scheme->reclaims)
        return -EINVAL;
    domain->reclaimer = opts->reclaimer;
    domain->reclaim_bytes = opts->reclaim_bytes != 0 ? opts->reclaim_bytes : CC_SCAN_BYTES;
    domain->reclaim_ns = opts->reclaim_ns != 0 ? opts->reclaim_ns : USUAL_NS;
    cc__store_relaxed(&domain->wake_at, domain->reclaim_bytes); /* nobody shares the domain yet */
    return 0;
}

/* ---- the thread */

static void sleep_until_needed(cc_domain_t *domain)
{
    uint32_t seen =
        cc__load_acquire(&domain->wake); /* [reclaimer.look] pairs with [reclaimer.wake]: the order to stop */
    int64_t now = cc__now_ns(), end = domain->reclaim_ns > INT64_MAX - now ? INT64_MAX : now + domain->reclaim_ns;
    struct timespec deadline = {.tv_sec = end / CC__SECOND, .tv_nsec = end % CC__SECOND};
    if (cc__load_relaxed(&domain->stop) || cc__load_relaxed(&domain->handed) >= cc__load_relaxed(&domain->wake_at))
        return; /* stale: `stop` comes with a wake-up; `handed` is ordered by the fence, the limit our own store */
    cc__futex_wait(&domain->wake, seen, &deadline);
}

static void work(cc_domain_t *domain)
{
    cc__store_relaxed(&domain->handed, 0); /* what is handed over just now may wait for the next time */
    uint64_t left;
    if (cc__thread_self() == NULL)
        return;
    if (!cc__drain_try(domain, SIZE_MAX, false, &left)) {
        (void)cc_domain_flush(domain); /* somebody waits in a drain, which holds what is old: what has come since */
        return;
    }
    uint64_t more = left / 4 < UINT64_MAX - domain->reclaim_bytes ? left / 4 : UINT64_MAX - domain->reclaim_bytes;
    cc__store_relaxed(&domain->wake_at, domain->reclaim_bytes + more);
    /* [reclaimer.limit] pairs with [reclaimer.handed]: seq_cst, or this thread could miss the bytes, and who hands them over the
     * limit that makes them enough; then nobody would wake it. */
    cc__fence_seq_cst();
}

/* A callback may end this thread: the next customer starts another one. */
static void note_end(void *arg)
{
    cc_domain_t *domain = arg;
    domain->reclaimer_self = NULL; /* another thread may get its place */
    /* [reclaimer.end] pairs with [reclaimer.ended]: all that this thread did for the domain. */
    cc__store_release(&domain->reclaimer_ended, true);
}

void cc__reclaimer_work(cc_domain_t *domain)
{
    while (!cc__load_relaxed(&domain->stop)) { /* ordered behind `wake`, or seen the next time */
        sleep_until_needed(domain);
        work(domain);
    }
}

static void *run(void *arg)
{
    cc_domain_t *domain = arg;
    prctl(PR_SET_NAME, "cc-reclaimer");
    cc_free(cc_alloc(CC_CACHE_LINE_SIZE), CC_CACHE_LINE_SIZE);
    domain->reclaimer_self = cc__thread_self(); /* read in the child of a fork, and by nobody else */
    pthread_cleanup_push(note_end, domain);
    cc__reclaimer_work(domain);
    pthread_cleanup_pop(0);
    return NULL;
}

int cc__reclaimer_start(cc_domain_t *domain)
{
    sigset_t all, before;
    if (domain->reclaimer != CC_RECLAIM_THREAD)
        return 0;
    sigfillset(&all);
    if (domain->signal != 0)
        sigdelset(&all, domain->signal);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    cc__store_relaxed(&domain->reclaimer_ended, false); /* as below */
    int err = pthread_create(&domain->reclaimer_thread, NULL, run, domain);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    cc__store_relaxed(&domain->reclaimer_runs, err == 0); /* under cc__threads_lock, or nobody shares the domain yet */
    return err == 0 ? 0 : -ENOMEM;
}

static void wake(cc_domain_t *domain)
{
    cc__fetch_add_acq_rel(&domain->wake, 1); /* [reclaimer.wake] pairs with [reclaimer.look]: what it is woken for */
    cc__futex_wake(&domain->wake, 1);
}

void cc__reclaimer_stop(cc_domain_t *domain)
{
    /* Published by the wake. For good: the last callbacks, which the caller runs, may retire, and start no other. */
    cc__store_relaxed(&domain->stop, true);
    if (!cc__load_relaxed(&domain->reclaimer_runs)) /* nobody else uses the domain any more */
        return;
    wake(domain);
    int cancel = cc__cancel_hold();
    pthread_join(domain->reclaimer_thread, NULL);
    cc__cancel_allow(cancel);
    cc__store_relaxed(&domain->reclaimer_runs, false);
}

/* ---- its customers */

/* It does not run in the child of a fork at first, nor after a callback has ended it. */
static bool is_gone(const cc_domain_t *domain)
{
    /* [reclaimer.ended] pairs with [reclaimer.end]: the next one begins behind that. */
    return !cc__load_relaxed(&domain->reclaimer_runs) || cc__load_acquire(&domain->reclaimer_ended);
}

__attribute__((cold, noinline)) static void start_again(cc_domain_t *domain)
{
    cc__threads_lock();
    if (is_gone(domain) && !cc__load_relaxed(&domain->stop)) { /* our own store, if somebody destroys the domain */
        if (cc__load_relaxed(&domain->reclaimer_runs))         /* written under the same lock */
            pthread_detach(domain->reclaimer_thread);
        (void)cc__reclaimer_start(domain); /* no memory: the next one tries again */
    }
    cc__threads_unlock();
}

bool cc__reclaimer_wake(cc_domain_t *domain)
{
    if (domain->reclaimer != CC_RECLAIM_THREAD)
        return false;
    if (__builtin_expect(is_gone(domain), 0))
        start_again(domain);
    wake(domain);
    return true;
}

void cc__reclaimer_note(cc_domain_t *domain, uint64_t bytes)
{
    if (domain->reclaimer != CC_RECLAIM_THREAD)
        return;
    /* [reclaimer.handed] pairs with [reclaimer.limit]: the reclaimer sees these bytes, or we see its limit. */
    uint64_t before = cc__fetch_add_seq_cst(&domain->handed, bytes), wake_at = cc__load_seq_cst(&domain->wake_at);
    if ((before < wake_at && before + bytes >= wake_at) || __builtin_expect(is_gone(domain), 0))
        cc__reclaimer_wake(domain);
}

void cc__reclaimer_inherit(cc_domain_t *domain)
{
    cc__thread_t *self = cc__thread_peek();
    if (self != NULL && domain->reclaimer_self == self)
        return;
    domain->reclaimer_self = NULL;                     /* another thread may get its place */
    cc__store_relaxed(&domain->reclaimer_runs, false); /* one thread is left */
    cc__store_relaxed(&domain->reclaimer_ended, false);
}
