/* Stretches in which a thread is not cancelled, around calls of the C library that are cancellation points: none of ours is
 * one. */
#ifndef CC_BASE_CANCEL_H
#define CC_BASE_CANCEL_H

#include <pthread.h>

/* What cc__cancel_allow wants back. */
static inline int cc__cancel_hold(void)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static inline void cc__cancel_allow(int before)
{
    pthread_setcancelstate(before, NULL);
}

#endif
