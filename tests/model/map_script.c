#include "map_script.h"

#include "map_draw.h"
#include "map_values.h"
#include "model_signal.h"

#include "history_check.h"
#include "smr/types.h"

#include "cc/cc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const map_script_t *script;
    const map_kind_t *kind;
} instance_t;

static const map_script_t *script;
static map_script_t drawn; /* what *script is */
static const map_kind_t *kind;
static cc_domain_t *domain;
static void *map;
static void *before[MAP_KEYS];
static history_t history;
static int attached;
static unsigned comes, had_come; /* insertions begun: so far, when a thread fell asleep */

/* ---- words */

static void insert(call_t *call)
{
    call->value = value_make(call->key);
    history_end(call, value_insert(map, call->key, call->value));
    if (call->result != 0)
        value_drop(call->value);
}

static void put(call_t *call)
{
    call->value = value_make(call->key);
    history_end(call, value_put(domain, map, call->key, call->value));
    if (call->result < 0)
        value_drop(call->value);
}

/* The value of before once more: no other value, if values are copies. */
static void put_same(call_t *call)
{
    call->value = before[call->key];
    history_end(call, value_put_again(map, call->key, call->value));
}

/* Its value stands in the map before the threads begin: nobody else can put the same there again. */
static void replace(call_t *call)
{
    static value_t absent;
    call->value = value_make(call->key);
    call->expected = before[call->key] != NULL ? before[call->key] : &absent;
    history_end(call, value_replace(map, call->key, call->expected, call->value));
    if (call->result != 0)
        value_drop(call->value);
}

static void remove_key(call_t *call)
{
    history_end(call, value_remove(map, call->key, NULL));
}

static void take_key(call_t *call)
{
    history_end(call, value_remove(map, call->key, &call->value));
    if (call->result == 0)
        value_take(domain, call->value, call->key);
}

static void take_expected(call_t *call)
{
    static value_t absent;
    call->expected = before[call->key] != NULL ? before[call->key] : &absent;
    history_end(call, value_remove_if(map, call->key, call->expected, &call->value));
    if (call->result == 0)
        value_take(domain, call->value, call->key);
}

/* Around a call that gives a value out, unless that is a copy. */
static cc_guard_t *enter_guard(void)
{
    return script->values == VALUES_COPIED ? NULL : cc_guard_enter(domain);
}

static void get_in_guard(call_t *call)
{
    cc_guard_t *guard = enter_guard();
    history_end(call, value_get(map, call->key, &call->value));
    if (call->result == 0) {
        model_point("holds the value");
        model_assert(((value_t *)call->value)->key == call->key);
    }
    cc_guard_leave(guard);
}

/* What further calls inside the guard must not give up. Epochs move twice before the value can go, between calls. */
static void get_and_look_again(call_t *call)
{
    cc_guard_t *guard = enter_guard();
    history_end(call, value_get(map, call->key, &call->value));
    if (call->result == 0) {
        for (int i = 0; i < 12; i++)
            (void)kind->get(map, call->key, NULL);
        model_point("still holds the value");
        model_assert(((value_t *)call->value)->key == call->key);
    }
    cc_guard_leave(guard);
}

static void nearest(call_t *call)
{
    cc_guard_t *guard = enter_guard();
    history_end(call, value_nearest(map, call->which, call->key, &call->found, &call->value));
    if (call->result == 0)
        model_assert(((value_t *)call->value)->key == call->found);
    cc_guard_leave(guard);
}

static void pop(call_t *call)
{
    history_end(call, value_pop(map, call->which, &call->found, &call->value));
    if (call->result == 0)
        value_take(domain, call->value, call->found);
}

static void see(unsigned key, void *value, void *ctx)
{
    call_t *call = ctx;
    (void)value_of(value, key);
    model_assert(call->seen >> key == 0); /* in order, none twice */
    call->seen |= 1u << key;
}

static void range(call_t *call)
{
    int64_t n = kind->range(map, see, call);
    model_assert(n == __builtin_popcount(call->seen));
    history_end(call, 0);
}

static void see_down(unsigned key, void *value, void *ctx)
{
    call_t *call = ctx;
    (void)value_of(value, key);
    model_assert((call->seen & ((2u << key) - 1)) == 0); /* in order, none twice */
    call->seen |= 1u << key;
}

static void range_desc(call_t *call)
{
    int64_t n = kind->range_desc(map, see_down, call);
    model_assert(n == __builtin_popcount(call->seen));
    history_end(call, 0);
}

/* Each value is looked at while the cursor stands there. */
static void walk(call_t *call)
{
    kind->walk(map, see, call);
    history_end(call, 0);
}

static void *make_for(void *ctx)
{
    call_t *call = ctx;
    return call->expected = value_make(call->key);
}

