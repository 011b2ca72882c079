#include "actor.h"

#include "../test.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static void sem_down(sem_t *sem)
{
    while (sem_wait(sem) != 0)
        ;
}

static void *live(void *arg)
{
    actor_t *actor = arg;
    actor->tid = gettid();
    for (;;) {
        sem_post(&actor->done);
        sem_down(&actor->go);
        if (actor->step == NULL)
            return NULL;
        actor->step(actor->arg);
    }
}

void actor_start(actor_t *actor)
{
    sem_init(&actor->go, 0, 0);
    sem_init(&actor->done, 0, 0);
    cr_assert_eq(pthread_create(&actor->thread, NULL, live, actor), 0);
    sem_down(&actor->done);
}

void actor_begin(actor_t *actor, step_fn *step, void *arg)
{
    actor->step = step;
    actor->arg = arg;
    sem_post(&actor->go);
}

void actor_wait(actor_t *actor)
{
    sem_down(&actor->done);
}

void actor_do(actor_t *actor, step_fn *step, void *arg)
{
    actor_begin(actor, step, arg);
    actor_wait(actor);
}

bool actor_finished_within(actor_t *actor, int milliseconds)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += milliseconds * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    int result;
    do
        result = sem_timedwait(&actor->done, &t);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

void actor_stop(actor_t *actor)
{
    actor_begin(actor, NULL, NULL);
    cr_assert_eq(pthread_join(actor->thread, NULL), 0);
    sem_destroy(&actor->go);
    sem_destroy(&actor->done);
}

void actors_run(int n, step_fn *step, void *args, size_t size)
{
    enum { MOST = 128 };
    static actor_t actors[MOST];
    cr_assert_leq(n, MOST);
    for (int i = 0; i < n; i++)
        actor_start(&actors[i]);
    for (int i = 0; i < n; i++)
        actor_begin(&actors[i], step, (char *)args + (size_t)i * size);
    for (int i = 0; i < n; i++) {
        actor_wait(&actors[i]);
        actor_stop(&actors[i]);
    }
}

void sleep_ms(int milliseconds)
{
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&t, NULL);
}
