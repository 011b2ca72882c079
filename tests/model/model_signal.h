/* Signals between fibers, for code that neutralizes readers: what pthread_kill, a handler, sigsetjmp and siglongjmp are to
 * threads. One signal is modelled; shim/model_env.h maps the system's names to it.
 *
 *     sent        pending: delivered before any later access of the target, plain or atomic; which one is a choice, so the
 *                 target may run on for as long as it likes, or never take it
 *     then somebody runs the heavy fence, as membarrier: due: the target takes the handler before its next access,
 *                 unless it has the signal blocked; then as soon as it unblocks it
 *     in the handler  blocked; model_signal_block says what holds after it returns (the mask in its ucontext)
 *     returned    the fiber goes on where it was
 *     restarted   the fiber goes on at its checkpoint, with the mask of that moment
 *
 * A second signal while one is pending is the same signal. A blocked fiber wakes up for it; a stalled one takes it when
 * it goes on, for stalled means descheduled. Sending happens before the handler: the kernel's lock orders them. In the
 * variant without membarrier the heavy fence makes nothing due: there only an acknowledgement proves anything. A signal
 * to a thread that has exited is a finding. */
#ifndef MODEL_SIGNAL_H
#define MODEL_SIGNAL_H

#include "model.h"

#include <setjmp.h>

typedef void model_handler_fn(void); /* runs on the fiber that takes the signal; model_self() says which */

void model_set_handler(model_handler_fn *handler); /* for all fibers, until the execution ends */
void model_kill(int fiber);                        /* a scheduling point; a finding if the thread has exited, */
bool model_tgkill(int fiber);                      /* nothing but false if it has */
bool model_signal_block(bool block);               /* the caller's mask; returns what it was */

/* What /proc says about a fiber: the signal waits, the signal is blocked. */
bool model_signal_pending(int fiber);
bool model_signal_blocked(int fiber);

typedef struct {
    jmp_buf env;
    bool blocked;
} model_checkpoint_t;

/* As sigsetjmp and siglongjmp: false at first, true after model_restart. The function that called model_checkpoint must not
 * have returned, and only its volatile or unchanged locals keep their values. */
#define model_checkpoint(at) (model_checkpoint_note(at), _setjmp((at)->env) != 0)
void model_checkpoint_note(model_checkpoint_t *at);
_Noreturn void model_restart(model_checkpoint_t *at);

/* The caller begins a SEARCH, anew perhaps: these are the objects that its last commit named. */
void model_search_begins(const void *const named[], unsigned n);

#endif
