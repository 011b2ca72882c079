/* Allocation statistics with several threads: what exited ones leave behind, and snapshots among busy ones. */
#include "alloc_stats_test.h"
#include "test.h"

#include <cc/alloc.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

#if CC_ALLOC_STATS

enum { BATCH = 100 };

static void *leave_blocks_behind(void *arg)
{
    void **blocks = arg;
    for (unsigned i = 0; i < BATCH; i++)
        blocks[i] = i % 2 == 0 ? cc_alloc(i + 1) : cc_alloc_node(i + 1);
    return NULL;
}

Test(alloc_stats_threads, exited_threads_still_count)
{
    enum { THREADS = 30 };
    static void *blocks[THREADS][BATCH];
    start_afresh();
    uint64_t live_before = live_bytes();
    for (int t = 0; t < THREADS; t++) {
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, leave_blocks_behind, blocks[t]), 0);
        cr_assert_eq(pthread_join(thread, NULL), 0);
        cr_assert_eq(cc_alloc_stats_snapshot().alloc_count, (uint64_t)(t + 1) * BATCH);
    }
    cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.free_count, 0);
    cr_assert_eq(s.current_allocated, live_before + s.alloc_bytes);
    for (int t = 0; t < THREADS; t++)
        for (unsigned i = 0; i < BATCH; i++)
            cc_free(blocks[t][i], i + 1);
    s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.free_count, (uint64_t)THREADS * BATCH);
    cr_assert_eq(s.free_bytes, s.alloc_bytes);
    cr_assert_eq(s.current_allocated, live_before);
}

static void free_late(void *ptr)
{
    cc_free(ptr, 100);
    cc_free(cc_alloc(200), 200);
}

static void *free_in_a_destructor(void *arg)
{
    pthread_key_t *key = arg;
    pthread_setspecific(*key, cc_alloc(100));
    return NULL;
}

/* The library's own destructor may have run before: the thread is then made known a second time. */
Test(alloc_stats_threads, destructors_of_thread_data_count)
{
    enum { KEYS = 3 };
    cc_free(cc_alloc(1), 1); /* the library's key exists: ours is called after it */
    start_afresh();
    uint64_t live_before = live_bytes();
    pthread_key_t keys[KEYS];
    for (int i = 0; i < KEYS; i++)
        cr_assert_eq(pthread_key_create(&keys[i], free_late), 0);
    for (int i = 0; i < KEYS; i++) {
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, free_in_a_destructor, &keys[i]), 0);
        cr_assert_eq(pthread_join(thread, NULL), 0);
    }
    for (int i = 0; i < KEYS; i++)
        pthread_key_delete(keys[i]);
    cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.alloc_count, 2 * KEYS);
    cr_assert_eq(s.free_count, 2 * KEYS);
    cr_assert_eq(s.current_allocated, live_before);
}

/* Snapshots are taken while four threads pass small blocks through a cell, so that most are freed by another thread
 * than allocated them, and free larger ones at once. So little is live that a snapshot falls below zero when it sees a
 * free without its allocation; parked threads, which the snapshot visits before the busy ones, give it time to. */
enum { BUSY = 4, PARKED = 200, SNAPSHOTS = 2000 };

static _Atomic(void *) cell;
static atomic_int known;
static atomic_bool stop;
static _Atomic uint64_t pairs; /* allocations and frees that the busy threads made */
static pthread_mutex_t busy_gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t parked_gate = PTHREAD_MUTEX_INITIALIZER;

static void become_known_and_wait(pthread_mutex_t *gate)
{
    cc_free(cc_alloc(1), 1);
    atomic_fetch_add(&known, 1);
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
}

static void *churn(void *arg)
{
    become_known_and_wait(&busy_gate);
    unsigned i = 0;
    for (; !atomic_load(&stop); i++) {
        cc_free_unsized(atomic_exchange(&cell, cc_alloc(i % 16 + 1)));
        cc_free(cc_alloc(512), 512);
    }
    atomic_fetch_add(&pairs, 2 * (uint64_t)i);
    return NULL;
}

static void *park(void *arg)
{
    become_known_and_wait(&parked_gate);
    return NULL;
}

static void start(pthread_t *threads, int count, void *run(void *))
{
    int already = atomic_load(&known);
    for (int t = 0; t < count; t++)
        cr_assert_eq(pthread_create(&threads[t], NULL, run, NULL), 0);
    while (atomic_load(&known) < already + count)
        sched_yield();
}

static void finish(const pthread_t *threads, int count)
{
    for (int t = 0; t < count; t++)
        cr_assert_eq(pthread_join(threads[t], NULL), 0);
}

typedef struct {
    int backwards, below_zero;
} verdict_t;

static verdict_t watch(uint64_t live_before)
{
    verdict_t v = {0};
    cc_alloc_snapshot_t last = {0};
    for (int i = 0; i < SNAPSHOTS; i++) {
        cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
        v.backwards += s.alloc_count < last.alloc_count || s.free_count < last.free_count ||
                       s.alloc_bytes < last.alloc_bytes || s.free_bytes < last.free_bytes;
        v.below_zero += s.current_allocated > UINT64_MAX / 2 || s.current_allocated < live_before ||
                        s.free_bytes > s.alloc_bytes || s.free_count > s.alloc_count;
        last = s;
    }
    return v;
}

Test(alloc_stats_threads, snapshots_among_busy_threads)
{
    static pthread_t busy[BUSY], parked[PARKED];
    pthread_mutex_lock(&busy_gate);
    pthread_mutex_lock(&parked_gate);
    start(busy, BUSY, churn);
    start(parked, PARKED, park);
    start_afresh();
    uint64_t live_before = live_bytes();
    pthread_mutex_unlock(&busy_gate);
    verdict_t v = watch(live_before);
    atomic_store(&stop, true);
    finish(busy, BUSY);
    cc_free_unsized(atomic_exchange(&cell, NULL));
    pthread_mutex_unlock(&parked_gate);
    finish(parked, PARKED);

    cr_assert_eq(v.backwards, 0, "%d snapshots", v.backwards);
    cr_assert_eq(v.below_zero, 0, "%d snapshots", v.below_zero);
    cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.alloc_count, atomic_load(&pairs));
    cr_assert_eq(s.free_count, atomic_load(&pairs));
    cr_assert_eq(s.free_bytes, s.alloc_bytes);
    cr_assert_eq(s.current_allocated, live_before);
}

#endif
