/* No reclamation before the domain is destroyed: what the other schemes are measured against. */
#ifndef CC_SMR_LEAK_H
#define CC_SMR_LEAK_H

#include "base/mark.h"
#include "smr/types.h"

#define SMR_SLOTS 0

#define smr_begin(rec)            ((void)(rec))
#define smr_end(rec)              ((void)(rec))
#define SMR_SEARCH                static inline void
#define smr_search(rec, step, op) step(op)
#define smr_enter(rec, foreign)   (rec)
#define smr_commit(rec, ...)      ((void)(rec))
#define smr_leave(rec)            ((void)(rec))

typedef cc__rec_t *smr_hold_t;

static inline uintptr_t smr_read(smr_hold_t *hold, cc__link_t *link)
{
    (void)hold;
    /* [node.read] pairs with [node.link, node.unlink, node.mark]: the contents of the node that it names. */
    return cc__load_acquire(link);
}

static inline uint64_t smr_birth(cc__rec_t *rec)
{
    (void)rec;
    return 0;
}

#endif
