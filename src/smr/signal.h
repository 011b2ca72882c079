/* The one signal of a DEBRA+ domain: what the kernel does for neutralize.c. */
#ifndef CC_SMR_SIGNAL_H
#define CC_SMR_SIGNAL_H

#include <stdbool.h>
#include <sys/types.h>

/* Installs the handler for good: a signal may still be under way when the last domain is gone. Whoever was installed
 * before goes on receiving what is not ours. 0; -EBUSY: the handler was replaced since it was installed; or another
 * negative errno. */
int cc__signal_install(int number);

/* Is our handler still the one that is installed? */
bool cc__signal_is_ours(int number);

/* To one thread of this process. A number that has been given to another thread does no harm, nor does one that nobody
 * has. */
void cc__signal_send(pid_t tid, int number);

/* The kernel says: the signal waits for the thread and the thread does not block it, so that it will run our handler
 * before its next instruction. */
bool cc__signal_awaits(pid_t tid, int number);

/* Can the kernel say so at all? */
bool cc__signal_can_tell(void);

bool cc__signal_blocked(int number); /* by the calling thread */
void cc__signal_unblock(int number);

#endif