/* In the history: an insertion, or, if it was there, a get. The value is alive, whoever made it. */
static void get_or_insert(call_t *call)
{
    cc_guard_t *guard = enter_guard();
    int rc = value_get_or_insert(map, call->key, make_for, call, &call->value);
    call->verb = rc == 1 ? CALL_INSERT : CALL_GET;
    history_end(call, 0);
    model_assert(rc == 0 || (rc == 1 && call->value == call->expected));
    model_point("holds the value");
    model_assert(((value_t *)call->value)->key == call->key);
    cc_guard_leave(guard);
}

static void contains(call_t *call)
{
    history_end(call, kind->get(map, call->key, NULL));
}

static const struct {
    char letter;
    call_verb_t verb;
    void (*run)(call_t *call);
    map_nearest_t which;
} words[] = {
    {'i', CALL_INSERT, insert, 0},
    {'p', CALL_PUT, put, 0},
    {'s', CALL_PUT, put_same, 0},
    {'x', CALL_REPLACE, replace, 0},
    {'r', CALL_REMOVE, remove_key, 0},
    {'t', CALL_REMOVE, take_key, 0},
    {'e', CALL_REMOVE, take_expected, 0},
    {'g', CALL_GET, get_in_guard, 0},
    {'G', CALL_GET, get_and_look_again, 0},
    {'c', CALL_GET, contains, 0},
    {'R', CALL_RANGE, range, 0},
    {'d', CALL_RANGE, range_desc, 0},
    {'w', CALL_RANGE, walk, 0},
    {'o', CALL_INSERT, get_or_insert, 0},
    {'m', CALL_NEAREST, nearest, MAP_MIN},
    {'M', CALL_NEAREST, nearest, MAP_MAX},
    {'f', CALL_NEAREST, nearest, MAP_FLOOR},
    {'l', CALL_NEAREST, nearest, MAP_CEIL},
    {'b', CALL_NEAREST, nearest, MAP_LOWER},
    {'a', CALL_NEAREST, nearest, MAP_HIGHER},
    {'q', CALL_POP, pop, MAP_MIN},
    {'Q', CALL_POP, pop, MAP_MAX},
};

static void run_word(const char *word)
{
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].letter == word[0]) {
            comes += strchr("ipo", word[0]) != NULL;
            call_t *call = history_begin(&history, words[i].verb, (unsigned)(word[1] - '0'));
            call->which = words[i].which;
            words[i].run(call);
            return;
        }
    }
    if (word[0] == 'F')
        cc_domain_flush(domain);
    else if (word[0] == 'D')
        model_assert(cc_domain_drain(domain, -1) == 0);
    else if (word[0] == 'S')
        model_may_stall();
    else
        model_fail("no such word: %.2s", word);
}

/* Scans look at who attached last first. */
static void attach_in_turn(int i)
{
    while (attached != i - 1)
        model_yield();
    model_assert(cc_thread_attach(domain) == 0);
    attached++;
}

static void run_script(int i)
{
    if (script->points[0] != NULL)
        attach_in_turn(i);
    for (const char *word = script->threads[i - 1]; *word != '\0'; word += word[2] == ' ' ? 3 : 2)
        run_word(word);
}

/* ---- before and after */

/* With one in each a tree has the most nodes, with more there are changes within a leaf. */
static unsigned script_leaf(const map_script_t *of)
{
    if (of->leaf != 0)
        return of->leaf;
    return of->drawn && kind->thawed == NULL ? 1 + model_choose(3) : 1;
}

static void setup(void)
{
    const instance_t *instance = model_client()->arg;
    drawn = *instance->script;
    script = &drawn;
    kind = instance->kind;
    model_leaves(script_leaf(&drawn));
    if (drawn.drawn)
        map_draw(&drawn);
    attached = comes = had_come = 0;
    memset(&history, 0, sizeof history);
    memset(before, 0, sizeof before);
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    values_begin(kind, script->values, &map_opts);
    map_opts.max_entries = history.max = script->max;
    map_opts.when_full = script->evicts ? CC_FULL_EVICT_MIN : CC_FULL_REFUSE;
    if (script->rare)
        model_rounds(100);
    model_assert(cc_domain_create(&opts, &domain) == 0);
    model_assert(kind->create(domain, &map_opts, &map) == 0);
    if (model_client()->scheme == CC_SMR_IBR && script->bound == 0 && model_choose(2) != 0)
        model_ticks(3); /* a removal leaves the epoch alone */
    for (const char *at = script->before; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || (at[1] == '?' && model_choose(2) == 0))
            continue;
        unsigned key = (unsigned)(*at - '0');
        if (at != script->before && at[-1] == '-') {
            model_assert(kind->remove(map, key, NULL) == 0);
            before[key] = NULL;
            continue;
        }
        before[key] = value_make(key);
        model_assert(value_insert(map, key, before[key]) == 0);
    }
}

/* In the handler, where it is blocked, a thread cannot be proved to be out of its search. */
static bool in_a_handler(void)
{
    for (int i = 0; i < model_client()->threads; i++) {
        if (model_signal_blocked(i + 1))
            return true;
    }
    return false;
}

/* Under IBR a search that goes on, however slowly, pins what lives or waits whenever it looks; one that sleeps, nothing that
 * comes later but what is born in the same epoch. */
