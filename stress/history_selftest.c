/* history_selftest.c: the checker must accept what an atomic map does, and reject every lie.
 *
 * Histories written by hand; random tiny ones, compared with a search through all orders; long ones through the
 * recorder, with one planted error that the checker must find and the shrinker must show in a few lines. */
#include "linearize.h"
#include "planted_histories.h"
#include "random.h"
#include "shrink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TINY_OPS = 7, TINY_RUNS = 60000, THREADS = 4, KEYS = 8, LONG_OPS = 250000 };

static unsigned failures;

static void expect(bool ok, const char *what, const char *detail)
{
    if (!ok) {
        failures++;
        printf("FAILED: %s: %s\n", what, detail);
    }
}

/* ---- all orders */

static bool precedes(const hist_op_t *a, const hist_op_t *b)
{
    return a->ret < b->call;
}

/* Can the operations not in `done` be ordered from `state` on? Tries every one that nothing left must precede. */
static bool some_order(const hist_op_t *const *ops, size_t count, unsigned done, uint64_t state)
{
    if (done == (1u << count) - 1)
        return true;
    for (size_t i = 0; i < count; i++) {
        uint64_t next;
        bool ready = !(done >> i & 1);
        for (size_t j = 0; ready && j < count; j++)
            ready = j == i || (done >> j & 1) || !precedes(ops[j], ops[i]);
        if (ready && lin_apply(ops[i], state, &next) && some_order(ops, count, done | 1u << i, next))
            return true;
    }
    return false;
}

/* ---- an atomic map with slow callers */

typedef struct {
    rnd_t rnd;
    uint64_t now;
    uint64_t sequence;
    unsigned addresses; /* values live at so many addresses: few make recycled ones */
    uint64_t state[KEYS];
    hist_op_t *running[THREADS];
    bool took_effect[THREADS];
} world_t;

static void start_call(world_t *w, hist_op_t *op, unsigned thread, unsigned key)
{
    w->sequence++;
    uint64_t address = 16 * (1 + (uint64_t)rnd_below(&w->rnd, w->addresses));
    *op = (hist_op_t){.call = w->now,
                      .thread = (uint8_t)thread,
                      .key = (uint16_t)key,
                      .verb = (uint8_t)rnd_below(&w->rnd, HIST_REMOVE + 1),
                      .known = (uint8_t)rnd_below(&w->rnd, HIST_KNOWN_WHOLE + 1),
                      .arg = w->sequence << 48 | address};
    if (op->verb == HIST_REPLACE && op->known == HIST_KNOWN_NOTHING)
        op->known = HIST_KNOWN_WHOLE;
    w->running[thread] = op;
    w->took_effect[thread] = false;
}

/* The result is what the model accepts here: there is exactly one. */
static void take_effect(world_t *w, unsigned thread)
{
    static const int results[] = {0, 1, -ENOENT, -EEXIST, -ECANCELED};
    hist_op_t *op = w->running[thread];
    uint64_t *state = &w->state[op->key], next;
    bool guess = op->verb == HIST_REPLACE && rnd_once_in(&w->rnd, 2);
    op->seen = guess ? op->arg ^ 16 : *state;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        op->result = (int16_t)results[i];
        if (lin_apply(op, *state, &next)) {
            *state = next;
            break;
        }
    }
    w->took_effect[thread] = true;
}

/* One step of a random thread: call, take effect or return. False: it would have begun a call beyond `hist`. */
static bool step(world_t *w, hist_t *hist, unsigned keys)
{
    unsigned t = rnd_below(&w->rnd, hist->threads);
    w->now += rnd_below(&w->rnd, 3);
    if (!w->running[t]) {
        hist_op_t *op = hist_next(hist, t);
        if (!op)
            return false;
        start_call(w, op, t, rnd_below(&w->rnd, keys));
    } else if (!w->took_effect[t]) {
        take_effect(w, t);
    } else {
        w->running[t]->ret = w->now;
        w->running[t] = NULL;
        hist_commit(hist, t);
    }
    return true;
}

