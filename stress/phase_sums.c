/* phase_sums.c: many keys or few, each thread keeps the sum of what it put in less what it took out.
 *
 * When all is quiet the keys of the map must add up to the sum over the threads: a key that was lost, doubled or
 * revived shows, wherever it happened. Cheap per call, so it runs the structure at speed: with thousands of keys at
 * every level, with a handful in the midst of removed nodes. */
#include "cycle.h"
#include "hold.h"
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define FIRST_KEY (UINT64_C(1) << 62) /* above what a poisoned node shows as its key */

typedef struct {
    uint64_t keys; /* sum of keys, modulo 2^64 */
    int64_t entries;
    hold_t hold;
} account_t;

typedef struct {
    cycle_t *cycle;
    cycle_map_t map;
    uint32_t range;   /* keys FIRST_KEY .. FIRST_KEY + range - 1 */
    unsigned inserts; /* of 100 changes; the others remove */
    account_t *accounts;
} sums_t;

static void unexpected(const char *verb, uint64_t key, int rc)
{
    finding("%s of key %" PRIu64 " returned %d", verb, key, rc);
}

static void entered(account_t *account, uint64_t key)
{
    account->keys += key;
    account->entries++;
}

static void left(account_t *account, uint64_t key)
{
    account->keys -= key;
    account->entries--;
}

static void add_key(sums_t *s, worker_t *worker, account_t *account, uint64_t key)
{
    value_t *value = value_new(key, worker_sequence(worker));
    int rc = s->map.kind->insert(s->map.handle, key, value);
    if (rc == 0)
        entered(account, key);
    else if (rc == -EEXIST)
        value_discard(value);
    else
        unexpected("insert", key, rc);
}

static void put_key(sums_t *s, worker_t *worker, account_t *account, uint64_t key)
{
    void *old = NULL;
    int rc = s->map.kind->put(s->map.handle, key, value_new(key, worker_sequence(worker)), &old);
    if (rc == 0)
        entered(account, key);
    else if (rc != 1)
        unexpected("put", key, rc);
    if (old) {
        value_check(old, key, "old value of put");
        cycle_retire(s->map.domain, old);
    }
}

static void remove_key(sums_t *s, worker_t *worker, account_t *account, uint64_t key)
{
    void *old = NULL;
    bool want = !s->map.owns_values || rnd_once_in(&worker->rnd, 2);
    int rc = s->map.kind->remove(s->map.handle, key, want ? &old : NULL);
    if (rc == 0)
        left(account, key);
    else if (rc != -ENOENT)
        unexpected("remove", key, rc);
    if (old) {
        value_check(old, key, "old value of remove");
        cycle_retire(s->map.domain, old);
    }
}

static void get_key(sums_t *s, worker_t *worker, account_t *account, uint64_t key)
{
    void *value = NULL;
    hold_something(&account->hold);
    int rc = s->map.kind->get(s->map.handle, key, &value);
    if (rc != 0 && rc != -ENOENT)
        unexpected("get", key, rc);
    if (rc == 0 && account->hold.depth > 0)
        hold_value(&account->hold, value, key, "get inside a guard");
}

static void sums_job(worker_t *worker, void *ctx)
{
    sums_t *s = ctx;
    account_t *account = &s->accounts[worker->index];
    while (!crew_stopped(worker)) {
        uint64_t key = FIRST_KEY + rnd_below(&worker->rnd, s->range);
        uint32_t dice = rnd_below(&worker->rnd, 200);
        if (dice < s->inserts)
            add_key(s, worker, account, key);
        else if (dice < 100)
            remove_key(s, worker, account, key);
        else if (dice < 105)
            put_key(s, worker, account, key);
        else
            get_key(s, worker, account, key);
        worker->ops++;
    }
    hold_leave_all(&account->hold);
}

typedef struct {
    uint64_t keys;
    int64_t entries;
    uint64_t next; /* the smallest key that may come now */
} tally_t;

static bool tally_key(uint64_t key, void *value, void *ctx)
{
    tally_t *tally = ctx;
    if (key < tally->next)
        finding("range gave key %" PRIu64 " after %" PRIu64, key, tally->next - 1);
    value_check(value, key, "range of a quiet map");
    tally->keys += key;
    tally->entries++;
    tally->next = key + 1;
    return true;
}

static void check_sums(sums_t *s)
{
    tally_t expected = {0}, seen = {0};
    for (unsigned i = 0; i < s->cycle->threads; i++) {
        expected.keys += s->accounts[i].keys;
        expected.entries += s->accounts[i].entries;
    }
    int64_t visited = s->map.kind->range(s->map.handle, 0, UINT64_MAX, tally_key, &seen);
    size_t count = cycle_map_check(s->cycle, &s->map, true, 0);
    if (seen.entries != expected.entries || seen.keys != expected.keys)
        finding("%" PRId64 " keys with sum %" PRIu64 " are in the map, %" PRId64 " with sum %" PRIu64 " were put there",
                seen.entries, seen.keys, expected.entries, expected.keys);
    if (visited != seen.entries || (int64_t)count != seen.entries)
        finding("%" PRId64 " keys visited, range says %" PRId64 ", count says %zu", seen.entries, visited, count);
    s->cycle->checks += (uint64_t)seen.entries + 3;
}

static void sums_run(cycle_t *cycle)
{
    unsigned log_range = rnd_once_in(&cycle->rnd, 2) ? 12 + rnd_below(&cycle->rnd, 5) : 2 + rnd_below(&cycle->rnd, 5);
    sums_t s = {.cycle = cycle, .range = 1u << log_range};
    double until = now_seconds() + cycle->seconds;
    s.map = cycle_map_create(cycle->kind, cycle->domain, rnd_once_in(&cycle->rnd, 2));
    s.accounts = calloc(cycle->threads, sizeof *s.accounts);
    if (!s.accounts)
        give_up("no memory for accounts");
    for (unsigned i = 0; i < cycle->threads; i++)
        hold_init(&s.accounts[i].hold, cycle->domain, &cycle->crew.workers[i]);
    do {
        s.inserts = 20 + rnd_below(&cycle->rnd, 61); /* the map grows, breathes or shrinks */
        crew_run_for(&cycle->crew, cycle->seconds / 4, sums_job, &s);
        cycle_settle(cycle->domain, cycle->scheme);
        check_sums(&s);
    } while (now_seconds() < until);
    cycle_map_destroy(&s.map);
    free(s.accounts);
}

const phase_t phase_sums = {"sums", sums_run};
