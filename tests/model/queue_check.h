/* What a queue may answer: the calls of one execution, recorded, and whether some order of them explains all answers.
 *
 * The order must agree with what happened before what: a call need not see what another thread has finished unless it
 * was told so. */
#ifndef MODEL_QUEUE_CHECK_H
#define MODEL_QUEUE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { QUEUE_PUSH, QUEUE_POP, QUEUE_CLOSE } queue_verb_t;

/* capacity 0: unbounded; exact: full is full, whatever pushes are under way */
void queue_check_begin(bool newest_first, unsigned capacity, bool exact);
int queue_call(queue_verb_t verb, uintptr_t item);
void queue_answer(int call, int result, uintptr_t item);
void queue_check(void); /* fails the model if nothing explains the answers */

#endif
