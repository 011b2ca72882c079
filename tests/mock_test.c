/* The mock allocator does what the tests that rest on it believe. */
#include "test.h"

#include "alloc/backend_mock.h"

#include <cc/alloc.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The thread's record is allocated at its first call: afterwards one call is one allocation. */
static void make_known(void)
{
    cc_free(cc_alloc(1), 1);
}

static unsigned failures_in(unsigned calls)
{
    unsigned failed = 0; /* bit i: the call i failed */
    for (unsigned i = 0; i < calls; i++) {
        void *p = cc_alloc(8);
        failed |= (unsigned)(p == NULL) << i;
        cc_free_unsized(p);
    }
    return failed;
}

Test(mock, the_kth_call_fails_once)
{
    make_known();
    uint64_t calls = cc__mock_calls();
    cc__mock_fail_at(3);
    cr_assert_eq(failures_in(8), 1u << 2);
    cc__mock_fail_at(1);
    cr_assert_eq(failures_in(8), 1u << 0);
    cr_assert_eq(cc__mock_calls(), calls + 16);
    cc__mock_fail_at(2);
    cc__mock_fail_at(0);
    cr_assert_eq(failures_in(8), 0u);
}

Test(mock, all_from_the_kth_fail)
{
    make_known();
    cc__mock_fail_from(3);
    cr_assert_eq(failures_in(8), 0xFCu);
    cc__mock_fail_from(0);
    cr_assert_eq(failures_in(8), 0u);
}

Test(mock, every_way_to_allocate_can_fail)
{
    make_known();
    cc__mock_fail_from(1);
    void *blocks[] = {cc_alloc(8), cc_calloc(1, 8), cc_alloc_aligned(8, 64), cc_alloc_node(8)};
    cc__mock_fail_from(0);
    for (int i = 0; i < 4; i++)
        cr_assert_null(blocks[i]);
}

Test(mock, live_blocks_are_known)
{
    make_known();
    cc__mock_live_t before = cc__mock_live();
    void *a = cc_alloc(100);
    void *b = cc_alloc_node(65);
    cc__mock_live_t both = cc__mock_live();
    cr_assert_eq(both.blocks, before.blocks + 2);
    cr_assert_eq(both.bytes, before.bytes + 100 + 128);
    cc_free(a, 100);
    cc_free(b, 65);
    cr_assert_eq(cc__mock_live().blocks, before.blocks);
    cr_assert_eq(cc__mock_live().bytes, before.bytes);
}

Test(mock, a_block_is_as_large_as_was_asked_for)
{
    for (size_t size = 1; size < 300; size++) {
        void *p = cc_alloc_aligned(size, (size_t)1 << size % 13);
        cr_assert_eq(cc__backend_usable_size(p), size);
        cr_assert(cc__backend_owns(p));
        cc_free(p, size);
    }
}

static bool is_filled(const volatile unsigned char *p, size_t size, unsigned char byte)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != byte)
            return false;
    return true;
}

Test(mock, fresh_memory_is_not_zero)
{
    unsigned char *p = cc_alloc(1000);
    cr_assert(is_filled(p, 1000, CC__MOCK_FRESH));
    cc_free(p, 1000);
}

Test(mock, late_reads_see_the_poison)
{
    enum { ROUNDS = 100 };
    unsigned char *freed = cc_alloc_node(200);
    cr_assert_not_null(freed);
    cc_free(freed, 200);
    for (int i = 0; i < ROUNDS; i++) {
        void *other = cc_alloc_node(200);
        cr_assert_neq(other, (void *)freed, "reused while in quarantine");
        cc_free(other, 200);
    }
    cr_assert(is_filled(freed, 256, CC__MOCK_POISON));
    cc__mock_release_quarantine();
}

/* Did misuse() end the process by SIGABRT? */
static bool aborts(void (*misuse)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr); /* the message is expected */
        misuse();
        _exit(0);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void free_twice(void)
{
    void *p = cc_alloc(64);
    cc__backend_free(p);
    cc__backend_free(p);
}

static void free_interior(void)
{
    char *p = cc_calloc(1, 256);
    cc__backend_free(p + 128);
}

static void free_foreign(void)
{
    char *p = calloc(1, 256);
    cc__backend_free(p + 128);
}

static void free_properly(void)
{
    cc__backend_free(cc_alloc(64));
}

Test(mock, misuse_stops_the_process)
{
    cr_assert(aborts(free_twice));
    cr_assert(aborts(free_interior));
    cr_assert(aborts(free_foreign));
    cr_assert_not(aborts(free_properly));
}

Test(mock, info_out_of_memory_changes_nothing)
{
    make_known();
    const cc_alloc_info_t before = CC_ALLOC_INFO_INIT;
    cc__mock_live_t live = cc__mock_live();
    int failed = 0;
    for (unsigned k = 1;; k++, failed++) {
        cc_alloc_info_t info = before;
        cc__mock_fail_at(k);
        int rc = cc_alloc_info(&info);
        if (rc == 0)
            break;
        cr_assert_eq(rc, -ENOMEM);
        cr_assert_null(info.name);
        cr_assert_eq(cc__mock_live().blocks, live.blocks);
    }
    cc__mock_fail_at(0);
    cr_assert_gt(failed, 4);
}

#if CC_ALLOC_STATS

typedef struct {
    bool freed_unknown; /* no memory for the record at the free either */
    bool served;
} unknown_thread_t;

static void *allocate_unknown(void *arg)
{
    unknown_thread_t *u = arg;
    if (u->freed_unknown)
        cc__mock_fail_from(2);
    else
        cc__mock_fail_at(2);
    void *p = cc_alloc(100);
    u->served = p != NULL;
    cc_free(p, 100);
    cc__mock_fail_at(0);
    return NULL;
}

/* Its first allocation succeeds, that of its record does not: counted all the same. */
Test(mock, threads_without_a_record_count)
{
    make_known();
    for (int i = 0; i < 2; i++) {
        unknown_thread_t u = {i == 1, false};
        cc_alloc_stats_reset();
        uint64_t live_before = cc_alloc_stats_snapshot().current_allocated;
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, allocate_unknown, &u), 0);
        cr_assert_eq(pthread_join(thread, NULL), 0);
        cr_assert(u.served);
        cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
        cr_assert_eq(s.alloc_count, 1);
        cr_assert_eq(s.free_count, 1);
        cr_assert_eq(s.alloc_bytes, 100);
        cr_assert_eq(s.free_bytes, 100);
        cr_assert_eq(s.current_allocated, live_before);
    }
}

#endif
