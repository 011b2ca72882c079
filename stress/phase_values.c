/* phase_values.c: maps with inline values, whose copies are checked to the last word.
 *
 * Two maps. In one, entries come and go by all verbs, and each thread adds up which values it put in and which were copied out
 * to it as they left: no value may be lost, doubled or torn. In the other one keys are counted up, by get and replace: a thread
 * sees a count only grow, and in the end none is missing. No guard is ever entered. */
#include "cycle.h"
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_KEY (UINT64_C(1) << 62)

enum { COUNTERS = 4, WORDS = 7 };

typedef struct {
    uint64_t key, sequence;
    uint64_t word[WORDS]; /* made of both */
} copy_t;

typedef struct {
    uint64_t sequences; /* sum, modulo 2^64: in less out */
    int64_t entries;
    uint64_t added, seen[COUNTERS];
} account_t;

typedef struct {
    cycle_t *cycle;
    const map_kind_t *kind;
    void *map, *counters;
    uint32_t range; /* keys FIRST_KEY .. FIRST_KEY + range - 1 */
    account_t *accounts;
} copies_t;

static uint64_t word_of(uint64_t key, uint64_t sequence, unsigned i)
{
    uint64_t x = key * UINT64_C(0x9e3779b97f4a7c15) ^ (sequence + i) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 29;
}

static copy_t copy_make(uint64_t key, uint64_t sequence)
{
    copy_t copy = {key, sequence, {0}};
    for (unsigned i = 0; i < WORDS; i++)
        copy.word[i] = word_of(key, sequence, i);
    return copy;
}

static void copy_check(const copy_t *copy, uint64_t key, const char *how)
{
    if (copy->key != key)
        finding("%s: the value of key %" PRIu64 " under key %" PRIu64, how, copy->key, key);
    for (unsigned i = 0; i < WORDS; i++) {
        if (copy->word[i] != word_of(key, copy->sequence, i))
            finding("%s: the value of key %" PRIu64 ", number %" PRIu64 ", is not whole", how, key, copy->sequence);
    }
}

static void unexpected(const char *verb, uint64_t key, int rc)
{
    finding("%s of key %" PRIu64 " returned %d", verb, key, rc);
}

static void came(account_t *account, const copy_t *copy, bool new_entry)
{
    account->sequences += copy->sequence;
    account->entries += new_entry;
}

static void went(account_t *account, const copy_t *copy, bool whole_entry)
{
    account->sequences -= copy->sequence;
    account->entries -= whole_entry;
}

/* ---- entries that come and go */

static void insert(copies_t *s, account_t *account, copy_t copy)
{
    int rc = s->kind->insert(s->map, copy.key, &copy);
    if (rc == 0)
        came(account, &copy, true);
    else if (rc != -EEXIST)
        unexpected("insert", copy.key, rc);
}

static void put(copies_t *s, account_t *account, copy_t copy)
{
    copy_t old;
    int rc = s->kind->put(s->map, copy.key, &copy, CC_INTO(&old));
    if (rc != 0 && rc != 1)
        unexpected("put", copy.key, rc);
    came(account, &copy, rc == 0);
    if (rc == 1) {
        copy_check(&old, copy.key, "old value of put");
        went(account, &old, false);
    }
}

static void replace(copies_t *s, account_t *account, copy_t copy)
{
    copy_t expected;
    int rc = s->kind->get(s->map, copy.key, CC_INTO(&expected));
    if (rc == 0) {
        copy_check(&expected, copy.key, "get");
        rc = s->kind->replace(s->map, copy.key, &expected, &copy);
    }
    if (rc == 0) {
        came(account, &copy, false);
        went(account, &expected, false);
    } else if (rc != -ENOENT && rc != -ECANCELED) {
        unexpected("get or replace", copy.key, rc);
    }
}

static void take(copies_t *s, account_t *account, uint64_t key)
{
    copy_t old;
    int rc = s->kind->remove(s->map, key, CC_INTO(&old));
    if (rc == 0) {
        copy_check(&old, key, "old value of remove");
        went(account, &old, true);
    } else if (rc != -ENOENT) {
        unexpected("remove", key, rc);
    }
}

static void pop(copies_t *s, account_t *account, bool min)
{
    copy_t old;
    uint64_t key;
    int rc = min ? s->kind->pop_min(s->map, &key, CC_INTO(&old)) : s->kind->pop_max(s->map, &key, CC_INTO(&old));
    if (rc == 0) {
        copy_check(&old, key, "pop");
        went(account, &old, true);
    } else if (rc != -ENOENT) {
        unexpected("pop", 0, rc);
    }
}

static void look(copies_t *s, uint64_t key, uint32_t how)
{
    copy_t copy;
    uint64_t at = key;
    int rc = how == 0   ? s->kind->min(s->map, &at, CC_INTO(&copy))
             : how == 1 ? s->kind->max(s->map, &at, CC_INTO(&copy))
             : how == 2 ? s->kind->floor(s->map, key, &at, CC_INTO(&copy))
             : how == 3 ? s->kind->ceil(s->map, key, &at, CC_INTO(&copy))
                        : s->kind->get(s->map, key, CC_INTO(&copy));
    if (rc == 0)
        copy_check(&copy, at, "a look-up");
    else if (rc != -ENOENT)
        unexpected("a look-up", key, rc);
}

