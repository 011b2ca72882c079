/* The memory cap under hostile churn: four threads replace and remove as fast as they can, one sleeps inside a guard, one
 * inside an operation (not under DEBRA+, where that would be a comparator, which is waited for). What waits never exceeds
 * the formula of smr/cap.c; a call that is refused has changed nothing; and a scheme that is robust goes on serving
 * writers, while epochs refuse every one until the sleepers wake. */
#include "canary.h"
#include "scenario.h"
#include "smr/types.h"

#include "base/rng.h"

#include <cc/cc.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    CAP = 1024 * 1024,
    KEYS = 2000,
    CHURNERS = 4,
    THREADS = CHURNERS + 3,
    BLOCK_BYTES = 1024,
    CALL_BYTES = 4 * BLOCK_BYTES + CANARY_BYTES, /* the most that one retires: its block is merged */
    GRAIN = CAP / 256 + 1,
    /* A removal retires a block and a value; of two blocks in a row one has 15 entries at least, or they are merged. */
    LIVE = KEYS * (BLOCK_BYTES + CANARY_BYTES) + (2 * KEYS / 15 + 1) * (3 * BLOCK_BYTES + 64),
    BOUND = CAP + THREADS * (GRAIN + CALL_BYTES) + LIVE,
    SERVED = 20000, /* calls of the robust schemes after the cap was reached for the first time, at least */
    PHASE_MS = 600,
};

static cc_domain_t *domain;
static cc_skiplist64_t *map;
static cc_skiplist_t *compared;
static canary_count_t live;
static atomic_bool stop;
static atomic_ullong done, refused;
static sem_t asleep, wake_holder, wake_reader;

/* ---- churn: each thread has keys of its own, so it knows what a refused call must have left */

static void check_unchanged(uint64_t key, const canary_t *mine)
{
    void *value = NULL;
    int err = cc_skiplist64_get(map, key, &value);
    CHECK(mine == NULL ? err == -ENOENT : err == 0 && value == mine, "a refused call changed key %" PRIu64, key);
}

static int change(uint64_t random, uint64_t key, canary_t **mine)
{
    if (random % 4 == 0) {
        int err = cc_skiplist64_remove(map, key, NULL);
        CHECK(err == (*mine != NULL ? 0 : -ENOENT), "%d", err);
        *mine = NULL;
        return 0;
    }
    canary_t *value = canary_make(key, &live);
    int rc = *mine != NULL && random % 4 == 1 ? cc_skiplist64_replace(map, key, *mine, value)
                                              : cc_skiplist64_put(map, key, value, NULL);
    CHECK(rc >= 0 || rc == -ENOSPC, "%d", rc);
    if (rc >= 0) {
        *mine = value;
        return 0;
    }
    canary_reclaim(value, &live);
    check_unchanged(key, *mine);
    return rc;
}

static void *churn(void *arg)
{
    uint64_t index = (uint64_t)(uintptr_t)arg, random = index + 1;
    canary_t *mine[KEYS / CHURNERS] = {NULL};
    while (!atomic_load(&stop)) {
        uint64_t r = cc__rng_next(&random), at = (r >> 8) % (KEYS / CHURNERS);
        int rc = change(r, at * CHURNERS + index, &mine[at]);
        atomic_fetch_add_explicit(rc == 0 ? &done : &refused, 1, memory_order_relaxed);
    }
    return NULL;
}

/* ---- the sleepers */

static void sleep_on(sem_t *wake)
{
    sem_post(&asleep);
    while (sem_wait(wake) != 0) {
    }
}

static void *hold(void *arg)
{
    (void)arg;
    void *value;
    cc_guard_t *guard = cc_guard_enter(domain);
    CHECK(guard != NULL && cc_skiplist64_get(map, KEYS, &value) == 0);
    sleep_on(&wake_holder);
    CHECK(canary_intact(value, KEYS), "reclaimed");
    cc_guard_leave(guard);
    return NULL;
}

static _Thread_local bool is_reader;

static int compare(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    (void)ctx;
    if (is_reader) {
        is_reader = false;
        sleep_on(&wake_reader);
    }
    return *(const unsigned char *)a.data - *(const unsigned char *)b.data;
}

static void *read_m(void *arg)
{
    (void)arg;
    is_reader = true;
    CHECK(cc_skiplist_contains(compared, (cc_bytes_t){"m", 1}));
    return NULL;
}

/* ---- the world */

