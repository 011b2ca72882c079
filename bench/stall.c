/* See stall.h. */
#include "stall.h"

#include "base/rng.h"
#include "smr/types.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double stall_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void stall_nap(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&t, NULL);
}

const char *stall_kind_name(stall_kind_t kind)
{
    static const char *const names[STALL_KINDS] = {"nobody", "operation", "guard", "scan"};
    return names[kind];
}

static void must(bool done)
{
    if (done)
        return;
    fprintf(stderr, "stalls: no memory, or no threads\n");
    abort();
}

/* ---- churn */

static void free_value(void *value, void *ctx)
{
    (void)ctx;
    cc_free(value, STALL_VALUE_BYTES);
}

static void put(cc_skiplist64_t *map, uint64_t key)
{
    void *value = cc_alloc(STALL_VALUE_BYTES);
    must(value != NULL);
    memset(value, 1, STALL_VALUE_BYTES);
    must(cc_skiplist64_put(map, key, value, NULL) >= 0);
}

static void *churn(void *arg)
{
    stall_churner_t *me = arg;
    stall_world_t *world = me->world;
    while (!atomic_load_explicit(&world->stop, memory_order_relaxed)) {
        uint64_t random = cc__rng_next(&me->random);
        uint64_t key = (random >> 8) % STALL_KEYS;
        if (random & 1)
            put(world->map, key);
        else
            (void)cc_skiplist64_remove(world->map, key, NULL);
        atomic_fetch_add_explicit(&me->ops, 1, memory_order_relaxed);
    }
    return NULL;
}

static pthread_t threads[STALL_THREADS_MAX];

bool stall_begin(stall_world_t *world, cc_smr_scheme_t scheme, unsigned n)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    memset(world, 0, sizeof *world);
    opts.scheme = scheme;
    map_opts.value_reclaim = free_value;
    map_opts.value_size = STALL_VALUE_BYTES;
    if (cc_domain_create(&opts, &world->domain) != 0)
        return false;
    must(cc_skiplist64_create(world->domain, &map_opts, &world->map) == 0);
    for (uint64_t key = 0; key < STALL_KEYS; key++)
        put(world->map, key);
    world->scheme = scheme;
    world->threads = n;
    for (unsigned i = 0; i < n; i++) {
        world->churner[i].world = world;
        world->churner[i].random = i + 1;
        must(pthread_create(&threads[i], NULL, churn, &world->churner[i]) == 0);
    }
    return true;
}

void stall_calm(stall_world_t *world)
{
    atomic_store(&world->stop, true);
    for (unsigned i = 0; i < world->threads; i++)
        pthread_join(threads[i], NULL);
}

uint64_t stall_ops(const stall_world_t *world)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < world->threads; i++)
        sum += atomic_load_explicit(&world->churner[i].ops, memory_order_relaxed);
    return sum;
}

/* ---- the tracer */

static bool interrupt(pid_t tid)
{
    int status;
    return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0 && waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status);
}

static stop_order_t stop_inside(stop_t *stop)
{
    if (ptrace(PTRACE_SEIZE, stop->tid, NULL, NULL) != 0)
        return STOP_IMPOSSIBLE;
    while (interrupt(stop->tid)) {
        if (atomic_load(&stop->inside))
            return STOP_DONE;
        if (ptrace(PTRACE_CONT, stop->tid, NULL, NULL) != 0)
            break;
        stall_nap(20e-6);
    }
    return STOP_IMPOSSIBLE;
}

void stop_obey(stop_t *stop)
{
    switch (atomic_load(&stop->order)) {
    case STOP_WANTED:
        atomic_store(&stop->order, stop_inside(stop));
        break;
    case STOP_LET_GO:
        ptrace(PTRACE_DETACH, stop->tid, NULL, NULL);
        atomic_store(&stop->order, STOP_IDLE);
        break;
    default:
        break;
    }
}

static stop_order_t order(stop_t *stop, stop_order_t what)
{
    atomic_store(&stop->order, what);
    while (atomic_load(&stop->order) == (int)what)
        stall_nap(1e-3);
    return (stop_order_t)atomic_load(&stop->order);
}

/* ---- the sleeper */

static pthread_t sleeper;
static sem_t asleep, wake;
static atomic_bool awake;
static stop_t *stopped; /* NULL: it sleeps by itself */

static void sleep_until_woken(void)
{
    sem_post(&asleep);
    while (sem_wait(&wake) != 0) {
    }
}

static void *sleep_in_operation(void *arg)
{
    stall_world_t *world = arg;
    void *value;
    stopped->tid = (pid_t)syscall(SYS_gettid);
    (void)cc_skiplist64_get(world->map, 0, &value); /* the first call attaches, and is long outside of the operation */
    sem_post(&asleep);
    for (uint64_t key = 0; !atomic_load(&awake); key++) {
        atomic_store_explicit(&stopped->inside, true, memory_order_relaxed);
        (void)cc_skiplist64_get(world->map, key * 7919 % STALL_KEYS, &value);
        atomic_store_explicit(&stopped->inside, false, memory_order_relaxed);
    }
    return NULL;
}

static void *sleep_in_guard(void *arg)
{
    stall_world_t *world = arg;
    void *value;
    cc_guard_t *guard = cc_guard_enter(world->domain);
    must(guard != NULL);
    for (uint64_t key = 0; cc_skiplist64_get(world->map, key, &value) != 0; key++) {
    }
    sleep_until_woken();
    cc_guard_leave(guard);
    return NULL;
}

