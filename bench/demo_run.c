#include "demo.h"

#include "base/rng.h"
#include "progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double demo_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void demo_fail(demo_t *demo, const char *format, ...)
{
    char line[200];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (!atomic_exchange(&demo->failed, true)) { /* the first complaint is the one that matters */
        progress_clear();
        fprintf(stderr, "demo: %s\n", line);
    }
    atomic_store(&demo->stop, true);
}

static bool shuffle(demo_t *demo)
{
    size_t count = demo->words->count;
    uint64_t rng = demo->opts->seed | 1;
    demo->order = malloc(count * sizeof *demo->order);
    if (demo->order == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t j = (size_t)(cc__rng_next(&rng) % (i + 1));
        demo->order[i] = demo->order[j];
        demo->order[j] = i;
    }
    return true;
}

static void create(demo_t *demo, demo_result_t *result)
{
    (void)result;
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    domain_opts.scheme = demo->scheme;
    domain_opts.name = "demo";
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    map_opts.value_reclaim = value_reclaim;
    map_opts.value_size = sizeof(value_t);
    int err = shuffle(demo) ? cc_domain_create(&domain_opts, &demo->domain) : -ENOMEM;
    if (err == 0)
        err = cc_skiplist_create(demo->domain, &map_opts, &demo->map);
    if (err != 0)
        demo_fail(demo, "creating the map: %s", cc_strerror(err));
}

/* ---- every word */

typedef struct {
    demo_t *demo;
    size_t next; /* the word that must come next */
} inspection_t;

static bool inspect(cc_bytes_t key, void *value, void *ctx)
{
    inspection_t *in = ctx;
    const words_t *words = in->demo->words;
    if (in->next >= words->count || words_compare(key, words->word[in->next]) != 0)
        demo_fail(in->demo, "entry %zu is \"%.*s\", which is not the word that belongs there", in->next, (int)key.len,
                  (const char *)key.data);
    else if (!value_intact(value, in->next))
        demo_fail(in->demo, "word %zu has a foreign or a reclaimed value", in->next);
    in->next++;
    return !in->demo->failed;
}

static void find_every_word(demo_t *demo, demo_result_t *result)
{
    inspection_t in = {.demo = demo};
    int64_t visited = cc_skiplist_range(demo->map, (cc_bytes_t){NULL, 0}, CC_BYTES_MAX, inspect, &in);
    result->found = in.next;
    if (visited != (int64_t)demo->words->count || cc_skiplist_count(demo->map) != demo->words->count)
        demo_fail(demo, "%" PRId64 " entries visited and %zu counted, of %zu words", visited,
                  cc_skiplist_count(demo->map), demo->words->count);
    if (cc_skiplist_validate(demo->map) != 0)
        demo_fail(demo, "the map breaks one of its invariants");
}

/* ---- every byte */

static void drain(demo_t *demo, demo_result_t *result)
{
    const int64_t ten_seconds = INT64_C(10000000000);
    int err = cc_domain_drain(demo->domain, ten_seconds);
    result->drained = (cc_smr_snapshot_t)CC_SMR_SNAPSHOT_INIT;
    if (err == 0)
        err = cc_smr_stats_snapshot(demo->domain, &result->drained);
    if (err != 0)
        demo_fail(demo, "draining the domain: %s", cc_strerror(err));
    else if (result->drained.limbo_count != 0 || result->drained.leaked != 0)
        demo_fail(demo, "after the drain %" PRIu64 " objects wait and %" PRIu64 " are leaked",
                  result->drained.limbo_count, result->drained.leaked);
}

static void destroy(demo_t *demo, demo_result_t *result)
{
    int err = cc_skiplist_destroy(demo->map);
    if (err == 0)
        err = cc_domain_destroy(demo->domain);
    if (err != 0)
        demo_fail(demo, "destroying: %s", cc_strerror(err));
    result->after = cc_alloc_stats_snapshot();
    const cc_alloc_snapshot_t *a = &result->before, *b = &result->after;
    if (b->current_allocated != a->current_allocated ||
        b->alloc_count - a->alloc_count != b->free_count - a->free_count)
        demo_fail(demo, "not every byte came back: %" PRIu64 " allocated before, %" PRIu64 " after",
                  a->current_allocated, b->current_allocated);
}

/* ---- one after the other */

static void load(demo_t *demo, demo_result_t *result)
{
    double start = demo_now();
    demo_load(demo);
    result->load_seconds = demo_now() - start;
    result->loaded = cc_alloc_stats_snapshot();
}

static void ask_sleeper(demo_t *demo, demo_result_t *result)
{
    const demo_sleep_t *sleep = &result->sleep;
    if (sleep->intact != sleep->held)
        demo_fail(demo, "the sleeper lost %zu of its %zu values", sleep->held - sleep->intact, sleep->held);
}

int demo_run(const demo_opts_t *opts, cc_smr_scheme_t scheme, demo_result_t *result)
{
    static void (*const step[])(demo_t *, demo_result_t *) = {
        create, load, demo_churn, ask_sleeper, find_every_word, drain, destroy,
    };
    demo_t demo = {.opts = opts, .words = opts->words, .scheme = scheme};
    *result = (demo_result_t){.scheme = cc_smr_scheme_name(scheme), .before = cc_alloc_stats_snapshot()};
    for (size_t i = 0; i < sizeof step / sizeof *step && !demo.failed; i++)
        step[i](&demo, result);
    free(demo.order);
    return demo.failed;
}
