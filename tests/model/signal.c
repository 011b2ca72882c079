/* Delivery of signals: see model_signal.h. */
#include "model_signal.h"

#include "inside.h"

#include <string.h>

typedef struct {
    unsigned senders; /* one bit per fiber whose signal is pending */
    bool due;         /* before the next access */
    bool blocked;
    bool handling;
} signal_t;

bool model_signals;
static unsigned told[MODEL_THREADS]; /* of whom the kernel has told the fiber that the signal is pending */

static signal_t signals[MODEL_THREADS];
static model_handler_fn *handler;
static char kernel_lock; /* orders the sender before the handler */

void model_signal_begin(void)
{
    memset(signals, 0, sizeof signals);
    memset(told, 0, sizeof told);
    handler = NULL;
    model_signals = false;
}

void model_set_handler(model_handler_fn *the_handler)
{
    handler = the_handler;
}

void model_kill(int fiber)
{
    if (!model_tgkill(fiber))
        model_fail("a signal is sent to thread %d, which has exited", fiber);
}

bool model_tgkill(int fiber)
{
    model_step();
    if (model_finished(fiber))
        return false;
    model_trace_event("%d: signal to thread %d", model_current, fiber);
    model_sync_release(&kernel_lock);
    signals[fiber].senders |= 1u << model_current;
    model_signals = true;
    model_interrupt(fiber);
    return true;
}

bool model_signal_block(bool block)
{
    signal_t *mine = &signals[model_current];
    bool was = mine->blocked;
    mine->blocked = block;
    if (was && !block && mine->senders != 0) {
        mine->due = true; /* the kernel delivers before it returns from the call that unblocks */
        model_signal_take(false);
    }
    return was;
}

bool model_signal_pending(int fiber)
{
    if (signals[fiber].senders != 0)
        told[model_current] |= 1u << fiber;
    return signals[fiber].senders != 0;
}

bool model_signal_blocked(int fiber)
{
    return signals[fiber].blocked || signals[fiber].handling;
}

/* The real fence orders all that other threads did before it. C11 knows nothing of that, so whoever relies on it must fence
 * and look; but not where the kernel has told of a thread: that one stands still, or has taken the signal since. */
void model_signal_fence(void)
{
    for (int i = 1; i < MODEL_THREADS; i++) {
        bool pending = signals[i].senders != 0;
        if (pending)
            signals[i].due = true;
        if ((pending && !model_signal_blocked(i)) || (told[model_current] & 1u << i) != 0)
            model_views_join(model_current, i);
    }
    told[model_current] = 0;
}

void model_signal_take(bool here)
{
    signal_t *mine = &signals[model_current];
    while (mine->senders != 0 && !mine->blocked && !mine->handling &&
           (mine->due || (here && model_pick(2, MODEL_SIGNAL) == 0))) {
        *mine = (signal_t){.handling = true};
        model_sync_acquire(&kernel_lock);
        model_trace_event("%d: takes the signal", model_current);
        if (handler == NULL)
            model_fail("a signal arrives, and there is no handler");
        handler();
        mine->handling = false;
        mine->due = mine->senders != 0; /* sent meanwhile: delivered when the handler returns */
    }
}

void model_checkpoint_note(model_checkpoint_t *at)
{
    at->blocked = signals[model_current].blocked;
}

_Noreturn void model_restart(model_checkpoint_t *at)
{
    signal_t *mine = &signals[model_current];
    model_trace_event("%d: goes on at its checkpoint", model_current);
    mine->handling = false;
    mine->blocked = at->blocked;
    mine->due = mine->senders != 0;
    longjmp(at->env, 1);
}