static bool see(uint64_t key, void *value, void *ctx)
{
    (void)key, (void)value, (void)ctx;
    return true;
}

static void *sleep_after_scan(void *arg)
{
    stall_world_t *world = arg;
    cc_guard_t *guard = cc_guard_enter(world->domain);
    must(guard != NULL);
    (void)cc_skiplist64_range(world->map, 0, UINT64_MAX, see, NULL);
    sleep_until_woken();
    cc_guard_leave(guard);
    return NULL;
}

/* DEBRA+: the kernel's word is taken for a thread that does not run. */
static bool proves(const stall_world_t *world)
{
    return strcmp(stall_snapshot(world).neutralize, "strong") == 0;
}

/* DEBRA+: it may be proved out once and then never be in the way of a round again, so its announcement must tell. Where
 * nothing is proved, a stopped thread holds up what it likes. */
static bool announces(const stall_world_t *world)
{
    if (!proves(world))
        return false;
    cc__rec_t *rec = cc__load_acquire(&world->domain->recs);
    while (rec != NULL && cc__load_relaxed(&rec->tid) != stopped->tid)
        rec = rec->next;
    return rec != NULL && cc__load_acquire(&rec->announce) != CC__QUIESCENT;
}

/* A get begins and ends outside the operation, where the thread is in nobody's way: does it stand in one? The epoch tells, if
 * it comes to a halt; under DEBRA+ what the thread announces, and under IBR that something waits for it. */
static bool is_in_the_way(const stall_world_t *world, cc_smr_scheme_t scheme)
{
    if (scheme == CC_SMR_DEBRA)
        return announces(world);
    cc_smr_snapshot_t before = stall_snapshot(world), now;
    double end = stall_now() + 0.15;
    do {
        stall_nap(2e-3);
        now = stall_snapshot(world);
        if ((scheme == CC_SMR_IBR && now.stalled_thread == stopped->tid) || scheme == CC_SMR_LEAK)
            return true;
    } while (stall_now() < end);
    return scheme != CC_SMR_IBR && now.epoch <= before.epoch + 2;
}

static bool stop_in_operation(const stall_world_t *world, cc_smr_scheme_t scheme)
{
    for (int i = 0; i < 50 && order(stopped, STOP_WANTED) == STOP_DONE; i++) {
        if (is_in_the_way(world, scheme))
            return true;
        (void)order(stopped, STOP_LET_GO);
    }
    return false;
}

bool stall_fall_asleep(stall_world_t *world, stall_kind_t kind, stop_t *stop)
{
    void *(*const body[STALL_KINDS])(void *) = {NULL, sleep_in_operation, sleep_in_guard, sleep_after_scan};
    sem_init(&asleep, 0, 0);
    sem_init(&wake, 0, 0);
    atomic_store(&awake, false);
    stopped = kind == STALL_OPERATION ? stop : NULL;
    must(pthread_create(&sleeper, NULL, body[kind], world) == 0);
    while (sem_wait(&asleep) != 0) {
    }
    return stopped == NULL || stop_in_operation(world, world->scheme);
}

void stall_wake(void)
{
    atomic_store(&awake, true);
    if (stopped != NULL && atomic_load(&stopped->order) == STOP_DONE)
        (void)order(stopped, STOP_LET_GO);
    sem_post(&wake);
    pthread_join(sleeper, NULL);
}

/* ---- what waits */

cc_smr_snapshot_t stall_snapshot(const stall_world_t *world)
{
    cc_smr_snapshot_t lowest = CC_SMR_SNAPSHOT_INIT;
    must(cc_smr_stats_snapshot(world->domain, &lowest) == 0);
    for (int i = 0; i < 3; i++) {
        cc_smr_snapshot_t again = CC_SMR_SNAPSHOT_INIT;
        must(cc_smr_stats_snapshot(world->domain, &again) == 0);
        lowest = again.limbo_bytes < lowest.limbo_bytes ? again : lowest;
    }
    return lowest;
}

/* The terms are those of docs/smr-ibr.md and of smr/debra.c, in bytes. Of two blocks in a row one has 15 entries, or they are
 * merged; the index adds a fifteenth; a call retires four blocks at most. */
uint64_t stall_bound(const stall_world_t *world, stall_kind_t kind)
{
    const unsigned n = world->threads;
    const uint64_t block = 1024, span = 64, value = STALL_VALUE_BYTES, room = CC_SCAN_BYTES + 4 * block + value;
    const uint64_t slots = kind == STALL_GUARD || kind == STALL_SCAN ? value : 0;
    if (world->scheme == CC_SMR_IBR) {
        uint64_t live = (2 * STALL_KEYS / 15 + 1) * (block + span) * 16 / 15;
        uint64_t stopped_in = live + (uint64_t)n * CC_IBR_TICK * block;
        uint64_t preempted = stopped_in + (uint64_t)n * CC_SCAN_BYTES;
        uint64_t pinned = slots + stopped_in + n * preempted;
        return pinned + pinned / 4 + n * room;
    }
    if (world->scheme == CC_SMR_DEBRA && proves(world)) {
        uint64_t held = slots + (n + 1) * 2 * CC_COMMIT_SLOTS * (block + value);
        return n * (((uint64_t)CC_SUSPECT_BYTES << CC_PATIENCE_MAX) + 3 * room) + held + held / 4;
    }
    return 0;
}
