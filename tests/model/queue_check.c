#include "queue_check.h"

#include "inside.h"

#include <errno.h>
#include <string.h>

enum { CALLS = 24 };

typedef struct {
    queue_verb_t verb;
    int thread, result;
    uintptr_t item;
    model_moment_t began, ended;
    bool placed;
} call_t;

typedef struct {
    uintptr_t items[CALLS];
    unsigned count;
    bool closed;
} state_t;

static call_t calls[CALLS];
static unsigned call_count, room;
static bool newest_first, exact;

void queue_check_begin(bool stack, unsigned capacity, bool exactly)
{
    exact = exactly;
    call_count = 0;
    room = capacity;
    newest_first = stack;
}

int queue_call(queue_verb_t verb, uintptr_t item)
{
    if (call_count == CALLS)
        model_fail("the client makes more than %d calls", CALLS);
    calls[call_count] = (call_t){.verb = verb, .thread = model_self(), .item = item};
    model_now(&calls[call_count].began);
    return (int)call_count++;
}

void queue_answer(int call, int result, uintptr_t item)
{
    calls[call].result = result;
    model_now(&calls[call].ended);
    if (calls[call].verb == QUEUE_POP)
        calls[call].item = item;
}

/* a must stand before b. */
static bool before(const call_t *a, const call_t *b)
{
    return a->thread == b->thread ? a < b : model_before(&a->ended, &b->began); /* a batch, too, is in order */
}

static unsigned pushes_beside(const call_t *c)
{
    unsigned n = 0;
    for (unsigned i = 0; i < call_count; i++)
        n += calls[i].verb == QUEUE_PUSH && &calls[i] != c && !before(&calls[i], c) && !before(c, &calls[i]);
    return n;
}

/* True: the call may give its answer in this state, which it then changes. */
static bool explains(const call_t *c, state_t *s)
{
    if (c->result == -ECANCELED)
        return true; /* the part of a batch that did not go */
    if (c->verb == QUEUE_CLOSE)
        return s->closed = true;
    if (c->verb == QUEUE_PUSH) {
        if (c->result == -EPIPE)
            return s->closed;
        if (c->result == -EAGAIN)
            return !s->closed && room != 0 && s->count + (exact ? 0 : pushes_beside(c)) >= room;
        if (s->closed || (room != 0 && s->count == room))
            return false;
        s->items[s->count++] = c->item;
        return true;
    }
    if (c->result == -EPIPE)
        return s->closed && s->count == 0;
    if (c->result == -EAGAIN)
        return !s->closed && s->count == 0;
    if (s->count == 0 || s->items[newest_first ? s->count - 1 : 0] != c->item)
        return false;
    if (!newest_first)
        memmove(&s->items[0], &s->items[1], (s->count - 1) * sizeof s->items[0]);
    s->count--;
    return true;
}

static bool may_be_next(const call_t *c)
{
    for (unsigned i = 0; i < call_count; i++) {
        if (!calls[i].placed && &calls[i] != c && before(&calls[i], c))
            return false;
    }
    return true;
}

static bool explained(unsigned placed, const state_t *state)
{
    if (placed == call_count)
        return true;
    for (unsigned i = 0; i < call_count; i++) {
        state_t next = *state;
        if (calls[i].placed || !may_be_next(&calls[i]) || !explains(&calls[i], &next))
            continue;
        calls[i].placed = true;
        if (explained(placed + 1, &next))
            return true;
        calls[i].placed = false;
    }
    return false;
}

static const char *const verbs[] = {"push", "pop", "close"};

void queue_check(void)
{
    state_t empty = {0};
    if (explained(0, &empty))
        return;
    for (unsigned i = 0; i < call_count; i++)
        model_trace_event("%d: %s %lu: %d", calls[i].thread, verbs[calls[i].verb], (unsigned long)calls[i].item,
                          calls[i].result);
    model_fail("no order of the calls explains their answers");
}
