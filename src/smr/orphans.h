/* The domain's orphan stack: blocks without an owner, pushed by anybody, taken all at once. */
#ifndef CC_SMR_ORPHANS_H
#define CC_SMR_ORPHANS_H

#include "smr/types.h"

void cc__orphans_push(cc_domain_t *domain, cc__block_t *first); /* a list of sealed blocks */
cc__block_t *cc__orphans_take(cc_domain_t *domain);             /* NULL: none */

#endif
