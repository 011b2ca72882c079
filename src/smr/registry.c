/* Thread records: attached on first use, given back at thread exit, reused, freed with the domain.
 *
 * The list of a domain's records only grows, so scanners walk it without a lock. Who owns a record is decided
 * under cc__threads_lock, on slow paths only. A record that is given back is idle in every respect before the
 * lock is released: no reservation, no slot, no limbo.
 *
 * Tests: domain_test (reuse, exit with full limbo, 100 threads), fault/oom_test (borrowed record). */
#include "smr/registry.h"

#include "base/assert.h"
#include "base/rng.h"
#include "cc/alloc.h"
#include "smr/cap.h"
#include "smr/guard.h"
#include "smr/limbo.h"
#include "smr/reclaimer.h"
#include "smr/signal.h"
#include "smr/stock.h"
#include "smr/watch.h"

#include <string.h>

enum { SLAB_MOST = 32 };

static size_t slab_size(uint32_t count)
{
    return sizeof(cc__slab_t) + count * sizeof(cc__rec_t);
}

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
    cc__frames_init(rec);

    cc__rec_t *head = cc__load_relaxed(&domain->recs); /* under cc__threads_lock, or the domain is not shared yet */
    rec->next = head;
    rec->index = head != NULL ? head->index + 1 : 0;
    rec->rng = cc__rng_seed(domain->id << 32 | rec->index);
    /* [registry.publish] pairs with [slots.recs, ibr.recs, epoch.recs, neutralize.recs, drain.recs, stats.recs, watch.recs, pace.recs]: it is initialized. */
    cc__store_release(&domain->recs, rec);
}

static cc__rec_t *find_locked(cc__thread_t *t, cc_domain_t *domain)
{
    cc__rec_t *rec = t->recs;
    while (rec != NULL && rec->domain != domain)
        rec = rec->next_of_thread;
    return rec;
}

/* Each slab as large as all before it, up to SLAB_MOST. False: no memory. */
static bool add_slab_locked(cc_domain_t *domain)
{
    uint32_t count = domain->slabs == NULL ? 1 : 2 * domain->slabs->count;
    count = count < SLAB_MOST ? count : SLAB_MOST;
    cc__slab_t *slab = cc_alloc_aligned(slab_size(count), CC_NO_SHARING);
    if (slab == NULL)
        return false;
    slab->next = domain->slabs;
    slab->count = count;
    slab->handed_out = 0;
    domain->slabs = slab;
    return true;
}

static cc__rec_t *new_locked(cc_domain_t *domain)
{
    cc__slab_t *slab = domain->slabs;
    if ((slab == NULL || slab->handed_out == slab->count) && !add_slab_locked(domain))
        return NULL;
    cc__rec_t *rec = &domain->slabs->recs[domain->slabs->handed_out++];
    cc__rec_init(rec, domain);
    return rec;
}

static cc__rec_t *take_unused_locked(cc_domain_t *domain)
{
    cc__rec_t *rec = domain->unused;
    if (rec != NULL)
        domain->unused = rec->next_of_thread;
    return rec;
}

static void put_unused_locked(cc__rec_t *rec)
{
    rec->owner = NULL;
    rec->next_of_thread = rec->domain->unused;
    rec->domain->unused = rec;
}

