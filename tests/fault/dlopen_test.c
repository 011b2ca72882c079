/* The library comes by dlopen, into a process that is running, and dlclose is called while threads still use it. It is
 * linked with -z nodelete: it stays, so the destructors of its threads are there when they exit. */
#include "scenario.h"

#include <cc/cc.h>

#include <dlfcn.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

enum { THREADS = 4, USES = 2000, KEYS = 50, OPENINGS = 20 };

#define FUNCTIONS(X)                                                                                                   \
    X(cc_domain_create)                                                                                                \
    X(cc_domain_destroy)                                                                                               \
    X(cc_domain_drain)                                                                                                 \
    X(cc_smr_stats_snapshot)                                                                                           \
    X(cc_guard_enter)                                                                                                  \
    X(cc_guard_leave)                                                                                                  \
    X(cc_alloc_stats_snapshot)                                                                                         \
    X(cc_skiplist64_create)                                                                                            \
    X(cc_skiplist64_destroy)                                                                                           \
    X(cc_skiplist64_get)                                                                                               \
    X(cc_skiplist64_put)                                                                                               \
    X(cc_skiplist64_remove)                                                                                            \
    X(cc_skiplist64_validate)

#define MEMBER(name) __typeof__(&(name)) name;

static struct {
    FUNCTIONS(MEMBER)
} lib;

static void *handle;

static void load(void)
{
    handle = dlopen(CC_TEST_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    CHECK(handle != NULL, "%s", dlerror());
#define FIND(name)                                                                                                     \
    lib.name = (__typeof__(lib.name))(uintptr_t)dlsym(handle, #name); /* NOLINT(performance-no-int-to-ptr) */          \
    CHECK(lib.name != NULL, "%s", dlerror());
    FUNCTIONS(FIND)
#undef FIND
}

static void unload(void)
{
    CHECK(dlclose(handle) == 0);
}

/* ---- a domain and a map of counted values */

static cc_domain_t *domain;
static cc_skiplist64_t *map;
static atomic_llong live;
static uint64_t allocated;
static int values[KEYS]; /* each stands for the values of a key: they are counted, not told apart */

static void count_down(void *ptr, void *ctx)
{
    atomic_fetch_sub(&live, 1);
}

static void create(void)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = count_down;
    atomic_store(&live, 0);
    allocated = lib.cc_alloc_stats_snapshot().current_allocated;
    CHECK(lib.cc_domain_create(NULL, &domain) == 0);
    CHECK(lib.cc_skiplist64_create(domain, &opts, &map) == 0);
}

static void destroy(void)
{
    CHECK(lib.cc_skiplist64_validate(map) == 0);
    CHECK(lib.cc_skiplist64_destroy(map) == 0);
    CHECK(lib.cc_domain_drain(domain, INT64_C(30000000000)) == 0);
    CHECK(atomic_load(&live) == 0, "%lld", atomic_load(&live));
    CHECK(lib.cc_domain_destroy(domain) == 0);
    uint64_t now = lib.cc_alloc_stats_snapshot().current_allocated;
    CHECK(now == allocated, "%" PRIu64 " bytes, %" PRIu64 " before", now, allocated);
}

static void use(uint64_t i)
{
    void *value;
    uint64_t key = i * 7 % KEYS;
    cc_guard_t *guard = lib.cc_guard_enter(domain);
    CHECK(guard != NULL);
    if (lib.cc_skiplist64_get(map, key, &value) == 0)
        CHECK(value == &values[key]);
    lib.cc_guard_leave(guard);
    if (lib.cc_skiplist64_remove(map, key, NULL) != 0 || i % 3 == 0) {
        atomic_fetch_add(&live, 1);
        if (lib.cc_skiplist64_put(map, key, &values[key], NULL) == 1)
            atomic_fetch_sub(&live, 1); /* the pointer was there already: nothing changed */
    }
}

static void *use_a_lot(void *arg)
{
    for (uint64_t i = 0; i < USES; i++)
        use(i + (uint64_t)(uintptr_t)arg);
    return NULL;
}

static void start(pthread_t thread[THREADS], void *(*body)(void *))
{
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&thread[i], NULL, body, (void *)i) == 0); // NOLINT(performance-no-int-to-ptr)
}

static void join(const pthread_t thread[THREADS])
{
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
}

/* ---- the scenarios */

static void local(void)
{
    pthread_t thread[THREADS];
    load();
    CHECK(dlsym(RTLD_DEFAULT, "cc_domain_create") == NULL, "it is not local");
    create();
    start(thread, use_a_lot);
    join(thread);
    destroy();
    unload();
}

static sem_t ready, go_on;

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0) {
    }
}

/* Uses the library before and after, inside a guard in between, and exits with garbage of its own. */
static void *stay(void *arg)
{
    use_a_lot(arg);
    cc_guard_t *guard = lib.cc_guard_enter(domain);
    CHECK(guard != NULL);
    sem_post(&ready);
    wait_for(&go_on);
    use_a_lot(arg);
    lib.cc_guard_leave(guard);
    return use_a_lot(arg);
}

static void wait_for_all(void)
{
    for (int i = 0; i < THREADS; i++)
        wait_for(&ready);
}

static void let_all_go(void)
{
    for (int i = 0; i < THREADS; i++)
        sem_post(&go_on);
}

static void closed_too_early(void)
{
    pthread_t thread[THREADS];
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    sem_init(&ready, 0, 0);
    sem_init(&go_on, 0, 0);
    load();
    create();
    start(thread, stay);
    wait_for_all();
    unload();
    let_all_go();
    join(thread); /* their destructors have run */
    load();
    CHECK(lib.cc_smr_stats_snapshot(domain, &s) == 0);
    CHECK(s.threads == 0 && s.guards == 0, "%" PRIu64 " threads, %" PRIu64 " guards", s.threads, s.guards);
    destroy();
    unload();
}

static void *wait_and_use(void *arg)
{
    sem_post(&ready);
    wait_for(&go_on);
    return use_a_lot(arg);
}

/* Their thread-local storage was laid out before the library was there. */
static void threads_came_first(void)
{
    pthread_t thread[THREADS];
    sem_init(&ready, 0, 0);
    sem_init(&go_on, 0, 0);
    start(thread, wait_and_use);
    wait_for_all();
    load();
    create();
    let_all_go();
    join(thread);
    destroy();
    unload();
}

static void again_and_again(void)
{
    for (int i = 0; i < OPENINGS; i++)
        local();
}

static const scenario_t scenarios[] = {
    {.name = "local", .title = "opened by a program that does not link it", .run = local},
    {.name = "closed-early", .title = "closed while threads are inside guards", .run = closed_too_early},
    {.name = "threads-first", .title = "opened when its threads are running already", .run = threads_came_first},
    {.name = "again", .title = "opened and closed again and again", .run = again_and_again},
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
