/* What the library takes from the system, for fibers: mutexes that block a fiber, keys with destructors, one signal, a
 * clock that moves when somebody sleeps. */
#include "inside.h"
#include "model_signal.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "shim/model_env.h"
#undef memset
#undef memcpy
#undef sigaction

typedef struct {
    int owner; /* fiber + 1; 0: free. Lies in the pthread_mutex_t. */
} mutex_t;

enum { NAP = 100 }; /* steps of others at least, if they can: about a call of theirs */

static int64_t clock_now;
static void (*key_destructor)(void *);
static const void *specific[MODEL_THREADS];
static struct sigaction signal_action;
static int signal_number; /* 0: no handler is installed */

_Static_assert(sizeof(mutex_t) <= sizeof(pthread_mutex_t), "the model's mutex lies in the library's");

static mutex_t *of(pthread_mutex_t *mutex)
{
    return (mutex_t *)(void *)mutex;
}

void model_env_begin(void)
{
    clock_now = 1000000000;
    memset(specific, 0, sizeof specific);
    memset(&signal_action, 0, sizeof signal_action);
    signal_number = 0;
}

void model_env_thread_exit(void)
{
    for (int round = 0; round < 4 && specific[model_current] != NULL; round++) {
        const void *value = specific[model_current];
        specific[model_current] = NULL;
        key_destructor((void *)(uintptr_t)value);
    }
}

int model_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)
{
    (void)attr;
    of(mutex)->owner = 0;
    return 0;
}

int model_mutex_destroy(pthread_mutex_t *mutex)
{
    return of(mutex)->owner == 0 ? 0 : EBUSY;
}

static bool take(pthread_mutex_t *mutex)
{
    if (of(mutex)->owner != 0)
        return false;
    of(mutex)->owner = model_current + 1;
    model_sync_acquire(mutex);
    return true;
}

int model_mutex_lock(pthread_mutex_t *mutex)
{
    model_step();
    while (!take(mutex))
        model_block(mutex);
    return 0;
}

int model_mutex_trylock(pthread_mutex_t *mutex)
{
    model_step();
    return take(mutex) ? 0 : EBUSY;
}

/* The clock moves only in sleeps, so a time limit is never reached while another fiber runs: as lock. */
int model_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
    (void)clock;
    (void)until;
    return model_mutex_lock(mutex);
}

int model_mutex_unlock(pthread_mutex_t *mutex)
{
    model_sync_release(mutex);
    of(mutex)->owner = 0;
    model_wake(mutex);
    return 0;
}

int model_once(pthread_once_t *once, void (*function)(void))
{
    if (*(int *)once == 0) {
        *(int *)once = 1;
        function();
    }
    return 0;
}

int model_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    *key = 0;
    key_destructor = destructor;
    return 0;
}

int model_setspecific(pthread_key_t key, const void *value)
{
    (void)key;
    specific[model_current] = value;
    return 0;
}

/* A pthread_t is the number of a fiber. */
pthread_t model_pthread_self(void)
{
    return (pthread_t)model_current;
}

int model_pthread_kill(pthread_t thread, int signal)
{
    if (signal != signal_number)
        model_fail("signal %d is sent, and only %d is modelled", signal, signal_number);
    model_kill((int)thread);
    return 0;
}

int model_pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    bool was = model_signal_blocked(model_current);
    bool named = set != NULL && sigismember(set, signal_number) == 1;
    if (set != NULL && (named || how == SIG_SETMASK))
        model_signal_block(how != SIG_UNBLOCK && named);
    if (old != NULL) {
        sigemptyset(old);
        if (was)
            sigaddset(old, signal_number);
    }
    return 0;
}

static void call_handler(void)
{
    siginfo_t info = {.si_signo = signal_number};
    if (signal_action.sa_flags & SA_SIGINFO)
        signal_action.sa_sigaction(signal_number, &info, NULL);
    else
        signal_action.sa_handler(signal_number);
}

int model_sigaction(int signal, const struct sigaction *action, struct sigaction *old)
{
    if (old != NULL)
        *old = signal_action;
    if (action != NULL) {
        signal_number = signal;
        signal_action = *action;
        model_set_handler(call_handler);
    }
    return 0;
}

int model_clock_gettime(clockid_t clock, struct timespec *out)
{
    (void)clock;
    out->tv_sec = clock_now / 1000000000;
    out->tv_nsec = clock_now % 1000000000;
    return 0;
}

int model_clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left)
{
    (void)clock;
    (void)flags;
    (void)left;
    clock_now += (int64_t)wanted->tv_sec * 1000000000 + wanted->tv_nsec;
    for (int i = 0; i < NAP; i++)
        model_yield();
    return 0;
}

int model_sched_yield(void)
{
    model_yield();
    return 0;
}

long model_gettid(void)
{
    return model_current + 1;
}
