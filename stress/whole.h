/* Is a short history linearizable, whatever it is a history of? An exact search, for up to 64 calls. */
#ifndef STRESS_WHOLE_H
#define STRESS_WHOLE_H

#include "linearize.h"

enum { WHOLE_CALLS_MAX = 64, WHOLE_STATE_BYTES = 72 };

/* A state of the structure; unused bytes are 0, because states are compared as bytes. */
typedef struct {
    unsigned char bytes[WHOLE_STATE_BYTES];
} whole_state_t;

/* May call number i, with its recorded result, take effect in *state? If so, *state becomes the state after it. */
typedef bool whole_apply_fn(const void *model, const hist_op_t *const *ops, size_t i, whole_state_t *state);

/* The state before the first call is all zeros. */
lin_verdict_t whole_check(const hist_op_t *const *ops, size_t count, whole_apply_fn *apply, const void *model);

#endif
