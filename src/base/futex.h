/* Sleeping in the kernel on a word. Linux only, private to the process. */
#ifndef CC_BASE_FUTEX_H
#define CC_BASE_FUTEX_H

#include "base/atomic.h"

#include <time.h>

/* Sleeps while *word == expected, until woken or until `deadline` (CLOCK_MONOTONIC; NULL: for ever). May return for no
 * reason. False: the deadline has passed. */
bool cc__futex_wait(CC__ATOMIC(uint32_t) * word, uint32_t expected, const struct timespec *deadline);

/* Wakes up to n of those that sleep. */
void cc__futex_wake(CC__ATOMIC(uint32_t) * word, uint32_t n);

#endif
