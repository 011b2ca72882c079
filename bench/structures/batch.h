/* Items in batches of BATCH, as a server's threads would pass them: what a thread pushes is collected until there are so many, what it
 * pops comes from the last batch that it got. The including source defines PUSH_N(it, items, n) and POP_N(it, items, n) first. */
#ifndef BENCH_STRUCTURES_BATCH_H
#define BENCH_STRUCTURES_BATCH_H

#include <stdlib.h>
#include <string.h>

enum { BATCH = 16 };

typedef struct {
    void *out[BATCH], *in[BATCH];
    size_t outs, ins, next; /* in[next, ins) are still to be popped */
} batch_t;

static void *batch_begin(void *it, unsigned number)
{
    (void)it;
    (void)number;
    return calloc(1, sizeof(batch_t));
}

/* False: nothing went. */
static bool batch_flush(void *it, batch_t *batch)
{
    int64_t went = PUSH_N(it, batch->out, batch->outs);
    if (went <= 0)
        return false;
    batch->outs -= (size_t)went;
    memmove(batch->out, batch->out + went, batch->outs * sizeof *batch->out);
    return true;
}

static bool batch_push(void *it, void *self, void *item)
{
    batch_t *batch = self;
    if (batch->outs == BATCH && !batch_flush(it, batch))
        return false;
    batch->out[batch->outs++] = item;
    if (batch->outs == BATCH)
        (void)batch_flush(it, batch);
    return true;
}

static bool batch_pop(void *it, void *self, void **item)
{
    batch_t *batch = self;
    if (batch->next == batch->ins) {
        int64_t got = POP_N(it, batch->in, BATCH);
        batch->next = 0;
        batch->ins = got > 0 ? (size_t)got : 0;
    }
    if (batch->ins == 0) {
        if (batch->outs != 0) /* perhaps all that there is */
            (void)batch_flush(it, batch);
        return false;
    }
    *item = batch->in[batch->next++];
    return true;
}

static void batch_end(void *it, void *self)
{
    (void)it;
    free(self);
}

/* Of the contender. */
#define CALLS .thread_begin = batch_begin, .thread_end = batch_end, .push = batch_push, .pop = batch_pop

#endif
