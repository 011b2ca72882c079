/* linearize_queue.c: what does not depend on the order in which items leave: empty, full, and how much is inside. */
#include "linearize_queue.h"

#include "cover.h"
#include "queue_items.h"

#include <stdlib.h>

static const queue_finding_t fine = {.verdict = LIN_OK};
static const queue_finding_t no_memory = {.verdict = LIN_UNDECIDED, .what = "no memory"};

/* ---- empty: at some moment of the call nothing is certainly inside */

static uint64_t *stamps_of(const queue_items_t *items, size_t *count)
{
    uint64_t *stamps = malloc((2 * (items->count + items->nothing_count) + 1) * sizeof *stamps);
    *count = 0;
    for (size_t i = 0; stamps && i < items->count; i++) {
        stamps[(*count)++] = items->items[i].push_ret;
        stamps[(*count)++] = items->items[i].pop_call;
    }
    for (size_t i = 0; stamps && i < items->nothing_count; i++) {
        stamps[(*count)++] = items->nothing[i]->call;
        stamps[(*count)++] = items->nothing[i]->ret;
    }
    return stamps;
}

/* The shortest chain of items that leaves no moment of the pop for an empty queue. */
static queue_finding_t blame_chain(const queue_items_t *items, const hist_op_t *pop)
{
    queue_finding_t finding = {.verdict = LIN_VIOLATED, .what = "empty, though something was inside all the time"};
    queue_blame(&finding, pop);
    for (uint64_t at = pop->call; at <= pop->ret;) {
        const queue_item_t *best = NULL;
        for (size_t i = 0; i < items->count; i++)
            if (items->items[i].push_ret < at && (!best || best->pop_call < items->items[i].pop_call))
                best = &items->items[i];
        queue_blame_item(&finding, best);
        at = best->pop_call;
    }
    return finding;
}

static queue_finding_t check_empty(const queue_items_t *items)
{
    cover_t cover;
    size_t count;
    uint64_t *stamps = stamps_of(items, &count);
    queue_finding_t finding = no_memory;
    if (cover_create(&cover, stamps, count)) {
        finding = fine;
        for (size_t i = 0; i < items->count; i++)
            cover_add(&cover, items->items[i].push_ret, items->items[i].pop_call);
        for (size_t i = 0; i < items->nothing_count && finding.verdict == LIN_OK; i++) {
            const hist_op_t *op = items->nothing[i];
            if (op->verb == HIST_POP && cover_all(&cover, op->call, op->ret))
                finding = blame_chain(items, op);
        }
    }
    cover_destroy(&cover);
    return finding;
}

/* ---- the capacity: of the items' four stamps, each kind in the order of time */

typedef struct {
    uint64_t *push_call, *push_ret, *pop_call, *pop_ret;
    size_t count;
} stamps_t;

static int by_time(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* How many of the sorted stamps are less than `time`. */
static size_t less(const uint64_t *stamps, size_t count, uint64_t time)
{
    size_t low = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (stamps[low + half] < time) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static void blame_inside(queue_finding_t *finding, const queue_items_t *items, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].push_ret <= to && items->items[i].pop_call > from)
            queue_blame_item(finding, &items->items[i]);
}

/* Right after some push has returned, more items are certainly inside than may be. */
static queue_finding_t check_overfull(const queue_items_t *items, const stamps_t *s, size_t capacity)
{
    for (size_t i = 0; i < s->count; i++) {
        uint64_t time = s->push_ret[i];
        size_t left = less(s->pop_call, s->count, time + 1);
        if (i + 1 > left && i + 1 - left > capacity) {
            queue_finding_t finding = {.verdict = LIN_VIOLATED, .what = "more items inside than the capacity"};
            blame_inside(&finding, items, time, time);
            return finding;
        }
    }
    return fine;
}

/* At some moment of the push as many items may be inside as there is room: at its call, or when one is added. */
static bool may_be_full(const stamps_t *s, size_t capacity, const hist_op_t *push)
{
    size_t in = less(s->push_call, s->count, push->call);
    uint64_t time = push->call;
    while (in - less(s->pop_ret, s->count, time) < capacity) {
        if (in == s->count || s->push_call[in] > push->ret)
            return false;
        time = s->push_call[in++];
    }
    return true;
}

static queue_finding_t check_full(const queue_items_t *items, const stamps_t *s, size_t capacity)
{
    for (size_t i = 0; i < items->nothing_count; i++) {
        const hist_op_t *op = items->nothing[i];
        if (op->verb == HIST_PUSH && (capacity == 0 || !may_be_full(s, capacity, op))) {
            queue_finding_t finding = {.verdict = LIN_VIOLATED, .what = "full, though there was room all the time"};
            queue_blame(&finding, op);
            blame_inside(&finding, items, op->call, op->ret);
            return finding;
        }
    }
    return capacity == 0 ? fine : check_overfull(items, s, capacity);
}

static queue_finding_t check_capacity(const queue_items_t *items, size_t capacity)
{
    uint64_t *all = malloc((4 * items->count + 1) * sizeof *all);
    if (!all)
        return no_memory;
    stamps_t s = {all, all + items->count, all + 2 * items->count, all + 3 * items->count, items->count};
    for (size_t i = 0; i < items->count; i++) {
        s.push_call[i] = items->items[i].push_call;
        s.push_ret[i] = items->items[i].push_ret;
        s.pop_call[i] = items->items[i].pop_call; /* or never certainly inside: it leaves as it comes */
        if (s.pop_call[i] < s.push_ret[i])
            s.pop_call[i] = s.push_ret[i];
        s.pop_ret[i] = items->items[i].pop_ret;
    }
    for (size_t kind = 0; kind < 4; kind++)
        qsort(all + kind * items->count, items->count, sizeof *all, by_time);
    queue_finding_t finding = check_full(items, &s, capacity);
    free(all);
    return finding;
}

queue_finding_t queue_check(const hist_op_t *const *ops, size_t count, const queue_spec_t *spec)
{
    queue_items_t items;
    queue_finding_t finding = queue_items_create(&items, ops, count);
    if (finding.verdict == LIN_OK)
        finding = spec->order == QUEUE_FIFO ? fifo_check_order(&items) : lifo_check_order(&items);
    if (finding.verdict == LIN_OK)
        finding = check_empty(&items);
    if (finding.verdict == LIN_OK)
        finding = check_capacity(&items, spec->capacity);
    queue_items_destroy(&items);
    return finding;
}