/* Runs until `total` calls have returned, then lets the pending ones finish. */
static void run_world(world_t *w, hist_t *hist, unsigned keys, size_t total)
{
    while (hist_count(hist) < total && step(w, hist, keys))
        continue;
    for (unsigned t = 0; t < hist->threads; t++) {
        if (!w->running[t])
            continue;
        if (!w->took_effect[t])
            take_effect(w, t);
        w->running[t]->ret = ++w->now;
        hist_commit(hist, t);
    }
}

static world_t new_world(uint64_t seed, uint64_t stream, unsigned addresses)
{
    return (world_t){.rnd = rnd_init(seed, stream), .now = 1, .addresses = addresses};
}

/* ---- the tests */

static void test_planted(void)
{
    for (size_t i = 0; i < planted_count; i++) {
        const hist_op_t *ops[PLANTED_OPS_MAX];
        size_t n = 0;
        while (n < PLANTED_OPS_MAX && planted[i].ops[n].ret != 0) {
            ops[n] = &planted[i].ops[n];
            n++;
        }
        lin_result_t result = lin_check_key(ops, n, planted[i].initial);
        expect(result.verdict == planted[i].verdict, "planted history", planted[i].name);
        shrunk_t shrunk;
        if (result.verdict == LIN_VIOLATED && shrink(ops, n, planted[i].initial, result.failed, &shrunk)) {
            lin_result_t again = lin_check_key(shrunk.ops, shrunk.count, shrunk.initial);
            expect(again.verdict == LIN_VIOLATED && shrunk.ops[again.failed] == ops[result.failed],
                   "shrunk history fails in another way", planted[i].name);
            shrunk_free(&shrunk);
        }
    }
    printf("  planted histories             %10zu\n", planted_count);
}

/* Changes what one call reported. */
static void tell_a_lie(rnd_t *rnd, hist_op_t *op)
{
    static const int results[] = {0, 1, -ENOENT, -EEXIST, -ECANCELED};
    if (rnd_once_in(rnd, 2))
        op->result = (int16_t)results[rnd_below(rnd, 5)];
    else
        op->seen ^= (uint64_t)(1 + rnd_below(rnd, 3)) << (rnd_once_in(rnd, 2) ? 48 : 4);
}

static bool some_key_order(const lin_index_t *index)
{
    for (unsigned k = 0; k < index->keys; k++)
        if (!some_order(index->ops + index->first[k], index->first[k + 1] - index->first[k], 0, HIST_ABSENT))
            return false;
    return true;
}

static bool checker_accepts(const lin_index_t *index)
{
    for (unsigned k = 0; k < index->keys; k++) {
        size_t first = index->first[k], count = index->first[k + 1] - first;
        if (lin_check_key(index->ops + first, count, HIST_ABSENT).verdict != LIN_OK)
            return false;
    }
    return true;
}

static void test_tiny(uint64_t seed)
{
    unsigned wrong = 0, disagreements = 0, refused = 0;
    hist_t hist;
    if (!hist_create(&hist, THREADS, TINY_OPS)) {
        expect(false, "tiny histories", "no memory");
        return;
    }
    for (unsigned run = 0; run < TINY_RUNS; run++) {
        world_t w = new_world(seed, run, 1 + run % 3);
        lin_index_t index;
        unsigned keys = 1 + run % 2;
        hist_clear(&hist);
        run_world(&w, &hist, keys, TINY_OPS - THREADS + 1);
        if (!lin_index_create(&index, &hist, keys))
            break;
        refused += !checker_accepts(&index);
        unsigned liar = rnd_below(&w.rnd, THREADS);
        if (hist.lanes[liar].count > 0)
            tell_a_lie(&w.rnd, &hist.lanes[liar].ops[rnd_below(&w.rnd, (uint32_t)hist.lanes[liar].count)]);
        bool lawful = some_key_order(&index);
        wrong += !lawful;
        disagreements += lawful != checker_accepts(&index);
        lin_index_destroy(&index);
    }
    hist_destroy(&hist);
    expect(refused == 0, "tiny histories", "an atomic execution was refused");
    expect(disagreements == 0, "tiny histories", "the checker and the search through all orders disagree");
    expect(wrong > TINY_RUNS / 10 && wrong < TINY_RUNS * 9 / 10, "tiny histories", "the lies are too easy or too rare");
    printf("  tiny ones, all orders tried   %10d   of them not linearizable %u\n", TINY_RUNS, wrong);
}

