/* Compiled in front of the library's sources: each atomic access may be the one at which the thread stops (step.h), and
 * mutexes are known to it. */
#ifndef FAULT_STEP_ACCESS_H
#define FAULT_STEP_ACCESS_H

#include <pthread.h>

extern _Thread_local long step_countdown; /* accesses until it stops; 0: it does not */
extern _Thread_local int step_ring_tries; /* CC_RING_TRIES of this thread */
void step_stop(void);
int step_mutex_lock(pthread_mutex_t *mutex);
int step_mutex_unlock(pthread_mutex_t *mutex);

static inline void step_before_access(void)
{
    if (__builtin_expect(step_countdown != 0, 0) && --step_countdown == 0)
        step_stop();
}

#define pthread_mutex_lock(mutex)   step_mutex_lock(mutex)
#define pthread_mutex_unlock(mutex) step_mutex_unlock(mutex)

#define BEFORE_ACCESS() step_before_access()
#include "../support/each_access.h"

#endif
