/* Stalls threads in the middle of whatever they do.
 *
 * On few processors a thread is hardly ever preempted between two particular instructions: a window of a few
 * nanoseconds meets a time slice of milliseconds. A signal whose handler sleeps stops one thread there, at any
 * instruction, while the others run on over what it had read. */
#ifndef STRESS_JOLT_H
#define STRESS_JOLT_H

#include "crew.h"

/* Starts a thread that stalls members of the crew, about every `mean_us` microseconds. 0: does nothing. */
void jolt_start(crew_t *crew, unsigned mean_us, uint64_t seed);
void jolt_stop(void); /* before the crew is dismissed */

/* Keep jolts away from the calling thread (and from those that it starts meanwhile). Needed around pthread_create and
 * pthread_join: ThreadSanitizer runs handlers at once there, in the middle of its own free(), and deadlocks. */
void jolt_hold_off(void);
void jolt_let_in(void);

#endif
