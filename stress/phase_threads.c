/* phase_threads.c: threads that come and go, domains that come and go, drains and flushes from everywhere.
 *
 * The crew spawns short-lived threads that use maps of several domains and then exit: some attached, some by
 * themselves, some right after retiring a single object, some with hundreds of them, some after a detach. Beside
 * them the crew flushes, drains with and without patience, takes snapshots, and makes and destroys maps and whole
 * domains. Nothing may get lost: in the end every domain drains, and every value was reclaimed exactly once. */
#include "cycle.h"
#include "jolt.h"
#include "promise.h"
#include "report.h"

#include "../tests/schemes.h"

#include <cc/guard.h>
#include <cc/stats.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { DOMAINS = 3, KEYS = 512, BATCH_MAX = 400, SPAWN_MAX = 3 };

typedef struct {
    cycle_t *cycle;
    cc_domain_t *domains[DOMAINS]; /* the first is the cycle's */
    cc_smr_scheme_t schemes[DOMAINS];
    cycle_map_t maps[DOMAINS];
    promise_board_t boards[DOMAINS];
    atomic_uint_fast64_t sequence;
} churn_t;

/* What a short-lived thread is to do. */
typedef struct {
    churn_t *churn;
    uint64_t seed;
    uint64_t calls; /* out */
    pthread_t thread;
} visitor_t;

static value_t *new_value(churn_t *churn, uint64_t key)
{
    return value_new(key, atomic_fetch_add_explicit(&churn->sequence, 1, memory_order_relaxed));
}

static void expect(int rc, int allowed, int also, const char *what)
{
    if (rc != allowed && rc != also)
        finding("%s returned %d", what, rc);
}

/* ---- what anybody may do */

static void change_map(churn_t *churn, const cycle_map_t *map, rnd_t *rnd)
{
    uint64_t key = rnd_below(rnd, KEYS);
    void *old = NULL;
    if (rnd_once_in(rnd, 3)) {
        value_t *value = new_value(churn, key);
        int rc = map->kind->insert(map->handle, key, value);
        expect(rc, 0, -EEXIST, "insert");
        if (rc != 0)
            value_discard(value);
        return;
    }
    if (rnd_once_in(rnd, 2))
        expect(map->kind->put(map->handle, key, new_value(churn, key), &old), 0, 1, "put");
    else
        expect(map->kind->remove(map->handle, key, &old), 0, -ENOENT, "remove");
    if (old) {
        value_check(old, key, "old value");
        cycle_retire(map->domain, old);
    }
}

static void read_in_guard(const cycle_map_t *map, rnd_t *rnd)
{
    uint64_t key = rnd_below(rnd, KEYS);
    void *value = NULL;
    cc_guard_t *guard = cc_guard_enter(map->domain);
    if (!guard)
        finding("cc_guard_enter returned NULL");
    int rc = map->kind->get(map->handle, key, &value);
    expect(rc, 0, -ENOENT, "get");
    if (rc == 0)
        value_check(value, key, "get inside a guard");
    expect(cc_domain_drain(map->domain, 0), -EDEADLK, -ENOTSUP, "cc_domain_drain inside a guard");
    expect(cc_thread_detach(map->domain), -EBUSY, -EBUSY, "cc_thread_detach inside a guard");
    if (rc == 0)
        value_check(value, key, "get inside a guard, later");
    cc_guard_leave(guard);
}

/* Objects that were never in a map; each second one retires another from its callback. */
static void retire_batch(churn_t *churn, cc_domain_t *domain, rnd_t *rnd)
{
    unsigned n = rnd_once_in(rnd, 4) ? 1 + rnd_below(rnd, BATCH_MAX) : 1;
    if (cc_retire_reserve(domain, n) != 0)
        finding("cc_retire_reserve failed");
    for (unsigned i = 0; i < n; i++) {
        value_t *value = new_value(churn, i);
        if (i % 2 == 0)
            value->chain = new_value(churn, i);
        cycle_retire(domain, value);
    }
}

/* ---- short-lived threads */

static void *visit(void *arg)
{
    visitor_t *visitor = arg;
    churn_t *churn = visitor->churn;
    rnd_t rnd = rnd_init(visitor->seed, 0);
    unsigned d = rnd_below(&rnd, DOMAINS), calls = rnd_below(&rnd, 64);
    if (rnd_once_in(&rnd, 2) && cc_thread_attach(churn->domains[d]) != 0)
        finding("cc_thread_attach failed");
    for (unsigned i = 0; i < calls; i++) {
        change_map(churn, &churn->maps[d], &rnd);
        if (churn->schemes[d] != CC_SMR_LEAK && rnd_once_in(&rnd, 8)) /* there it would outlive the board */
            promise_retire(&churn->boards[d], churn->domains[d], &rnd);
        if (rnd_once_in(&rnd, 8))
            d = rnd_below(&rnd, DOMAINS);
    }
    if (rnd_once_in(&rnd, 2))
        read_in_guard(&churn->maps[d], &rnd);
    if (rnd_once_in(&rnd, 4))
        expect(cc_thread_detach(churn->domains[d]), 0, 0, "cc_thread_detach");
    if (rnd_once_in(&rnd, 2))
        retire_batch(churn, churn->domains[d], &rnd);
    visitor->calls = calls;
    return NULL;
}

