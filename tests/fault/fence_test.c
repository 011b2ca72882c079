/* A kernel that refuses membarrier, by a seccomp filter: from the start, then the library must do without; or in
 * mid-run, after it has been granted, then nothing may be reclaimed any more, and everything else goes on. */
#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"

#include <cc/alloc.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- the filter */

enum { EVERY_COMMAND = -1, USES = 2000, WORKERS = 3 };

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0) < 0 ? -errno : 0;
}

/* Refuses the command with `error`, to this thread and to those it will start, or to all that there are. */
static bool refuse(int command, int error, unsigned flags)
{
    const uint8_t always = command == EVERY_COMMAND;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])), /* little-endian: the low half */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)command, 0, always ? 0 : 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0;
}

/* ---- refused from the start: the filter is there before the library is loaded */

static bool refuse_all_eperm(void)
{
    return refuse(EVERY_COMMAND, EPERM, 0);
}

static bool refuse_all_enosys(void)
{
    return refuse(EVERY_COMMAND, ENOSYS, 0);
}

static bool refuse_query(void)
{
    return refuse(MEMBARRIER_CMD_QUERY, EPERM, 0);
}

static bool refuse_registration(void)
{
    return refuse(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, EPERM, 0);
}

static bool refuse_barrier(void)
{
    return refuse(MEMBARRIER_CMD_PRIVATE_EXPEDITED, EPERM, 0);
}

static void *work(void *arg)
{
    small_world_t *world = arg;
    uint64_t random = (uint64_t)syscall(SYS_gettid) * 2 + 1;
    for (int i = 0; i < USES; i++)
        small_world_use(world, &random);
    return NULL;
}

static void work_together(small_world_t *world)
{
    pthread_t thread[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        thread[i] = start_thread(work, world);
    for (int i = 0; i < WORKERS; i++)
        join_thread(thread[i]);
}

/* Whatever command is refused, the library does without, or no round would ever succeed. */
static void refused_from_the_start(void)
{
    CHECK(membarrier(MEMBARRIER_CMD_QUERY) != 0 || membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0);
    for (int i = 0; i < RECLAIMING_SCHEMES; i++) {
        small_world_t world;
        small_world_create(&world, reclaiming_schemes[i]);
        work_together(&world);
        small_world_check(&world, 1);
        CHECK(small_world_snapshot(&world).fence_failures == 0);
        small_world_destroy(&world);
    }
}

/* ---- refused later */

static void need_membarrier(void)
{
    if (!CC_ASYMMETRIC_FENCES)
        scenario_skip("built without asymmetric fences");
    if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0)
        scenario_skip("the kernel does not grant membarrier");
}

/* Nothing was reclaimed since `before`, and the snapshot says why. */
static void check_nothing_freed(small_world_t *world, const cc_smr_snapshot_t *before)
{
    cc_smr_snapshot_t s = small_world_snapshot(world);
    CHECK(s.reclaimed == before->reclaimed);
    CHECK(s.limbo_count == before->limbo_count + s.retired - before->retired && s.retired > before->retired);
    CHECK(s.fence_failures > before->fence_failures);
    CHECK(s.stall == CC_STALL_FENCE, "%s", cc_smr_stall_name(s.stall));
    CHECK(s.leaked == 0);
}

static void refuse_to_all(small_world_t *world)
{
    work_together(world);
    small_world_check(world, 1);
    if (!refuse(EVERY_COMMAND, EPERM, SECCOMP_FILTER_FLAG_TSYNC))
        scenario_skip("no seccomp filters here");
    CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == -EPERM);

    cc_smr_snapshot_t before = small_world_snapshot(world);
    CHECK(before.fence_failures == 0);
    small_world_remove_all(world);
    CHECK(cc_domain_flush(world->domain) == 0);
    check_nothing_freed(world, &before);
    work_together(world);
    check_nothing_freed(world, &before);
    CHECK(cc_domain_drain(world->domain, 50000000) == -ETIMEDOUT);
    check_nothing_freed(world, &before);
    CHECK(cc_skiplist64_validate(world->map) == 0);
    CHECK(cc_skiplist64_destroy(world->map) == 0);
    CHECK(cc_domain_destroy(world->domain) == 0, "needs no fence: nobody else is inside");
    CHECK(atomic_load(&world->live) == 0);
    CHECK(cc_alloc_stats_snapshot().current_allocated == world->allocated);
}

static void refused_later(cc_smr_scheme_t scheme)
{
    small_world_t world;
    need_membarrier();
    small_world_create(&world, scheme);
    refuse_to_all(&world);
}

#define REFUSED_LATER(name, scheme, ...)                                                                               \
    static void refused_later_##name(void)                                                                             \
    {                                                                                                                  \
        refused_later(scheme);                                                                                         \
    }
EACH_RECLAIMING_SCHEME(REFUSED_LATER)

#define ROW(name_, scheme, ...)                                                                                        \
    {                                                                                                                  \
        .name = "later-" #name_, .title = "after it was granted", .run = refused_later_##name_                         \
    }

static void *fence_in(void *arg)
{
    small_world_t *world = arg;
    if (!refuse(EVERY_COMMAND, EPERM, 0))
        scenario_skip("no seccomp filters here");
    cc_smr_snapshot_t before = small_world_snapshot(world);
    work(world);
    small_world_remove_all(world);
    CHECK(cc_domain_flush(world->domain) == 0);
    check_nothing_freed(world, &before);
    return NULL;
}

/* One thread has shut itself in: it reclaims nothing, others reclaim what it leaves. */
static void refused_to_one(void)
{
    need_membarrier();
    for (int i = 0; i < RECLAIMING_SCHEMES; i++) {
        small_world_t world;
        small_world_create(&world, reclaiming_schemes[i]);
        join_thread(start_thread(fence_in, &world));
        work(&world);
        small_world_check(&world, 1);
        small_world_destroy(&world);
    }
}

static const scenario_t scenarios[] = {
    {.name = "all-eperm", .title = "every command, EPERM", .run = refused_from_the_start, .before = refuse_all_eperm},
    {.name = "all-enosys",
     .title = "every command, ENOSYS",
     .run = refused_from_the_start,
     .before = refuse_all_enosys},
    {.name = "query", .title = "the query", .run = refused_from_the_start, .before = refuse_query},
    {.name = "registration", .title = "the registration", .run = refused_from_the_start, .before = refuse_registration},
    {.name = "barrier", .title = "the barrier itself", .run = refused_from_the_start, .before = refuse_barrier},
    LIST_RECLAIMING_SCHEMES(ROW),
    {.name = "one-thread", .title = "later, and to one thread only", .run = refused_to_one},
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
