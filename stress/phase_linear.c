/* phase_linear.c: few keys, every call recorded, every history checked for linearizability.
 *
 * Slices of some ten thousand calls; between two of them the map is quiet, the crew idle, and what the keys hold is
 * read inside a guard: that closes one history and opens the next. Beside the recorded calls the threads hold
 * values in guards over many calls, and pass values around in shared slots with cc_guard_protect. */
#include "cycle.h"
#include "hold.h"
#include "linearize.h"
#include "report.h"
#include "shrink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLICE_OPS = 4096 /* per thread */, KEYS_MAX = 64, SLOTS = 2 };

#define SLOT_KEY UINT64_C(0x510700000000)

typedef struct {
    cycle_t *cycle;
    cycle_map_t map;
    unsigned keys;
    uint64_t base, stride;      /* key number i is base + i * stride */
    uint64_t initial[KEYS_MAX]; /* tokens at the last quiet moment */
    hist_t hist;                /* one lane per thread and one for the quiet reads */
    CC_ATOMIC_PTR slots[SLOTS]; /* values in nobody's map; bit 0 may be a mark */
    hold_t *holds;              /* one per thread */
    void **last_seen;           /* per thread and key: an address that a get gave out, good for comparing only */
} linear_t;

/* One recorded call: what it is called with, and what becomes of its value. */
typedef struct {
    linear_t *l;
    worker_t *worker;
    hold_t *hold;
    hist_op_t *op;
    uint64_t key;
    void **last_seen;
} call_t;

/* What `old` points to before a call: it must still be there if the call did not succeed. */
static value_t untouched;

static void unexpected(const char *verb, uint64_t key, int rc)
{
    finding("%s of key %" PRIu64 " returned %d", verb, key, rc);
}

static uint64_t token_of(const value_t *value)
{
    return hist_token(value, value->sequence);
}

static value_t *new_value(call_t *c)
{
    return value_new(c->key, worker_sequence(c->worker));
}

/* A value left the map and its retirement is ours: we may look into it until then. */
static void take_over(call_t *c, value_t *old, const char *how)
{
    value_check(old, c->key, how);
    c->op->seen = token_of(old);
    c->op->known = HIST_KNOWN_WHOLE;
    cycle_retire(c->l->map.domain, old);
}

static bool wants_old(call_t *c)
{
    return !c->l->map.owns_values || rnd_once_in(&c->worker->rnd, 2);
}

static void do_get(call_t *c)
{
    void *value = &untouched;
    bool own_guard = c->hold->depth == 0 && rnd_once_in(&c->worker->rnd, 2);
    if (own_guard)
        hold_enter(c->hold);
    c->op->call = hist_clock_before();
    int rc = c->l->map.kind->get(c->l->map.handle, c->key, &value);
    c->op->ret = hist_clock_after();
    c->op->result = (int16_t)rc;
    if (rc == 0 && c->hold->depth > 0) {
        hold_value(c->hold, value, c->key, "get inside a guard");
        c->op->seen = token_of(value);
        c->op->known = HIST_KNOWN_WHOLE;
    } else if (rc == 0) {
        c->op->seen = hist_token(value, 0);
        c->op->known = HIST_KNOWN_ADDRESS;
    } else if (rc != -ENOENT || value != &untouched) {
        unexpected("get", c->key, rc);
    }
    if (rc == 0)
        *c->last_seen = value;
    if (own_guard)
        hold_leave(c->hold);
}

static void do_contains(call_t *c)
{
    c->op->call = hist_clock_before();
    bool yes = c->l->map.kind->contains(c->l->map.handle, c->key);
    c->op->ret = hist_clock_after();
    c->op->result = yes;
}

static void do_insert(call_t *c)
{
    value_t *value = new_value(c);
    c->op->arg = token_of(value);
    c->op->call = hist_clock_before();
    int rc = c->l->map.kind->insert(c->l->map.handle, c->key, value);
    c->op->ret = hist_clock_after();
    c->op->result = (int16_t)rc;
    if (rc == -EEXIST)
        value_discard(value);
    else if (rc != 0)
        unexpected("insert", c->key, rc);
}

static void do_put(call_t *c)
{
    value_t *value = new_value(c);
    void *old = &untouched;
    bool want = wants_old(c);
    c->op->arg = token_of(value);
    c->op->call = hist_clock_before();
    int rc = c->l->map.kind->put(c->l->map.handle, c->key, value, want ? &old : NULL);
    c->op->ret = hist_clock_after();
    c->op->result = (int16_t)rc;
    if ((rc != 0 && rc != 1) || (want && (old == &untouched || (old != NULL) != (rc == 1))))
        unexpected("put", c->key, rc);
    if (want && rc == 1)
        take_over(c, old, "old value of put");
}

