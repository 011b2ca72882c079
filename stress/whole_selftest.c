/* whole_selftest.c: the whole-history check of maps must accept what an atomic map does, and reject every lie.
 *
 * Histories written by hand, one for each verb that asks for an order and each way to answer it wrongly; random ones of an
 * atomic map with slow callers, and the same with one answer changed: the checker may find another order that explains
 * the change, but not often. */
#include "map_whole.h"
#include "random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PLANTED_OPS = 6, RUNS = 4000, THREADS = 4, CALLS = 40 };

static unsigned failures;

static void expect(bool ok, const char *what, const char *detail)
{
    if (!ok) {
        failures++;
        printf("FAILED: %s: %s\n", what, detail);
    }
}

/* ---- written by hand: times; the value of key k is k + 1 */

#define OP(from, to, v, k, ...)                                                                                        \
    {                                                                                                                  \
        .call = (from), .ret = (to), .verb = (v), .key = (k), __VA_ARGS__                                              \
    }
#define INSERT(from, to, k)         OP(from, to, HIST_INSERT, k, .arg = (k) + 1)
#define REMOVE(from, to, k)         OP(from, to, HIST_REMOVE, k, )
#define ASK(from, to, v, k, answer) OP(from, to, v, k, .arg = (answer), .seen = (answer) + 1, .known = HIST_KNOWN_WHOLE)
#define ASK_NONE(from, to, v, k)    OP(from, to, v, k, .result = -ENOENT)

static const struct {
    const char *name;
    size_t blamed; /* 0: linearizable */
    hist_op_t ops[PLANTED_OPS];
} planted[] = {
    {"min, max", 0, {INSERT(1, 2, 1), INSERT(3, 4, 5), ASK(5, 6, HIST_MIN, 0, 1), ASK(7, 8, HIST_MAX, 0, 5)}},
    {"floor and lower",
     0,
     {INSERT(1, 2, 1), INSERT(3, 4, 5), ASK(5, 6, HIST_FLOOR, 5, 5), ASK(7, 8, HIST_LOWER, 5, 1),
      ASK_NONE(9, 10, HIST_LOWER, 1)}},
    {"ceil and higher",
     0,
     {INSERT(1, 2, 1), INSERT(3, 4, 5), ASK(5, 6, HIST_CEIL, 1, 1), ASK(7, 8, HIST_HIGHER, 1, 5),
      ASK_NONE(9, 10, HIST_HIGHER, 5)}},
    {"pops from both ends",
     0,
     {INSERT(1, 2, 1), INSERT(3, 4, 5), ASK(5, 6, HIST_POP_MAX, 0, 5), ASK(7, 8, HIST_POP_MIN, 0, 1),
      ASK_NONE(9, 10, HIST_POP_MIN, 0)}},
    {"min passes over a smaller key", 3, {INSERT(1, 2, 1), INSERT(3, 4, 5), ASK(5, 6, HIST_MIN, 0, 5)}},
    {"max passes over a greater key", 3, {INSERT(1, 2, 1), INSERT(3, 4, 5), ASK(5, 6, HIST_MAX, 0, 1)}},
    {"lower gives the key itself", 2, {INSERT(1, 2, 5), ASK(3, 4, HIST_LOWER, 5, 5)}},
    {"higher misses what is there", 2, {INSERT(1, 2, 5), ASK_NONE(3, 4, HIST_HIGHER, 1)}},
    {"ceil gives a smaller key", 2, {INSERT(1, 2, 1), ASK(3, 4, HIST_CEIL, 3, 1)}},
    {"floor gives what is gone", 3, {INSERT(1, 2, 1), REMOVE(3, 4, 1), ASK(5, 6, HIST_FLOOR, 3, 1)}},
    {"an item popped twice", 3, {INSERT(1, 2, 1), ASK(3, 6, HIST_POP_MIN, 0, 1), ASK(4, 5, HIST_POP_MAX, 0, 1)}},
    {"a pop beside the removal of its key", 3, {INSERT(1, 2, 1), ASK(3, 6, HIST_POP_MIN, 0, 1), REMOVE(4, 5, 1)}},
    {"pop_min during the insertion of a smaller key",
     0,
     {INSERT(1, 2, 5), INSERT(3, 8, 1), ASK(4, 5, HIST_POP_MIN, 0, 5)}},
    {"pop_min after the insertion of a smaller key",
     3,
     {INSERT(1, 2, 5), INSERT(3, 4, 1), ASK(5, 6, HIST_POP_MIN, 0, 5)}},
    /* What a single walk from left to right gives: it passes 1's place before 1 comes, and 3 after 3 has gone. */
    {"min, a moment that never was",
     5,
     {INSERT(1, 2, 3), ASK(3, 20, HIST_MIN, 0, 5), INSERT(4, 5, 5), INSERT(6, 7, 1), REMOVE(8, 9, 3)}},
    {"beside keys that have nothing to do with it",
     3,
     {INSERT(1, 2, 7), INSERT(3, 4, 1), INSERT(5, 6, 5), ASK(7, 8, HIST_MAX, 0, 7), ASK(9, 10, HIST_MIN, 0, 5)}},
};

