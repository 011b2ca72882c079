/* The owner lock: who may work on a record's limbo at this moment. The argument is at the head of limbo.c. */
#ifndef CC_SMR_OWNER_LOCK_H
#define CC_SMR_OWNER_LOCK_H

#include "base/fence.h"
#include "smr/types.h"

static inline bool cc__owner_lock(cc__rec_t *rec)
{
    cc__store_relaxed(&rec->busy, 1); /* ordered before the load of `wanted` by the fence */
    cc__fence_light();                /* [limbo.enter] pairs with [limbo.look]: one of the two sees the other */
    /* [limbo.wanted] pairs with [limbo.leave]: what the last drainer did to the lists is visible. */
    if (__builtin_expect(cc__load_acquire(&rec->wanted) == 0, 1))
        return true;
    cc__store_release(&rec->busy, 0); /* [limbo.unlock] pairs with [limbo.steal]: nothing was touched */
    return false;
}

static inline void cc__owner_unlock(cc__rec_t *rec)
{
    cc__store_release(&rec->busy, 0); /* [limbo.unlock] pairs with [limbo.steal]: our lists are whole again */
}

#endif
