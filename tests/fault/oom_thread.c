/* What threads can still do when no allocation succeeds any more. */
#include "oom.h"

#include "alloc/backend_mock.h"

#include <cc/guard.h>
#include <cc/skiplist.h>
#include <cc/skiplist64.h>
#include <cc/stats.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYS = 20 };

typedef struct {
    cc_domain_t *domain;
    cc_skiplist64_t *map;
    atomic_uint reclaimed[KEYS]; /* the value of key i is the address of reclaimed[i] */
} world_t;

static void reclaim(void *ptr, void *ctx)
{
    atomic_uint *reclaimed = ptr;
    atomic_fetch_add(reclaimed, 1);
}

static void set_up(world_t *w, cc_smr_scheme_t scheme)
{
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    domain_opts.scheme = scheme;
    map_opts.value_reclaim = reclaim;
    map_opts.value_size = sizeof w->reclaimed[0];
    CHECK(cc_domain_create(&domain_opts, &w->domain) == 0);
    CHECK(cc_skiplist64_create(w->domain, &map_opts, &w->map) == 0);
    for (unsigned i = 0; i < KEYS; i++) {
        atomic_init(&w->reclaimed[i], 0);
        CHECK(cc_skiplist64_insert(w->map, i, &w->reclaimed[i]) == 0);
    }
}

/* `leaked` of the values are never reclaimed, the others once. */
static void tear_down(world_t *w, unsigned leaked)
{
    CHECK(cc_skiplist64_destroy(w->map) == 0);
    CHECK(cc_domain_destroy(w->domain) == 0);
    unsigned never = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        unsigned times = atomic_load(&w->reclaimed[i]);
        CHECK(times <= 1, "value %u: %u times", i, times);
        never += times == 0;
    }
    CHECK(never == leaked, "%u, not %u", never, leaked);
}

static cc_smr_snapshot_t snapshot_of(cc_domain_t *domain)
{
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(domain, &snapshot) == 0);
    return snapshot;
}

static void on_a_thread(void *(*body)(void *), void *arg)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, body, arg) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* ---- a thread without a record */

static bool visit_none(uint64_t key, void *value, void *ctx)
{
    CHECK(false, "visited %llu", (unsigned long long)key);
    return false;
}

static void read_without_record(world_t *w)
{
    void *value = NULL;
    uint64_t key = 99;
    for (uint64_t i = 0; i < KEYS; i++) {
        CHECK(cc_skiplist64_contains(w->map, i));
        CHECK(cc_skiplist64_get(w->map, i, &value) == 0 && value == &w->reclaimed[i]);
    }
    CHECK(!cc_skiplist64_contains(w->map, KEYS));
    CHECK(cc_skiplist64_get(w->map, KEYS, &value) == -ENOENT);
    CHECK(cc_skiplist64_floor(w->map, KEYS, &key, &value) == 0 && key == KEYS - 1);
    CHECK(cc_skiplist64_min(w->map, &key, NULL) == 0 && key == 0);
}

static void *live_without_record(void *arg)
{
    world_t *w = arg;
    static unsigned object;
    void *old = SWEEP_UNTOUCHED;
    cc__mock_fail_from(1);
    read_without_record(w);
    CHECK(cc_skiplist64_insert(w->map, KEYS, &object) == -ENOMEM);
    CHECK(cc_skiplist64_put(w->map, 0, &object, &old) == -ENOMEM);
    CHECK(cc_skiplist64_replace(w->map, 0, &w->reclaimed[0], &object) == -ENOMEM);
    CHECK(cc_skiplist64_remove(w->map, 0, &old) == -ENOMEM);
    CHECK(old == SWEEP_UNTOUCHED);
    CHECK(cc_skiplist64_range(w->map, 0, KEYS, visit_none, NULL) == -ENOMEM);
    CHECK(cc_guard_enter(w->domain) == NULL);
    CHECK(cc_thread_attach(w->domain) == -ENOMEM);
    CHECK(cc_thread_detach(w->domain) == 0);
    CHECK(cc_retire_reserve(w->domain, 1) == -ENOMEM);
    CHECK(cc_domain_flush(w->domain) == 0);
    CHECK(cc_domain_destroy(w->domain) == -ENOMEM);
    uint64_t leaked = snapshot_of(w->domain).leaked;
    CHECK(cc_retire(w->domain, &object, sizeof object, reclaim, NULL) == 0);
    CHECK(snapshot_of(w->domain).leaked == leaked + 1);
    read_without_record(w);
    cc__mock_fail_from(0);
    return NULL;
}

