/* Who reclaims: the calls that retire, in passing; a thread of the domain; or only who asks for it. See reclaimer.c. */
#ifndef CC_SMR_RECLAIMER_H
#define CC_SMR_RECLAIMER_H

#include "smr/types.h"

/* At creation; the domain is not shared yet. 0, -EINVAL. */
int cc__reclaimer_prepare(cc_domain_t *domain, const cc_domain_opts_t *opts);

/* Starts the thread, if the domain is to have one. 0, -ENOMEM. */
int cc__reclaimer_start(cc_domain_t *domain);

/* What the thread does, until it is to stop. */
void cc__reclaimer_work(cc_domain_t *domain);

/* Ends it; it finishes the batch in its hands. */
void cc__reclaimer_stop(cc_domain_t *domain);

/* So many bytes more are within its reach: wakes it when they are enough. In the child of a fork it is started first. */
void cc__reclaimer_note(cc_domain_t *domain, uint64_t bytes);

/* Wakes it now. False: the domain has none. */
bool cc__reclaimer_wake(cc_domain_t *domain);

/* In the child of a fork, under cc__threads_lock: the thread is gone, unless it is the caller. */
void cc__reclaimer_inherit(cc_domain_t *domain);

static inline bool cc__reclaims_inline(const cc_domain_t *domain)
{
    return domain->reclaimer == CC_RECLAIM_INLINE;
}

#endif
