/* The wall clock jumps. The only time that the library looks at is the timeout of a drain, and that is told by the
 * monotonic clock: this program's functions for time come before the C library's. Its monotonic clock is moved by naps
 * alone, so the outcome is exact; its wall clock jumps by a year whenever somebody looks. */
#include "scenario.h"
#include "small_world.h"

#include "../schemes.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/time.h>
#include <time.h>

enum { YEAR = 365 * 24 * 3600 };

static const int64_t second = 1000000000;

/* Of the thread in a drain; other threads, a sanitizer's for example, have another clock. */
static _Thread_local int64_t monotonic = 1;
static _Thread_local unsigned naps, looks_at_the_wall;

static struct timespec to_timespec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / second, .tv_nsec = ns % second};
}

#define INSTEAD_OF_LIBC __attribute__((visibility("default")))

static time_t wall(void)
{
    looks_at_the_wall++;
    return looks_at_the_wall % 2 == 0 ? 0 : YEAR;
}

INSTEAD_OF_LIBC int clock_gettime(clockid_t clock, struct timespec *out)
{
    *out = clock == CLOCK_MONOTONIC ? to_timespec(monotonic) : (struct timespec){.tv_sec = wall()};
    return 0;
}

INSTEAD_OF_LIBC int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    int64_t ns = (int64_t)time->tv_sec * second + time->tv_nsec;
    CHECK(clock == CLOCK_MONOTONIC && flags == 0 && ns > 0, "clock %d, flags %d, %" PRId64 " ns", (int)clock, flags,
          ns);
    naps++;
    monotonic += ns;
    return 0;
}

INSTEAD_OF_LIBC int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    *out = (struct timeval){.tv_sec = wall()};
    return 0;
}

INSTEAD_OF_LIBC time_t time(time_t *out)
{
    time_t now = wall();
    if (out != NULL)
        *out = now;
    return now;
}

static void time_out(small_world_t *world, int64_t timeout)
{
    int64_t begin = monotonic;
    looks_at_the_wall = naps = 0;
    CHECK(cc_domain_drain(world->domain, timeout) == -ETIMEDOUT);
    CHECK(looks_at_the_wall == 0);
    CHECK(monotonic - begin == timeout, "%" PRId64 " ns", monotonic - begin);
    CHECK((naps == 0) == (timeout == 0), "%u", naps);
}

typedef struct {
    small_world_t world;
    pthread_barrier_t holds, go_on;
} scene_t;

static void *hold(void *arg)
{
    void *value;
    scene_t *scene = arg;
    CHECK(cc_guard_enter(scene->world.domain) != NULL && cc_skiplist64_get(scene->world.map, 1, &value) == 0);
    pthread_barrier_wait(&scene->holds);
    pthread_barrier_wait(&scene->go_on);
    return NULL;
}

static void drain_beside_a_guard(cc_smr_scheme_t scheme)
{
    static scene_t scene;
    small_world_create(&scene.world, scheme);
    CHECK(pthread_barrier_init(&scene.holds, NULL, 2) == 0 && pthread_barrier_init(&scene.go_on, NULL, 2) == 0);
    pthread_t thread = start_thread(hold, &scene);
    pthread_barrier_wait(&scene.holds);
    small_world_remove_all(&scene.world);
    time_out(&scene.world, 0);
    time_out(&scene.world, 1);
    time_out(&scene.world, 20000);
    time_out(&scene.world, second);
    pthread_barrier_wait(&scene.go_on);
    join_thread(thread);
    looks_at_the_wall = 0;
    CHECK(cc_domain_drain(scene.world.domain, -1) == 0 && looks_at_the_wall == 0);
    small_world_check(&scene.world, 1);
    small_world_destroy(&scene.world);
}

static void wall_clock_jumps(void)
{
    for (int i = 0; i < RECLAIMING_SCHEMES; i++)
        drain_beside_a_guard(reclaiming_schemes[i]);
}

static const scenario_t scenarios[] = {
    {.name = "wall-clock", .title = "it jumps while drains wait for their timeouts", .run = wall_clock_jumps},
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
