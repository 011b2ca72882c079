/* Included in front of every source of the library under the model checker: what it takes from the system. */
#ifndef MODEL_ENV_H
#define MODEL_ENV_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern uint32_t model_ibr_tick;     /* see model_ticks */
extern uint32_t model_scan_entries; /* see model_rounds */
extern uint32_t model_leaf_entries; /* see model_leaves */
extern int model_ring_tries;        /* CC_RING_TRIES: queue_kinds.c */
void model_ring_turn(unsigned turn);
int model_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr);
int model_mutex_destroy(pthread_mutex_t *mutex);
int model_mutex_lock(pthread_mutex_t *mutex);
int model_mutex_trylock(pthread_mutex_t *mutex);
int model_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until);
int model_mutex_unlock(pthread_mutex_t *mutex);
int model_once(pthread_once_t *once, void (*function)(void));
int model_key_create(pthread_key_t *key, void (*destructor)(void *));
int model_setspecific(pthread_key_t key, const void *value);
pthread_t model_pthread_self(void);
int model_pthread_kill(pthread_t thread, int signal);
int model_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int model_sigaction(int signal, const struct sigaction *action, struct sigaction *old);
int model_clock_gettime(clockid_t clock, struct timespec *out);
int model_clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left);
int model_sched_yield(void);
long model_gettid(void);
void *model_memset(void *to, int byte, size_t n);
void *model_memcpy(void *to, const void *from, size_t n);
int model_memcmp(const void *a, const void *b, size_t n);

#define pthread_mutex_init      model_mutex_init
#define pthread_mutex_destroy   model_mutex_destroy
#define pthread_mutex_lock      model_mutex_lock
#define pthread_mutex_trylock   model_mutex_trylock
#define pthread_mutex_clocklock model_mutex_clocklock
#define pthread_mutex_unlock    model_mutex_unlock
#define pthread_once            model_once
#define pthread_key_create      model_key_create
#define pthread_setspecific     model_setspecific
#define pthread_atfork(a, b, c) ((void)(a), (void)(b), (void)(c), 0)
#undef pthread_cleanup_push
#undef pthread_cleanup_pop
#define pthread_cleanup_push(f, a)                                                                                     \
    {                                                                                                                  \
        void (*model_cleanup)(void *) = (f);                                                                           \
        void *model_cleanup_arg = (a);
#define pthread_cleanup_pop(run)                                                                                       \
    if (run)                                                                                                           \
        model_cleanup(model_cleanup_arg);                                                                              \
    }
#define pthread_self       model_pthread_self
#define pthread_kill       model_pthread_kill
#define pthread_sigmask    model_pthread_sigmask
#define sigaction(a, b, c) model_sigaction(a, b, c)
#define clock_gettime      model_clock_gettime
#define clock_nanosleep    model_clock_nanosleep
#define sched_yield        model_sched_yield
#define syscall(number)    model_gettid()
#define memset             model_memset
#define memcpy             model_memcpy
#define memcmp             model_memcmp

#endif