static void note_asleep(void)
{
    had_come = comes;
}

/* While others sleep: what they pin. Under DEBRA+ each set of slots holds what a search has named; that a
 * thread is out of its search can be proved in strong mode only, and one that was thrown back is given room, which a drain
 * that is repeated uses up. */
static void check_bound(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    const bool debra = model_client()->scheme == CC_SMR_DEBRA;
    unsigned bound = debra ? 2 * kind->named : (script->bound + had_come) * kind->nodes;
    if (script->bound == 0 || (!debra && model_client()->scheme != CC_SMR_IBR))
        return;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    if (debra && (s.neutralize[0] != 's' || in_a_handler()))
        return;
    for (int i = 0; i < 3 << CC_PATIENCE_MAX && cc_domain_drain(domain, 0) != 0; i++) {
    }
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    if (s.limbo_count > bound && s.stall != CC_STALL_OWNER) /* it may have adopted what another one left */
        model_fail("%lu objects wait for one that sleeps, not %u", (unsigned long)s.limbo_count, bound);
}

static size_t entries(void)
{
    size_t present = 0;
    for (unsigned key = 0; key < MAP_KEYS; key++)
        present += kind->get(map, key, NULL) == 0;
    return present;
}

/* A thread that sleeps in the middle of a call may have a place, never an entry too many. */
static void check_asleep(void)
{
    model_assert(script->max == 0 || entries() <= script->max);
    check_bound();
}

/* What is there at the end belongs to the history. */
static void look_at_end(void)
{
    size_t present = 0;
    for (unsigned key = 0; key < MAP_KEYS; key++) {
        call_t *call = history_begin(&history, CALL_GET, key);
        history_end(call, value_get(map, key, &call->value));
        present += call->result == 0;
    }
    model_assert(kind->count(map) == present);
}

/* What came is there, or went, or was evicted. */
static void check_evictions(void)
{
    int64_t came = 0;
    for (unsigned key = 0; key < MAP_KEYS; key++)
        came += before[key] != NULL;
    for (unsigned i = 0; i < history.count; i++) {
        const call_t *call = &history.calls[i];
        bool adds = call->verb == CALL_INSERT || call->verb == CALL_PUT;
        bool removes = call->verb == CALL_REMOVE || call->verb == CALL_POP;
        came += call->result == 0 ? adds - removes : 0;
        model_assert(!adds || call->result >= 0 || call->result == -EEXIST || call->result == -ENOSPC);
    }
    model_assert(entries() <= script->max);
    model_assert(came == (int64_t)(entries() + kind->evicted(map)));
}

/* No place of a bounded map has been lost. */
static void fill_up(void)
{
    uint64_t evicted = kind->evicted(map);
    for (unsigned key = 0; key < MAP_KEYS && kind->count(map) < script->max; key++) {
        value_t *value = value_make(key);
        int err = value_insert(map, key, value);
        model_assert(err == 0 || err == -EEXIST);
        if (err != 0)
            value_drop(value);
    }
    model_assert(kind->evicted(map) == evicted);
}

static void finish(void)
{
    model_assert(kind->validate(map) == 0); /* before calls that would tidy up */
    look_at_end();
    if (script->evicts) {
        check_evictions();
    } else if (!history_explained(&history, before)) {
        history_print(&history);
        model_fail("the history is not linearizable");
    }
    fill_up();
    model_assert(kind->validate(map) == 0);
    model_assert(kind->thawed == NULL || kind->thawed(map));
    model_assert(kind->destroy(map) == 0);
    model_assert(cc_domain_drain(domain, 0) == 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.retired == s.reclaimed);
    model_assert(s.leaked == 0);
    model_assert(cc_domain_destroy(domain) == 0);
    values_end();
}

static bool is_for(const map_script_t *the_script, const map_kind_t *k)
{
    const char *only = the_script->kind;
    return only == NULL || strcmp(only, k->name) == 0 || strcmp(only, k->thawed != NULL ? "blocks" : "trees") == 0;
}

void map_script_add(const map_script_t *the_script)
{
    int threads = 0;
    while (threads < 4 && the_script->threads[threads] != NULL)
        threads++;
    for (const map_kind_t *k = map_kinds; k->name != NULL; k++) {
        if (!is_for(the_script, k))
            continue;
        char *name;
        instance_t *instance = malloc(sizeof *instance);
        if (instance == NULL || asprintf(&name, "%s-%s", the_script->name, k->name) < 0)
            abort();
        *instance = (instance_t){the_script, k};
        model_add_for_schemes(&(model_client_t){.name = name,
                                                .what = the_script->what,
                                                .threads = threads,
                                                .setup = setup,
                                                .thread = run_script,
                                                .asleep = note_asleep,
                                                .stalled = check_asleep,
                                                .finish = finish,
                                                .complete = the_script->complete,
                                                .points = the_script->points[0] != NULL ? the_script->points : NULL,
                                                .structure = k->structure,
                                                .arg = instance});
    }
}
