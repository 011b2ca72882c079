/* map_whole.c: the sequential map with an order, and how a violation is shrunk. */
#include "map_whole.h"

#include <errno.h>
#include <string.h>

enum { NO_KEY = MAP_WHOLE_KEYS };

typedef struct {
    uint64_t value[MAP_WHOLE_KEYS]; /* tokens */
} map_t;

_Static_assert(sizeof(map_t) <= WHOLE_STATE_BYTES, "a map of all keys is a state");

static bool asks_for_order(const hist_op_t *op)
{
    return op->verb > HIST_REMOVE;
}

static bool pops(const hist_op_t *op)
{
    return op->verb == HIST_POP_MIN || op->verb == HIST_POP_MAX;
}

/* ---- one call */

static unsigned first_from(const map_t *map, unsigned key)
{
    while (key < MAP_WHOLE_KEYS && map->value[key] == HIST_ABSENT)
        key++;
    return key;
}

static unsigned last_below(const map_t *map, unsigned end)
{
    while (end > 0 && map->value[end - 1] == HIST_ABSENT)
        end--;
    return end > 0 ? end - 1 : NO_KEY;
}

static unsigned answer(const map_t *map, const hist_op_t *op)
{
    switch ((hist_order_verb_t)op->verb) {
    case HIST_MIN:
    case HIST_POP_MIN:
        return first_from(map, 0);
    case HIST_MAX:
    case HIST_POP_MAX:
        return last_below(map, MAP_WHOLE_KEYS);
    case HIST_FLOOR:
        return last_below(map, op->key + 1u);
    case HIST_LOWER:
        return last_below(map, op->key);
    case HIST_CEIL:
        return first_from(map, op->key);
    case HIST_HIGHER:
        return first_from(map, op->key + 1u);
    }
    return NO_KEY;
}

static bool apply_order(const hist_op_t *op, map_t *map)
{
    unsigned key = answer(map, op);
    if (key == NO_KEY || op->result != 0)
        return key == NO_KEY && op->result == -ENOENT;
    if (op->arg != key || !lin_matches(op, map->value[key]))
        return false;
    if (pops(op))
        map->value[key] = HIST_ABSENT;
    return true;
}

static bool apply(const void *model, const hist_op_t *const *ops, size_t i, whole_state_t *state)
{
    (void)model;
    map_t map;
    memcpy(&map, state, sizeof map);
    uint64_t *value = &map.value[ops[i]->key];
    bool fits = asks_for_order(ops[i]) ? apply_order(ops[i], &map) : lin_apply(ops[i], *value, value);
    memcpy(state, &map, sizeof map);
    return fits;
}

/* ---- shrinking ----
 *
 * A linearizable history stays so without a call that changed nothing, and without all calls about one key: those with it as
 * argument, and those that it was the answer to. So what is left out of a violation in these two ways leaves a violation
 * of the same map, not one of our making. */

static bool changes_nothing(const hist_op_t *op)
{
    return asks_for_order(op) ? !pops(op) || op->result != 0 : lin_reads_only(op);
}

static bool is_about(const hist_op_t *op, unsigned key)
{
    return asks_for_order(op) ? op->result == 0 && op->arg == key : op->key == key;
}

/* Takes the smaller history if it is a violation too. */
static bool accept(map_finding_t *finding, const hist_op_t *const *some, size_t n)
{
    if (n == finding->count || whole_check(some, n, apply, NULL) != LIN_VIOLATED)
        return false;
    memcpy(finding->calls, some, n * sizeof *some);
    finding->count = n;
    return true;
}

static void leave_out_key(map_finding_t *finding, unsigned key)
{
    const hist_op_t *some[WHOLE_CALLS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < finding->count; i++)
        if (!is_about(finding->calls[i], key))
            some[n++] = finding->calls[i];
    accept(finding, some, n);
}

static bool leave_out_call(map_finding_t *finding, size_t leave)
{
    const hist_op_t *some[WHOLE_CALLS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < finding->count; i++)
        if (i != leave)
            some[n++] = finding->calls[i];
    return changes_nothing(finding->calls[leave]) && accept(finding, some, n);
}

map_finding_t map_check_whole(const hist_op_t *const *ops, size_t count)
{
    map_finding_t finding = {.verdict = whole_check(ops, count, apply, NULL)};
    if (finding.verdict != LIN_VIOLATED)
        return finding;
    finding.count = count;
    memcpy(finding.calls, ops, count * sizeof *ops);
    for (unsigned key = 0; key < MAP_WHOLE_KEYS; key++)
        leave_out_key(&finding, key);
    for (size_t i = 0; i < finding.count;)
        i = leave_out_call(&finding, i) ? 0 : i + 1;
    return finding;
}
