/* The memory cap of a domain: calls that add are refused while too much waits. The argument is in cap.c. */
#ifndef CC_SMR_CAP_H
#define CC_SMR_CAP_H

#include "smr/limbo.h"
#include "smr/types.h"

#include <errno.h>

/* At creation; the domain is not shared yet. 0, -EINVAL. */
int cc__cap_prepare(cc_domain_t *domain, uint64_t bytes);

/* Tells the domain all that waits of the record. Its owner, or who stands in for it. */
void cc__cap_tell(cc__rec_t *rec);

/* In the child of a fork: what a thread was just telling when it vanished is told. */
void cc__cap_inherit(cc_domain_t *domain);

/* A bounded effort to get below the cap, outside every operation. False: in vain. */
bool cc__cap_make_room(cc__rec_t *rec);

/* What is said in the snapshot; NULL: there is no cap. */
const char *cc__cap_says(const cc_domain_t *domain);

/* Bytes that wait of what the record retired, less what it reclaimed for others: only the sum over all is not negative. */
static inline int64_t cc__cap_own(const cc__rec_t *rec)
{
    return (int64_t)(cc__load_relaxed(&rec->retired_bytes) - cc__load_relaxed(&rec->reclaimed_bytes)); /* our own */
}

/* After the record's counters have changed: the domain hears of it when it is CC_CAP_GRAIN or more. */
static inline void cc__cap_note(cc__rec_t *rec)
{
    int64_t change = cc__cap_own(rec) - rec->told;
    if (__builtin_expect(change >= rec->domain->cap_grain || -change >= rec->domain->cap_grain, 0))
        cc__cap_tell(rec);
}

/* Has so much of the cap been used up? Relaxed, here and below: a little later, which the slack allows for. */
static inline bool cc__cap_beyond(const cc_domain_t *domain, int64_t bytes)
{
    return cc__load_relaxed(&domain->told) >= bytes;
}

/* The first step of every call that adds to a structure: 0; -ENOSPC: the cap; -ENOMEM: no room for n retirements. Calls
 * that read, remove or help use cc__limbo_reserve, and are never refused. */
static inline int cc__limbo_admit(cc__rec_t *rec, size_t n)
{
    if (__builtin_expect(cc__cap_beyond(rec->domain, rec->domain->cap), 0) && !cc__cap_make_room(rec))
        return -ENOSPC;
    return n == 0 || cc__limbo_reserve(rec, n) ? 0 : -ENOMEM;
}

#endif
