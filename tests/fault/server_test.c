/* What a server does to a domain in its life: forks with a reclaimer thread, exits while all is at work, uses several
 * domains in one thread, has thousands of threads, destroys a domain that somebody is still in. */
#include "canary.h"
#include "scenario.h"

#include <cc/cc.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 64, ROUNDS_OF_ONE = 10, MANY = 4096, DOMAINS = 24 };

static const int64_t drain_ns = INT64_C(60000000000);

static void nap_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static cc_smr_snapshot_t snapshot_of(cc_domain_t *domain)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(domain, &s) == 0);
    return s;
}

static cc_domain_t *make(cc_smr_scheme_t scheme, cc_reclaimer_t reclaimer)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    opts.scheme = scheme;
    opts.reclaimer = reclaimer;
    opts.reclaim_bytes = 4096;
    opts.reclaim_ns = 2000000;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    return domain;
}

static void retire_some(cc_domain_t *domain, int n)
{
    for (int i = 0; i < n; i++) {
        void *node = cc_node_alloc(domain, 64);
        CHECK(node != NULL && cc_retire(domain, node, 64, NULL, NULL) == 0);
    }
}

static bool reclaimed_soon(cc_domain_t *domain, uint64_t most_left)
{
    for (int i = 0; i < 20000 && snapshot_of(domain).limbo_count > most_left; i++)
        nap_ms(1);
    return snapshot_of(domain).limbo_count <= most_left;
}

/* ---- fork with a reclaimer thread: it is started again in the child, when there is something for it to do */

static void check_child(pid_t child)
{
    int status;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status 0x%x", (unsigned)status);
}

static void fork_with_reclaimer(cc_smr_scheme_t scheme)
{
    cc_domain_t *domain = make(scheme, CC_RECLAIM_THREAD);
    for (int i = 0; i < 10; i++) {
        retire_some(domain, 1000);
        pid_t child = fork();
        if (child == 0) {
            alarm(60);
            uint64_t lost = snapshot_of(domain).limbo_count; /* in the hands of the vanished: a bounded leak */
            retire_some(domain, 1000);
            CHECK(reclaimed_soon(domain, lost + 126), "nobody reclaims in the child");
            CHECK(cc_domain_drain(domain, drain_ns) == 0);
            _exit(0);
        }
        check_child(child);
    }
    CHECK(reclaimed_soon(domain, 126), "the parent's reclaimer has stopped");
    CHECK(cc_domain_destroy(domain) == 0);
}

static void fork_reclaimer(void)
{
    if (SCENARIO_ASAN || SCENARIO_TSAN) /* gcc's allocator hangs there if the reclaimer was inside it */
        scenario_skip("no thread can be started in such a child");
    static const cc_smr_scheme_t schemes[] = {CC_SMR_IBR, CC_SMR_DEBRA, CC_SMR_EPOCH};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        fork_with_reclaimer(schemes[i]);
}

/* ---- exit while threads and a reclaimer are at work */

static cc_skiplist64_t *shared_map;

static void *use_for_ever(void *arg)
{
    uint64_t key = (uint64_t)(uintptr_t)arg;
    for (;;) {
        (void)cc_skiplist64_put(shared_map, key++ % KEYS, &shared_map, NULL);
        (void)cc_skiplist64_remove(shared_map, key % KEYS, NULL);
    }
    return NULL;
}

static void exit_at_work(void)
{
    pthread_t thread;
    CHECK(cc_skiplist64_create(make(CC_SMR_IBR, CC_RECLAIM_THREAD), NULL, &shared_map) == 0);
    for (uintptr_t i = 0; i < 4; i++)
        CHECK(pthread_create(&thread, NULL, use_for_ever, (void *)i) == 0);
    nap_ms(50);
    exit(7);
}

/* ---- many domains in one thread */

static void *use_all(void *arg)
{
    cc_skiplist64_t **maps = arg;
    void *value;
    for (uint64_t n = 0; n < 3000; n++) {
        cc_skiplist64_t *map = maps[n % DOMAINS];
        (void)cc_skiplist64_put(map, n % KEYS, map, NULL);
        if (cc_skiplist64_get(map, n % KEYS, &value) == 0)
            CHECK(value == map, "an entry of another domain's map");
        (void)cc_skiplist64_remove(map, (n + KEYS / 2) % KEYS, NULL);
    }
    return NULL;
}

/* In a guard of each domain at once; each holds what is its own, and only that. */
static void hold_one_in_each(cc_domain_t **domains, cc_skiplist64_t **maps)
{
    cc_guard_t *guards[DOMAINS];
    void *value;
    for (int i = 0; i < DOMAINS; i++) {
        guards[i] = cc_guard_enter(domains[i]);
        CHECK(guards[i] != NULL && cc_skiplist64_put(maps[i], 1, maps[i], NULL) >= 0);
        CHECK(cc_skiplist64_get(maps[i], 1, &value) == 0 && value == maps[i]);
    }
    for (int i = DOMAINS; i-- > 0;) {
        CHECK(cc_domain_drain(domains[i], 0) == -EDEADLK);
        cc_guard_leave(guards[i]);
        CHECK(cc_domain_drain(domains[i], drain_ns) == 0, "another domain's guard is in the way");
    }
}