static void test_planted(void)
{
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        const hist_op_t *ops[PLANTED_OPS];
        size_t n = 0;
        for (; n < PLANTED_OPS && planted[i].ops[n].ret != 0; n++)
            ops[n] = &planted[i].ops[n];
        map_finding_t found = map_check_whole(ops, n);
        expect(found.verdict == (planted[i].blamed == 0 ? LIN_OK : LIN_VIOLATED), "planted history", planted[i].name);
        expect(found.count == planted[i].blamed, "not as few calls as contradict each other", planted[i].name);
        if (found.verdict == LIN_VIOLATED && found.count != planted[i].blamed)
            map_finding_print(stdout, &found);
    }
    printf("  planted histories             %10zu\n", sizeof planted / sizeof *planted);
}

/* ---- an atomic map with slow callers */

typedef struct {
    rnd_t rnd;
    uint64_t now, value[MAP_WHOLE_KEYS];
    hist_op_t ops[CALLS], *running[THREADS];
    size_t begun;
    bool took_effect[THREADS];
} world_t;

static void start_call(world_t *w, unsigned t)
{
    hist_op_t *op = w->running[t] = &w->ops[w->begun++];
    *op = (hist_op_t){.call = w->now, .thread = (uint8_t)t, .key = (uint16_t)rnd_below(&w->rnd, MAP_WHOLE_KEYS)};
    op->verb = (uint8_t)(rnd_once_in(&w->rnd, 2) ? HIST_INSERT : rnd_below(&w->rnd, HIST_POP_MAX + 1));
    op->known = HIST_KNOWN_WHOLE;
    op->arg = w->begun << 4;
    w->took_effect[t] = false;
}

/* By hand and one key after the other: not with what is to be tested. */
static void take_effect_in_order(world_t *w, hist_op_t *op)
{
    unsigned best = MAP_WHOLE_KEYS;
    bool upwards = op->verb == HIST_MIN || op->verb == HIST_CEIL || op->verb == HIST_HIGHER || op->verb == HIST_POP_MIN;
    for (unsigned k = 0; k < MAP_WHOLE_KEYS; k++) {
        bool fits = w->value[k] != 0 && !(op->verb == HIST_FLOOR && k > op->key) &&
                    !(op->verb == HIST_LOWER && k >= op->key) && !(op->verb == HIST_CEIL && k < op->key) &&
                    !(op->verb == HIST_HIGHER && k <= op->key);
        if (fits && (best == MAP_WHOLE_KEYS || !upwards))
            best = k;
    }
    op->result = best == MAP_WHOLE_KEYS ? -ENOENT : 0;
    op->arg = best;
    op->seen = best == MAP_WHOLE_KEYS ? 0 : w->value[best];
    if (best != MAP_WHOLE_KEYS && (op->verb == HIST_POP_MIN || op->verb == HIST_POP_MAX))
        w->value[best] = 0;
}

static void take_effect(world_t *w, unsigned t)
{
    static const int16_t results[] = {0, 1, -ENOENT, -EEXIST, -ECANCELED};
    hist_op_t *op = w->running[t];
    uint64_t next;
    w->took_effect[t] = true;
    if (op->verb > HIST_REMOVE) {
        take_effect_in_order(w, op);
        return;
    }
    op->seen = w->value[op->key];
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        op->result = results[i];
        if (lin_apply(op, w->value[op->key], &next)) {
            w->value[op->key] = next;
            return;
        }
    }
}

static void run_world(world_t *w)
{
    for (unsigned left = CALLS; left > 0;) {
        unsigned t = rnd_below(&w->rnd, THREADS);
        w->now += 1 + rnd_below(&w->rnd, 2);
        if (w->running[t] == NULL && w->begun < CALLS) {
            start_call(w, t);
        } else if (w->running[t] != NULL && !w->took_effect[t]) {
            take_effect(w, t);
        } else if (w->running[t] != NULL) {
            w->running[t]->ret = w->now;
            w->running[t] = NULL;
            left--;
        }
    }
}

static void tell_a_lie(world_t *w)
{
    hist_op_t *op;
    do
        op = &w->ops[rnd_below(&w->rnd, CALLS)];
    while (op->verb <= HIST_REMOVE);
    if (op->result != 0)
        op->result = 0;
    op->arg = (op->arg + 1) % MAP_WHOLE_KEYS;
    op->known = HIST_KNOWN_NOTHING; /* the value would give it away */
}

static void test_random(uint64_t seed)
{
    unsigned refused = 0, undecided = 0, found = 0, shrunk_to = 0;
    for (unsigned run = 0; run < RUNS; run++) {
        world_t w = {.rnd = rnd_init(seed, run), .now = 1};
        const hist_op_t *ops[CALLS];
        run_world(&w);
        for (size_t i = 0; i < CALLS; i++)
            ops[i] = &w.ops[i];
        lin_verdict_t verdict = map_check_whole(ops, CALLS).verdict;
        refused += verdict == LIN_VIOLATED;
        undecided += verdict == LIN_UNDECIDED;
        tell_a_lie(&w);
        map_finding_t lie = map_check_whole(ops, CALLS);
        found += lie.verdict == LIN_VIOLATED;
        shrunk_to += (unsigned)lie.count;
    }
    expect(refused == 0, "random histories", "an atomic execution was refused");
    expect(undecided == 0, "random histories", "not decidable in bounded memory");
    expect(found > RUNS / 2, "random histories", "lies are believed");
    printf("  random ones                   %10d   lies found %u, shrunk from %d to %.1f calls\n", RUNS, found, CALLS,
           (double)shrunk_to / (found > 0 ? found : 1));
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : hist_clock_raw();
    printf("whole_selftest: seed %" PRIu64 "\n", seed);
    test_planted();
    test_random(seed);
    printf("%s\n", failures ? "FAILED" : "ok");
    return failures != 0;
}
