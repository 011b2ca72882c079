/* queue_selftest.c: the checkers of queues must accept what an atomic queue does, and reject every lie.
 *
 * Histories written by hand; random tiny ones, where the conditions, the whole-history check and a plain search through
 * all orders are compared; long ones, with errors planted in them. */
#include "linearize_queue.h"
#include "random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, TINY_OPS = 8, TINY_RUNS = 20000, LONG_OPS = 250000, PLANTED_OPS = 25000, PLANTED_MAX = 10 };

static unsigned failures;

static void expect(bool ok, const char *what, const char *detail)
{
    if (!ok) {
        failures++;
        printf("FAILED: %s: %s\n", what, detail);
    }
}

static const char *name_of(const queue_spec_t *spec)
{
    return spec->order == QUEUE_LIFO ? "lifo" : spec->capacity ? "ring" : "fifo";
}

/* ---- written by hand: times, and what the two checkers say */

#define OP(t, from, to, v, ...)                                                                                        \
    {                                                                                                                  \
        .call = (from), .ret = (to), .thread = (t), .verb = (v), __VA_ARGS__                                           \
    }
#define PUSH(t, from, to, item) OP(t, from, to, HIST_PUSH, .arg = (item))
#define FULL(t, from, to, item) OP(t, from, to, HIST_PUSH, .arg = (item), .result = -EAGAIN)
#define POP(t, from, to, item)  OP(t, from, to, HIST_POP, .seen = (item))
#define EMPTY(t, from, to)      OP(t, from, to, HIST_POP, .result = -EAGAIN)

#define GOOD LIN_OK
#define BAD  LIN_VIOLATED

#define FIFO .spec = {QUEUE_FIFO, 0}
#define LIFO .spec = {QUEUE_LIFO, 0}
#define RING .spec = {QUEUE_FIFO, 2}