/* An expected value: held in a guard (certain), seen by an earlier get (only an address now), or never there. */
static void *choose_expected(call_t *c, value_t *desired)
{
    value_t *held = hold_find(c->hold, c->key);
    if (held && !rnd_once_in(&c->worker->rnd, 4)) {
        c->op->known = HIST_KNOWN_WHOLE;
        c->op->seen = token_of(held);
        return held;
    }
    void *address = *c->last_seen;
    /* The memory of a value seen long ago may be that of `desired` now. */
    if (!address || address == desired || rnd_once_in(&c->worker->rnd, 4))
        address = &untouched;
    c->op->known = HIST_KNOWN_ADDRESS;
    c->op->seen = hist_token(address, 0);
    return address;
}

static void do_replace(call_t *c)
{
    value_t *desired = new_value(c);
    void *expected = choose_expected(c, desired);
    c->op->arg = token_of(desired);
    c->op->call = hist_clock_before();
    int rc = c->l->map.kind->replace(c->l->map.handle, c->key, expected, desired);
    c->op->ret = hist_clock_after();
    c->op->result = (int16_t)rc;
    if (rc == -ENOENT || rc == -ECANCELED)
        value_discard(desired);
    else if (rc != 0)
        unexpected("replace", c->key, rc);
    else if (!c->l->map.owns_values)
        take_over(c, expected, "old value of replace");
}

static void do_remove(call_t *c)
{
    void *old = &untouched;
    bool want = wants_old(c);
    c->op->call = hist_clock_before();
    int rc = c->l->map.kind->remove(c->l->map.handle, c->key, want ? &old : NULL);
    c->op->ret = hist_clock_after();
    c->op->result = (int16_t)rc;
    if ((rc != 0 && rc != -ENOENT) || old == NULL || (want && (old == &untouched) != (rc == -ENOENT)))
        unexpected("remove", c->key, rc);
    if (want && rc == 0)
        take_over(c, old, "old value of remove");
}

static void do_call(call_t *c)
{
    static void (*const verbs[])(call_t *) = {
        [HIST_GET] = do_get, [HIST_CONTAINS] = do_contains, [HIST_INSERT] = do_insert,
        [HIST_PUT] = do_put, [HIST_REPLACE] = do_replace,   [HIST_REMOVE] = do_remove};
    static const uint8_t mix[] = {HIST_GET,     HIST_GET,     HIST_GET, HIST_CONTAINS, HIST_INSERT, HIST_INSERT,
                                  HIST_REPLACE, HIST_REPLACE, HIST_PUT, HIST_REMOVE,   HIST_REMOVE};
    c->op->verb = mix[rnd_below(&c->worker->rnd, sizeof mix)];
    verbs[c->op->verb](c);
}

/* ---- values in shared slots */

static void *marked(value_t *value, unsigned mark)
{
    return (char *)value + mark;
}

static value_t *unmarked(void *word)
{
    return (value_t *)((uintptr_t)word & ~(uintptr_t)15); /* malloc aligns to 16 */
}

static void exchange_slot(linear_t *l, worker_t *worker, unsigned i)
{
    value_t *fresh = value_new(SLOT_KEY + i, worker_sequence(worker));
    void *old = atomic_exchange(&l->slots[i], marked(fresh, rnd_below(&worker->rnd, 2)));
    if (unmarked(old))
        cycle_retire(l->map.domain, unmarked(old));
}

static void touch_slot(linear_t *l, worker_t *worker, hold_t *hold)
{
    unsigned i = rnd_below(&worker->rnd, SLOTS);
    if (hold->depth == 0 || rnd_once_in(&worker->rnd, 2)) {
        exchange_slot(l, worker, i);
        return;
    }
    void *word = NULL;
    int rc = cc_guard_protect(hold->levels[hold->depth - 1].guard, &l->slots[i], &word);
    if (rc != 0)
        finding("cc_guard_protect returned %d", rc);
    if (unmarked(word))
        hold_value(hold, unmarked(word), SLOT_KEY + i, "cc_guard_protect");
}

static size_t empty_slots(linear_t *l)
{
    size_t emptied = 0;
    for (unsigned i = 0; i < SLOTS; i++) {
        void *old = atomic_exchange(&l->slots[i], NULL);
        if (unmarked(old)) {
            cycle_retire(l->map.domain, unmarked(old));
            emptied++;
        }
    }
    return emptied;
}

/* ---- slices */

static void linear_job(worker_t *worker, void *ctx)
{
    linear_t *l = ctx;
    hold_t *hold = &l->holds[worker->index];
    call_t call = {.l = l, .worker = worker, .hold = hold};
    for (;;) {
        call.op = hist_next(&l->hist, worker->index);
        if (!call.op)
            break;
        unsigned k = rnd_below(&worker->rnd, l->keys);
        call.op->key = (uint16_t)k;
        call.key = l->base + k * l->stride;
        call.last_seen = &l->last_seen[worker->index * KEYS_MAX + k];
        hold_something(hold);
        if (rnd_once_in(&worker->rnd, 8))
            touch_slot(l, worker, hold);
        do_call(&call);
        hist_commit(&l->hist, worker->index);
        worker->ops++;
    }
    hold_leave_all(hold);
}

