#include "step.h"

#include "scenario.h"

_Thread_local long step_countdown;
_Thread_local int step_ring_tries = 1;

static _Thread_local stepper_t *self, *in_the_way;

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0) {
    }
}

void step_begin(void)
{
    step_countdown = self->n;
}

void step_end(void)
{
    step_countdown = 0;
}

void step_pause(void)
{
    sem_post(&self->event);
    wait_for(&self->go_on);
}

void step_stop(void)
{
    self->stopped = true;
    step_pause();
    step_countdown = self->once_more;
    self->once_more = 0;
}

static void *life(void *arg)
{
    self = arg;
    self->call(self->arg);
    sem_post(&self->event);
    return NULL;
}

void step_await(stepper_t *stepper)
{
    wait_for(&stepper->event);
}

bool step_start(stepper_t *stepper, void (*call)(void *arg), void *arg, long n)
{
    *stepper = (stepper_t){.call = call, .arg = arg, .n = n};
    CHECK(sem_init(&stepper->event, 0, 0) == 0 && sem_init(&stepper->go_on, 0, 0) == 0);
    CHECK(pthread_create(&stepper->thread, NULL, life, stepper) == 0);
    step_await(stepper);
    return stepper->stopped;
}

void step_go_on(stepper_t *stepper)
{
    sem_post(&stepper->go_on);
}

bool step_go_to(stepper_t *stepper, long n)
{
    stepper->stopped = false;
    stepper->once_more = n;
    step_go_on(stepper);
    step_await(stepper);
    return stepper->stopped;
}

void step_join(stepper_t *stepper)
{
    CHECK(pthread_join(stepper->thread, NULL) == 0);
    sem_destroy(&stepper->event);
    sem_destroy(&stepper->go_on);
}

void step_finish(stepper_t *stepper)
{
    step_go_on(stepper);
    step_join(stepper);
}

/* ---- mutexes of the library */

void step_pass_locks(stepper_t *stepper)
{
    in_the_way = stepper;
}

int step_mutex_lock(pthread_mutex_t *mutex)
{
    while (in_the_way != NULL && pthread_mutex_trylock(mutex) != 0) {
        in_the_way->to_unlock = true;
        in_the_way->was_in_the_way++;
        step_go_on(in_the_way);
        step_await(in_the_way);
    }
    return in_the_way != NULL ? 0 : (pthread_mutex_lock)(mutex);
}

int step_mutex_unlock(pthread_mutex_t *mutex)
{
    int err = (pthread_mutex_unlock)(mutex);
    if (self != NULL && self->to_unlock) {
        self->to_unlock = false;
        step_pause();
    }
    return err;
}
