/* Small numbers for threads: for what has a place for each thread, and so many at most. A thread has its number from its first
 * need of one to its exit. */
#ifndef CC_BASE_PLACE_H
#define CC_BASE_PLACE_H

#include "base/thread.h"
#include "cc/ring.h"

#ifndef CC_PLACES
#define CC_PLACES CC_RING_THREADS_MAX
#endif

/* The slow part of cc__place_mine. */
int cc__place_take(void);

/* 0 ... CC_PLACES - 1; -EBUSY: as many threads have one; -ENOMEM. */
static inline int cc__place_mine(void)
{
    const cc__thread_t *t = cc__thread_peek();
    return __builtin_expect(t != NULL && t->place != 0, 1) ? t->place - 1 : cc__place_take();
}

/* The thread is gone; under cc__threads_lock. */
void cc__place_give_back(const cc__thread_t *t);

#endif
