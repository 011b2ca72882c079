/* The phases whole and long: recorded calls, and their histories checked. */
#include "queue_phases.h"
#include "report.h"

#include <errno.h>

enum {
    WHOLE_CALLS = 12,  /* of all threads together, before the rest is popped */
    LONG_CALLS = 4000, /* of each thread */
    BATCH = 6
};

typedef struct {
    const queue_kind_t *kind;
    void *queue;
    hist_t hist;
    unsigned calls; /* of each thread */
    bool batches;
} record_t;

static void record_one(record_t *r, unsigned thread, hist_queue_verb_t verb, uint64_t item, int result, uint64_t call,
                       uint64_t ret)
{
    if (result != 0 && (result != -EAGAIN || verb == HIST_PUSH)) /* a full ring: which pushes count is its own affair */
        return;
    hist_op_t *op = hist_next(&r->hist, thread);
    if (op == NULL)
        finding("the history is too short");
    *op = (hist_op_t){
        .call = call, .ret = ret, .thread = (uint8_t)thread, .verb = (uint8_t)verb, .result = (int16_t)result};
    *(verb == HIST_PUSH ? &op->arg : &op->seen) = item;
    hist_commit(&r->hist, thread);
}

static void push_some(record_t *r, worker_t *w, size_t n)
{
    void *items[BATCH];
    for (size_t i = 0; i < n; i++)
        items[i] = (void *)(uintptr_t)(worker_sequence(w) + 1); // NOLINT(performance-no-int-to-ptr): never followed
    uint64_t call = hist_clock_before();
    int64_t went = n == 1 ? r->kind->push(r->queue, items[0]) : r->kind->push_n(r->queue, items, n);
    uint64_t ret = hist_clock_after();
    if (n == 1 && went == 0)
        went = 1;
    if ((went < 0 && went != -EAGAIN) || went > (int64_t)n)
        finding("push answered %d", (int)went);
    for (int64_t i = 0; i < went; i++)
        record_one(r, w->index, HIST_PUSH, (uintptr_t)items[i], 0, call, ret);
}

static bool pop_some(record_t *r, unsigned thread, size_t n)
{
    void *items[BATCH] = {NULL};
    uint64_t call = hist_clock_before();
    int64_t went = n == 1 ? r->kind->pop(r->queue, items) : r->kind->pop_n(r->queue, items, n);
    uint64_t ret = hist_clock_after();
    if (n == 1 && went == 0)
        went = 1;
    if ((went <= 0 && went != -EAGAIN) || went > (int64_t)n)
        finding("pop answered %d", (int)went);
    if (went < 0)
        record_one(r, thread, HIST_POP, 0, -EAGAIN, call, ret);
    for (int64_t i = 0; i < went; i++)
        record_one(r, thread, HIST_POP, (uintptr_t)items[i], 0, call, ret);
    return went > 0;
}

static void work(worker_t *w, void *ctx)
{
    record_t *r = ctx;
    for (unsigned i = 0; i < r->calls; i++) {
        size_t n = r->batches && rnd_below(&w->rnd, 4) == 0 ? 1 + rnd_below(&w->rnd, BATCH) : 1;
        if (rnd_below(&w->rnd, 2) == 0)
            push_some(r, w, n);
        else
            pop_some(r, w->index, n);
        w->ops++;
    }
}

/* How many calls were found in order: none, if there were too many possibilities. */
static uint64_t judge(record_t *r, bool whole, size_t capacity)
{
    lin_index_t index;
    queue_spec_t spec = {.order = r->kind->order, .capacity = r->kind->bounded ? capacity : 0};
    if (!lin_index_create(&index, &r->hist, 1))
        give_up("no memory for a history");
    queue_finding_t found = (whole ? queue_check_whole : queue_check)(index.ops, hist_count(&r->hist), &spec);
    if (found.verdict == LIN_VIOLATED) {
        queue_print(stderr, &found);
        if (report_trace() != NULL)
            queue_print_history(report_trace(), index.ops, hist_count(&r->hist));
        finding("%s", found.what);
    }
    if (found.verdict == LIN_UNDECIDED && !whole)
        give_up(found.what);
    lin_index_destroy(&index);
    return found.verdict == LIN_OK ? hist_count(&r->hist) : 0;
}

/* One history: a queue, everybody at work, the rest popped by one thread. */
static void run_one(queue_cycle_t *c, record_t *r, bool whole)
{
    size_t size = (size_t)1 << rnd_below(&c->rnd, whole ? 4 : 9);
    r->queue = c->kind->create(c->domain, size);
    hist_clear(&r->hist);
    crew_run(&c->crew, work, r);
    while (pop_some(r, 0, 1)) {
    }
    if (c->kind->count(r->queue) != 0)
        finding("an empty queue counts %zu", c->kind->count(r->queue));
    c->checks += judge(r, whole, size);
    c->kind->destroy(r->queue);
}

static void run(queue_cycle_t *c, bool whole)
{
    record_t r = {.kind = c->kind, .batches = !whole};
    r.calls = whole ? (WHOLE_CALLS + c->crew.count - 1) / c->crew.count : LONG_CALLS;
    size_t room = (size_t)r.calls * c->crew.count * BATCH + 2; /* thread 0 pops the rest as well */
    if (!hist_create(&r.hist, c->crew.count, room))
        give_up("no memory for a history");
    double until = now_seconds() + c->seconds;
    do
        run_one(c, &r, whole);
    while (now_seconds() < until);
    if (c->checks == 0)
        give_up("no history could be decided: too many threads?");
    hist_destroy(&r.hist);
}

static void run_whole(queue_cycle_t *c)
{
    run(c, true);
}

static void run_long(queue_cycle_t *c)
{
    run(c, false);
}

const queue_phase_t queue_phase_whole = {"whole", run_whole};
const queue_phase_t queue_phase_long = {"long", run_long};
