/* src/smr/signal.c for the model checker: the kernel's part of neutralization. A thread id is a fiber's number + 1. */
#include "smr/signal.h"

#include "base/proc.h"
#include "base/thread.h"
#include "clients.h"
#include "model_signal.h"
#include "smr/neutralize.h"

bool client_above_search; /* the running fiber's client has a handler of its own on top, or a comparator */

static void note_search(const cc__rec_t *rec)
{
    const cc__slot_t *slots = rec->hazard[rec->hazard_set];
    const void *named[CC_COMMIT_SLOTS];
    for (unsigned i = 0; i < CC_COMMIT_SLOTS; i++)
        named[i] = (const void *)(uintptr_t)model_load_quiet(&slots[i], sizeof slots[i]);
    model_search_begins(named, CC_COMMIT_SLOTS);
}

void cc__checkpoint_run(cc__checkpoint_t *at, cc__search_fn *search, void *op)
{
    (void)model_checkpoint(at);
    note_search((const cc__rec_t *)((const char *)at - offsetof(cc__rec_t, checkpoint)));
    search(op);
}

static void handle(void)
{
    cc__thread_t *thread = cc__thread_peek();
    cc__rec_t *rec = thread != NULL ? cc__load_relaxed(&thread->searching) : NULL;
    if (rec == NULL)
        return;
    switch (cc__neutralize_taken(rec, !client_above_search)) {
    case CC__STAY:
        break;
    case CC__RESTART:
        model_restart(&rec->checkpoint);
    case CC__DEFER:
        model_signal_block(true);
        model_kill(model_self());
        break;
    }
}

int cc__signal_install(int number)
{
    (void)number;
    model_set_handler(handle);
    return 0;
}

bool cc__signal_is_ours(int number)
{
    (void)number;
    return true;
}

void cc__signal_send(pid_t tid, int number)
{
    (void)number;
    (void)model_tgkill(tid - 1);
}

bool cc__signal_awaits(pid_t tid, int number)
{
    (void)number;
    model_point("the kernel's word");
    return model_signal_pending(tid - 1) && !model_signal_blocked(tid - 1);
}

bool cc__signal_can_tell(void)
{
    return true;
}

bool cc__signal_blocked(int number)
{
    (void)number;
    return model_signal_blocked(model_self());
}

/* Of base/proc.h: fibers have no names. */
void cc__proc_read(pid_t tid, const char *file, char *text, size_t size)
{
    (void)tid;
    (void)file;
    (void)size;
    text[0] = '\0';
}

void cc__signal_unblock(int number)
{
    (void)number;
    model_signal_block(false);
}
