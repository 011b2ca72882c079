/* The phase flow: half of the crew pushes, half pops and sleeps; the last producer closes. */
#include "queue_phases.h"
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16, NUMBER_BITS = 40 };

typedef struct {
    uint64_t pushed, popped, sum_in, sum_out;
} account_t;

typedef struct {
    const queue_kind_t *kind;
    void *queue;
    unsigned producers;
    atomic_uint at_work; /* producers */
    account_t *accounts; /* one per thread */
} flow_t;

/* An item: who pushed it (from 1 on), and as his how-manieth. */
static void *item_of(uint64_t producer, uint64_t number)
{
    return (void *)(uintptr_t)((producer + 1) << NUMBER_BITS | number); // NOLINT(performance-no-int-to-ptr)
}

static void produce(worker_t *w, flow_t *f)
{
    account_t account = {0};
    void *items[BATCH];
    while (!crew_stopped(w)) {
        size_t n = rnd_below(&w->rnd, 4) == 0 ? 1 + rnd_below(&w->rnd, BATCH) : 1;
        for (size_t i = 0; i < n; i++)
            items[i] = item_of(w->index, account.pushed + i);
        int64_t went = n > 1 ? f->kind->push_n(f->queue, items, n) : f->kind->push_wait(f->queue, items[0], -1);
        went = n == 1 && went == 0 ? 1 : went;
        if (went < 0 && went != -EAGAIN)
            finding("push answered %d", (int)went);
        for (int64_t i = 0; i < went; i++)
            account.sum_in += (uintptr_t)items[i];
        account.pushed += went > 0 ? (uint64_t)went : 0;
        w->ops++;
        if (f->kind->count(f->queue) > 100000) /* an unbounded queue would take all memory */
            sched_yield();
    }
    f->accounts[w->index] = account;
    if (atomic_fetch_sub(&f->at_work, 1) == 1 && f->kind->close(f->queue) != 0)
        finding("close failed");
}

static void note(flow_t *f, account_t *account, uint64_t *last, void *item)
{
    uint64_t word = (uintptr_t)item, producer = (word >> NUMBER_BITS) - 1;
    uint64_t number = word & ((UINT64_C(1) << NUMBER_BITS) - 1);
    if (producer >= f->producers)
        finding("popped %#lx, which nobody pushed", (unsigned long)word);
    if (f->kind->order == QUEUE_FIFO && number < last[producer])
        finding("item %lu of producer %lu after its item %lu", (unsigned long)number, (unsigned long)producer,
                (unsigned long)last[producer] - 1);
    last[producer] = number + 1;
    account->sum_out += word;
    account->popped++;
}

static void consume(worker_t *w, flow_t *f)
{
    account_t account = {0};
    uint64_t last[HIST_THREADS_MAX] = {0};
    void *items[BATCH];
    int64_t went;
    do {
        size_t n = rnd_below(&w->rnd, 4) == 0 ? 1 + rnd_below(&w->rnd, BATCH) : 1;
        int64_t timeout = rnd_below(&w->rnd, 8) == 0 ? 100000 : -1;
        if (n == 1)
            went = f->kind->pop_wait(f->queue, items, timeout);
        else if (rnd_below(&w->rnd, 2) == 0)
            went = f->kind->pop_n_wait(f->queue, items, n, timeout);
        else
            went = f->kind->pop_n(f->queue, items, n);
        went = n == 1 && went == 0 ? 1 : went;
        if (went == 0 || (went < 0 && went != -EAGAIN && went != -ETIMEDOUT && went != -EPIPE))
            finding("pop answered %d", (int)went);
        for (int64_t i = 0; i < went; i++)
            note(f, &account, last, items[i]);
        w->ops++;
        w->checks += went > 0 ? (uint64_t)went : 0;
    } while (went != -EPIPE);
    f->accounts[w->index] = account;
}

static void work(worker_t *w, void *ctx)
{
    flow_t *f = ctx;
    if (w->index < f->producers)
        produce(w, f);
    else
        consume(w, f);
}

static void run_flow(queue_cycle_t *c)
{
    static const size_t sizes[] = {1, 2, 16, 64, 1024};
    account_t total = {0};
    void *item;
    flow_t f = {.kind = c->kind, .producers = (c->crew.count + 1) / 2};
    f.queue = c->kind->create(c->domain, sizes[rnd_below(&c->rnd, 5)]);
    f.accounts = calloc(c->crew.count, sizeof *f.accounts);
    if (f.accounts == NULL)
        give_up("no memory for the accounts");
    atomic_store(&f.at_work, f.producers);
    crew_run_for(&c->crew, c->seconds, work, &f);
    for (unsigned i = 0; i < c->crew.count; i++) {
        total.pushed += f.accounts[i].pushed;
        total.popped += f.accounts[i].popped;
        total.sum_in += f.accounts[i].sum_in;
        total.sum_out += f.accounts[i].sum_out;
    }
    /* A crew of one has no consumer. */
    while (c->crew.count == 1 && c->kind->pop(f.queue, &item) == 0) {
        total.popped++;
        total.sum_out += (uintptr_t)item;
    }
    if (total.pushed != total.popped || total.sum_in != total.sum_out)
        finding("%lu pushed, %lu popped; sums %lu, %lu", (unsigned long)total.pushed, (unsigned long)total.popped,
                (unsigned long)total.sum_in, (unsigned long)total.sum_out);
    if (c->kind->pop(f.queue, &item) != -EPIPE)
        finding("a closed queue is not at its end");
    free(f.accounts);
    c->kind->destroy(f.queue);
}

const queue_phase_t queue_phase_flow = {"flow", run_flow};
