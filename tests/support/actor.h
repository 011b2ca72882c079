/* A second thread that takes one step at a time, when the test says so, and sleeps between its steps: so scenarios of
 * several threads have one order, and the test's own thread can judge each step.
 *
 *     actor_t other;
 *     actor_start(&other);
 *     actor_do(&other, retire_one, &args);
 *     cr_assert_eq(args.err, 0);
 *     actor_stop(&other);       // the thread exits
 */
#ifndef CC_TEST_ACTOR_H
#define CC_TEST_ACTOR_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <sys/types.h>

typedef void step_fn(void *arg);

typedef struct {
    pthread_t thread;
    sem_t go, done;
    step_fn *step; /* NULL: exit */
    void *arg;
    pid_t tid;
} actor_t;

void actor_start(actor_t *actor);
void actor_do(actor_t *actor, step_fn *step, void *arg);

/* A step that may take long: begin returns at once. */
void actor_begin(actor_t *actor, step_fn *step, void *arg);
bool actor_finished_within(actor_t *actor, int milliseconds); /* true: over, do not call wait any more */
void actor_wait(actor_t *actor);

void actor_stop(actor_t *actor);

/* n threads run `step` at once, with &args[i * size] each; returns when all have exited. */
void actors_run(int n, step_fn *step, void *args, size_t size);

void sleep_ms(int milliseconds);

#endif