static const struct {
    const char *name;
    queue_spec_t spec;
    lin_verdict_t conditions, whole;
    size_t blamed;              /* how many calls the conditions, then the whole-history check, blame */
    hist_op_t ops[PLANTED_MAX]; /* the first with ret == 0 ends them */
} planted[] = {
    {"in order",
     FIFO,
     GOOD,
     GOOD,
     0,
     {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), POP(1, 5, 6, 1), POP(1, 7, 8, 2), EMPTY(1, 9, 10)}},
    {"the second first", FIFO, BAD, BAD, 4, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), POP(1, 5, 6, 2), POP(1, 7, 8, 1)}},
    {"pushed together", FIFO, GOOD, GOOD, 0, {PUSH(0, 1, 3, 1), PUSH(1, 2, 4, 2), POP(1, 5, 6, 2), POP(1, 7, 8, 1)}},
    {"touching is together",
     FIFO,
     GOOD,
     GOOD,
     0,
     {PUSH(0, 1, 2, 1), PUSH(1, 2, 3, 2), POP(1, 5, 6, 2), POP(1, 7, 8, 1)}},
    {"popped together", FIFO, GOOD, GOOD, 0, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), POP(1, 5, 7, 2), POP(2, 6, 8, 1)}},
    {"the first stays", FIFO, BAD, BAD, 3, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), POP(1, 5, 6, 2)}},
    {"out of nothing", FIFO, BAD, BAD, 1, {PUSH(0, 1, 2, 1), POP(1, 3, 4, 7)}},
    {"twice", FIFO, BAD, BAD, 3, {PUSH(0, 1, 2, 1), POP(1, 3, 4, 1), POP(2, 5, 6, 1)}},
    {"too early", FIFO, BAD, BAD, 2, {POP(1, 1, 2, 1), PUSH(0, 3, 4, 1)}},
    {"while it is pushed", FIFO, GOOD, GOOD, 0, {PUSH(0, 1, 4, 1), POP(1, 2, 3, 1)}},
    {"lost", FIFO, BAD, BAD, 2, {PUSH(0, 1, 2, 1), EMPTY(1, 3, 4)}},
    {"empty at first", FIFO, GOOD, GOOD, 0, {PUSH(0, 2, 3, 1), EMPTY(1, 1, 4), POP(1, 5, 6, 1)}},
    {"never empty, by turns",
     FIFO,
     BAD,
     BAD,
     5,
     {PUSH(0, 1, 2, 1), EMPTY(1, 3, 10), PUSH(0, 4, 5, 2), POP(0, 6, 7, 1), POP(2, 11, 12, 2)}},
    {"empty for a moment",
     FIFO,
     GOOD,
     GOOD,
     0,
     {PUSH(0, 1, 2, 1), EMPTY(1, 3, 10), POP(0, 4, 5, 1), PUSH(0, 6, 7, 2), POP(2, 11, 12, 2)}},
    {"full without bounds", FIFO, BAD, BAD, 1, {FULL(0, 1, 2, 1)}},
    {"last in, first out", LIFO, GOOD, GOOD, 0, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), POP(1, 5, 6, 2), POP(1, 7, 8, 1)}},
    {"first in, first out", LIFO, BAD, BAD, 4, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), POP(1, 5, 6, 1), POP(1, 7, 8, 2)}},
    {"from below one that stays", LIFO, BAD, BAD, 3, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), POP(1, 5, 6, 1)}},
    {"from below two by turns",
     LIFO,
     BAD,
     BAD,
     6,
     {PUSH(0, 1, 2, 1), PUSH(0, 3, 6, 2), PUSH(1, 4, 11, 3), POP(2, 10, 20, 1), POP(0, 14, 15, 2), POP(0, 21, 22, 3)}},
    {"came in above two by turns",
     LIFO,
     BAD,
     BAD,
     6,
     {PUSH(0, 1, 2, 3), PUSH(2, 3, 13, 1), PUSH(0, 8, 9, 2), POP(1, 12, 19, 3), POP(0, 17, 20, 2), POP(0, 21, 22, 1)}},
    {"lost by a stack", LIFO, BAD, BAD, 2, {PUSH(0, 1, 2, 1), EMPTY(1, 3, 4)}},
    {"full", RING, GOOD, GOOD, 0, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), FULL(0, 5, 6, 3), POP(1, 7, 8, 1)}},
    {"full too early", RING, BAD, BAD, 3, {PUSH(0, 1, 2, 1), FULL(0, 5, 6, 3), POP(1, 7, 8, 1)}},
    {"full for a moment",
     RING,
     GOOD,
     GOOD,
     0,
     {PUSH(0, 1, 2, 1), FULL(1, 3, 10, 3), PUSH(0, 4, 5, 2), POP(2, 6, 7, 1), POP(2, 11, 12, 2)}},
    {"full a moment too early", RING, BAD, BAD, 2, {PUSH(0, 1, 2, 1), FULL(0, 3, 4, 3), PUSH(0, 5, 6, 2)}},
    {"three of two beside one in passing",
     RING,
     BAD,
     BAD,
     3,
     {PUSH(0, 1, 10, 1), POP(1, 2, 3, 1), PUSH(2, 4, 5, 2), PUSH(2, 6, 7, 3), PUSH(2, 8, 9, 4)}},
    {"three of two", RING, BAD, BAD, 3, {PUSH(0, 1, 2, 1), PUSH(0, 3, 4, 2), PUSH(0, 5, 6, 3)}},
};

enum { PLANTED = sizeof planted / sizeof planted[0] };