/* Several at a time share the domain's own record. */
static void *read_often(void *arg)
{
    for (int i = 0; i < 200; i++)
        read_without_record(arg);
    return NULL;
}

void oom_no_record(cc_smr_scheme_t scheme)
{
    enum { THREADS = 4 };
    world_t w;
    pthread_t thread[THREADS];
    set_up(&w, scheme);
    on_a_thread(live_without_record, &w);

    cc__mock_fail_from(1);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&thread[i], NULL, read_often, &w) == 0);
    read_often(&w);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    CHECK(snapshot_of(w.domain).threads == 1, "threads without memory were attached");
    cc__mock_fail_from(0);
    CHECK(cc_skiplist64_validate(w.map) == 0);
    tear_down(&w, 0);
}

/* ---- a fork while such a thread is inside a call */

static cc_skiplist_t *compared;
static sem_t asleep, wake;
static _Thread_local bool is_sleeper;

static int compare(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    if (is_sleeper) {
        is_sleeper = false;
        sem_post(&asleep);
        sem_wait(&wake);
    }
    return *(const char *)a.data - *(const char *)b.data;
}

static void *find_a(void *arg)
{
    CHECK(cc_skiplist_contains(compared, (cc_bytes_t){"a", 1}));
    return NULL;
}

static void *sleep_without_record(void *arg)
{
    is_sleeper = true;
    return find_a(arg);
}

/* In the child nobody holds the domain's own record. */
static void be_child(world_t *w)
{
    alarm(30);
    on_a_thread(find_a, NULL);
    cc__mock_fail_from(0);
    CHECK(cc_domain_drain(w->domain, INT64_C(10000000000)) == 0, "%s", cc_smr_stall_name(snapshot_of(w->domain).stall));
    CHECK(cc_skiplist_destroy(compared) == 0);
    tear_down(w, 0);
}

void oom_fork_without_record(void)
{
    world_t w;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    if (SCENARIO_TSAN)
        scenario_skip("ThreadSanitizer allows no threads in the child of several");
    set_up(&w, CC_SMR_IBR);
    opts.compare = compare;
    CHECK(cc_skiplist_create(w.domain, &opts, &compared) == 0);
    CHECK(cc_skiplist_insert(compared, (cc_bytes_t){"a", 1}, &w) == 0);
    cc__mock_fail_from(1);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, sleep_without_record, NULL) == 0);
    sem_wait(&asleep);
    cc__mock_fail_from(0);
    CHECK(cc_skiplist64_remove(w.map, 0, NULL) == 0); /* by a thread with a record: waits for the sleeper */
    cc__mock_fail_from(1);

    int status;
    pid_t child = fork();
    if (child == 0) {
        be_child(&w);
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0, "status 0x%x", (unsigned)status);
    sem_post(&wake);
    CHECK(pthread_join(thread, NULL) == 0);
    cc__mock_fail_from(0);
    CHECK(cc_skiplist_destroy(compared) == 0);
    tear_down(&w, 0);
}

/* ---- nested guards without memory for their frames */

enum { DEPTH = 10, OWN_FRAMES = 4, HELD = 6 };

static void *remove_held(void *arg)
{
    world_t *w = arg;
    for (uint64_t i = 0; i < HELD; i++)
        CHECK(cc_skiplist64_remove(w->map, i, NULL) == 0);
    return NULL;
}

