/* A thread that stops in the middle of a call of the library: at the n-th atomic access that it makes there. With n = 1,
 * 2, ... until the call ends first, a scenario is tried at every place where a thread can be while others go on.
 *
 *     static void get_it(void *world)
 *     {
 *         prepare(world);          // does not count
 *         step_begin();
 *         (void)cc_skiplist64_get(...);
 *         step_end();
 *     }
 *     ...
 *     for (long n = 1; step_start(&stepper, get_it, &world, n); n++) {
 *         ... the thread stands before its n-th access ...
 *         step_finish(&stepper);
 *     }
 *     step_finish(&stepper);
 *
 * For programs that link cc_step. */
#ifndef FAULT_STEP_H
#define FAULT_STEP_H

#include "scenario.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

/* Sanitizers make threads and forks slow: with them, where there are many places, every fifth is tried. */
enum { STEP_STRIDE = SCENARIO_ASAN || SCENARIO_TSAN ? 5 : 1 };

typedef struct {
    pthread_t thread;
    void (*call)(void *arg);
    void *arg;
    long n;
    long once_more; /* so many accesses after it has gone on; 0: no more */
    bool stopped;
    bool to_unlock;          /* it goes on until it has unlocked something */
    unsigned was_in_the_way; /* so many times */
    sem_t event, go_on;      /* it has stopped, paused or ended; it may go on */
} stepper_t;

/* Starts the thread, waits until it has stopped, paused or ended. True: it has stopped. */
bool step_start(stepper_t *stepper, void (*call)(void *arg), void *arg, long n);

void step_await(stepper_t *stepper); /* until it has stopped, paused or ended, once more */
void step_go_on(stepper_t *stepper);
bool step_go_to(stepper_t *stepper, long n); /* of one that has stopped: as step_start, n accesses later */
void step_join(stepper_t *stepper);
void step_finish(stepper_t *stepper); /* both */

/* From now on, when the calling thread wants a mutex of the library that is locked, the stepper goes on, each time until
 * it has unlocked one. NULL: no more. */
void step_pass_locks(stepper_t *stepper);

/* By the thread: accesses count from here; no longer; waits until it may go on. */
void step_begin(void);
void step_end(void);
void step_pause(void);

#endif