static void test_planted(void)
{
    for (size_t i = 0; i < PLANTED; i++) {
        const hist_op_t *ops[PLANTED_MAX];
        size_t n = 0;
        for (; n < PLANTED_MAX && planted[i].ops[n].ret != 0; n++)
            ops[n] = &planted[i].ops[n];
        queue_finding_t conditions = queue_check(ops, n, &planted[i].spec);
        queue_finding_t whole = queue_check_whole(ops, n, &planted[i].spec);
        expect(conditions.verdict == planted[i].conditions, "conditions", planted[i].name);
        expect(whole.verdict == planted[i].whole, "whole history", planted[i].name);
        if (planted[i].conditions == BAD) {
            queue_finding_t again = queue_check_whole(conditions.calls, conditions.count, &planted[i].spec);
            expect(again.verdict == BAD, "what is blamed is no contradiction", planted[i].name);
            /* The whole history keeps every item beside a push that found it full. */
            expect(whole.count - conditions.count <= 1, "not shrunk, or too far", planted[i].name);
            expect(conditions.count == planted[i].blamed, "too much or too little is blamed", planted[i].name);
        }
    }
    printf("  planted histories             %10d\n", (int)PLANTED);
}

/* ---- all orders, by a model of its own */

typedef struct {
    uint64_t items[TINY_OPS + THREADS];
    size_t count;
} inside_t;

static bool takes_effect(const queue_spec_t *spec, const hist_op_t *op, inside_t *inside)
{
    bool full = spec->capacity && inside->count == spec->capacity;
    if (op->verb == HIST_PUSH) {
        if (full || op->result != 0)
            return full && op->result == -EAGAIN;
        inside->items[inside->count++] = op->arg;
        return true;
    }
    if (inside->count == 0 || op->result != 0)
        return inside->count == 0 && op->result == -EAGAIN;
    size_t at = spec->order == QUEUE_LIFO ? inside->count - 1 : 0;
    if (inside->items[at] != op->seen)
        return false;
    inside->count--;
    for (; at < inside->count; at++)
        inside->items[at] = inside->items[at + 1];
    return true;
}

static bool some_order(const hist_op_t *const *ops, size_t count, unsigned done, const inside_t *inside,
                       const queue_spec_t *spec)
{
    if (done == (1u << count) - 1)
        return true;
    for (size_t i = 0; i < count; i++) {
        inside_t next = *inside;
        bool ready = !(done >> i & 1);
        for (size_t j = 0; ready && j < count; j++)
            ready = j == i || (done >> j & 1) || !(ops[j]->ret < ops[i]->call);
        if (ready && takes_effect(spec, ops[i], &next) && some_order(ops, count, done | 1u << i, &next, spec))
            return true;
    }
    return false;
}

/* ---- an atomic queue with slow callers */

typedef struct {
    rnd_t rnd;
    queue_spec_t spec;
    uint64_t now, sequence;
    uint64_t *items; /* first .. end: inside */
    size_t first, end;
    hist_op_t *running[THREADS];
    bool took_effect[THREADS];
} world_t;

static void take_effect(world_t *w, unsigned thread)
{
    hist_op_t *op = w->running[thread];
    size_t count = w->end - w->first;
    w->took_effect[thread] = true;
    if (op->verb == HIST_PUSH && !(w->spec.capacity && count == w->spec.capacity))
        w->items[w->end++] = op->arg;
    else if (op->verb == HIST_PUSH || count == 0)
        op->result = -EAGAIN;
    else
        op->seen = w->spec.order == QUEUE_LIFO ? w->items[--w->end] : w->items[w->first++];
}

/* One step of a random thread: call, take effect or return. False: it would have begun a call beyond `hist`. */
static bool step(world_t *w, hist_t *hist)
{
    unsigned t = rnd_below(&w->rnd, THREADS);
    w->now += rnd_below(&w->rnd, 3);
    if (!w->running[t]) {
        hist_op_t *op = hist_next(hist, t);
        if (!op)
            return false;
        op->verb = (uint8_t)rnd_below(&w->rnd, 2);
        op->call = w->now;
        op->arg = op->verb == HIST_PUSH ? ++w->sequence : 0;
        w->running[t] = op;
        w->took_effect[t] = false;
    } else if (!w->took_effect[t]) {
        take_effect(w, t);
    } else {
        w->running[t]->ret = w->now;
        w->running[t] = NULL;
        hist_commit(hist, t);
    }
    return true;
}

