/* Flush and drain: reclaiming on demand.
 *
 * A drain must reclaim everything that was retired before it began, wherever that waits:
 *   - in the limbo of a thread, which may be idle or asleep: stolen under the owner lock (limbo.c), each
 *     record once
 *   - among the orphans: adopted after every record was visited; until then nobody else adopts
 *   - in a batch that a thread is just freeing: its in_flight, noted at the visit, must move on
 * What threads retire meanwhile is not waited for, so a drain ends however busy they are.
 *
 * Tests: domain_drain_test (idle thread, sleeping guard, callback in flight, two drains at once), domain_inside_test (adopts
 * nothing new), stress_map. */
#include "smr/drain.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/fence.h"
#include "smr/ages.h"
#include "smr/cap.h"
#include "smr/guard.h"
#include "smr/limbo.h"
#include "smr/registry.h"
#include "smr/stats.h"
#include "smr/watch.h"

#include <errno.h>

enum { FIRST_NAP = 20000 }; /* ns */

static struct timespec to_timespec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / CC__SECOND, .tv_nsec = ns % CC__SECOND};
}

static bool unvisited(cc_domain_t *domain, const cc__rec_t *rec)
{
    return rec != &domain->drainer && rec->drain_pass != domain->drain_pass;
}

/* Who could not be visited: some owner was just at work, or there was no fence. CC_STALL_NONE: nobody. */
typedef struct {
    cc_smr_stall_t why;
    pid_t tid;
} unvisited_t;

static void blame(cc_domain_t *domain, unvisited_t left)
{
    if (left.why != CC_STALL_NONE)
        cc__stats_blame(domain, left.why, left.tid);
}

/* One look at every record that this drain has not visited yet. */
static unvisited_t visit_all(cc_domain_t *domain)
{
    cc__rec_t *first = cc__load_acquire(&domain->recs); /* [drain.recs] pairs with [registry.publish]: initialized */
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next) {
        /* Not on a record that is visited already: this store would hide the release of [limbo.leave] from its owner. */
        if (unvisited(domain, rec))
            cc__store_relaxed(&rec->wanted, 1); /* ordered before the load of `busy` by the fence */
    }
    bool fenced = cc__fence_heavy(); /* [limbo.look] pairs with [limbo.enter]: one of the two sees the other */
    unvisited_t left = {fenced ? CC_STALL_NONE : CC_STALL_FENCE, 0};
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next) {
        if (!unvisited(domain, rec))
            continue;
        if (fenced && cc__limbo_try_steal(rec, &domain->drainer)) {
            rec->drain_pass = domain->drain_pass;
        } else {
            left.why = fenced ? CC_STALL_OWNER : CC_STALL_FENCE;
            left.tid = cc__load_relaxed(&rec->tid); /* for reports */
        }
        cc__store_release(&rec->wanted, 0); /* [limbo.leave] pairs with [limbo.wanted]: the lists as we left them */
    }
    return left;
}

/* Are the batches over that were being freed when we visited? */
static bool all_landed(cc_domain_t *domain)
{
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) { /* [drain.recs] */
        /* [drain.landed] pairs with [limbo.landed]: what the callbacks did is visible to the caller. */
        if (rec->drain_pass == domain->drain_pass && rec->drain_in_flight % 2 == 1 &&
            cc__load_acquire(&rec->in_flight) == rec->drain_in_flight) {
            cc__stats_blame(domain, CC_STALL_CALLBACK, cc__load_relaxed(&rec->tid)); /* stale: a report */
            return false;
        }
    }
    return true;
}

static void reclaim_collected(cc_domain_t *domain, size_t most)
{
    cc__rec_t *drainer = &domain->drainer;
    for (int round = 0; round < domain->scheme->rounds && !cc__limbo_empty(drainer); round++) {
        cc__limbo_scan(drainer);
        most -= cc__limbo_free(drainer, most);
    }
}

/* CC_STALL_NONE: all that is old is in the drainer's hands, or was in a batch in flight. Until then orphans are adopted after the
 * visits of each attempt; afterwards what becomes one is new. */
static unvisited_t collect(cc_domain_t *domain)
{
    /* Under the lock, so that no fork copies a half stolen limbo, and no thread attaches, and adopts, unseen. */
    cc__threads_lock();
    unvisited_t left = visit_all(domain);
    cc__threads_unlock();
    cc__limbo_adopt(&domain->drainer);
    return left;
}

static bool attempt(cc_domain_t *domain, bool *visited)
{
    unvisited_t left = {CC_STALL_NONE, 0};
    if (!*visited && (left = collect(domain)).why == CC_STALL_NONE) {
        *visited = true;
        cc__store_relaxed(&domain->draining, 0); /* stale: adoption begins a little later */
    }
    reclaim_collected(domain, SIZE_MAX);
    blame(domain, left); /* behind the rounds, which tell what they found in their own way */
    return *visited && cc__limbo_empty(&domain->drainer) && all_landed(domain);
}

/* Between two tries: sleeps a little, each time longer. False: the deadline has come. */
static bool nap_until(int64_t deadline, int64_t *nap)
{
    int64_t left = deadline - cc__now_ns();
    if (left <= 0)
        return false;
    struct timespec t = to_timespec(*nap < left ? *nap : left);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
    if (*nap < CC__SECOND / 1000)
        *nap *= 2;
    return true;
}

