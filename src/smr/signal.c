#include "smr/signal.h"

#include "base/proc.h"
#include "base/thread.h"
#include "smr/neutralize.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NUMBERS = 65 };

/* Both under cc__threads_lock, which is held around a fork. */
static struct sigaction former[NUMBERS]; /* written before the handler can run */
static bool installed[NUMBERS];

/* Goes with each signal that we send, to tell it from one that the application sends. */
static char mark;

/* ---- the handler */

static bool from_us(const siginfo_t *info)
{
    return info->si_code == SI_QUEUE && info->si_value.sival_ptr == &mark && info->si_pid == getpid();
}

static void pass_on(int number, siginfo_t *info, void *context)
{
    const struct sigaction *to = &former[number];
    if (to->sa_flags & SA_SIGINFO)
        to->sa_sigaction(number, info, context);
    else if (to->sa_handler != SIG_DFL && to->sa_handler != SIG_IGN)
        to->sa_handler(number);
}

/* Blocked in the interrupted context, and sent once more: it waits until the kernel restores the mask of the SEARCH
 * below, and is then taken before the next instruction of that SEARCH. */
static void defer(int number, ucontext_t *context)
{
    sigaddset(&context->uc_sigmask, number);
    cc__signal_send((pid_t)syscall(SYS_gettid), number);
}

static void handle(int number, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    ucontext_t *interrupted = context;
    cc__thread_t *thread = cc__thread_peek();
    cc__rec_t *rec = thread != NULL ? cc__load_relaxed(&thread->searching) : NULL; /* our own store */
    if (!from_us(info))
        pass_on(number, info, context);
    if (rec != NULL && rec->domain->signal == number) {
        switch (cc__neutralize_taken(rec, cc__checkpoint_in_search(interrupted))) {
        case CC__STAY:
            break;
        case CC__RESTART:
            errno = saved_errno;
            cc__checkpoint_restart(&rec->checkpoint, interrupted);
            return;
        case CC__DEFER:
            defer(number, interrupted);
            break;
        }
    }
    errno = saved_errno;
}

/* A thread's stack may be small, so the handler takes another one where there is one. Not under a sanitizer, where a thread is
 * thrown back by siglongjmp: after that AddressSanitizer gives up all frames that lie below the next one to be made, and were
 * that one on another stack, by the next signal, these would be frames that are alive (a false stack-use-after-return). */
enum { STACK_FLAG = CC__SANITIZED ? 0 : SA_ONSTACK };

/* The mask of the handler that it calls, which counts on that. */
static int install_locked(int number)
{
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | STACK_FLAG | SA_RESTART};
    if (sigaction(number, NULL, &former[number]) != 0)
        return -errno;
    action.sa_mask = former[number].sa_mask;
    if (sigaction(number, &action, NULL) != 0)
        return -errno;
    installed[number] = true;
    return 0;
}

int cc__signal_install(int number)
{
    int err = 0;
    cc__threads_lock();
    if (!installed[number])
        err = install_locked(number);
    else if (!cc__signal_is_ours(number)) /* installed on top of a handler that may call ours, it would never end */
        err = -EBUSY;
    cc__threads_unlock();
    return err;
}

bool cc__signal_is_ours(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == handle;
}

/* ---- sending, and what the kernel knows */

void cc__signal_send(pid_t tid, int number)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = number;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = &mark;
    syscall(SYS_rt_tgsigqueueinfo, info.si_pid, tid, number, &info);
}

/* The hexadecimal mask behind "name:\t". False: it is not there, or cut off, for the lines before may be long. */
static bool find_mask(const char *status, const char *name, uint64_t *mask)
{
    const char *at = strstr(status, name);
    char *end;
    if (at == NULL)
        return false;
    *mask = strtoull(at + strlen(name), &end, 16);
    return *end == '\n';
}

static bool look_at(pid_t tid, uint64_t *pending, uint64_t *blocked)
{
    char status[4096];
    cc__proc_read(tid, "status", status, sizeof status);
    return find_mask(status, "\nSigPnd:", pending) && find_mask(status, "\nSigBlk:", blocked);
}

bool cc__signal_awaits(pid_t tid, int number)
{
    uint64_t pending, blocked;
    return look_at(tid, &pending, &blocked) && ((pending & ~blocked) >> (number - 1) & 1) != 0;
}

bool cc__signal_can_tell(void)
{
    uint64_t pending, blocked;
    return look_at((pid_t)syscall(SYS_gettid), &pending, &blocked);
}

bool cc__signal_blocked(int number)
{
    sigset_t mask;
    return pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && sigismember(&mask, number) == 1;
}

void cc__signal_unblock(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
