/* What tests do with domains again and again. */
#ifndef CC_TEST_DOMAINS_H
#define CC_TEST_DOMAINS_H

#include "../schemes.h"

#include <cc/cc.h>

/* The test fails if there is none. */
cc_domain_t *make_domain(cc_smr_scheme_t scheme);

cc_smr_snapshot_t snapshot_of(cc_domain_t *domain);

/* Is it one of the scheme of this name? */
bool domain_is(cc_domain_t *domain, const char *scheme);

/* scheme_has_slots and scheme_attempts of its scheme. */
bool guards_are_slots(cc_domain_t *domain);
int attempts_needed(cc_domain_t *domain);

/* Over another library, which does not say who is in the way; and liburcu takes its time. */
bool is_foreign(cc_domain_t *domain);
bool is_slow(cc_domain_t *domain);

/* All that a thread can do about garbage: flushes and one attempt of a drain, whose result is returned. */
int reclaim_hard(cc_domain_t *domain);

/* The same as a step for actors, and done by a thread of its own: 0, -ETIMEDOUT. */
typedef struct {
    cc_domain_t *domain;
    int result;
} reclaim_step_t;
void step_reclaim_hard(void *reclaim_step);
int reclaim_hard_elsewhere(cc_domain_t *domain);

/* A drain as a step for actors. */
typedef struct {
    cc_domain_t *domain;
    int64_t timeout;
    int result;
} drain_step_t;
void step_drain(void *drain_step);

/* Flushes until an attempt finds nothing, four times at least (an object may need three under epochs). Returns how
 * many objects were reclaimed. */
int64_t flush_all(cc_domain_t *domain);

#define MILLISECOND ((int64_t)1000000)
#define SECOND      (1000 * MILLISECOND)

int64_t now_ns(void);

#endif
