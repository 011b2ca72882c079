/* Thread records: attached on first use, given back at thread exit, reused, freed with the domain.
 *
 * The list of a domain's records only grows, so scanners walk it without a lock. Who owns a record is decided
 * under cc__threads_lock, on slow paths only. A record that is given back is idle in every respect before the
 * lock is released: no reservation, no slot, no limbo.
 *
 * Tests: domain_test (reuse, exit with full limbo, 100 threads), fault/oom_test (borrowed record). */
#include "smr/registry.h"

#include "base/assert.h"
#include "cc/alloc.h"
#include "smr/cap.h"
#include "smr/guard.h"
#include "smr/limbo.h"
#include "smr/signal.h"
#include "smr/stock.h"

#include <string.h>

void cc__rec_init(cc__rec_t *rec, cc_domain_t *domain)
{
    memset(rec, 0, sizeof *rec);
    cc__store_relaxed(&rec->lower, CC__IDLE); /* published with the record */
    cc__store_relaxed(&rec->upper, CC__IDLE);
    cc__store_relaxed(&rec->announce, CC__QUIESCENT);
    rec->scan_at_count = CC_SCAN_ENTRIES;
    rec->scan_at_bytes = CC_SCAN_BYTES;
    rec->domain = domain;
    rec->epoch = &domain->epoch;
    rec->searching = &domain->nobody;
    rec->rng = (uint64_t)(uintptr_t)rec | 1;
    cc__frames_init(rec);

    cc__rec_t *head = cc__load_relaxed(&domain->recs); /* under cc__threads_lock, or the domain is not shared yet */
    rec->next = head;
    rec->index = head != NULL ? head->index + 1 : 0;
    /* [registry.publish] pairs with [slots.recs, ibr.recs, epoch.recs, neutralize.recs, drain.recs, stats.recs]: it is initialized. */
    cc__store_release(&domain->recs, rec);
}

static cc__rec_t *find_locked(cc__thread_t *t, cc_domain_t *domain)
{
    cc__rec_t *rec = t->recs;
    while (rec != NULL && rec->domain != domain)
        rec = rec->next_of_thread;
    return rec;
}

static cc__rec_t *unused_locked(cc_domain_t *domain)
{
    cc__rec_t *rec = cc__load_relaxed(&domain->recs); /* written under the same lock */
    while (rec != NULL && (rec->owner != NULL || rec == &domain->emergency || rec == &domain->drainer))
        rec = rec->next;
    return rec;
}

static cc__rec_t *make_locked(cc__thread_t *t, cc_domain_t *domain)
{
    cc__rec_t *rec = unused_locked(domain);
    if (rec == NULL) {
        rec = cc_alloc_aligned(sizeof *rec, CC_NO_SHARING);
        if (rec == NULL)
            return NULL;
        cc__rec_init(rec, domain);
    }
    rec->owner = t;
    rec->searching = &t->searching;
    cc__store_relaxed(&rec->signal_blocked,
                      domain->signal != 0 && cc__signal_blocked(domain->signal)); /* for reports */
    rec->next_of_thread = t->recs;
    t->recs = rec;
    cc__store_relaxed(&rec->tid, t->tid); /* for reports */
    cc__fetch_add_relaxed(&domain->threads, 1);
    return rec;
}

static void cache(cc__thread_t *t, cc_domain_t *domain, cc__rec_t *rec)
{
    t->cache[domain->id % CC__REC_CACHE].domain_id = domain->id;
    t->cache[domain->id % CC__REC_CACHE].rec = rec;
}

__attribute__((cold, noinline)) cc__rec_t *cc__registry_attach(cc_domain_t *domain)
{
    cc__thread_t *t = cc__thread_self();
    if (t == NULL)
        return NULL;
    cc__threads_lock();
    cc__rec_t *rec = find_locked(t, domain);
    if (rec == NULL)
        rec = make_locked(t, domain);
    cc__threads_unlock();
    if (rec != NULL)
        cache(t, domain, rec);
    return rec;
}

cc__rec_t *cc__registry_find(cc_domain_t *domain)
{
    cc__thread_t *t = cc__thread_peek();
    if (t == NULL)
        return NULL;
    cc__threads_lock();
    cc__rec_t *rec = find_locked(t, domain);
    cc__threads_unlock();
    return rec;
}

