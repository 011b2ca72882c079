/* queue_whole.c: short histories of queues, as a whole; what is wrong with one is shrunk. */
#include "linearize_queue.h"
#include "whole.h"

#include <errno.h>
#include <string.h>

/* ---- the sequential queue: numbers of the pushes whose items are inside, the oldest first */

typedef struct {
    unsigned char count;
    unsigned char push[WHOLE_CALLS_MAX];
} inside_t;

_Static_assert(sizeof(inside_t) <= WHOLE_STATE_BYTES, "a queue of all calls is a state");

static bool push(const queue_spec_t *spec, const hist_op_t *op, size_t i, inside_t *inside)
{
    bool full = spec->capacity != 0 && inside->count >= spec->capacity;
    if (op->result != 0)
        return full && op->result == -EAGAIN;
    if (full)
        return false;
    inside->push[inside->count++] = (unsigned char)i;
    return true;
}

static bool pop(const queue_spec_t *spec, const hist_op_t *const *ops, const hist_op_t *op, inside_t *inside)
{
    if (inside->count == 0 || op->result != 0)
        return inside->count == 0 && op->result == -EAGAIN;
    size_t at = spec->order == QUEUE_FIFO ? 0 : inside->count - 1u;
    if (ops[inside->push[at]]->arg != op->seen)
        return false;
    inside->count--;
    memmove(inside->push + at, inside->push + at + 1, inside->count - at);
    inside->push[inside->count] = 0;
    return true;
}

static bool apply(const void *model, const hist_op_t *const *ops, size_t i, whole_state_t *state)
{
    const queue_spec_t *spec = model;
    inside_t inside;
    memcpy(&inside, state, sizeof inside);
    bool fits = ops[i]->verb == HIST_PUSH ? push(spec, ops[i], i, &inside) : pop(spec, ops, ops[i], &inside);
    memcpy(state, &inside, sizeof inside);
    return fits;
}

/* ---- shrinking */

/* What a call is about: all calls with the same subject stay or go together, so that nothing is popped that was not
 * pushed. Calls that got nothing have none. */
static uint64_t subject(const hist_op_t *op)
{
    return op->result != 0 ? 0 : op->verb == HIST_PUSH ? op->arg : op->seen;
}

static size_t without(const queue_finding_t *all, size_t leave_out, const hist_op_t **some)
{
    size_t n = 0;
    uint64_t what = subject(all->calls[leave_out]);
    for (size_t i = 0; i < all->count; i++)
        if (i != leave_out && (what == 0 || subject(all->calls[i]) != what))
            some[n++] = all->calls[i];
    return n;
}

static bool found_full(const queue_finding_t *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->calls[i]->verb == HIST_PUSH && all->calls[i]->result != 0)
            return true;
    return false;
}

/* A history that is linearizable stays so without an item, unless a push found the queue full. */
static bool may_go(const queue_finding_t *all, size_t i)
{
    return subject(all->calls[i]) == 0 || !found_full(all);
}

static void shrink_calls(queue_finding_t *finding, const queue_spec_t *spec)
{
    for (size_t i = 0; i < finding->count;) {
        const hist_op_t *some[QUEUE_CALLS_MAX];
        size_t n = without(finding, i, some);
        if (may_go(finding, i) && whole_check(some, n, apply, spec) == LIN_VIOLATED) {
            memcpy(finding->calls, some, n * sizeof *some);
            finding->count = n;
            i = 0;
        } else {
            i++;
        }
    }
}

queue_finding_t queue_check_whole(const hist_op_t *const *ops, size_t count, const queue_spec_t *spec)
{
    queue_finding_t finding = {.verdict = whole_check(ops, count, apply, spec)};
    if (finding.verdict == LIN_UNDECIDED)
        finding.what = "too many calls or possibilities";
    if (finding.verdict == LIN_VIOLATED) {
        finding.what = "no order explains all results";
        finding.count = count;
        memcpy(finding.calls, ops, count * sizeof *ops);
        shrink_calls(&finding, spec);
    }
    return finding;
}
