/* Threads are cancelled where they wait inside cc_domain_drain: one works on what is held, another waits for the first. A
 * drain sleeps with a lock, so it finishes; then the threads end. */
#include "exit.h"

#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"

#include <errno.h>
#include <sched.h>

enum { DRAINERS = 2, ROUNDS = 20 };

static struct {
    small_world_t world;
    atomic_int ready, drained;
} scene;

static void *drain_and_be_cancelled(void *arg)
{
    CHECK(cc_thread_attach(scene.world.domain) == 0);
    atomic_fetch_add(&scene.ready, 1);
    CHECK(cc_domain_drain(scene.world.domain, -1) == 0);
    atomic_fetch_add(&scene.drained, 1);
    for (;;)
        pthread_testcancel();
    return NULL;
}

/* While some more rounds go by, nobody ends. */
static void watch_rounds(const pthread_t thread[DRAINERS])
{
    uint64_t first = small_world_snapshot(&scene.world).scans;
    while (small_world_snapshot(&scene.world).scans < first + ROUNDS) {
        for (int i = 0; i < DRAINERS; i++)
            CHECK(pthread_tryjoin_np(thread[i], NULL) == EBUSY, "a thread was cancelled inside a drain");
        sched_yield();
    }
}

static void cancel_drainers(cc_smr_scheme_t scheme)
{
    pthread_t thread[DRAINERS];
    void *value;
    small_world_create(&scene.world, scheme);
    atomic_store(&scene.ready, 0);
    atomic_store(&scene.drained, 0);
    cc_guard_t *guard = cc_guard_enter(scene.world.domain);
    CHECK(guard != NULL && cc_skiplist64_get(scene.world.map, 1, &value) == 0);
    small_world_remove_all(&scene.world);

    for (int i = 0; i < DRAINERS; i++)
        thread[i] = start_thread(drain_and_be_cancelled, NULL);
    while (atomic_load(&scene.ready) < DRAINERS)
        sched_yield();
    watch_rounds(thread);
    for (int i = 0; i < DRAINERS; i++)
        CHECK(pthread_cancel(thread[i]) == 0);
    watch_rounds(thread);
    CHECK(atomic_load(&scene.drained) == 0, "drained what a guard holds");
    CHECK(canary_intact(value, 1));
    cc_guard_leave(guard);
    for (int i = 0; i < DRAINERS; i++)
        CHECK(join_thread(thread[i]) == PTHREAD_CANCELED);
    CHECK(atomic_load(&scene.drained) == DRAINERS, "a thread was cancelled inside a drain");
    small_world_check(&scene.world, 1);
    small_world_destroy(&scene.world);
}

void exit_in_drain(void)
{
    if (SCENARIO_TSAN)
        scenario_skip("ThreadSanitizer no longer sees the locks that a cancelled thread takes");
    for (int i = 0; i < RECLAIMING_SCHEMES; i++)
        cancel_drainers(reclaiming_schemes[i]);
}
