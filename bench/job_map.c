/* Maps: set up with a share of the keys in random order, then run with a mix of get, insert, remove and scan. */
#include "job.h"
#include "keys.h"
#include "random.h"
#include "usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static bool prefill(job_t *job, uint64_t entries)
{
    const contender_t *map = job->contender;
    char room[KEY_MAX];
    bench_key_t key = {0};
    uint32_t *order = keys_shuffled(keys_range(job->keys), job->workload.seed);
    if (order == NULL)
        return false;
    void *self = map->thread_begin != NULL ? map->thread_begin(job->it, 0) : NULL;
    size_t before = usage_rss();
    bool good = true;
    for (uint64_t i = 0; good && i < entries; i++) {
        keys_at(job->keys, order[i], room, &key);
        good = map->insert(job->it, self, &key);
    }
    size_t after = usage_rss();
    if (map->thread_end != NULL)
        map->thread_end(job->it, self);
    free(order);
    job->memory = (memory_t){(double)entries, (double)after - (double)before, -1};
    return good;
}

/* libcc throws its dice by these bytes of the kernel's. Where instructions are counted they are given, so that
 * every run counts the same. */
static void fix_dice(uint64_t seed)
{
    void *random = (void *)getauxval(AT_RANDOM);
    if (random != NULL)
        memcpy(random, &seed, sizeof seed);
}

static bool set_up(job_t *job)
{
    const workload_t *workload = &job->workload;
    if (workload->operations > 0)
        fix_dice(workload->seed);
    keys_t *keys = keys_create(workload, strcmp(job->contender->kind, "bytes") == 0);
    if (keys == NULL)
        return false;
    contender_opts_t opts = {workload->scheme, keys_range(keys)};
    job->keys = keys;
    job->it = job->contender->create(&opts);
    return job->it != NULL && prefill(job, (uint64_t)((double)keys_range(keys) * workload->prefill));
}

static void one(const contender_t *map, void *it, member_t *me, keys_t *keys)
{
    const workload_t *workload = me->workload;
    bench_key_t key;
    keys_next(keys, me, &key);
    uint64_t dice = random_below(&me->random, 100);
    if (dice < workload->get)
        map->get(it, me->self, &key);
    else if (dice < workload->get + workload->insert)
        map->insert(it, me->self, &key);
    else if (dice < workload->get + workload->insert + workload->remove)
        map->remove(it, me->self, &key);
    else
        map->scan(it, me->self, &key, workload->length);
}

static uint64_t mix(member_t *me, void *ctx, unsigned n)
{
    job_t *job = ctx;
    const contender_t *map = job->contender;
    void *it = job->it, *keys = job->keys;
    for (unsigned i = 0; i < n; i++)
        one(map, it, me, keys);
    return n;
}

static bool run(job_t *job, crew_result_t *result)
{
    const contender_t *map = job->contender;
    const workload_t *workload = &job->workload;
    if (workload->get + workload->insert + workload->remove + workload->scan != 100) {
        fputs("ccbench: get, insert, remove and scan must make 100 percent\n", stderr);
        return false;
    }
    if ((workload->get > 0 && map->get == NULL) || (workload->remove > 0 && map->remove == NULL) ||
        (workload->scan > 0 && map->scan == NULL) || (map->one_thread && workload->threads > 1))
        return false;
    crew_run(workload, map, job->it, mix, job, result);
    job->memory.garbage = map->waiting != NULL ? (double)map->waiting(job->it) : -1;
    return true;
}

static void tear_down(job_t *job)
{
    if (job->it != NULL)
        job->contender->destroy(job->it);
    if (job->keys != NULL)
        keys_destroy(job->keys);
}

const job_t job_map = {.kind = "map", .set_up = set_up, .run = run, .tear_down = tear_down};
