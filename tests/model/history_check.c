#include "history_check.h"

#include "model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    void *value[MAP_KEYS];
} state_t;

typedef struct {
    const history_t *history;
    unsigned placed;                  /* calls that have their place in the order */
    unsigned at[HISTORY_CALLS];       /* which */
    state_t state[HISTORY_CALLS + 1]; /* before the first, after the first, ... */
    bool used[HISTORY_CALLS];
} order_t;

call_t *history_begin(history_t *history, call_verb_t verb, unsigned key)
{
    if (history->count == HISTORY_CALLS)
        model_fail("a history of more than %d calls", HISTORY_CALLS);
    call_t *call = &history->calls[history->count++];
    *call = (call_t){.verb = verb, .key = key};
    model_now(&call->invoked);
    return call;
}

void history_end(call_t *call, int result)
{
    call->result = result;
    model_now(&call->ended);
}

/* Has no place in the order. */
static bool is_weak(const call_t *call)
{
    return (call->verb == CALL_POP && call->result != 0) || call->verb == CALL_RANGE;
}

/* Promises about what was present during the call, whether it has a place or not. */
static bool is_weakly_bound(const call_t *call)
{
    return is_weak(call) || call->verb == CALL_POP;
}

static unsigned qualified(const call_t *call)
{
    unsigned every = (1u << MAP_KEYS) - 1, below = (1u << call->key) - 1, key = 1u << call->key;
    switch (call->which) {
    case MAP_FLOOR:
        return below | key;
    case MAP_LOWER:
        return below;
    case MAP_CEIL:
        return every & ~below;
    case MAP_HIGHER:
        return every & ~(below | key);
    default:
        return every;
    }
}

static bool upwards(const call_t *call)
{
    return call->which == MAP_MIN || call->which == MAP_CEIL || call->which == MAP_HIGHER;
}

static unsigned keys_of(const state_t *state)
{
    unsigned present = 0;
    for (unsigned key = 0; key < MAP_KEYS; key++)
        present |= (state->value[key] != NULL) << key;
    return present;
}

/* Is it the answer to the letter? */
static bool nearest_applies(const call_t *call, const state_t *state)
{
    unsigned keys = keys_of(state) & qualified(call);
    if (call->result != 0 || keys == 0)
        return keys == 0 && call->result == -ENOENT;
    int best = upwards(call) ? __builtin_ctz(keys) : 31 - __builtin_clz(keys);
    return call->found == (unsigned)best && call->value == state->value[best];
}

static bool within(const history_t *history, const state_t *state)
{
    return history->max == 0 || (unsigned)__builtin_popcount(keys_of(state)) <= history->max;
}

/* May the call, with its result, take effect here? */
static bool applies(const history_t *history, const call_t *call, state_t *state)
{
    void **present = &state->value[call->key];
    bool absent = *present == NULL;
    switch (call->verb) {
    case CALL_INSERT:
    case CALL_PUT:
        if (call->result == -ENOSPC)
            return history->max != 0 && absent;
        if (call->result != (absent ? 0 : call->verb == CALL_PUT ? 1 : -EEXIST))
            return false;
        *present = absent || call->verb == CALL_PUT ? call->value : *present;
        return within(history, state);
    case CALL_REPLACE:
        if (absent || *present != call->expected)
            return call->result == (absent ? -ENOENT : -ECANCELED);
        *present = call->value;
        return call->result == 0;
    case CALL_REMOVE:
    case CALL_GET:
        if (call->verb == CALL_REMOVE && !absent && call->expected != NULL && call->expected != *present)
            return call->result == -ECANCELED;
        if (absent || call->result != 0)
            return absent && call->result == -ENOENT;
        if (call->value != NULL && call->value != *present)
            return false;
        *present = call->verb == CALL_GET ? *present : NULL;
        return true;
    case CALL_NEAREST:
        return nearest_applies(call, state);
    case CALL_POP:
        if (state->value[call->found] != call->value)
            return false;
        state->value[call->found] = NULL;
        return true;
    default:
        return false;
    }
}

/* Present at some moment, and at every moment, between two places in the order. */
static void present_between(const order_t *order, unsigned from, unsigned to, unsigned *some, unsigned *all)
{
    *some = 0;
    *all = ~0u;
    for (unsigned i = from; i <= to; i++) {
        unsigned present = keys_of(&order->state[i]);
        *some |= present;
        *all &= present;
    }
}

static bool nearest_explained(const call_t *call, unsigned some, unsigned all)
{
    unsigned keys = qualified(call);
    if (call->result != 0)
        return call->result == -ENOENT && (all & keys) == 0;
    unsigned found = 1u << call->found;
    unsigned better = upwards(call) ? found - 1 : ~(found | (found - 1));
    return (found & some & keys) != 0 && (all & keys & better) == 0;
}

static bool weak_explained(const order_t *order, const call_t *call)
{
    unsigned from = 0, to = order->placed, some, all;
    for (unsigned i = 0; i < order->placed; i++) {
        const call_t *other = &order->history->calls[order->at[i]];
        if (model_before(&other->ended, &call->invoked))
            from = i + 1;
        if (model_before(&call->ended, &other->invoked) && to == order->placed)
            to = i;
    }
    present_between(order, from, to, &some, &all);
    if (call->verb != CALL_RANGE)
        return nearest_explained(call, some, all);
    return (call->seen & ~some) == 0 && (all & ~call->seen) == 0;
}

static bool all_weak_explained(const order_t *order)
{
    for (unsigned i = 0; i < order->history->count; i++) {
        const call_t *call = &order->history->calls[i];
        if (is_weakly_bound(call) && !weak_explained(order, call))
            return false;
    }
    return true;
}

/* May be the next: every call that had ended before it began has its place. */
static bool may_come(const order_t *order, const call_t *call)
{
    for (unsigned i = 0; i < order->history->count; i++) {
        const call_t *other = &order->history->calls[i];
        if (!order->used[i] && !is_weak(other) && model_before(&other->ended, &call->invoked))
            return false;
    }
    return true;
}

static bool search(order_t *order, unsigned left)
{
    if (left == 0)
        return all_weak_explained(order);
    for (unsigned i = 0; i < order->history->count; i++) {
        const call_t *call = &order->history->calls[i];
        if (order->used[i] || is_weak(call) || !may_come(order, call))
            continue;
        state_t *next = &order->state[order->placed + 1];
        *next = order->state[order->placed];
        if (!applies(order->history, call, next))
            continue;
        order->used[i] = true;
        order->at[order->placed++] = i;
        if (search(order, left - 1))
            return true;
        order->placed--;
        order->used[i] = false;
    }
    return false;
}

bool history_explained(const history_t *history, void *const before[MAP_KEYS])
{
    order_t order = {.history = history};
    unsigned left = 0;
    memcpy(order.state[0].value, before, sizeof order.state[0].value);
    for (unsigned i = 0; i < history->count; i++)
        left += !is_weak(&history->calls[i]);
    return search(&order, left);
}

void history_print(const history_t *history)
{
    static const char *const names[] = {"insert", "put", "replace", "remove", "get", "nearest", "pop", "range"};
    for (unsigned i = 0; i < history->count; i++) {
        const call_t *call = &history->calls[i];
        fprintf(stderr, "  thread %d  %-8s %u  value %p  result %d  found %u  seen %#x\n", call->invoked.thread,
                names[call->verb], call->key, call->value, call->result, call->found, call->seen);
    }
}
