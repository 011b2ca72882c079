/* queue_items.c: finds the pop of each item. */
#include "queue_items.h"

#include <stdlib.h>

static int by_token(const void *a, const void *b)
{
    uint64_t x = ((const queue_item_t *)a)->push->arg, y = ((const queue_item_t *)b)->push->arg;
    return (x > y) - (x < y);
}

void queue_blame(queue_finding_t *finding, const hist_op_t *op)
{
    size_t i = finding->count;
    for (size_t j = 0; j < finding->count; j++)
        if (finding->calls[j] == op)
            return;
    if (finding->count == QUEUE_CALLS_MAX) {
        finding->more = true;
        return;
    }
    for (; i > 0 && finding->calls[i - 1]->call > op->call; i--)
        finding->calls[i] = finding->calls[i - 1];
    finding->calls[i] = op;
    finding->count++;
}

void queue_blame_item(queue_finding_t *finding, const queue_item_t *item)
{
    queue_blame(finding, item->push);
    if (item->pop)
        queue_blame(finding, item->pop);
}

static queue_finding_t blame_two(const char *what, const hist_op_t *a, const hist_op_t *b)
{
    queue_finding_t finding = {.verdict = LIN_VIOLATED, .what = what};
    queue_blame(&finding, a);
    if (b)
        queue_blame(&finding, b);
    return finding;
}

static void deal_out(queue_items_t *out, const hist_op_t *const *ops, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ops[i]->result != 0)
            out->nothing[out->nothing_count++] = ops[i];
        else if (ops[i]->verb == HIST_PUSH)
            out->items[out->count++] = (queue_item_t){.push_call = ops[i]->call,
                                                      .push_ret = ops[i]->ret,
                                                      .pop_call = QUEUE_NEVER,
                                                      .pop_ret = QUEUE_NEVER,
                                                      .push = ops[i]};
    }
    qsort(out->items, out->count, sizeof *out->items, by_token);
}

static queue_finding_t take_pop(queue_items_t *out, const hist_op_t *pop)
{
    const hist_op_t wanted = {.arg = pop->seen};
    const queue_item_t key = {.push = &wanted};
    queue_item_t *item = bsearch(&key, out->items, out->count, sizeof *out->items, by_token);
    if (!item)
        return blame_two("an item was popped that nobody pushed", pop, NULL);
    if (item->pop) {
        queue_finding_t finding = blame_two("an item was popped twice", item->pop, pop);
        queue_blame(&finding, item->push);
        return finding;
    }
    if (pop->ret < item->push_call)
        return blame_two("an item was popped before it was pushed", item->push, pop);
    item->pop = pop;
    item->pop_call = pop->call;
    item->pop_ret = pop->ret;
    return (queue_finding_t){.verdict = LIN_OK};
}

static queue_finding_t pair(queue_items_t *out, const hist_op_t *const *ops, size_t count)
{
    queue_finding_t finding = {.verdict = LIN_OK};
    for (size_t i = 1; i < out->count; i++)
        if (out->items[i - 1].push->arg == out->items[i].push->arg)
            return (queue_finding_t){.verdict = LIN_UNDECIDED, .what = "an item was pushed twice: whose pop is whose?"};
    for (size_t i = 0; i < count && finding.verdict == LIN_OK; i++)
        if (ops[i]->verb == HIST_POP && ops[i]->result == 0)
            finding = take_pop(out, ops[i]);
    return finding;
}

queue_finding_t queue_items_create(queue_items_t *out, const hist_op_t *const *ops, size_t count)
{
    *out = (queue_items_t){.items = malloc((count + 1) * sizeof *out->items),
                           .nothing = malloc((count + 1) * sizeof *out->nothing)};
    if (!out->items || !out->nothing)
        return (queue_finding_t){.verdict = LIN_UNDECIDED, .what = "no memory"};
    deal_out(out, ops, count);
    return pair(out, ops, count);
}

void queue_items_destroy(queue_items_t *items)
{
    free(items->items);
    free(items->nothing);
    *items = (queue_items_t){0};
}
