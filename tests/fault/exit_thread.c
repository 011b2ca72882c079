/* One thread goes away. */
#include "exit.h"

#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"

#include <cc/alloc.h>

#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- out of a guard, or out of a range */

typedef enum { RETURN, PTHREAD_EXIT, CANCELLED, IN_VISITOR } way_t;

enum { NESTED = 6 /* more guards than need no memory */, HELD_EACH = 12 /* and more values */ };

typedef struct {
    small_world_t world;
    way_t way;
    pid_t tid;
    sem_t inside, go_on;
} leaver_t;

/* A cancellation point. */
static void pause_here(leaver_t *leaver)
{
    leaver->tid = (pid_t)syscall(SYS_gettid);
    sem_post(&leaver->inside);
    while (sem_wait(&leaver->go_on) != 0) {
    }
}

static bool leave_from_visitor(uint64_t key, void *value, void *ctx)
{
    leaver_t *leaver = ctx;
    CHECK(leaver->way == IN_VISITOR);
    if (key < 5)
        return true;
    pause_here(leaver);
    CHECK(canary_intact(value, key));
    pthread_exit(NULL);
}

static void hold_in_guards(small_world_t *world)
{
    void *value;
    for (uint64_t i = 0; i < NESTED; i++) {
        CHECK(cc_guard_enter(world->domain) != NULL);
        for (uint64_t j = 0; j < HELD_EACH; j++)
            CHECK(cc_skiplist64_get(world->map, i * HELD_EACH + j, &value) == 0);
    }
}

static void *leave(void *arg)
{
    leaver_t *leaver = arg;
    if (leaver->way == IN_VISITOR)
        (void)cc_skiplist64_range(leaver->world.map, 0, SMALL_KEYS, leave_from_visitor, leaver);
    hold_in_guards(&leaver->world);
    pause_here(leaver);
    if (leaver->way == PTHREAD_EXIT)
        pthread_exit(NULL);
    CHECK(leaver->way != CANCELLED, "a cancelled thread went on");
    return NULL;
}

/* While the thread is inside, what it holds waits, and the snapshot says for whom; once it has gone, nothing does. */
static void go_away(way_t way, cc_smr_scheme_t scheme)
{
    static leaver_t leaver;
    if (way == CANCELLED && SCENARIO_TSAN)
        scenario_skip("ThreadSanitizer no longer sees the locks that a cancelled thread takes");
    leaver.way = way;
    sem_init(&leaver.inside, 0, 0);
    sem_init(&leaver.go_on, 0, 0);
    small_world_create(&leaver.world, scheme);
    pthread_t thread = start_thread(leave, &leaver);
    sem_wait(&leaver.inside);
    small_world_remove_all(&leaver.world);
    CHECK(cc_domain_drain(leaver.world.domain, 50000000) == -ETIMEDOUT);
    cc_smr_snapshot_t s = small_world_snapshot(&leaver.world);
    CHECK(s.stall == (way == IN_VISITOR && !scheme_has_slots(scheme) ? CC_STALL_OPERATION : CC_STALL_GUARD), "%s",
          cc_smr_stall_name(s.stall));
    CHECK(s.stalled_thread == leaver.tid);
    CHECK(atomic_load(&leaver.world.live) > 0);

    if (way == CANCELLED)
        CHECK(pthread_cancel(thread) == 0);
    else
        sem_post(&leaver.go_on);
    CHECK(join_thread(thread) == (way == CANCELLED ? PTHREAD_CANCELED : NULL));
    small_world_check(&leaver.world, 1);
    small_world_destroy(&leaver.world);
}

#define WAY(name, way)                                                                                                 \
    void name(void)                                                                                                    \
    {                                                                                                                  \
        for (int i = 0; i < RECLAIMING_SCHEMES; i++)                                                                   \
            go_away(way, reclaiming_schemes[i]);                                                                       \
    }

WAY(exit_by_return, RETURN)
WAY(exit_by_pthread_exit, PTHREAD_EXIT)
WAY(exit_by_cancel, CANCELLED)
WAY(exit_in_range, IN_VISITOR)

/* ---- with garbage of its own */

static void *fill_limbo(void *arg)
{
    small_world_remove_all(arg);
    return NULL;
}

static void leave_garbage(cc_smr_scheme_t scheme)
{
    small_world_t world;
    small_world_create(&world, scheme);
    join_thread(start_thread(fill_limbo, &world));
    cc_smr_snapshot_t s = small_world_snapshot(&world);
    CHECK(s.orphans >= 2 * SMALL_KEYS,
          "a value each, and what was replaced in the map; the thresholds are beyond that");
    CHECK(atomic_load(&world.live) == SMALL_KEYS);
    int64_t flushed = 0;
    for (int i = 0; i < 3; i++)
        flushed += cc_domain_flush(world.domain);
    CHECK(flushed >= (int64_t)s.orphans);
    CHECK(small_world_snapshot(&world).orphans == 0);
    small_world_check(&world, 1);
    small_world_destroy(&world);
}

void exit_with_garbage(void)
{
    for (int i = 0; i < RECLAIMING_SCHEMES; i++)
        leave_garbage(reclaiming_schemes[i]);
}

/* ---- destructors of the application's own thread-local data */

static small_world_t key_world;
static pthread_key_t key;
static uint64_t key_threads;     /* attached when the destructor runs first: with our thread, or without it by then */
static int key_turns, key_calls; /* how often the destructor wants to be called, and was */

/* Calls the library when its own destructor has run already, or is still to run. */
static void destructor(void *value)
{
    uint64_t random = 7;
    CHECK(key_calls != 0 || small_world_snapshot(&key_world).threads == key_threads);
    small_world_use(&key_world, &random);
    small_world_remove(&key_world, 3);
    small_world_put(&key_world, 3);
    cc_free(cc_alloc(100), 100);
    if (++key_calls < key_turns)
        CHECK(pthread_setspecific(key, value) == 0);
}

static void *set_key(void *arg)
{
    uint64_t random = 5;
    CHECK(pthread_setspecific(key, arg) == 0);
    small_world_use(&key_world, &random);
    return NULL;
}

/* Destructors run in the order of their keys' creation: the library's key is created at its first use. */
static void run_destructors(bool key_first, int turns)
{
    key_turns = turns;
    key_threads = key_first ? 2 : 1;
    if (key_first)
        CHECK(pthread_key_create(&key, destructor) == 0);
    small_world_create(&key_world, CC_SMR_IBR);
    if (!key_first)
        CHECK(pthread_key_create(&key, destructor) == 0);
    join_thread(start_thread(set_key, &key));
    CHECK(key_calls == turns);
}

void exit_destructor_first(void)
{
    run_destructors(true, 1);
    small_world_check(&key_world, 1);
    small_world_destroy(&key_world);
}

void exit_destructor_last(void)
{
    run_destructors(false, 1);
    small_world_check(&key_world, 1);
    small_world_destroy(&key_world);
}

/* In the last turn that the C library grants nothing tells us any more: the thread stays attached, and is in nobody's
 * way. */
void exit_destructor_again(void)
{
    if (SCENARIO_TSAN)
        scenario_skip("ThreadSanitizer forgets the thread before its last destructor");
    run_destructors(false, PTHREAD_DESTRUCTOR_ITERATIONS);
    small_world_check(&key_world, 2);
    small_world_destroy(&key_world);
}
