/* Is a history of a queue (fifo, ring) or a stack (lifo) linearizable?
 *
 * How to use it. The threads record what they call (history.h), each call on an item of its own:
 *
 *     hist_op_t *op = hist_next(&hist, thread);      // op->key: number of the queue, if there are several
 *     op->verb = HIST_PUSH;
 *     op->arg = token;                               // never 0, and never pushed twice in one history
 *     op->call = hist_clock_before();
 *     int rc = cc_fifo_push(fifo, item);             // HIST_POP: op->seen = the item's token
 *     op->ret = hist_clock_after();
 *     op->result = rc;                               // 0; -EAGAIN: empty, or full
 *     hist_commit(&hist, thread);
 *
 * A call that failed otherwise (-ENOMEM, -EPIPE) is not recorded. Of a batch, each item is a call, all of them with
 * the batch's stamps. The queue is empty before the first call. In the end one thread pops until -EAGAIN, recorded:
 * that is what finds lost items. Then, when the threads have stopped:
 *
 *     lin_index_create(&index, &hist, queues);
 *     queue_finding_t found = queue_check(ops of one queue, count, &spec);
 *     if (found.verdict == LIN_VIOLATED)
 *         queue_print(stderr, &found);
 *
 * queue_check takes histories of millions of calls. Its conditions: nothing is popped that was not pushed, or twice;
 * no two items are popped in an order that contradicts their pushes; no answer "empty" while something was inside all
 * the time; no answer "full" while there was room all the time, and never more inside than the capacity. For an
 * unbounded queue these are all there are to check (Henzinger, Sezgin and Vafeiadis, "Aspect-oriented linearizability
 * proofs", CONCUR 2013); for stacks and rings they are necessary, not sufficient. queue_check_whole looks for an order
 * that explains everything: it is exact, and can take up to 64 calls. So a stress program does many short runs for the
 * second and some long ones for the first. */
#ifndef STRESS_LINEARIZE_QUEUE_H
#define STRESS_LINEARIZE_QUEUE_H

#include "linearize.h"

#include <stdio.h>

typedef enum { QUEUE_FIFO, QUEUE_LIFO } queue_order_t;

typedef struct {
    queue_order_t order;
    size_t capacity; /* 0: unbounded */
} queue_spec_t;

enum { QUEUE_CALLS_MAX = 64 }; /* that queue_check_whole takes and a finding names */

typedef struct {
    lin_verdict_t verdict;
    const char *what; /* what contradicts the history, or why it was not decided */
    size_t count;
    const hist_op_t *calls[QUEUE_CALLS_MAX]; /* LIN_VIOLATED: those that contradict each other, sorted by `call`; */
    bool more;                               /* and there are others that the contradiction needs */
} queue_finding_t;

queue_finding_t queue_check(const hist_op_t *const *ops, size_t count, const queue_spec_t *spec);

/* What it finds is shrunk. More calls than QUEUE_CALLS_MAX, or too many possibilities: LIN_UNDECIDED. */
queue_finding_t queue_check_whole(const hist_op_t *const *ops, size_t count, const queue_spec_t *spec);

/* A line per call: of what contradicts the history; of all of it. */
void queue_print(FILE *out, const queue_finding_t *finding);
void queue_print_history(FILE *out, const hist_op_t *const *ops, size_t count);

#endif
