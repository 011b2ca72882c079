/* One operation of a map, what does not depend on the structure: the value that is looked up, the debts that it pays at
 * its end, the count. Included after the structure has defined op_t, with the members
 *
 *   map, rec         whose operation it is
 *   slot             for the value that is looked up, or NULL
 *   restarts         searches begun again, for the statistics
 *   debts, debt[]    what must be retired: entered where the deciding step was won, paid after the end */
#ifndef CC_DS_MAP_OP_H
#define CC_DS_MAP_OP_H

#include "ds/map.h"
#include "smr/cap.h"
#include "smr/guard.h"
#include "smr/limbo.h"
#include "smr/policy.h"
#include "smr/registry.h"

#include <errno.h>
#include <string.h>

/* May its SEARCH call a function of the user? */
SMR_INLINE bool op_is_foreign(const op_t *op)
{
    return CC__KEY_HAS_COMPARE && op->map->opts.compare != NULL;
}

/* A slot of the innermost guard for a value about to be read, if one is needed. 0 or -ENOMEM. */
static inline int op_prepare_slot(op_t *op, bool wanted)
{
    cc_guard_t *guard = op->rec->innermost;
    if (!SMR_SLOTS || !wanted || guard == NULL)
        return 0;
    if (!cc__frame_reserve(guard, 1))
        return -ENOMEM;
    op->slot = cc__frame_take(guard);
    return 0;
}

static inline void owe(op_t *op, cc__entry_t entry)
{
    op->debt[op->debts++] = entry;
}

/* One that was copied in leaves the map: nobody else retires it, so it can be read until that is done. */
static inline void hand_over_inline(op_t *op, void *value, void **old)
{
    size_t size = op->map->opts.value_size;
    if (value == NULL)
        return;
    if (old != NULL)
        memcpy(*old, value, size);
    owe(op, (cc__entry_t){.ptr = value, .sized = cc__sized_object(size)});
}

/* A value left the map: to the caller who asked for it, else to its reclaimer. */
static inline void hand_over(op_t *op, void *value, void **old)
{
    const cc_map_opts_t *opts = &op->map->opts;
    if (opts->value_inline)
        hand_over_inline(op, value, old);
    else if (old != NULL)
        *old = value;
    else if (value != NULL && opts->value_reclaim != NULL)
        owe(op, (cc__entry_t){.ptr = value,
                              .reclaim = opts->value_reclaim,
                              .u.ctx = opts->value_ctx,
                              .sized = cc__sized_object(opts->value_size)});
}

static inline void count(op_t *op, int64_t change)
{
    /* Relaxed: only the sum in a quiet moment is promised. */
    cc__fetch_add_relaxed(&op->map->count[op->rec->index % CC__MAP_STRIPES].entries, change);
}

/* Without a result the slot for its value goes back. */
static inline void op_return(op_t *op, bool found)
{
    if (!found && op->slot != NULL)
        cc__frame_give_back(op->rec->innermost, op->slot);
    cc__rec_return(op->rec);
}

/* The very last of an operation. */
static inline void op_settle(op_t *op, bool found)
{
    if (__builtin_expect(op->restarts != 0, 0))
        cc__counter_add(&op->rec->restarts, op->restarts);
    op_return(op, found);
}

/* After smr_end. */
static inline void op_pay(op_t *op)
{
    if (op->debts != 0) {
        cc__limbo_add(op->rec, op->debt, op->debts);
        cc__limbo_maintain(op->rec);
    }
    op->debts = 0;
}

static inline void finish(op_t *op)
{
    smr_end(op->rec);
    op_pay(op);
    op_settle(op, true);
}

#endif