static void forget_locked(cc__thread_t *t, cc__rec_t *rec)
{
    cc__rec_t **link = &t->recs;
    while (*link != rec)
        link = &(*link)->next_of_thread;
    *link = rec->next_of_thread;
    for (int i = 0; i < CC__REC_CACHE; i++) {
        if (t->cache[i].rec == rec)
            t->cache[i].domain_id = 0;
    }
}

/* The thread was ended by a callback. What was in its hands with it is lost, but a drain must not wait for it. */
static void land(cc__rec_t *rec)
{
    uint64_t in_flight = cc__load_relaxed(&rec->in_flight); /* our own store */
    if (in_flight % 2 == 1)
        cc__store_release(&rec->in_flight,
                          in_flight + 1); /* [limbo.landed] pairs with [drain.landed]: what callbacks did */
}

void cc__registry_release(cc__rec_t *rec)
{
    cc__frames_close_all(rec);
    land(rec);
    cc__limbo_abandon(rec);
    cc__limbo_free_spares(rec);
    cc__stock_free(rec);
    cc__cap_tell(rec);
    forget_locked(rec->owner, rec);
    rec->searching = &rec->domain->nobody;
    cc__store_relaxed(&rec->tid, 0); /* for reports */
    cc__fetch_add_relaxed(&rec->domain->threads, (uint64_t)-1);
    rec->owner = NULL;
}

void cc__registry_thread_exit(cc__thread_t *t)
{
    while (t->recs != NULL)
        cc__registry_release(t->recs);
}

void cc__registry_forget_domain(cc_domain_t *domain)
{
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) {
        if (rec->owner != NULL) { /* another thread's cache is its own: its entry can only miss, the id is gone */
            cc__rec_t **link = &rec->owner->recs;
            while (*link != rec)
                link = &(*link)->next_of_thread;
            *link = rec->next_of_thread;
            rec->owner = NULL;
        }
    }
}

/* What the vanished owner held or was reading is let go; its half-done operation is a bounded leak. */
static void inherit(cc__rec_t *rec)
{
    cc__frames_close_all(rec);
    rec->pins = 0;
    cc__store_relaxed(&rec->lower, CC__IDLE); /* one thread is left, here and below */
    cc__store_relaxed(&rec->upper, CC__IDLE);
    cc__store_relaxed(&rec->announce, CC__QUIESCENT);
    for (int i = 0; i < 2 * CC_COMMIT_SLOTS; i++)
        cc__store_relaxed(&rec->hazard[i / CC_COMMIT_SLOTS][i % CC_COMMIT_SLOTS], NULL);
    cc__store_relaxed(&rec->disturbed, 0);
    rec->searching = &rec->domain->nobody;
    rec->named = 0;
    memset(rec->stock, 0, sizeof rec->stock); /* it may have been in the middle of taking something */
    cc__limbo_inherit(rec);
    cc__cap_tell(rec);
    cc__store_relaxed(&rec->tid, 0);
    if (rec->owner != NULL)
        cc__fetch_add_relaxed(&rec->domain->threads, (uint64_t)-1);
    rec->owner = NULL;
}

void cc__registry_inherit(cc_domain_t *domain)
{
    cc__thread_t *self = cc__thread_peek();
    bool draining = self != NULL && domain->drain_thread == self; /* fork was called by a callback of our drain */
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) {
        if (rec == &domain->drainer ? draining : rec->owner == self && self != NULL)
            cc__store_relaxed(&rec->tid, self->tid);
        else
            inherit(rec);
    }
    if (!draining) {
        cc__store_relaxed(&domain->draining, 0);
        domain->drain_thread = NULL;
        pthread_mutex_init(&domain->drain_lock, NULL);
    }
    pthread_mutex_init(&domain->emergency_lock, NULL);
}

void cc__registry_free(cc_domain_t *domain)
{
    cc__rec_t *rec = cc__load_relaxed(&domain->recs); /* nobody else is left */
    while (rec != NULL) {
        cc__rec_t *next = rec->next;
        CC_ASSERT(cc__limbo_empty(rec));
        cc__limbo_free_spares(rec);
        cc__stock_free(rec);
        cc__frames_free(rec);
        if (rec != &domain->emergency && rec != &domain->drainer)
            cc_free(rec, sizeof *rec);
        rec = next;
    }
}

cc__rec_t *cc__rec_borrow(cc_domain_t *domain)
{
    pthread_mutex_lock(&domain->emergency_lock);
    return &domain->emergency;
}

void cc__rec_give_back(cc__rec_t *rec)
{
    pthread_mutex_unlock(&rec->domain->emergency_lock);
}
