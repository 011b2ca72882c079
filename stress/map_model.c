/* map_model.c: what a map does when nobody disturbs it, one key at a time. */
#include "linearize.h"

#include <errno.h>

/* How much of the state an operation could see. */
bool lin_matches(const hist_op_t *op, uint64_t state)
{
    static const uint64_t mask[] = {
        [HIST_KNOWN_NOTHING] = 0, [HIST_KNOWN_ADDRESS] = HIST_ADDRESS_MASK, [HIST_KNOWN_WHOLE] = UINT64_MAX};
    return ((op->seen ^ state) & mask[op->known]) == 0;
}

static bool apply_to_absent(const hist_op_t *op, uint64_t *next)
{
    switch ((hist_verb_t)op->verb) {
    case HIST_GET:
    case HIST_REPLACE:
    case HIST_REMOVE:
        return op->result == -ENOENT;
    case HIST_CONTAINS:
        return op->result == 0;
    case HIST_INSERT:
    case HIST_PUT:
        *next = op->arg;
        return op->result == 0;
    }
    return false;
}

static bool apply_to_present(const hist_op_t *op, uint64_t state, uint64_t *next)
{
    switch ((hist_verb_t)op->verb) {
    case HIST_GET:
        return op->result == 0 && lin_matches(op, state);
    case HIST_CONTAINS:
        return op->result == 1;
    case HIST_INSERT:
        return op->result == -EEXIST;
    case HIST_PUT:
        *next = op->arg;
        return op->result == 1 && lin_matches(op, state);
    case HIST_REPLACE:
        if (!lin_matches(op, state))
            return op->result == -ECANCELED;
        *next = op->arg;
        return op->result == 0;
    case HIST_REMOVE:
        *next = HIST_ABSENT;
        return op->result == 0 && lin_matches(op, state);
    }
    return false;
}

bool lin_apply(const hist_op_t *op, uint64_t state, uint64_t *next)
{
    *next = state;
    return state == HIST_ABSENT ? apply_to_absent(op, next) : apply_to_present(op, state, next);
}

bool lin_reads_only(const hist_op_t *op)
{
    switch ((hist_verb_t)op->verb) {
    case HIST_GET:
    case HIST_CONTAINS:
        return true;
    case HIST_INSERT:
    case HIST_PUT:
    case HIST_REPLACE:
    case HIST_REMOVE:
        return op->result < 0;
    }
    return false;
}
