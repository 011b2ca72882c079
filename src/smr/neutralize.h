/* Neutralization: making a thread quiescent that holds the epoch up. The argument is in neutralize.c. */
#ifndef CC_SMR_NEUTRALIZE_H
#define CC_SMR_NEUTRALIZE_H

#include "smr/round.h"
#include "smr/types.h"

/* What the domain may rely on; decided at its creation. 0 or a negative errno. */
int cc__neutralize_prepare(cc_domain_t *domain, const cc_domain_opts_t *opts);

/* The round has found threads that stand in an older epoch than `epoch`. True: each of them is known to be out of it. */
bool cc__neutralize(cc__round_t *round, uint64_t epoch);

/* In the handler, on the thread that the record belongs to, which was interrupted inside or outside of the code of a
 * SEARCH. */
typedef enum {
    CC__STAY,    /* go on where you were */
    CC__RESTART, /* go on at your checkpoint */
    CC__DEFER    /* go on with the signal blocked and pending, until whoever stands above your SEARCH returns */
} cc__verdict_t;
cc__verdict_t cc__neutralize_taken(cc__rec_t *rec, bool in_search);

/* After a SEARCH that was disturbed. */
void cc__neutralize_settle(cc__rec_t *rec);

#endif