static bool attempt_until(cc_domain_t *domain, int64_t deadline)
{
    int64_t nap = FIRST_NAP;
    bool visited = false;
    while (!attempt(domain, &visited)) {
        if (!nap_until(deadline, &nap))
            return false;
    }
    return true;
}

/* Not by pthread_mutex_clocklock, which ThreadSanitizer does not know: it would see a race in all that the lock guards. */
static bool lock_until(pthread_mutex_t *mutex, int64_t deadline)
{
    int64_t nap = FIRST_NAP;
    while (pthread_mutex_trylock(mutex) != 0) {
        if (!nap_until(deadline, &nap))
            return false;
    }
    return true;
}

/* Another thread's drain has kept us out. Unless it is inside callbacks, it has told by itself what it waits for. */
static void blame_drainer(cc_domain_t *domain)
{
    if (cc__load_relaxed(&domain->drainer.in_flight) % 2 == 1) /* stale: a report, here and below */
        cc__stats_blame(domain, CC_STALL_CALLBACK, cc__load_relaxed(&domain->drainer.tid));
}

/* The drain lock is held: who drains, and that nobody else adopts. */
static void enter(cc_domain_t *domain, bool insistent)
{
    domain->insistent = insistent;
    domain->drain_pass++;
    domain->drain_thread = cc__thread_self();
    cc__store_relaxed(&domain->drainer.tid, domain->drain_thread->tid); /* for reports */
    cc__store_relaxed(&domain->draining, 1);                            /* ordered before the visits by their fence */
}

/* What the rounds of this drain found: a reclaimer thread will collect the rest again, so until then it is true (unless somebody
 * flushes). Elsewhere others adopt the rest, and find anew what it waits for. */
static void forget_findings(cc_domain_t *domain)
{
    if (domain->reclaimer == CC_RECLAIM_THREAD && !cc__limbo_empty(&domain->drainer))
        return;
    cc__watch_forget(&domain->drainer);
    cc__ages_clear(&domain->drainer.garbage_age);
}

static void leave(void *arg)
{
    cc_domain_t *domain = arg;
    cc__limbo_land(&domain->drainer);
    forget_findings(domain);
    if (!cc__limbo_empty(&domain->drainer))
        cc__limbo_abandon(&domain->drainer);
    cc__cap_tell(&domain->drainer);
    cc__store_relaxed(&domain->draining, 0); /* stale: adoption begins a little later */
    cc__store_relaxed(&domain->drainer.tid, 0);
    domain->drain_thread = NULL;
    pthread_mutex_unlock(&domain->drain_lock);
}

static int drain(cc_domain_t *domain, int64_t timeout_ns)
{
    int64_t now = cc__now_ns();
    int64_t deadline = timeout_ns < 0 || timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
    if (!lock_until(&domain->drain_lock, deadline)) {
        blame_drainer(domain);
        return -ETIMEDOUT;
    }
    bool done;
    enter(domain, true);
    pthread_cleanup_push(leave, domain); /* a callback may end the thread */
    done = attempt_until(domain, deadline);
    if (done)
        cc__stats_blame(domain, CC_STALL_NONE, 0);
    pthread_cleanup_pop(1);
    return done ? 0 : -ETIMEDOUT;
}

bool cc__drain_try(cc_domain_t *domain, size_t most, bool insistent, uint64_t *left)
{
    if (pthread_mutex_trylock(&domain->drain_lock) != 0)
        return false;
    int cancel = cc__cancel_hold(); /* as in cc_domain_drain */
    enter(domain, insistent);
    pthread_cleanup_push(leave, domain);
    if (cc__threads_trylock()) {
        blame(domain, visit_all(domain));
        cc__threads_unlock();
    }
    cc__limbo_adopt(&domain->drainer);
    reclaim_collected(domain, most);
    if (left != NULL)
        *left = domain->drainer.waiting_bytes;
    pthread_cleanup_pop(1);
    cc__cancel_allow(cancel);
    return true;
}

int cc_domain_drain(cc_domain_t *domain, int64_t timeout_ns)
{
    if (domain == NULL)
        return -EINVAL;
    if (!domain->scheme->reclaims)
        return -ENOTSUP;
    if (cc__thread_self() == NULL)
        return -ENOMEM;
    cc__rec_t *own = cc__registry_find(domain);
    if (cc__in_callback() || (own != NULL && cc__frames_any_open(own)))
        return -EDEADLK;

    int cancel = cc__cancel_hold(); /* a nap could end the thread, and leave the lock locked */
    int err = drain(domain, timeout_ns);
    cc__cancel_allow(cancel);
    return err;
}

int64_t cc_domain_flush(cc_domain_t *domain)
{
    if (domain == NULL)
        return -EINVAL;
    cc__rec_t *rec = cc__rec(domain);
    if (rec == NULL || cc__in_callback())
        return 0;
    cc__limbo_scan(rec);
    return (int64_t)cc__limbo_free(rec, SIZE_MAX);
}
