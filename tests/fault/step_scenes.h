/* The scenarios of step_test.c. */
#ifndef FAULT_STEP_SCENES_H
#define FAULT_STEP_SCENES_H

#include <cc/domain.h>

/* step_hold.c: what a guard is given is alive, wherever its thread stopped while it obtained it. */
void step_protect(cc_smr_scheme_t scheme);
void step_get(cc_smr_scheme_t scheme);

/* step_inline.c: inline values come and go once, whole. */
void step_inline(cc_smr_scheme_t scheme);

/* step_stall.c: a thread that stands still in any call stops nobody, and costs a bounded amount of memory. */
void step_stall(cc_smr_scheme_t scheme);

/* step_queue.c: the same for queues, whose items are all accounted for. */
void step_queue(cc_smr_scheme_t scheme);

/* step_batch.c: a consumer of several items takes tickets that it has seen, however late. */
void step_batch(cc_smr_scheme_t scheme);

/* step_eliminate.c: a push and a pop that lose the top meet beside it. */
void step_eliminate(cc_smr_scheme_t scheme);

/* step_fork.c: a child goes on, wherever a thread was that vanished. */
void step_fork(cc_smr_scheme_t scheme);

#endif
