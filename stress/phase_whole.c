/* phase_whole.c: short histories, each of a map of its own, checked as a whole: calls that look at several keys are held to
 * linearizability where the map promises it (map_kind_t). Where it promises less, phase_order.c is their check. */
#include "cycle.h"
#include "history.h"
#include "map_whole.h"
#include "report.h"

#include <cc/guard.h>

#include <errno.h>
#include <stdlib.h>

enum { CALLS = WHOLE_CALLS_MAX - 2 * MAP_WHOLE_KEYS, ROUNDS = 8192 };

typedef struct {
    cycle_t *cycle;
    void *map;
    unsigned keys, each; /* calls of each thread */
    uint64_t base, stride;
    hist_t hist; /* one lane per thread and one for what the main thread does alone */
} round_t;

static uint64_t key_of(const round_t *r, unsigned i)
{
    return r->base + i * r->stride;
}

static value_t *fill_in_value(const round_t *r, worker_t *worker, hist_op_t *op)
{
    value_t *value = value_new(key_of(r, op->key), worker_sequence(worker));
    op->arg = hist_token(value, value->sequence);
    return value;
}

/* ---- single keys */

static void call_single(const round_t *r, worker_t *worker, hist_op_t *op)
{
    const map_kind_t *kind = r->cycle->kind;
    uint64_t key = key_of(r, op->key);
    void *out = NULL;
    value_t *value = op->verb == HIST_INSERT || op->verb == HIST_PUT ? fill_in_value(r, worker, op) : NULL;
    op->call = hist_clock_before();
    int rc = op->verb == HIST_GET      ? kind->get(r->map, key, &out)
             : op->verb == HIST_INSERT ? kind->insert(r->map, key, value)
             : op->verb == HIST_PUT    ? kind->put(r->map, key, value, NULL)
                                       : kind->remove(r->map, key, NULL);
    op->ret = hist_clock_after();
    op->result = (int16_t)rc;
    if (op->verb == HIST_GET && rc == 0) {
        op->seen = hist_token(out, ((value_t *)out)->sequence);
        op->known = HIST_KNOWN_WHOLE;
    }
    if (op->verb == HIST_INSERT && rc == -EEXIST)
        value_discard(value);
}

/* ---- the order */

typedef int ordered_fn(const map_kind_t *kind, void *map, uint64_t key, uint64_t *k, void **v);

static int ask_min(const map_kind_t *kind, void *map, uint64_t key, uint64_t *k, void **v)
{
    (void)key;
    return kind->min(map, k, v);
}

static int ask_max(const map_kind_t *kind, void *map, uint64_t key, uint64_t *k, void **v)
{
    (void)key;
    return kind->max(map, k, v);
}

static int ask_floor(const map_kind_t *kind, void *map, uint64_t key, uint64_t *k, void **v)
{
    return kind->floor(map, key, k, v);
}

static int ask_ceil(const map_kind_t *kind, void *map, uint64_t key, uint64_t *k, void **v)
{
    return kind->ceil(map, key, k, v);
}

static const struct {
    hist_order_verb_t verb;
    ordered_fn *ask;
} ordered[] = {{HIST_MIN, ask_min}, {HIST_MAX, ask_max}, {HIST_FLOOR, ask_floor}, {HIST_CEIL, ask_ceil}};

enum { ORDERED = sizeof ordered / sizeof *ordered };

static void call_ordered(const round_t *r, unsigned which, hist_op_t *op)
{
    uint64_t key = 0;
    void *value = NULL;
    op->verb = (uint8_t)ordered[which].verb;
    op->call = hist_clock_before();
    int rc = ordered[which].ask(r->cycle->kind, r->map, key_of(r, op->key), &key, &value);
    op->ret = hist_clock_after();
    op->result = (int16_t)rc;
    if (rc != 0)
        return;
    value_check(value, key, "an ordered call");
    op->arg = (key - r->base) / r->stride;
    op->seen = hist_token(value, ((value_t *)value)->sequence);
    op->known = HIST_KNOWN_WHOLE;
}

/* ---- pops */

/* A pop promises that it removes its key at one moment, so it stands in the history as that removal; one that finds nothing
 * leaves no call. (That it takes an end: contract tests, the model.) False: nothing to record. */
static bool call_pop(const round_t *r, bool max, hist_op_t *op)
{
    const map_kind_t *kind = r->cycle->kind;
    uint64_t key = 0;
    void *value = NULL;
    op->verb = HIST_REMOVE;
    op->call = hist_clock_before();
    int rc = (max ? kind->pop_max : kind->pop_min)(r->map, &key, &value);
    op->ret = hist_clock_after();
    op->result = (int16_t)rc;
    if (rc == -ENOENT)
        return false;
    if (rc != 0)
        finding("a pop returned %d", rc);
    value_check(value, key, "a pop");
    op->key = (uint16_t)((key - r->base) / r->stride);
    op->seen = hist_token(value, ((value_t *)value)->sequence);
    op->known = HIST_KNOWN_WHOLE;
    cycle_retire(r->cycle->domain, value);
    return true;
}

