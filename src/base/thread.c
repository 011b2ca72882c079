#include "base/thread.h"

#include "alloc/backend.h"
#include "alloc/stats.h"
#include "base/place.h"
#include "smr/fork.h"
#include "smr/registry.h"

#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local cc__thread_t *cc__thread_tls;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static cc__thread_t *threads;
static pthread_key_t key; /* under the lock */
static bool key_made;

void cc__threads_lock(void)
{
    pthread_mutex_lock(&lock);
}

bool cc__threads_trylock(void)
{
    return pthread_mutex_trylock(&lock) == 0;
}

void cc__threads_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

cc__thread_t *cc__threads_first(void)
{
    return threads;
}

/* Runs at thread exit. Destructors of other keys may still call the library afterwards: then the thread
 * becomes known again and this runs once more (PTHREAD_DESTRUCTOR_ITERATIONS times at most). */
static void forget(void *arg)
{
    cc__thread_t *t = arg;
    pthread_mutex_lock(&lock);
    cc__registry_thread_exit(t);
    cc__alloc_stats_fold(&t->alloc);
    cc__place_give_back(t);
    *t->link = t->next;
    if (t->next != NULL)
        t->next->link = t->link;
    pthread_mutex_unlock(&lock);
    if (t->farewell != NULL)
        t->farewell();
    cc__thread_tls = NULL;
    cc__backend_free(t);
}

void cc__threads_forget_others(void)
{
    cc__thread_t *self = cc__thread_tls;
    cc__thread_t *t = threads;
    while (t != NULL) {
        cc__thread_t *next = t->next;
        if (t != self) {
            cc__alloc_stats_fold(&t->alloc);
            cc__place_give_back(t);
            cc__backend_free(t);
        }
        t = next;
    }
    threads = self;
    if (self == NULL)
        return;
    self->next = NULL;
    self->link = &threads;
    self->tid = (pid_t)syscall(SYS_gettid);
}

/* Who comes after one that failed tries again. */
static bool have_key(void)
{
    if (!cc__fork_prepared())
        return false;
    pthread_mutex_lock(&lock);
    if (!key_made)
        key_made = pthread_key_create(&key, forget) == 0;
    bool made = key_made;
    pthread_mutex_unlock(&lock);
    return made;
}

/* Cold: once per thread. The record comes from the back end directly, so that it does not count as the user's
 * memory in the statistics. */
__attribute__((cold, noinline)) static cc__thread_t *introduce(void)
{
    if (!have_key())
        return NULL;
    cc__thread_t *t = cc__backend_alloc_aligned(sizeof *t, 64);
    if (t == NULL)
        return NULL;
    memset(t, 0, sizeof *t);
    t->tid = (pid_t)syscall(SYS_gettid);
    if (pthread_setspecific(key, t) != 0) {
        cc__backend_free(t);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    t->next = threads;
    t->link = &threads;
    if (threads != NULL)
        threads->link = &t->next;
    threads = t;
    pthread_mutex_unlock(&lock);
    cc__thread_tls = t;
    return t;
}

cc__thread_t *cc__thread_self(void)
{
    cc__thread_t *t = cc__thread_tls;
    return __builtin_expect(t != NULL, 1) ? t : introduce();
}
