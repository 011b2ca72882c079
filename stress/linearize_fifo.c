/* linearize_fifo.c: first in, first out.
 *
 * The order is wrong exactly if for two items a and b
 *
 *     push(a) returned before push(b) was called, and b was popped, but a was not, or
 *     pop(b) returned before pop(a) was called.
 *
 * So the items go by in the order of push.call, as b; meanwhile the a whose pops began latest is kept among those
 * whose push had returned before. */
#include "queue_items.h"

#include <stdlib.h>

static int by_push_call(const void *a, const void *b)
{
    uint64_t x = (*(const queue_item_t *const *)a)->push_call, y = (*(const queue_item_t *const *)b)->push_call;
    return (x > y) - (x < y);
}

static int by_push_ret(const void *a, const void *b)
{
    uint64_t x = (*(const queue_item_t *const *)a)->push_ret, y = (*(const queue_item_t *const *)b)->push_ret;
    return (x > y) - (x < y);
}

static queue_finding_t sweep(const queue_item_t *const *calls, const queue_item_t *const *rets, size_t count)
{
    const queue_item_t *last = NULL; /* popped last, or never */
    size_t before = 0;
    for (size_t i = 0; i < count; i++) {
        const queue_item_t *b = calls[i];
        for (; rets[before]->push_ret < b->push_call; before++)
            if (!last || last->pop_call < rets[before]->pop_call)
                last = rets[before];
        if (b->pop && last && b->pop_ret < last->pop_call) {
            queue_finding_t finding = {.verdict = LIN_VIOLATED, .what = "a later item was popped first"};
            queue_blame_item(&finding, last);
            queue_blame_item(&finding, b);
            return finding;
        }
    }
    return (queue_finding_t){.verdict = LIN_OK};
}

queue_finding_t fifo_check_order(const queue_items_t *items)
{
    queue_finding_t finding = {.verdict = LIN_UNDECIDED, .what = "no memory"};
    const queue_item_t **calls = malloc((items->count + 1) * sizeof *calls);
    const queue_item_t **rets = malloc((items->count + 1) * sizeof *rets);
    if (calls && rets) {
        for (size_t i = 0; i < items->count; i++)
            calls[i] = rets[i] = &items->items[i];
        qsort(calls, items->count, sizeof *calls, by_push_call);
        qsort(rets, items->count, sizeof *rets, by_push_ret);
        finding = sweep(calls, rets, items->count);
    }
    free(calls);
    free(rets);
    return finding;
}
