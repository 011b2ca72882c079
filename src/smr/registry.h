/* Thread records: who takes part in a domain. */
#ifndef CC_SMR_REGISTRY_H
#define CC_SMR_REGISTRY_H

#include "smr/types.h"

void cc__rec_init(cc__rec_t *rec, cc_domain_t *domain);

/* Slow path of cc__rec: finds or makes the calling thread's record. NULL: no memory. */
cc__rec_t *cc__registry_attach(cc_domain_t *domain);

/* The calling thread's record in the domain if it has one already. */
cc__rec_t *cc__registry_find(cc_domain_t *domain);

/* Under cc__threads_lock: gives the record back; what it retired becomes orphans, its guards are closed. */
void cc__registry_release(cc__rec_t *rec);
void cc__registry_thread_exit(cc__thread_t *t);

/* Under cc__threads_lock: makes every thread forget its record of a domain that goes away. */
void cc__registry_forget_domain(cc_domain_t *domain);

/* Under cc__threads_lock, in the child of a fork: only the calling thread is left. */
void cc__registry_inherit(cc_domain_t *domain);

/* Frees the records. The domain has no threads any more. */
void cc__registry_free(cc_domain_t *domain);

/* The calling thread's record, attached on first use. NULL: no memory. */
static inline cc__rec_t *cc__rec(cc_domain_t *domain)
{
    cc__thread_t *t = cc__thread_peek();
    unsigned way = domain->id % CC__REC_CACHE;
    if (__builtin_expect(t != NULL && t->cache[way].domain_id == domain->id, 1))
        return t->cache[way].rec;
    return cc__registry_attach(domain);
}

/* As cc__rec, but never NULL: a thread that gets no record borrows the domain's own, under a lock, until
 * cc__rec_return. Single operations therefore never fail for want of a record. */
cc__rec_t *cc__rec_borrow(cc_domain_t *domain);

static inline cc__rec_t *cc__rec_get(cc_domain_t *domain)
{
    cc__rec_t *rec = cc__rec(domain);
    return __builtin_expect(rec != NULL, 1) ? rec : cc__rec_borrow(domain);
}

void cc__rec_give_back(cc__rec_t *rec);

static inline void cc__rec_return(cc__rec_t *rec)
{
    if (__builtin_expect(rec->emergency, 0))
        cc__rec_give_back(rec);
}

static inline bool cc__in_callback(void)
{
    cc__thread_t *t = cc__thread_peek();
    return t != NULL && t->in_callback;
}

#endif
