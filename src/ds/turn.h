/* Back-off by taking turns: for queues that many threads use all the time, and that are wanted for what goes through them in
 * all rather than for how soon one call is done.
 *
 * A thread that finds that another one was here last waits a moment before it touches the queue, then takes the turn. In
 * the meantime the other one works on lines that stay in its cache, until it finds the turn taken and waits in turn.
 *
 *     A:  work work work . . . wait . . . work work work
 *     B:  . . . wait . . . work work work . . . wait . .
 *
 * Each call waits once at most, and for nobody: so it changes no progress guarantee, and a thread that sleeps delays
 * others by one wait. `owner` is a hint and orders nothing. */
#ifndef CC_DS_TURN_H
#define CC_DS_TURN_H

#include "base/backoff.h"
#include "base/thread.h"
#include "smr/types.h"

#ifndef CC_TURN_PAUSES
#define CC_TURN_PAUSES 256 /* about 2.5 us where a pause takes 10 ns */
#endif

typedef struct {
    _Alignas(CC_NO_SHARING) CC__ATOMIC(uintptr_t) owner; /* by the address of what is thread-local */
} cc__turn_t;

static inline void cc__turn_take(cc__turn_t *turn)
{
    uintptr_t me = (uintptr_t)&cc__thread_tls;
    if (__builtin_expect(cc__load_relaxed(&turn->owner) == me, 1)) /* stale: a wait too many, or one left out */
        return;
    for (int i = 0; i < CC_TURN_PAUSES; i++)
        cc__pause();
    cc__store_relaxed(&turn->owner, me); /* of several that take it, the last one has it */
}

#endif
