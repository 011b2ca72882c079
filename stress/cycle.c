#include "cycle.h"

#include "jolt.h"
#include "report.h"

#include <cc/alloc.h>
#include <cc/guard.h>
#include <cc/stats.h>

#include <errno.h>
#include <inttypes.h>

static const int64_t drain_patience = INT64_C(60000000000); /* 60 s: a sanitizer on a loaded machine is slow */

static void expect_zero(const char *what, uint64_t n)
{
    if (n != 0)
        finding("%s is %" PRIu64 " after everything was drained", what, n);
}

void cycle_drain(cc_domain_t *domain, cc_smr_scheme_t scheme)
{
    int rc = cc_domain_drain(domain, drain_patience);
    if (rc != (scheme == CC_SMR_LEAK ? -ENOTSUP : 0))
        finding("cc_domain_drain of a quiet domain returned %d", rc);
}

uint64_t cycle_settle(cc_domain_t *domain, cc_smr_scheme_t scheme)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    cycle_drain(domain, scheme);
    if (cc_smr_stats_snapshot(domain, &s) != 0)
        finding("cc_smr_stats_snapshot failed");
    expect_zero("guards", s.guards);
    expect_zero("leaked", s.leaked);
    if (scheme == CC_SMR_LEAK) {
        expect_zero("reclaimed (of a leaking domain)", s.reclaimed);
        if (s.limbo_count != s.retired)
            finding("limbo_count %" PRIu64 " but %" PRIu64 " retired in a leaking domain", s.limbo_count, s.retired);
        return s.limbo_bytes_peak;
    }
    if (s.retired != s.reclaimed)
        finding("%" PRIu64 " retired but %" PRIu64 " reclaimed after drain", s.retired, s.reclaimed);
    expect_zero("limbo_count", s.limbo_count);
    expect_zero("limbo_bytes", s.limbo_bytes);
    expect_zero("orphans", s.orphans);
    return s.limbo_bytes_peak;
}

void cycle_retire(cc_domain_t *domain, value_t *value)
{
    int rc = cc_retire(domain, value, sizeof *value, value_reclaim, domain);
    if (rc != 0)
        finding("cc_retire returned %d", rc);
}

cycle_map_t cycle_map_create(const map_kind_t *kind, cc_domain_t *domain, bool owns_values)
{
    cycle_map_t map = {kind, domain, NULL, owns_values};
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    if (owns_values) {
        opts.value_reclaim = value_reclaim;
        opts.value_ctx = domain;
        opts.value_size = sizeof(value_t);
    }
    int rc = kind->create(domain, &opts, &map.handle);
    if (rc != 0)
        finding("creating a map returned %d", rc);
    return map;
}

static bool retire_visited(uint64_t key, void *value, void *ctx)
{
    const cycle_map_t *map = ctx;
    void *old = NULL;
    if (map->kind->remove(map->handle, key, &old) != 0 || old != value)
        finding("an undisturbed remove of key %" PRIu64 ", just visited, failed", key);
    cycle_retire(map->domain, old);
    return true;
}

void cycle_map_destroy(cycle_map_t *map)
{
    if (!map->owns_values && map->kind->range(map->handle, 0, UINT64_MAX, retire_visited, map) < 0)
        finding("an undisturbed range over everything failed");
    int rc = map->kind->destroy(map->handle);
    if (rc != 0)
        finding("destroying a map returned %d", rc);
}

size_t cycle_map_check(cycle_t *cycle, const cycle_map_t *map, bool live, size_t others)
{
    int rc = map->kind->validate(map->handle);
    if (rc != 0)
        finding("validate returned %d", rc);
    size_t count = map->kind->count(map->handle);
    if (live && cycle->scheme != CC_SMR_LEAK && values_live() != (int64_t)(count + others))
        finding("%" PRId64 " values are alive, but %zu are in the map and %zu elsewhere", values_live(), count, others);
    cycle->checks += 2;
    return count;
}

static void create_domain(cycle_t *cycle)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = cycle->scheme;
    opts.name = "stress";
    int rc = cc_domain_create(&opts, &cycle->domain);
    if (rc != 0)
        finding("cc_domain_create returned %d", rc);
}

static void destroy_domain(cycle_t *cycle, uint64_t allocated_before)
{
    int rc = cc_domain_destroy(cycle->domain);
    if (rc != 0)
        finding("cc_domain_destroy of a quiet domain returned %d", rc);
    if (values_live() != 0)
        finding("%" PRId64 " values outlive their domain", values_live());
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
    if (allocated != allocated_before)
        finding("%" PRIu64 " bytes were allocated before the domain, %" PRIu64 " are after it", allocated_before,
                allocated);
}

cycle_result_t cycle_run(cycle_t *cycle, const phase_t *phase)
{
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
    cycle->rnd = rnd_init(cycle->seed, UINT32_MAX);
    cycle->checks = 0;
    create_domain(cycle);
    crew_start(&cycle->crew, cycle->threads, cycle->seed);
    jolt_start(&cycle->crew, cycle->jolt_us, cycle->seed);

    double start = now_seconds();
    phase->run(cycle);
    double seconds = now_seconds() - start;

    jolt_stop();
    cycle_result_t result = {.ops = crew_ops(&cycle->crew), .checks = crew_checks(&cycle->crew), .seconds = seconds};
    bool exited = rnd_once_in(&cycle->rnd, 2); /* or else alive and idle while the domain is taken down */
    if (exited)
        crew_dismiss(&cycle->crew);
    result.limbo_peak = cycle_settle(cycle->domain, cycle->scheme);
    destroy_domain(cycle, allocated);
    if (!exited)
        crew_dismiss(&cycle->crew);
    result.checks += cycle->checks;
    values_flush();
    return result;
}