static void many_domains(void)
{
    static const cc_smr_scheme_t schemes[] = {CC_SMR_IBR, CC_SMR_DEBRA, CC_SMR_EPOCH};
    cc_domain_t *domains[DOMAINS];
    cc_skiplist64_t *maps[DOMAINS];
    pthread_t threads[3];
    for (int i = 0; i < DOMAINS; i++) {
        domains[i] = make(schemes[i % 3], i % 4 == 0 ? CC_RECLAIM_THREAD : CC_RECLAIM_INLINE);
        CHECK(cc_skiplist64_create(domains[i], NULL, &maps[i]) == 0);
    }
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, use_all, maps) == 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    hold_one_in_each(domains, maps);
    for (int i = 0; i < DOMAINS; i++) {
        CHECK(cc_skiplist64_validate(maps[i]) == 0);
        CHECK(cc_skiplist64_destroy(maps[i]) == 0 && cc_domain_destroy(domains[i]) == 0);
    }
}

/* ---- thousands of threads, all attached at once, each with a guard open; then all churn, and exit with garbage */

static cc_domain_t *crowded;
static sem_t arrived;
static pthread_barrier_t leave;

static atomic_uint_fast64_t own_keys;

static void *be_one_of_many(void *arg)
{
    uint64_t key = atomic_fetch_add(&own_keys, 1);
    cc_guard_t *guard = cc_guard_enter(crowded);
    CHECK(guard != NULL && cc_skiplist64_put(arg, key, &arrived, NULL) >= 0);
    sem_post(&arrived);
    pthread_barrier_wait(&leave);
    cc_guard_leave(guard);
    for (int i = 0; i < ROUNDS_OF_ONE; i++) {
        CHECK(cc_skiplist64_remove(arg, key, NULL) == 0, "another's key is gone");
        CHECK(cc_skiplist64_insert(arg, key, &arrived) == 0, "another's key came back");
    }
    return NULL;
}

static void crowd(cc_smr_scheme_t scheme, unsigned n)
{
    static pthread_t threads[MANY];
    cc_skiplist64_t *map;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 128 * 1024);
    crowded = make(scheme, CC_RECLAIM_INLINE);
    CHECK(cc_skiplist64_create(crowded, NULL, &map) == 0);
    sem_init(&arrived, 0, 0);
    pthread_barrier_init(&leave, NULL, n + 1);
    for (unsigned i = 0; i < n; i++) {
        if (pthread_create(&threads[i], &small, be_one_of_many, map) != 0)
            scenario_skip("so many threads are not allowed here");
    }
    for (unsigned i = 0; i < n; i++)
        sem_wait(&arrived);
    cc_smr_snapshot_t s = snapshot_of(crowded);
    CHECK(s.threads >= n && s.guards == n, "%llu threads, %llu guards", (unsigned long long)s.threads,
          (unsigned long long)s.guards);
    pthread_barrier_wait(&leave);
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    CHECK(snapshot_of(crowded).threads <= 1);
    CHECK(cc_skiplist64_count(map) == n && cc_skiplist64_validate(map) == 0);
    CHECK(cc_domain_drain(crowded, drain_ns) == 0 && snapshot_of(crowded).limbo_count == 0);
    CHECK(cc_skiplist64_destroy(map) == 0 && cc_domain_destroy(crowded) == 0);
}

static void thousands(void)
{
    unsigned n = SCENARIO_TSAN || SCENARIO_ASAN ? 256 : MANY;
    crowd(CC_SMR_IBR, n);
    crowd(CC_SMR_DEBRA, 256);
    crowd(CC_SMR_EPOCH, 256);
}

/* ---- destroy while somebody is in a guard: refused, and the snapshot names who */

static sem_t inside, done;
static pid_t guest;

static void *stay(void *arg)
{
    guest = (pid_t)syscall(SYS_gettid);
    cc_guard_t *guard = cc_guard_enter(arg);
    sem_post(&inside);
    sem_wait(&done);
    cc_guard_leave(guard);
    return NULL;
}

static void destroy_while_used(void)
{
    pthread_t thread;
    cc_domain_t *domain = make(CC_SMR_IBR, CC_RECLAIM_THREAD);
    sem_init(&inside, 0, 0);
    sem_init(&done, 0, 0);
    CHECK(pthread_create(&thread, NULL, stay, domain) == 0);
    sem_wait(&inside);
    CHECK(cc_domain_destroy(domain) == -EBUSY);
    cc_smr_snapshot_t s = snapshot_of(domain);
    CHECK(s.stall == CC_STALL_GUARD && s.stalled_thread == guest, "%s, %d", cc_smr_stall_name(s.stall),
          (int)s.stalled_thread);
    sem_post(&done);
    pthread_join(thread, NULL);
    CHECK(cc_domain_destroy(domain) == 0);
}

int main(int argc, char **argv)
{
    static const scenario_t scenarios[] = {
        {.name = "fork-reclaimer", .title = "a fork with a reclaimer thread", .run = fork_reclaimer},
        {.name = "exit-at-work",
         .title = "exit while threads and a reclaimer work",
         .run = exit_at_work,
         .exit_code = 7},
        {.name = "many-domains", .title = "24 domains of three schemes in each thread", .run = many_domains},
        {.name = "thousands",
         .title = "4096 threads attached, in guards; they churn, and exit",
         .run = thousands,
         .limit = 270},
        {.name = "destroy-used", .title = "destroy names who is in a guard", .run = destroy_while_used},
    };
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
