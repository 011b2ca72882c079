#ifndef CC_SMR_DOMAIN_H
#define CC_SMR_DOMAIN_H

#include "smr/types.h"

/* The domain a structure is to live in: the one given, or the default one. 0, -EINVAL (bad CC_SMR), -ENOMEM. */
int cc__domain_resolve(cc_domain_t *given, cc_domain_t **out);

/* A structure begins, ends to live in the domain. */
void cc__domain_hold(cc_domain_t *domain);
void cc__domain_release(cc_domain_t *domain);

/* All domains; under cc__threads_lock. */
cc_domain_t *cc__domains_first(void);

/* Held around fork, so that no default domain is half made in the child. */
void cc__domain_default_lock(void);
void cc__domain_default_unlock(void);

#endif
