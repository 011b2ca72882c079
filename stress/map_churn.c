/* map_churn: very many entries through one map that never holds more than a hundred thousand of them, by four threads. What it
 * looks at is memory: when the map is empty again and all is drained, the library has back exactly what it gave, and the
 * process is as large as before, within 20 MiB.
 *
 * Each thread has keys of its own, which lie all over the map, and removes each when it has inserted so many more; every
 * fourth value is replaced on the way. Values come from cc_alloc and are reclaimed by the map.
 *
 *     map_churn [ENTRIES [KIND [SCHEME]]]        10 million, all, all by default */
#include "../tests/schemes.h"
#include "crew.h"
#include "cycle.h"
#include "report.h"
#include "sanitizer.h"

#include <cc/alloc.h>

#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, LIVE = 100000, WINDOW = LIVE / THREADS, PATIENCE = 4 * 3600 };

static const int64_t size_slack = 20 << 20;

static const map_kind_t *const kinds[] = {&map_kind_u64, &map_kind_bytes, &map_kind_bst64, &map_kind_bst};

/* ---- the size of the process */

static int64_t resident_bytes(void)
{
    long long whole = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lld %lld", &whole, &resident) != 2)
        give_up("/proc/self/statm cannot be read");
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

/* The allocators give back what they keep for later. */
static void collect(void)
{
    void (*mimalloc_collect)(bool force);
    *(void **)&mimalloc_collect = dlsym(RTLD_DEFAULT, "mi_collect");
    if (mimalloc_collect != NULL)
        mimalloc_collect(true);
    malloc_trim(0);
}

/* ---- churn */

typedef struct {
    const map_kind_t *kind;
    void *map;
    uint64_t each; /* entries of each thread */
    _Atomic(int64_t) values;
} churn_t;

/* One to one, and nothing of an order: the n-th key of a thread. */
static uint64_t key_of(const worker_t *w, uint64_t n)
{
    uint64_t key = n * THREADS + w->index;
    key ^= key >> 31;
    key *= UINT64_C(0xbf58476d1ce4e5b9);
    return key ^ key >> 32;
}

static void reclaim(void *value, void *ctx)
{
    churn_t *c = ctx;
    cc_free(value, sizeof(uint64_t));
    atomic_fetch_sub_explicit(&c->values, 1, memory_order_relaxed);
}

static uint64_t *new_value(churn_t *c, uint64_t key)
{
    uint64_t *value = cc_alloc(sizeof *value);
    if (value == NULL)
        give_up("no memory for a value");
    *value = key;
    atomic_fetch_add_explicit(&c->values, 1, memory_order_relaxed);
    return value;
}

static void expect(int rc, int wanted, const char *verb)
{
    if (rc != wanted)
        finding("%s of a thread's own key returned %d", verb, rc);
}

static void remove_key(churn_t *c, uint64_t key)
{
    expect(c->kind->remove(c->map, key, NULL), 0, "remove");
}

static void work(worker_t *w, void *ctx)
{
    churn_t *c = ctx;
    for (uint64_t n = 0; n < c->each; n++) {
        uint64_t key = key_of(w, n);
        if (n >= WINDOW) /* before the next one comes: never more than LIVE */
            remove_key(c, key_of(w, n - WINDOW));
        expect(c->kind->insert(c->map, key, new_value(c, key)), 0, "insert");
        if (n % 4 == 0)
            expect(c->kind->put(c->map, key, new_value(c, key), NULL), 1, "put");
        if (n % 4096 == 0 && c->kind->count(c->map) > LIVE + THREADS)
            finding("the map says that it holds %zu", c->kind->count(c->map));
    }
    for (uint64_t n = c->each > WINDOW ? c->each - WINDOW : 0; n < c->each; n++)
        remove_key(c, key_of(w, n));
}

/* ---- one map */

typedef struct {
    uint64_t limbo_peak;
    int64_t largest; /* the process, when the threads were done */
    double seconds;
} churned_t;

static churned_t churn(const map_kind_t *kind, cc_smr_scheme_t scheme, uint64_t entries)
{
    churned_t result;
    crew_t crew;
    cc_domain_t *domain;
    churn_t c = {.kind = kind, .each = entries / THREADS};
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    opts.scheme = scheme;
    map_opts.value_reclaim = reclaim;
    map_opts.value_ctx = &c;
    map_opts.value_size = sizeof(uint64_t);
    if (cc_domain_create(&opts, &domain) != 0 || kind->create(domain, &map_opts, &c.map) != 0)
        give_up("a map could not be created");
    double start = now_seconds();
    crew_start(&crew, THREADS, 1);
    crew_run(&crew, work, &c);
    result.seconds = now_seconds() - start;
    result.largest = resident_bytes();
    if (kind->count(c.map) != 0 || kind->validate(c.map) != 0)
        finding("the map is not empty, or not sound");
    crew_dismiss(&crew);
    result.limbo_peak = cycle_settle(domain, scheme);
    if (c.values != 0)
        finding("%ld values were not reclaimed", (long)c.values);
    if (kind->destroy(c.map) != 0 || cc_domain_destroy(domain) != 0)
        finding("map or domain are still in use");
    return result;
}

static int64_t churn_and_look(const map_kind_t *kind, cc_smr_scheme_t scheme, uint64_t entries)
{
    report_place_t place = {0, "churn", cc_smr_scheme_name(scheme), kind->name, ""};
    snprintf(place.replay, sizeof place.replay, "map_churn %lu %s %s", (unsigned long)entries, kind->name,
             place.scheme);
    report_watchdog(PATIENCE);
    report_enter(&place);
    collect();
    cc_alloc_snapshot_t before = cc_alloc_stats_snapshot();
    int64_t size = resident_bytes();
    churned_t result = churn(kind, scheme, entries);
    cc_alloc_snapshot_t after = cc_alloc_stats_snapshot();
    collect();
    int64_t grown = resident_bytes() - size;
    uint64_t blocks = after.alloc_count - before.alloc_count;
    if (after.current_allocated != before.current_allocated || blocks != after.free_count - before.free_count)
        finding("%lu blocks were given, %lu came back; %lu bytes were live before, %lu are", (unsigned long)blocks,
                (unsigned long)(after.free_count - before.free_count), (unsigned long)before.current_allocated,
                (unsigned long)after.current_allocated);
    report_enter(NULL);
    printf("%-6s %-6s %11lu entries %8.1f s %6.2f M/s %12lu blocks, all back; waited at most %5.1f MiB; "
           "the process %6.1f MiB, when done %6.1f, in the end %+.1f\n",
           kind->name, place.scheme, (unsigned long)(entries / THREADS * THREADS), result.seconds,
           (double)entries / result.seconds * 1e-6, (unsigned long)blocks, (double)result.limbo_peak / (1 << 20),
           (double)size / (1 << 20), (double)result.largest / (1 << 20), (double)grown / (1 << 20));
    fflush(stdout);
    return grown;
}

static bool chosen(const char *choice, const char *name)
{
    return strcmp(choice, "all") == 0 || strcmp(choice, name) == 0;
}

int main(int argc, char **argv)
{
    uint64_t entries = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    const char *some = argc > 2 ? argv[2] : "all", *schemes = argc > 3 ? argv[3] : "all";
    unsigned churns = 0;
    report_crashes();
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && entries >= THREADS && argc <= 4; k++) {
        for (unsigned s = 0; s < RECLAIMING_SCHEMES; s++) { /* one that leaks would take all memory */
            if (!chosen(some, kinds[k]->name) || !chosen(schemes, cc_smr_scheme_name(reclaiming_schemes[s])))
                continue;
            int64_t grown = churn_and_look(kinds[k], reclaiming_schemes[s], entries);
            if (!STRESS_SANITIZED && grown > size_slack)
                finding("the process has grown by %ld bytes", (long)grown);
            churns++;
        }
    }
    if (churns == 0) {
        fputs("usage: map_churn [ENTRIES [KIND [SCHEME]]]\n", stderr);
        return 2;
    }
    printf("nothing found\n");
    return 0;
}