static bool run_world(world_t *w, hist_t *hist, queue_spec_t spec, uint64_t seed, uint64_t stream, size_t total)
{
    hist_clear(hist);
    *w = (world_t){.rnd = rnd_init(seed, stream), .spec = spec, .now = 1, .items = malloc((total + THREADS) * 8)};
    if (!w->items)
        return false;
    while (hist_count(hist) < total && step(w, hist))
        continue;
    for (unsigned t = 0; t < THREADS; t++) {
        if (!w->running[t])
            continue;
        if (!w->took_effect[t])
            take_effect(w, t);
        w->running[t]->ret = ++w->now;
        hist_commit(hist, t);
    }
    free(w->items);
    return true;
}

/* ---- tiny histories, true and false */

typedef struct {
    unsigned wrong, found, refused, disagreements, misses;
} tally_t;

/* Changes what one call reported, or swaps what two of them did. */
static void tell_a_lie(world_t *w, hist_t *hist)
{
    hist_lane_t *lane = &hist->lanes[rnd_below(&w->rnd, THREADS)], *other = &hist->lanes[rnd_below(&w->rnd, THREADS)];
    if (lane->count == 0 || other->count == 0)
        return;
    hist_op_t *op = &lane->ops[rnd_below(&w->rnd, (uint32_t)lane->count)];
    hist_op_t *with = &other->ops[rnd_below(&w->rnd, (uint32_t)other->count)];
    if (op->verb == HIST_POP && with->verb == HIST_POP && op != with) {
        hist_op_t old = *op;
        op->seen = with->seen;
        op->result = with->result;
        with->seen = old.seen;
        with->result = old.result;
    } else if (op->verb == HIST_POP) {
        op->seen = 1 + rnd_below(&w->rnd, (uint32_t)w->sequence + 1);
        op->result = rnd_once_in(&w->rnd, 2) ? 0 : -EAGAIN;
    } else {
        op->result = op->result ? 0 : -EAGAIN;
    }
}

static void judge(const hist_op_t *const *ops, size_t count, const queue_spec_t *spec, tally_t *tally)
{
    const inside_t nothing = {.count = 0};
    bool lawful = some_order(ops, count, 0, &nothing, spec);
    bool whole = queue_check_whole(ops, count, spec).verdict == LIN_OK;
    queue_finding_t conditions = queue_check(ops, count, spec);
    tally->wrong += !lawful;
    tally->disagreements += whole != lawful || (conditions.verdict != LIN_OK && lawful);
    tally->misses += conditions.verdict == LIN_OK && !lawful;
    tally->found += conditions.verdict == LIN_VIOLATED;
    if (conditions.verdict == LIN_VIOLATED && !(spec->capacity && conditions.more))
        tally->disagreements +=
            queue_check_whole(conditions.calls, conditions.count, spec).verdict != LIN_VIOLATED && spec->capacity == 0;
}

static void test_tiny(queue_spec_t spec, uint64_t seed)
{
    hist_t hist;
    world_t w;
    tally_t tally = {0};
    if (!hist_create(&hist, THREADS, TINY_OPS)) {
        expect(false, "tiny histories", "no memory");
        return;
    }
    for (unsigned run = 0; run < TINY_RUNS; run++) {
        lin_index_t index;
        if (!run_world(&w, &hist, spec, seed, run, TINY_OPS - THREADS + 1 + run % 2) ||
            !lin_index_create(&index, &hist, 1))
            break;
        size_t count = index.first[1];
        tally.refused += queue_check(index.ops, count, &spec).verdict != LIN_OK ||
                         queue_check_whole(index.ops, count, &spec).verdict != LIN_OK;
        tell_a_lie(&w, &hist);
        judge(index.ops, count, &spec, &tally);
        lin_index_destroy(&index);
    }
    hist_destroy(&hist);
    expect(tally.refused == 0, name_of(&spec), "an atomic execution was refused");
    expect(tally.disagreements == 0, name_of(&spec), "a checker and the search through all orders disagree");
    expect(spec.order == QUEUE_LIFO || spec.capacity || tally.misses == 0, name_of(&spec), "the conditions are all");
    expect(tally.found > TINY_RUNS / 5 && tally.wrong < TINY_RUNS * 9 / 10, name_of(&spec), "the lies are odd");
    printf("  tiny ones of a %s           %10d   of them not linearizable %u, by the conditions %u\n", name_of(&spec),
           TINY_RUNS, tally.wrong, tally.found);
}

