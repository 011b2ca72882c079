#include "jitter.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

_Thread_local uint32_t stress_jitter_state;

/* A new thread begins with 0, like all others: its first pauses come at the same places, later ones do not, because the
 * time that has passed is mixed in. */
void stress_jitter_pause(uint32_t dice)
{
    int saved = errno;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    stress_jitter_state += (uint32_t)now.tv_nsec;
    if (dice % 64 == 0) {
        struct timespec nap = {0, dice % 1024 == 0 ? 1000000 : 1};
        nanosleep(&nap, NULL);
    } else {
        sched_yield();
    }
    errno = saved;
}