static void spawn(churn_t *churn, worker_t *worker)
{
    visitor_t visitors[SPAWN_MAX];
    unsigned n = 1 + rnd_below(&worker->rnd, SPAWN_MAX);
    jolt_hold_off();
    for (unsigned i = 0; i < n; i++) {
        visitors[i] = (visitor_t){.churn = churn, .seed = rnd_next(&worker->rnd)};
        if (pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]) != 0)
            give_up("cannot start a thread");
    }
    for (unsigned i = 0; i < n; i++) {
        pthread_join(visitors[i].thread, NULL);
        worker->ops += visitors[i].calls;
    }
    jolt_let_in();
}

/* ---- what the crew does beside */

static void drain_some(churn_t *churn, worker_t *worker, unsigned d)
{
    static const int64_t patience[] = {0, 1, 100000, 5000000};
    int64_t timeout = patience[rnd_below(&worker->rnd, 4)];
    int rc = promise_drain(&churn->boards[d], churn->domains[d], timeout, &worker->checks);
    if (churn->schemes[d] == CC_SMR_LEAK)
        expect(rc, -ENOTSUP, -ENOTSUP, "cc_domain_drain of a leaking domain");
    else
        expect(rc, 0, -ETIMEDOUT, "cc_domain_drain");
}

static void snapshot(churn_t *churn, unsigned d)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    if (cc_smr_stats_snapshot(churn->domains[d], &s) != 0)
        finding("cc_smr_stats_snapshot failed");
    if (s.leaked != 0)
        finding("%" PRIu64 " objects given up although there is memory", s.leaked);
}

static void use_side_map(churn_t *churn, worker_t *worker, unsigned d)
{
    cycle_map_t map = cycle_map_create(churn->cycle->kind, churn->domains[d], rnd_once_in(&worker->rnd, 2));
    for (unsigned i = 0; i < 100; i++)
        change_map(churn, &map, &worker->rnd);
    worker->ops += 100;
    cycle_map_destroy(&map);
}

static void use_side_domain(churn_t *churn, worker_t *worker)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    opts.scheme = churn->schemes[rnd_below(&worker->rnd, DOMAINS)];
    if (cc_domain_create(&opts, &domain) != 0)
        finding("cc_domain_create failed");
    cycle_map_t map = cycle_map_create(churn->cycle->kind, domain, rnd_once_in(&worker->rnd, 2));
    for (unsigned i = 0; i < 50; i++)
        change_map(churn, &map, &worker->rnd);
    worker->ops += 50;
    expect(cc_domain_destroy(domain), -EBUSY, -EBUSY, "cc_domain_destroy under a map");
    cycle_map_destroy(&map);
    retire_batch(churn, domain, &worker->rnd);
    if (rnd_once_in(&worker->rnd, 2)) {
        cycle_drain(domain, opts.scheme);
        cycle_settle(domain, opts.scheme);
    }
    expect(cc_domain_destroy(domain), 0, 0, "cc_domain_destroy");
    worker->checks += 2;
}

static void churn_job(worker_t *worker, void *ctx)
{
    churn_t *churn = ctx;
    while (!crew_stopped(worker)) {
        unsigned d = rnd_below(&worker->rnd, DOMAINS);
        uint32_t dice = rnd_below(&worker->rnd, 16);
        if (dice < 6)
            spawn(churn, worker);
        else if (dice < 8)
            drain_some(churn, worker, d);
        else if (dice < 10 && cc_domain_flush(churn->domains[d]) < 0)
            finding("cc_domain_flush failed");
        else if (dice == 10)
            snapshot(churn, d);
        else if (dice == 11)
            use_side_map(churn, worker, d);
        else if (dice == 12)
            use_side_domain(churn, worker);
        else if (dice == 13)
            expect(cc_thread_detach(churn->domains[d]), 0, 0, "cc_thread_detach");
        else if (dice == 14)
            read_in_guard(&churn->maps[d], &worker->rnd);
        else
            change_map(churn, &churn->maps[d], &worker->rnd);
        worker->ops++;
    }
}

/* ---- the phase */

static void open_domains(churn_t *churn)
{
    cycle_t *cycle = churn->cycle;
    for (unsigned d = 0; d < DOMAINS; d++) {
        cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
        churn->schemes[d] = opts.scheme =
            d == 0 ? cycle->scheme : reclaiming_schemes[rnd_below(&cycle->rnd, RECLAIMING_SCHEMES)];
        churn->domains[d] = cycle->domain;
        if (d > 0 && cc_domain_create(&opts, &churn->domains[d]) != 0)
            finding("cc_domain_create failed");
        churn->maps[d] = cycle_map_create(cycle->kind, churn->domains[d], rnd_once_in(&cycle->rnd, 2));
    }
}

static void close_domains(churn_t *churn)
{
    for (unsigned d = 0; d < DOMAINS; d++) {
        cycle_drain(churn->domains[d], churn->schemes[d]);
        cycle_settle(churn->domains[d], churn->schemes[d]);
        cycle_map_check(churn->cycle, &churn->maps[d], false, 0);
        cycle_map_destroy(&churn->maps[d]);
        if (d == 0)
            continue;
        cycle_settle(churn->domains[d], churn->schemes[d]);
        expect(cc_domain_destroy(churn->domains[d]), 0, 0, "cc_domain_destroy");
    }
}

static void threads_run(cycle_t *cycle)
{
    static churn_t churn; /* not on the stack: a domain that leaks keeps its promises when it is destroyed */
    churn = (churn_t){.cycle = cycle};
    open_domains(&churn);
    crew_run_for(&cycle->crew, cycle->seconds, churn_job, &churn);
    close_domains(&churn);
}

const phase_t phase_threads = {"threads", threads_run};