/* ---- long ones */

/* Breaks one thing in the middle; `what`: 0 loses an item, 1 doubles one, 2 swaps two pops far apart, 3 says full. */
static bool plant(hist_t *hist, unsigned what, rnd_t *rnd)
{
    hist_op_t *pops[2] = {NULL, NULL};
    for (unsigned n = 0; n < 2;) {
        hist_lane_t *lane = &hist->lanes[rnd_below(rnd, THREADS)];
        hist_op_t *op = &lane->ops[lane->count / 4 + n * lane->count / 2 + rnd_below(rnd, 1000)];
        if (what != 3 && op->verb == HIST_POP && op->result == 0)
            pops[n++] = op;
        else if (what == 3 && op->verb == HIST_PUSH && op->result == 0)
            return op->result = -EAGAIN, true;
    }
    uint64_t seen = pops[0]->seen;
    if (what == 0)
        pops[0]->result = -EAGAIN;
    if (what == 1)
        pops[1]->seen = seen;
    if (what == 2) {
        pops[0]->seen = pops[1]->seen;
        pops[1]->seen = seen;
    }
    return true;
}

static double seconds_since(uint64_t start)
{
    return (double)(hist_clock_raw() - start) / 1e9;
}

static void test_long(queue_spec_t spec, uint64_t seed)
{
    static const char *const plants[] = {"a lost item", "a doubled item", "two items out of order", "full"};
    hist_t hist;
    lin_index_t index;
    world_t w;
    for (unsigned what = 0; what <= 4; what++) {
        size_t ops = what < 4 ? PLANTED_OPS : LONG_OPS;
        if (!hist_create(&hist, THREADS, ops) || !run_world(&w, &hist, spec, seed, what, THREADS * ops)) {
            expect(false, name_of(&spec), "no memory");
            return;
        }
        if (what < 4)
            plant(&hist, what, &w.rnd);
        uint64_t start = hist_clock_raw();
        if (lin_index_create(&index, &hist, 1)) {
            queue_finding_t found = queue_check(index.ops, index.first[1], &spec);
            if (what < 4)
                expect(found.verdict == LIN_VIOLATED && found.count > 0, name_of(&spec), plants[what]);
            else
                expect(found.verdict == LIN_OK, name_of(&spec), "a long atomic execution was refused");
            if (what == 4)
                printf("  one long history of a %s    %10zu   checked at %.1f M calls/s\n", name_of(&spec),
                       hist_count(&hist), (double)hist_count(&hist) / seconds_since(start) / 1e6);
            lin_index_destroy(&index);
        }
        hist_destroy(&hist);
    }
}

int main(int argc, char **argv)
{
    static const queue_spec_t specs[] = {{QUEUE_FIFO, 0}, {QUEUE_LIFO, 0}, {QUEUE_FIFO, 2}};
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : hist_clock_raw();
    if (argc > 2 || (argc > 1 && strcmp(argv[1], "--help") == 0)) {
        printf("usage: queue_selftest [SEED]\nTests the checkers of queues and stacks.\n");
        return argc > 2 ? 2 : 0;
    }
    printf("queue_selftest: seed %" PRIu64 "\n", seed);
    test_planted();
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        test_tiny(specs[i], seed);
        test_long(specs[i], seed);
    }
    printf("%s\n", failures ? "FAILED" : "ok");
    fflush(stdout);
    return failures != 0;
}