/* Reads every key while all is quiet; these reads end the history. */
static void read_quietly(linear_t *l)
{
    unsigned lane = l->cycle->threads;
    cc_guard_t *guard = cc_guard_enter(l->map.domain);
    for (unsigned k = 0; k < l->keys; k++) {
        hist_op_t *op = hist_next(&l->hist, lane);
        void *value = NULL;
        uint64_t key = l->base + k * l->stride;
        op->key = (uint16_t)k;
        op->verb = HIST_GET;
        op->call = hist_clock_before();
        op->result = (int16_t)l->map.kind->get(l->map.handle, key, &value);
        op->ret = hist_clock_after();
        if (op->result == 0) {
            value_check(value, key, "get of a quiet map");
            op->seen = token_of(value);
            op->known = HIST_KNOWN_WHOLE;
        }
        hist_commit(&l->hist, lane);
    }
    cc_guard_leave(guard);
}

static void report_violation(linear_t *l, const hist_op_t *const *ops, size_t count, unsigned k, size_t failed)
{
    shrunk_t shrunk;
    fflush(stdout);
    if (shrink(ops, count, l->initial[k], failed, &shrunk))
        shrunk_print(stderr, &shrunk);
    if (report_trace())
        history_print(report_trace(), ops, count, l->initial[k], ops[failed]);
    finding("not linearizable: key %" PRIu64 ", one of %u, %zu calls in the slice", l->base + k * l->stride, l->keys,
            count);
}

static size_t check_histories(linear_t *l)
{
    lin_index_t index;
    size_t present = 0;
    if (!lin_index_create(&index, &l->hist, l->keys))
        give_up("no memory for the check");
    for (unsigned k = 0; k < l->keys; k++) {
        const hist_op_t *const *ops = index.ops + index.first[k];
        size_t count = index.first[k + 1] - index.first[k];
        lin_result_t result = lin_check_key(ops, count, l->initial[k]);
        if (result.verdict == LIN_VIOLATED)
            report_violation(l, ops, count, k, result.failed);
        if (result.verdict == LIN_UNDECIDED)
            give_up("a history has too many explanations; use fewer threads or more keys");
        l->initial[k] = result.final_state;
        present += result.final_state != HIST_ABSENT;
        l->cycle->checks += count;
    }
    lin_index_destroy(&index);
    return present;
}

static void run_slice(linear_t *l)
{
    cycle_t *cycle = l->cycle;
    hist_clear(&l->hist);
    crew_run(&cycle->crew, linear_job, l);
    read_quietly(l);
    size_t present = check_histories(l);
    empty_slots(l);
    cycle_settle(l->map.domain, cycle->scheme);
    size_t count = cycle_map_check(cycle, &l->map, true, 0);
    if (count != present)
        finding("count says %zu, but %zu keys are there", count, present);
}

static void run_map(linear_t *l, rnd_t *rnd, double until)
{
    cycle_t *cycle = l->cycle;
    l->keys = 1 + rnd_below(rnd, cycle->keys_max);
    l->base = UINT64_MAX / 2 + (rnd_next(rnd) >> 8); /* above what a poisoned node shows as its key */
    l->stride = rnd_once_in(rnd, 2) ? 1 : 1 + (rnd_next(rnd) >> 40);
    l->map = cycle_map_create(cycle->kind, cycle->domain, rnd_once_in(rnd, 2) || cycle->map_owns_always);
    for (unsigned k = 0; k < KEYS_MAX; k++)
        l->initial[k] = HIST_ABSENT;
    for (unsigned i = 0; i < cycle->threads * KEYS_MAX; i++)
        l->last_seen[i] = NULL;
    for (unsigned slice = 0; slice == 0 || (slice < 8 && now_seconds() < until); slice++)
        run_slice(l);
    cycle_map_destroy(&l->map);
}

static void linear_run(cycle_t *cycle)
{
    double until = now_seconds() + cycle->seconds;
    linear_t *l = calloc(1, sizeof *l);
    if (!l || !hist_create(&l->hist, cycle->threads + 1, SLICE_OPS))
        give_up("no memory for a history");
    l->cycle = cycle;
    l->holds = calloc(cycle->threads, sizeof *l->holds);
    l->last_seen = calloc((size_t)cycle->threads * KEYS_MAX, sizeof *l->last_seen);
    if (!l->holds || !l->last_seen)
        give_up("no memory for a history");
    for (unsigned i = 0; i < cycle->threads; i++)
        hold_init(&l->holds[i], cycle->domain, &cycle->crew.workers[i]);
    do {
        run_map(l, &cycle->rnd, until);
    } while (now_seconds() < until);
    hist_destroy(&l->hist);
    free(l->holds);
    free(l->last_seen);
    free(l);
}

const phase_t phase_linear = {"linear", linear_run};