static double seconds_since(uint64_t start)
{
    return (double)(hist_clock_raw() - start) / 1e9;
}

/* Index of a call on some key that saw a value as a whole, far enough inside the history. */
static hist_op_t *pick_get(hist_t *hist, rnd_t *rnd)
{
    for (;;) {
        hist_lane_t *lane = &hist->lanes[rnd_below(rnd, hist->threads)];
        hist_op_t *op = &lane->ops[rnd_below(rnd, (uint32_t)lane->count)];
        if (op->verb == HIST_GET && op->result == 0 && op->known == HIST_KNOWN_WHOLE)
            return op;
    }
}

static void check_planted_error(const lin_index_t *index, const hist_op_t *liar)
{
    size_t first = index->first[liar->key], count = index->first[liar->key + 1] - first;
    lin_result_t result = lin_check_key(index->ops + first, count, HIST_ABSENT);
    expect(result.verdict == LIN_VIOLATED && index->ops[first + result.failed] == liar, "long history",
           "a get of a value never written was not found");
    shrunk_t shrunk;
    if (result.verdict == LIN_VIOLATED && shrink(index->ops + first, count, HIST_ABSENT, result.failed, &shrunk)) {
        expect(shrunk.count == 1, "long history", "the planted error was not shrunk to one call");
        shrunk_free(&shrunk);
    }
}

static void test_long(uint64_t seed)
{
    hist_t hist;
    lin_index_t index;
    world_t w = new_world(seed, UINT64_MAX, 1000);
    if (!hist_create(&hist, THREADS, LONG_OPS)) {
        expect(false, "long history", "no memory");
        return;
    }
    run_world(&w, &hist, KEYS, (size_t)THREADS * LONG_OPS);
    uint64_t start = hist_clock_raw();
    bool indexed = lin_index_create(&index, &hist, KEYS);
    expect(indexed, "long history", "no memory");
    if (indexed) {
        expect(checker_accepts(&index), "long history", "an atomic execution was refused");
        double seconds = seconds_since(start);
        printf("  one long history              %10zu   checked at %.1f M calls/s\n", hist_count(&hist),
               (double)hist_count(&hist) / seconds / 1e6);
        hist_op_t *liar = pick_get(&hist, &w.rnd);
        liar->seen = UINT64_MAX;
        check_planted_error(&index, liar);
        lin_index_destroy(&index);
    }
    hist_destroy(&hist);
}

/* `pending` blind puts that all overlap, and a read that saw the first or, later, something else. */
static lin_result_t check_crowd(size_t pending, uint64_t seen)
{
    hist_op_t crowd[32] = {0};
    const hist_op_t *ops[32];
    for (size_t i = 0; i < pending; i++) {
        crowd[i] = (hist_op_t){.call = 1 + i, .ret = 1000 + i, .verb = HIST_PUT, .result = 1, .arg = (i + 1) << 4};
        ops[i] = &crowd[i];
    }
    crowd[pending] = (hist_op_t){.call = 2000, .ret = 2001, .verb = HIST_GET, .seen = seen, .known = HIST_KNOWN_WHOLE};
    ops[pending] = &crowd[pending];
    return lin_check_key(ops, pending + 1, (pending + 1) << 4);
}

static void test_crowd(void)
{
    /* What the first return looks through: nothing yet; the other puts' subsets with their last member; the same
     * subsets followed by the returning put. */
    enum { PUTS = 12, DIFFERENT = 1 + (PUTS - 1) * (1 << (PUTS - 2)) + (1 << (PUTS - 1)) };
    lin_result_t result = check_crowd(PUTS, 1 << 4);
    expect(result.verdict == LIN_OK, "twelve pending puts", "the first may be the last");
    expect(result.configs_peak == DIFFERENT, "twelve pending puts", "configurations lost or kept twice");
    expect(check_crowd(PUTS, (PUTS + 1) << 4).verdict == LIN_VIOLATED, "twelve pending puts", "none took effect");
    expect(check_crowd(24, 1 << 4).verdict == LIN_UNDECIDED, "24 pending puts", "not decidable in bounded memory");
}