/* ---- a round */

/* False: nothing to record. */
static bool make_call(const round_t *r, worker_t *worker, hist_op_t *op)
{
    static const uint8_t single[] = {HIST_GET, HIST_INSERT, HIST_INSERT, HIST_PUT, HIST_REMOVE, HIST_REMOVE};
    op->key = (uint16_t)rnd_below(&worker->rnd, r->keys);
    if (rnd_once_in(&worker->rnd, 8))
        return call_pop(r, rnd_once_in(&worker->rnd, 2), op);
    if (rnd_once_in(&worker->rnd, 2)) {
        call_ordered(r, rnd_below(&worker->rnd, ORDERED), op);
    } else {
        op->verb = single[rnd_below(&worker->rnd, sizeof single)];
        call_single(r, worker, op);
    }
    return true;
}

static void whole_job(worker_t *worker, void *ctx)
{
    round_t *r = ctx;
    cc_guard_t *guard = cc_guard_enter(r->cycle->domain);
    for (unsigned i = 0; i < r->each && (worker->index + 1) * r->each <= CALLS; i++) {
        hist_op_t *op = hist_next(&r->hist, worker->index);
        if (make_call(r, worker, op))
            hist_commit(&r->hist, worker->index);
        worker->ops++;
    }
    cc_guard_leave(guard);
}

/* While all is quiet: something to begin with, and what is there at the end. */
static void call_alone(round_t *r, unsigned key, hist_verb_t verb)
{
    hist_op_t *op = hist_next(&r->hist, r->cycle->threads);
    cc_guard_t *guard = cc_guard_enter(r->cycle->domain);
    op->key = (uint16_t)key;
    op->verb = (uint8_t)verb;
    call_single(r, &r->cycle->crew.workers[0], op);
    hist_commit(&r->hist, r->cycle->threads);
    cc_guard_leave(guard);
}

static int by_time(const void *a, const void *b)
{
    const hist_op_t *const *x = a, *const *y = b;
    return (*x)->call < (*y)->call ? -1 : (*x)->call > (*y)->call;
}

static void check(round_t *r)
{
    const hist_op_t *ops[WHOLE_CALLS_MAX];
    size_t n = 0;
    for (unsigned lane = 0; lane < r->hist.threads; lane++)
        for (size_t i = 0; i < r->hist.lanes[lane].count; i++)
            ops[n++] = &r->hist.lanes[lane].ops[i];
    qsort(ops, n, sizeof *ops, by_time);
    map_finding_t found = map_check_whole(ops, n);
    if (found.verdict == LIN_VIOLATED) {
        fflush(stdout);
        map_finding_print(stderr, &found);
        finding("not linearizable as a whole: %zu calls on %u keys", n, r->keys);
    }
    r->cycle->checks += found.verdict == LIN_OK ? n : 0; /* else there were too many possibilities */
}

static void run_round(round_t *r)
{
    rnd_t *rnd = &r->cycle->rnd;
    r->keys = 2 + rnd_below(rnd, MAP_WHOLE_KEYS - 1);
    r->base = UINT64_MAX / 2 + (rnd_next(rnd) >> 8); /* above what a poisoned node shows as its key */
    r->stride = rnd_once_in(rnd, 2) ? 1 : 1 + (rnd_next(rnd) >> 40);
    cycle_map_t map = cycle_map_create(r->cycle->kind, r->cycle->domain, true);
    r->map = map.handle;
    hist_clear(&r->hist);
    for (unsigned key = 0; key < r->keys; key++)
        if (rnd_once_in(rnd, 2))
            call_alone(r, key, HIST_INSERT);
    crew_run(&r->cycle->crew, whole_job, r);
    for (unsigned key = 0; key < r->keys; key++)
        call_alone(r, key, HIST_GET);
    check(r);
    cycle_map_destroy(&map);
}

static void whole_run(cycle_t *cycle)
{
    double until = now_seconds() + cycle->seconds;
    round_t r = {.cycle = cycle, .each = 1 + (CALLS - 1) / cycle->threads};
    if (r.each < 4)
        r.each = 4; /* then not all threads take part */
    if (!hist_create(&r.hist, cycle->threads + 1, WHOLE_CALLS_MAX))
        give_up("no memory for a history");
    for (unsigned round = 0; round == 0 || (round < ROUNDS && now_seconds() < until); round++)
        run_round(&r);
    cycle_settle(cycle->domain, cycle->scheme);
    hist_destroy(&r.hist);
}

const phase_t phase_whole = {"whole", whole_run};
