/* linearize_lifo.c: last in, first out.
 *
 * An item a can be popped at no moment at which an item is certainly inside that was pushed after it (its push was
 * called after push(a) had returned). So the order is wrong if such items, one or several in turn, cover the whole
 * interval of pop(a):
 *
 *     push(a) |--|                          pop(a)  |---------|
 *                  push(b) |---|                       |--| pop(b)
 *                    push(c) |-----------------------|          |--| pop(c)
 *
 * The items go by in the order of push.ret, backwards, as a; meanwhile the time that later ones cover grows. */
#include "cover.h"
#include "queue_items.h"

#include <stdlib.h>

typedef struct {
    const queue_item_t **rets;  /* by push_ret, the latest first */
    const queue_item_t **calls; /* by push_call, the latest first */
    size_t count;
    cover_t cover;
} sweep_t;

static int by_push_ret(const void *a, const void *b)
{
    uint64_t x = (*(const queue_item_t *const *)a)->push_ret, y = (*(const queue_item_t *const *)b)->push_ret;
    return (x < y) - (x > y);
}

static int by_push_call(const void *a, const void *b)
{
    uint64_t x = (*(const queue_item_t *const *)a)->push_call, y = (*(const queue_item_t *const *)b)->push_call;
    return (x < y) - (x > y);
}

/* The shortest chain of later items that leaves no moment for the pop of `a`. */
static queue_finding_t blame_chain(const sweep_t *s, const queue_item_t *a)
{
    queue_finding_t finding = {.verdict = LIN_VIOLATED,
                               .what = "an item was popped from below others that were certainly inside"};
    queue_blame_item(&finding, a);
    for (uint64_t at = a->pop_call; at <= a->pop_ret;) {
        const queue_item_t *best = NULL;
        for (size_t i = 0; i < s->count && s->calls[i]->push_call > a->push_ret; i++)
            if (s->calls[i]->push_ret < at && (!best || best->pop_call < s->calls[i]->pop_call))
                best = s->calls[i];
        queue_blame_item(&finding, best);
        at = best->pop_call;
    }
    return finding;
}

static queue_finding_t sweep(sweep_t *s)
{
    size_t later = 0;
    for (size_t i = 0; i < s->count; i++) {
        const queue_item_t *a = s->rets[i];
        for (; s->calls[later]->push_call > a->push_ret; later++)
            cover_add(&s->cover, s->calls[later]->push_ret, s->calls[later]->pop_call);
        if (cover_all(&s->cover, a->pop_call, a->pop_ret))
            return blame_chain(s, a);
    }
    return (queue_finding_t){.verdict = LIN_OK};
}

static bool set_up(sweep_t *s, const queue_items_t *items)
{
    uint64_t *stamps = malloc((3 * items->count + 1) * sizeof *stamps);
    for (size_t i = 0; stamps && i < items->count; i++) {
        stamps[3 * i] = items->items[i].push_ret;
        stamps[3 * i + 1] = items->items[i].pop_call;
        stamps[3 * i + 2] = items->items[i].pop_ret;
    }
    s->count = items->count;
    s->rets = malloc((s->count + 1) * sizeof *s->rets);
    s->calls = malloc((s->count + 1) * sizeof *s->calls);
    if (!cover_create(&s->cover, stamps, 3 * items->count) || !s->rets || !s->calls)
        return false;
    for (size_t i = 0; i < s->count; i++)
        s->rets[i] = s->calls[i] = &items->items[i];
    qsort(s->rets, s->count, sizeof *s->rets, by_push_ret);
    qsort(s->calls, s->count, sizeof *s->calls, by_push_call);
    return true;
}

queue_finding_t lifo_check_order(const queue_items_t *items)
{
    sweep_t s = {0};
    queue_finding_t finding = {.verdict = LIN_UNDECIDED, .what = "no memory"};
    if (set_up(&s, items))
        finding = sweep(&s);
    cover_destroy(&s.cover);
    free(s.rets);
    free(s.calls);
    return finding;
}
