/* src/smr/checkpoint.h for the model checker: fibers go on at a jump buffer, and wherever one is thrown back from is the
 * code of a SEARCH, but for what it says itself (a comparator, a handler on top). */
#ifndef CC_SMR_CHECKPOINT_H
#define CC_SMR_CHECKPOINT_H

#include "model_signal.h"

#define CC__SANITIZED         0
#define CC__CHECKPOINT_NATIVE 1 /* as good as: strong mode is on the table */

typedef void cc__search_fn(void *op);
typedef model_checkpoint_t cc__checkpoint_t;

void cc__checkpoint_run(cc__checkpoint_t *at, cc__search_fn *search, void *op);

#endif