static void create(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t values = CC_MAP_OPTS_INIT, letters = CC_MAP_OPTS_INIT;
    opts.scheme = scheme;
    opts.limbo_bytes_max = CAP;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    values.value_reclaim = canary_reclaim;
    values.value_ctx = &live;
    values.value_size = CANARY_BYTES;
    CHECK(cc_skiplist64_create(domain, &values, &map) == 0);
    CHECK(cc_skiplist64_insert(map, KEYS, canary_make(KEYS, &live)) == 0);
    letters.compare = compare;
    CHECK(cc_skiplist_create(domain, &letters, &compared) == 0);
    CHECK(cc_skiplist_insert(compared, (cc_bytes_t){"m", 1}, &domain) == 0);
    sem_init(&asleep, 0, 0);
    sem_init(&wake_holder, 0, 0);
    sem_init(&wake_reader, 0, 0);
}

static void destroy(void)
{
    CHECK(cc_domain_drain(domain, INT64_C(30000000000)) == 0);
    CHECK(cc_skiplist64_validate(map) == 0);
    CHECK(cc_skiplist64_insert(map, KEYS + 1, canary_make(KEYS + 1, &live)) == 0, "nothing waits any more");
    CHECK(cc_skiplist64_destroy(map) == 0 && cc_skiplist_destroy(compared) == 0);
    CHECK(cc_domain_destroy(domain) == 0);
    CHECK(atomic_load(&live) == 0);
}

static cc_smr_snapshot_t snapshot(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(domain, &s) == 0);
    return s;
}

static void watch_for(int ms)
{
    double end = scenario_seconds() + ms / 1000.0;
    while (scenario_seconds() < end) {
        struct timespec t = {0, 5000000};
        nanosleep(&t, NULL);
        (void)snapshot(); /* notes the peak */
    }
}

/* Until writers were served so often since the cap was first reached, or for a phase if that never happens. */
static uint64_t serve(bool robust)
{
    double end = scenario_seconds() + (robust ? 60 : PHASE_MS / 1000.0);
    uint64_t before = atomic_load(&done);
    do
        watch_for(50);
    while (scenario_seconds() < end && (!robust || atomic_load(&done) - before < SERVED));
    return atomic_load(&done) - before;
}

static void churn_under_cap(cc_smr_scheme_t scheme)
{
    bool debra = scheme == CC_SMR_DEBRA, robust = scheme != CC_SMR_EPOCH;
    pthread_t churner[CHURNERS], holder, reader;
    create(scheme);
    CHECK(pthread_create(&holder, NULL, hold, NULL) == 0);
    sem_wait(&asleep);
    if (!debra) {
        CHECK(pthread_create(&reader, NULL, read_m, NULL) == 0);
        sem_wait(&asleep);
    }
    CHECK(cc_skiplist64_remove(map, KEYS, NULL) == 0);
    for (uintptr_t i = 0; i < CHURNERS; i++)
        CHECK(pthread_create(&churner[i], NULL, churn, (void *)i) == 0);
    watch_for(PHASE_MS);
    uint64_t refused_before = atomic_load(&refused), served = serve(robust);
    uint64_t refused_after = atomic_load(&refused);
    cc_smr_snapshot_t s = snapshot();
    printf("cap %d, bound %d: at most %" PRIu64 " bytes waited; %llu calls, %" PRIu64 " refused; then %" PRIu64
           " were served and %" PRIu64 " refused\n",
           CAP, BOUND, s.limbo_bytes_peak, atomic_load(&done), refused_after, served, refused_after - refused_before);
    CHECK(s.limbo_bytes_peak <= BOUND, "%" PRIu64 " bytes", s.limbo_bytes_peak);
    CHECK(s.refused >= refused_after, "every -ENOSPC is counted");
    if (robust)
        CHECK(served >= SERVED, "%" PRIu64 " calls: writers starve", served);
    else
        CHECK(s.refused > 0 && s.limbo_bytes + THREADS * GRAIN >= CAP, "under epochs the sleepers fill the cap");
    atomic_store(&stop, true);
    for (int i = 0; i < CHURNERS; i++)
        pthread_join(churner[i], NULL);
    sem_post(&wake_holder);
    pthread_join(holder, NULL);
    if (!debra) {
        sem_post(&wake_reader);
        pthread_join(reader, NULL);
    }
    destroy();
}

static void cap_ibr(void)
{
    churn_under_cap(CC_SMR_IBR);
}

static void cap_debra(void)
{
    churn_under_cap(CC_SMR_DEBRA);
}

static void cap_epoch(void)
{
    churn_under_cap(CC_SMR_EPOCH);
}

int main(int argc, char **argv)
{
    static const scenario_t scenarios[] = {
        {.name = "ibr", .title = "1 MiB, sleepers, hostile churn under IBR", .run = cap_ibr},
        {.name = "debra", .title = "the same under DEBRA+", .run = cap_debra},
        {.name = "epoch", .title = "the same under epochs: writers are refused", .run = cap_epoch},
    };
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