static bool check_visited(uint64_t key, void *value, void *ctx)
{
    uint32_t *left = ctx;
    copy_check(value, key, "range");
    return --*left != 0;
}

static void come_and_go(copies_t *s, worker_t *worker, account_t *account)
{
    uint64_t key = FIRST_KEY + rnd_below(&worker->rnd, s->range);
    uint32_t dice = rnd_below(&worker->rnd, 100), visits = 1 + rnd_below(&worker->rnd, 8);
    if (dice < 15)
        insert(s, account, copy_make(key, worker_sequence(worker)));
    else if (dice < 30)
        put(s, account, copy_make(key, worker_sequence(worker)));
    else if (dice < 40)
        replace(s, account, copy_make(key, worker_sequence(worker)));
    else if (dice < 58)
        take(s, account, key);
    else if (dice < 60)
        pop(s, account, dice == 58);
    else if (dice < 98)
        look(s, key, rnd_below(&worker->rnd, 8));
    else if (s->kind->range(s->map, key, UINT64_MAX, check_visited, &visits) < 0)
        finding("a range failed");
}

/* ---- counters */

static void count_up(copies_t *s, worker_t *worker, account_t *account)
{
    uint32_t i = rnd_below(&worker->rnd, COUNTERS);
    copy_t copy;
    int rc = s->kind->get(s->counters, i, CC_INTO(&copy));
    if (rc != 0)
        unexpected("get", i, rc);
    copy_check(&copy, i, "get of a counter");
    if (copy.sequence < account->seen[i])
        finding("counter %u was %" PRIu64 " before, and is %" PRIu64, i, account->seen[i], copy.sequence);
    copy_t next = copy_make(i, copy.sequence + 1);
    rc = s->kind->replace(s->counters, i, &copy, &next);
    if (rc != 0 && rc != -ECANCELED)
        unexpected("replace", i, rc);
    account->added += rc == 0;
    account->seen[i] = copy.sequence + (rc == 0);
}

/* ---- all of it */

static void values_job(worker_t *worker, void *ctx)
{
    copies_t *s = ctx;
    account_t *account = &s->accounts[worker->index];
    while (!crew_stopped(worker)) {
        if (rnd_once_in(&worker->rnd, 4))
            count_up(s, worker, account);
        else
            come_and_go(s, worker, account);
        worker->ops++;
    }
}

static bool tally_left(uint64_t key, void *value, void *ctx)
{
    account_t *left = ctx;
    copy_check(value, key, "range of a quiet map");
    came(left, value, true);
    return true;
}

static void check_accounts(copies_t *s)
{
    account_t sum = {0}, left = {0};
    uint64_t counted = 0;
    for (unsigned i = 0; i < s->cycle->threads; i++) {
        sum.sequences += s->accounts[i].sequences;
        sum.entries += s->accounts[i].entries;
        sum.added += s->accounts[i].added;
    }
    int64_t visited = s->kind->range(s->map, 0, UINT64_MAX, tally_left, &left);
    if (visited != left.entries || sum.entries != left.entries || sum.sequences != left.sequences)
        finding("%" PRId64 " values with sum %" PRIu64 " are in the map, %" PRId64 " with sum %" PRIu64 " must be",
                left.entries, left.sequences, sum.entries, sum.sequences);
    for (unsigned i = 0; i < COUNTERS; i++) {
        copy_t copy;
        if (s->kind->get(s->counters, i, CC_INTO(&copy)) != 0)
            finding("counter %u is gone", i);
        counted += copy.sequence;
    }
    if (counted != sum.added)
        finding("%" PRIu64 " additions, %" PRIu64 " are left of them", sum.added, counted);
    if (s->kind->validate(s->map) != 0 || s->kind->validate(s->counters) != 0)
        finding("validate failed");
    s->cycle->checks += (uint64_t)left.entries + COUNTERS + 4;
}

static void *make_map(const cycle_t *cycle)
{
    void *map = NULL;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_inline = true;
    opts.value_size = sizeof(copy_t);
    int rc = cycle->kind->create(cycle->domain, &opts, &map);
    if (rc != 0)
        finding("creating a map returned %d", rc);
    return map;
}

static void destroy_map(const cycle_t *cycle, void *map)
{
    int rc = cycle->kind->destroy(map);
    if (rc != 0)
        finding("destroying a map returned %d", rc);
}

static void values_run(cycle_t *cycle)
{
    copies_t s = {.cycle = cycle, .kind = cycle->kind, .range = 1u << (2 + rnd_below(&cycle->rnd, 10))};
    double until = now_seconds() + cycle->seconds;
    s.map = make_map(cycle);
    s.counters = make_map(cycle);
    s.accounts = calloc(cycle->threads, sizeof *s.accounts);
    if (!s.accounts)
        give_up("no memory for accounts");
    for (unsigned i = 0; i < COUNTERS; i++) {
        copy_t zero = copy_make(i, 0);
        if (s.kind->insert(s.counters, i, &zero) != 0)
            finding("an undisturbed insert failed");
    }
    do {
        crew_run_for(&cycle->crew, cycle->seconds / 4, values_job, &s);
        cycle_settle(cycle->domain, cycle->scheme);
        check_accounts(&s);
    } while (now_seconds() < until);
    destroy_map(cycle, s.map);
    destroy_map(cycle, s.counters);
    free(s.accounts);
}

const phase_t phase_values = {"values", values_run};