/* A stale read among calls that have nothing to do with it: what remains are the insert, the remove and the read. */
static void test_shrink(void)
{
    static const hist_op_t calls[] = {
        {.call = 1, .ret = 2, .verb = HIST_CONTAINS},
        {.call = 3, .ret = 4, .verb = HIST_INSERT, .arg = 16},
        {.call = 5, .ret = 6, .verb = HIST_REMOVE, .seen = 16, .known = HIST_KNOWN_WHOLE},
        {.call = 7, .ret = 8, .verb = HIST_CONTAINS},
        {.call = 9, .ret = 10, .verb = HIST_REMOVE, .result = -ENOENT},
        {.call = 11, .ret = 14, .verb = HIST_GET, .seen = 16, .known = HIST_KNOWN_WHOLE},
        {.call = 12, .ret = 13, .verb = HIST_CONTAINS},
    };
    enum { CALLS = sizeof calls / sizeof calls[0] };
    const hist_op_t *ops[CALLS];
    for (size_t i = 0; i < CALLS; i++)
        ops[i] = &calls[i];
    lin_result_t result = lin_check_key(ops, CALLS, HIST_ABSENT);
    shrunk_t shrunk;
    if (result.verdict != LIN_VIOLATED || !shrink(ops, CALLS, HIST_ABSENT, result.failed, &shrunk)) {
        expect(false, "shrinking", "the stale read was not found");
        return;
    }
    expect(shrunk.count == 3 && shrunk.ops[0] == &calls[1] && shrunk.ops[1] == &calls[2] &&
               shrunk.ops[2] == &calls[5] && shrunk.failed == &calls[5],
           "shrinking", "not the insert, the remove and the stale read");
    shrunk_free(&shrunk);
}

static void test_recorder(void)
{
    hist_t hist;
    expect(!hist_create(&hist, HIST_THREADS_MAX + 1, 1), "recorder", "more threads than bits");
    expect(!hist_create(&hist, 0, 1), "recorder", "no threads");
    expect(hist_create(&hist, 2, 1), "recorder", "no memory");
    hist_op_t *op = hist_next(&hist, 1);
    op->call = hist_clock_before();
    op->ret = hist_clock_after();
    op->key = 5;
    expect(op->thread == 1 && op->call <= op->ret && op->call != 0, "recorder", "the clock runs backwards");
    expect(hist_count(&hist) == 0, "recorder", "a call counts before it was committed");
    hist_commit(&hist, 1);
    expect(hist_count(&hist) == 1 && !hist_next(&hist, 1) && hist_next(&hist, 0), "recorder", "room is miscounted");
    lin_index_t index;
    expect(!lin_index_create(&index, &hist, 5), "index", "a key out of range");
    expect(lin_index_create(&index, &hist, 6), "index", "no memory");
    expect(index.first[5] == 0 && index.first[6] == 1 && index.ops[0] == op, "index", "the call is misplaced");
    lin_index_destroy(&index);
    hist_destroy(&hist);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : hist_clock_raw();
    if (argc > 2 || (argc > 1 && strcmp(argv[1], "--help") == 0)) {
        printf("usage: history_selftest [SEED]\nTests the linearizability checker.\n");
        return argc > 2 ? 2 : 0;
    }
    hist_clock_init();
    printf("history_selftest: seed %" PRIu64 ", clock %s\n", seed, hist_clock_name());
    test_recorder();
    test_planted();
    test_crowd();
    test_shrink();
    test_tiny(seed);
    test_long(seed);
    printf("%s\n", failures ? "FAILED" : "ok");
    fflush(stdout);
    return failures != 0;
}