static void flush_all(cc_domain_t *domain)
{
    for (int i = 0; i < 4; i++)
        CHECK(cc_domain_flush(domain) >= 0);
}

static void *flush_elsewhere(void *arg)
{
    flush_all(((world_t *)arg)->domain);
    return NULL;
}

static unsigned reclaimed(const world_t *w)
{
    unsigned n = 0;
    for (unsigned i = 0; i < KEYS; i++)
        n += atomic_load(&w->reclaimed[i]);
    return n;
}

void oom_shared_frames(cc_smr_scheme_t scheme)
{
    world_t w;
    cc_guard_t *guard[DEPTH];
    void *value;
    set_up(&w, scheme);
    CHECK(cc_thread_attach(w.domain) == 0);
    cc__mock_fail_from(1);
    for (int i = 0; i < DEPTH; i++) {
        guard[i] = cc_guard_enter(w.domain);
        CHECK(guard[i] != NULL, "depth %d", i);
    }
    for (uint64_t i = 0; i < HELD; i++)
        CHECK(cc_skiplist64_get(w.map, i, &value) == 0);
    cc_guard_refresh(guard[DEPTH - 1]); /* the guards around it want what is held */
    cc__mock_fail_from(0);
    CHECK(snapshot_of(w.domain).guards == DEPTH);

    on_a_thread(remove_held, &w);
    for (int i = DEPTH - 1; i >= OWN_FRAMES; i--) {
        on_a_thread(flush_elsewhere, &w);
        CHECK(reclaimed(&w) == 0, "at depth %d", i);
        cc_guard_leave(guard[i]);
    }
    on_a_thread(flush_elsewhere, &w);
    CHECK(reclaimed(&w) == 0, "by leaving a guard that had no frame of its own");
    for (int i = OWN_FRAMES - 1; i >= 0; i--)
        cc_guard_leave(guard[i]);
    flush_all(w.domain);
    CHECK(reclaimed(&w) == (scheme == CC_SMR_LEAK ? 0 : HELD));
    CHECK(snapshot_of(w.domain).guards == 0);
    tear_down(&w, 0);
}

/* ---- retirement without memory */

/* All objects are held by the thread's own guard, so no scan makes room: what does not fit is leaked, for ever, and
 * nothing is freed early. */
void oom_leak_rather_than_free(cc_smr_scheme_t scheme)
{
    enum { OBJECTS = 100 };
    static atomic_uint object[OBJECTS];
    static CC_ATOMIC_PTR link;
    world_t w;
    set_up(&w, scheme);
    cc_guard_t *guard = cc_guard_enter(w.domain);
    CHECK(guard != NULL);
    uint64_t before = snapshot_of(w.domain).retired; /* by the map */
    for (int i = 0; i < OBJECTS; i++) {
        void *out;
        atomic_store(&link, &object[i]);
        CHECK(cc_guard_protect(guard, &link, &out) == 0 && out == &object[i]);
    }
    cc__mock_fail_from(1);
    for (int i = 0; i < OBJECTS; i++)
        CHECK(cc_retire(w.domain, &object[i], sizeof object[i], reclaim, NULL) == 0);
    cc__mock_fail_from(0);
    cc_smr_snapshot_t snapshot = snapshot_of(w.domain);
    CHECK(snapshot.leaked > 0 && snapshot.leaked < OBJECTS, "guard enter reserves room for 16");
    CHECK(snapshot.retired - before == OBJECTS);
    CHECK(OBJECTS - snapshot.leaked >= 16);
    for (int i = 0; i < OBJECTS; i++)
        CHECK(atomic_load(&object[i]) == 0, "object %d was freed while held", i);
    cc_guard_leave(guard);
    tear_down(&w, 0);
    unsigned freed = 0;
    for (int i = 0; i < OBJECTS; i++)
        freed += atomic_load(&object[i]);
    CHECK(freed == OBJECTS - snapshot.leaked);
}
