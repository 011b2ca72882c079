/* Calls of a thread that somebody has asked to end, and that has not ended: no call of the library is where it does. */
#include "exit.h"

#include "scenario.h"
#include "small_world.h"

#include <cc/cc.h>

#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    cc_domain_t *domain;
    cc_frozen64_t *frozen;
    char path[32];
    sem_t inside, go_on;
    atomic_int stalls;
    bool done;
} scene;

/* From here on the first cancellation point ends the thread. */
static void ask_to_end(void)
{
    CHECK(pthread_cancel(pthread_self()) == 0);
}

static void *end(void)
{
    scene.done = true;
    for (;;)
        pthread_testcancel();
    return NULL;
}

static void run(void *(*calls)(void *))
{
    CHECK(join_thread(start_thread(calls, NULL)) == PTHREAD_CANCELED);
    CHECK(scene.done, "a call ended its thread");
    scene.done = false;
}

/* ---- a round that reports somebody, whose name stands in a file of the kernel; and who asks for it */

static void *sleep_in_guard(void *arg)
{
    cc_guard_t *guard = cc_guard_enter(scene.domain);
    CHECK(guard != NULL);
    sem_post(&scene.inside);
    while (sem_wait(&scene.go_on) != 0) {
    }
    cc_guard_leave(guard);
    return arg;
}

static void note(const cc_smr_stall_info_t *info, void *ctx)
{
    (void)ctx;
    CHECK(info->tid != 0);
    atomic_fetch_add(&scene.stalls, 1);
}

static void *retire_beside_sleeper(void *arg)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_thread_attach(scene.domain) == 0);
    ask_to_end();
    while (atomic_load(&scene.stalls) == 0) {
        void *node = cc_node_alloc(scene.domain, 4096);
        CHECK(node != NULL && cc_retire(scene.domain, node, 4096, NULL, NULL) == 0);
    }
    CHECK(cc_smr_stats_snapshot(scene.domain, &s) == 0 && s.stalled_thread != 0);
    (void)arg;
    return end();
}

static void retire(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = CC_SMR_EPOCH;
    opts.stall_ns = 1;
    opts.on_stall = note;
    CHECK(cc_domain_create(&opts, &scene.domain) == 0);
    CHECK(sem_init(&scene.inside, 0, 0) == 0 && sem_init(&scene.go_on, 0, 0) == 0);
    pthread_t sleeper = start_thread(sleep_in_guard, NULL);
    while (sem_wait(&scene.inside) != 0) {
    }
    run(retire_beside_sleeper);
    sem_post(&scene.go_on);
    join_thread(sleeper);
    CHECK(cc_domain_destroy(scene.domain) == 0);
}

/* ---- the end of the domain's own thread */

static void *destroy_domain(void *arg)
{
    ask_to_end();
    CHECK(cc_domain_destroy(scene.domain) == 0);
    (void)arg;
    return end();
}

static void stop_reclaimer(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.reclaimer = CC_RECLAIM_THREAD;
    CHECK(cc_domain_create(&opts, &scene.domain) == 0);
    run(destroy_domain);
}

/* ---- files */

static void *save_and_load(void *arg)
{
    cc_frozen64_t *again;
    ask_to_end();
    CHECK(cc_frozen64_save(scene.frozen, scene.path) == 0);
    CHECK(cc_frozen64_load(scene.path, &again) == 0);
    cc_frozen64_destroy(again);
    (void)arg;
    return end();
}

static void write_files(void)
{
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    cc_skiplist64_t *map;
    snprintf(scene.path, sizeof scene.path, "/tmp/cc-pending-XXXXXX");
    int fd = mkstemp(scene.path);
    CHECK(fd >= 0 && close(fd) == 0);
    CHECK(cc_skiplist64_create(NULL, NULL, &map) == 0);
    CHECK(cc_skiplist64_insert(map, 1, &scene) == 0);
    CHECK(cc_skiplist64_freeze(map, &opts, &scene.frozen) == 0);
    run(save_and_load);
    cc_frozen64_destroy(scene.frozen);
    CHECK(unlink(scene.path) == 0);
    CHECK(cc_skiplist64_destroy(map) == 0);
}

void exit_pending(void)
{
    if (SCENARIO_TSAN)
        scenario_skip("ThreadSanitizer no longer sees the locks that a cancelled thread takes");
    retire();
    stop_reclaimer();
    write_files();
}

/* ---- no room for thread-specific data at first: the library works as soon as there is */

void exit_keys_at_last(void)
{
    static pthread_key_t key[PTHREAD_KEYS_MAX];
    unsigned n = 0;
    while (n < PTHREAD_KEYS_MAX && pthread_key_create(&key[n], NULL) == 0)
        n++;
    CHECK(n > 0 && cc_thread_attach(cc_domain_default()) == -ENOMEM);
    while (n > 0)
        CHECK(pthread_key_delete(key[--n]) == 0);
    CHECK(cc_thread_attach(cc_domain_default()) == 0);
    CHECK(cc_domain_drain(cc_domain_default(), -1) == 0);
}
