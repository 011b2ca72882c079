#include "stopper.h"

#include "scenario.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const char __start_cc_search[] __attribute__((visibility("hidden")));
extern const char __stop_cc_search[] __attribute__((visibility("hidden")));

typedef enum { SEIZE, STOP, GO_ON, DETACH } order_t;
typedef struct {
    order_t order;
    pid_t tid;
} command_t;

/* ---- the tracer */

static bool interrupt(pid_t tid)
{
    int status;
    return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0 && waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status);
}

static bool in_search(pid_t tid)
{
#ifdef __x86_64__
    struct user_regs_struct regs;
    if (ptrace(PTRACE_GETREGS, tid, NULL, &regs) != 0)
        return false;
    const char *at = (const char *)(uintptr_t)regs.rip;
    return at >= __start_cc_search && at < __stop_cc_search;
#else
    (void)tid;
    return false;
#endif
}

/* 1: done (and, of STOP, in a SEARCH); 0: not; -1: impossible. */
static int obey(const command_t *command)
{
    switch (command->order) {
    case SEIZE:
        return ptrace(PTRACE_SEIZE, command->tid, NULL, NULL) == 0 ? 1 : -1;
    case STOP:
        if (!interrupt(command->tid))
            return -1;
        return in_search(command->tid);
    case GO_ON:
        return ptrace(PTRACE_CONT, command->tid, NULL, NULL) == 0 ? 1 : -1;
    case DETACH:
        return ptrace(PTRACE_DETACH, command->tid, NULL, NULL) == 0 ? 1 : -1;
    }
    return -1;
}

static _Noreturn void trace(int from, int to)
{
    command_t command;
    while (read(from, &command, sizeof command) == sizeof command) {
        int answer = obey(&command);
        if (write(to, &answer, sizeof answer) != sizeof answer)
            break;
    }
    _exit(0);
}

/* ---- the traced process */

static int ask(stopper_t *stopper, order_t order, pid_t tid)
{
    command_t command;
    int answer;
    memset(&command, 0, sizeof command);
    command.order = order;
    command.tid = tid;
    CHECK(write(stopper->to, &command, sizeof command) == sizeof command);
    CHECK(read(stopper->from, &answer, sizeof answer) == sizeof answer, "the tracer is gone");
    return answer;
}

static pid_t stopped;

void stopper_create(stopper_t *stopper)
{
    int to[2], from[2];
    CHECK(pipe(to) == 0 && pipe(from) == 0);
    stopper->tracer = fork();
    CHECK(stopper->tracer >= 0);
    if (stopper->tracer == 0) {
        close(to[1]);
        trace(to[0], from[1]);
    }
    (void)prctl(PR_SET_PTRACER, stopper->tracer, 0, 0, 0);
    stopper->to = to[1];
    stopper->from = from[0];
}

void stopper_stop(stopper_t *stopper, pid_t tid, bool (*holds)(void *arg), void *arg)
{
    if (ask(stopper, SEIZE, tid) != 1)
        scenario_skip("no thread can be traced here");
    for (;;) {
        int in = ask(stopper, STOP, tid);
        CHECK(in >= 0);
        if (in == 1 && holds(arg))
            break;
        CHECK(ask(stopper, GO_ON, tid) == 1);
        struct timespec nap = {.tv_nsec = 20000};
        nanosleep(&nap, NULL);
    }
    stopped = tid;
}

void stopper_let_go(stopper_t *stopper)
{
    CHECK(ask(stopper, DETACH, stopped) == 1);
}

void stopper_destroy(stopper_t *stopper)
{
    close(stopper->to);
    close(stopper->from);
    CHECK(waitpid(stopper->tracer, NULL, 0) == stopper->tracer);
}
