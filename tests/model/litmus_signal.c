/* The checker itself is checked: signals arrive as late as they may, and not later. Written with the system's names, so
 * that the shim is checked as well. */
#include "clients.h"

#include "base/fence.h"
#include "model_signal.h"

static CC__ATOMIC(uint32_t) * x;
static uint32_t r[4];
static pthread_mutex_t gate; /* closed until the signal is sent: nobody signals a thread that has exited */
static model_checkpoint_t checkpoint;

static void note_signal(int signal)
{
    (void)signal;
    r[1] = 1;
}

static void restart(int signal)
{
    note_signal(signal);
    model_restart(&checkpoint);
}

static void setup_handler(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGURG, &action, NULL);
    x = model_alloc(sizeof *x, 64);
    cc__store_relaxed(x, 0);
    for (int i = 0; i < 4; i++)
        r[i] = i == 1 ? 0 : 9;
    pthread_mutex_init(&gate, NULL);
    pthread_mutex_lock(&gate);
}

static void setup_note(void)
{
    setup_handler(note_signal);
}

static void setup_restart(void)
{
    setup_handler(restart);
}

static void finish(void)
{
    unsigned long key = 0;
    for (int i = 0; i < 4; i++)
        key = key * 10 + r[i];
    model_outcome(key);
    model_free((void *)x);
}

static void mask(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    pthread_sigmask(how, &set, NULL);
}

static bool masked(void)
{
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    return sigismember(&set, SIGURG) == 1;
}

/* r0: what the target read; r2: had it taken the signal before? */
static void read_x(void)
{
    r[0] = cc__load_relaxed(x);
    r[2] = r[1];
    pthread_mutex_lock(&gate);
}

static void send(bool fenced)
{
    pthread_kill((pthread_t)2, SIGURG);
    if (fenced)
        cc__fence_heavy();
    cc__store_relaxed(x, 1);
    pthread_mutex_unlock(&gate);
}

static void send_alone(int i)
{
    if (i == 1)
        send(false);
    else
        read_x();
}

static void send_and_fence(int i)
{
    if (i == 1)
        send(true);
    else
        read_x();
}

static void blocked(int i)
{
    if (i == 1) {
        send(true);
    } else {
        mask(SIG_BLOCK);
        read_x();
    }
}

/* No fence is needed: the call that unblocks takes what is pending. */
static void unblocked(int i)
{
    if (i == 1) {
        send(false);
    } else {
        mask(SIG_BLOCK);
        r[0] = cc__load_relaxed(x);
        mask(SIG_UNBLOCK);
        r[2] = r[1];
        pthread_mutex_lock(&gate);
    }
}

/* A reader that begins anew: what it read before the signal, it does not use. r3: it did so, with the mask of before. */
static void restarted(int i)
{
    if (i == 1) {
        send(true);
    } else {
        r[3] = model_checkpoint(&checkpoint) && !masked();
        r[0] = cc__load_relaxed(x);
        r[2] = r[1];
        mask(SIG_BLOCK); /* as a commit: from here on no restart */
        pthread_mutex_lock(&gate);
    }
}

const model_litmus_t model_signal_shapes[] = {
    LITMUS("signal-alone", 2, setup_note, send_alone, finish, "0009 0109 0119 1009 1109 1119", ""),
    LITMUS("signal-and-fence", 2, setup_note, send_and_fence, finish, "0109 0119 1119", "0009 1009 1109"),
    LITMUS("signal-blocked", 2, setup_note, blocked, finish, "0009 1009", "0109 0119 1109 1119"),
    LITMUS("signal-unblocked", 2, setup_note, unblocked, finish, "0009 0109 0119 1119", "1009 1109"),
    LITMUS("signal-restart", 2, setup_restart, restarted, finish, "0111 1111", "0110 1110 1000 1101"),
    {{.name = NULL}, NULL, NULL},
};