static cc__rec_t *make_locked(cc__thread_t *t, cc_domain_t *domain)
{
    cc__rec_t *rec = take_unused_locked(domain);
    if (rec == NULL && (rec = new_locked(domain)) == NULL)
        return NULL;
    if (domain->scheme->attach != NULL && !domain->scheme->attach(rec)) {
        put_unused_locked(rec);
        return NULL;
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

void cc__registry_release(cc__rec_t *rec)
{
    cc__frames_close_all(rec);
    cc__limbo_land(rec);
    cc__limbo_abandon(rec);
    cc__limbo_free_spares(rec);
    cc__stock_free(rec);
    cc__cap_tell(rec);
    forget_locked(rec->owner, rec);
    rec->searching = &rec->domain->nobody;
    cc__watch_reset(rec);
    cc__store_relaxed(&rec->tid, 0); /* for reports */
    cc__fetch_add_relaxed(&rec->domain->threads, (uint64_t)-1);
    put_unused_locked(rec);
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
    cc__store_relaxed(&rec->vouched, 0);
    rec->searching = &rec->domain->nobody;
    rec->named = 0;
    if (rec->domain->scheme->inherit != NULL)
        rec->domain->scheme->inherit(rec);
    memset(rec->stock, 0, sizeof rec->stock); /* it may have been in the middle of taking something */
    cc__limbo_inherit(rec);
    cc__watch_reset(rec);
    cc__store_relaxed(&rec->tid, 0);
    if (rec->owner != NULL)
        cc__fetch_add_relaxed(&rec->domain->threads, (uint64_t)-1);
    if (rec != &rec->domain->emergency && rec != &rec->domain->drainer)
        put_unused_locked(rec);
}

typedef struct {
    uint64_t objects, bytes;
} sum_t;

static void add_block(sum_t *sum, const cc__block_t *block)
{
    sum->objects += block->count;
    for (uint32_t i = 0; i < block->count; i++)
        sum->bytes += cc__entry_size(&block->entries[i]);
}

static void add_blocks(sum_t *sum, const cc__block_t *block)
{
    for (; block != NULL; block = block->next)
        add_block(sum, block);
}

static void add_kept(sum_t *sum, const cc__rec_t *rec)
{
    if (rec->current != NULL)
        add_block(sum, rec->current);
    add_blocks(sum, rec->waiting);
    add_blocks(sum, rec->ready);
    if (cc__load_relaxed(&rec->in_flight) % 2 == 1) {
        sum->objects += rec->hand_count;
        sum->bytes += rec->hand_bytes;
    }
}

/* What was retired and neither reclaimed nor found was in the hands of the vanished: it waits no longer, for whoever looks
 * at the numbers and for the memory cap. */
static void give_up_the_rest(cc_domain_t *domain, const sum_t *kept)
{
    sum_t orphans = {0}, lost = {0};
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) {
        lost.objects +=
            cc__load_relaxed(&rec->retired) - cc__load_relaxed(&rec->reclaimed) - cc__load_relaxed(&rec->leaked);
        lost.bytes += cc__load_relaxed(&rec->retired_bytes) - cc__load_relaxed(&rec->reclaimed_bytes);
    }
    add_blocks(&orphans, cc__load_relaxed(&domain->orphans));
    cc__store_relaxed(&domain->orphan_objects, orphans.objects);
    cc__limbo_give_up(&domain->emergency, lost.objects - kept->objects - orphans.objects,
                      lost.bytes - kept->bytes - orphans.bytes);
}

void cc__registry_inherit(cc_domain_t *domain)
{
    cc__thread_t *self = cc__thread_peek();
    bool draining = self != NULL && domain->drain_thread == self; /* fork was called by a callback of our drain */
    sum_t kept = {0};
    domain->unused = NULL;
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) {
        if (rec == &domain->drainer ? draining : rec->owner == self && self != NULL) {
            cc__store_relaxed(&rec->tid, self->tid);
            cc__store_relaxed(&rec->vouched, 0); /* signals that were pending are not so here, */
            /* and this may be a handler on top of a SEARCH that is proved out */
            if (domain->signal != 0 && cc__load_relaxed(&rec->announce) != CC__QUIESCENT)
                cc__signal_send(self->tid, domain->signal);
            add_kept(&kept, rec);
        } else {
            inherit(rec);
        }
    }
    give_up_the_rest(domain, &kept);
    if (!draining) {
        cc__store_relaxed(&domain->draining, 0);
        domain->drain_thread = NULL;
        pthread_mutex_init(&domain->drain_lock, NULL);
    }
    pthread_mutex_init(&domain->emergency_lock, NULL);
    cc__cap_inherit(domain);
    cc__reclaimer_inherit(domain);
}

void cc__registry_free(cc_domain_t *domain)
{
    /* Nobody else is left. */
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) {
        CC_ASSERT(cc__limbo_empty(rec));
        cc__limbo_free_spares(rec);
        cc__stock_free(rec);
        cc__frames_free(rec);
    }
    while (domain->slabs != NULL) {
        cc__slab_t *slab = domain->slabs;
        domain->slabs = slab->next;
        cc_free(slab, slab_size(slab->count));
    }
}

cc__rec_t *cc__rec_borrow(cc_domain_t *domain)
{
    pthread_mutex_lock(&domain->emergency_lock);
    if (domain->scheme->attach != NULL)
        (void)domain->scheme->attach(&domain->emergency); /* it has its memory */
    return &domain->emergency;
}

void cc__rec_give_back(cc__rec_t *rec)
{
    if (rec->domain->scheme->detach != NULL)
        rec->domain->scheme->detach(rec);
    pthread_mutex_unlock(&rec->domain->emergency_lock);
}
