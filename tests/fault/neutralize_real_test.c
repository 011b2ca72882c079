/* Neutralization with the thresholds of the library as it is installed: a thread stands in the middle of a SEARCH, another
 * sleeps in a guard, two churn. For a moment by default, for ten seconds by the names that end in -long. */
#include "neutralize.h"

#include "scenario.h"

#include <stdio.h>
#include <time.h>

enum { OBJECT_BYTES = CANARY_BYTES }; /* no node of the map has more */

static void nap_for(double seconds)
{
    struct timespec nap = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&nap, NULL);
}

/* What both churners let wait, in bytes, beside the reader and this thread. */
static uint64_t bound_in_bytes(void)
{
    return bound_of(CHURNERS, CC_SUSPECT_BYTES + CC_FREE_QUOTA * OBJECT_BYTES, CC_SCAN_BYTES,
                    slots_of(CHURNERS + 2, HELD) * OBJECT_BYTES);
}

static uint64_t most_within(double seconds)
{
    uint64_t most = 0;
    for (double end = scenario_seconds() + seconds; scenario_seconds() < end;) {
        uint64_t waiting = world_snapshot().limbo_bytes;
        most = waiting > most ? waiting : most;
        nap_for(0.001);
    }
    return most;
}

static void stopped_for(double seconds)
{
    stopper_t stopper;
    held_t held;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    if (!world_is_strong())
        scenario_skip(world_snapshot().neutralize);
    hold_some(&held);
    start_churners();
    uint64_t before = most_within(seconds / 2), after = most_within(seconds / 2), bound = bound_in_bytes();
    stop_churners();
    let_go_of(&held);
    cc_smr_snapshot_t s = world_snapshot();
    printf(
        "%llu objects retired, at most %.2f MB waited in the first half, %.2f MB in the second, the bound is %.2f MB; "
        "%llu signals, %llu times by the kernel's word\n",
        (unsigned long long)s.retired, (double)before * 1e-6, (double)after * 1e-6, (double)bound * 1e-6,
        (unsigned long long)s.neutralize_sent, (unsigned long long)s.neutralize_proved);
    CHECK(before <= bound && after <= bound);
    CHECK(s.neutralize_proved > 0);
    let_go(&stopper);
}

static void stopped(void)
{
    stopped_for(1);
}

static void stopped_long(void)
{
    stopped_for(10);
}

/* With every signal blocked the reader's own announcements are all that there is: while it runs it holds nothing up for
 * long, while it does not it holds everything up. */
static void blocked_for(double seconds)
{
    stopper_t stopper;
    reader.block_signals = true;
    stop_in_search(&stopper, CC_NEUTRALIZE_STRONG);
    start_churners();
    uint64_t off = most_within(seconds / 2), bound = bound_in_bytes();
    for (double end = scenario_seconds() + 60; off <= 2 * bound && scenario_seconds() < end;)
        off = most_within(0.01);
    cc_smr_snapshot_t s = world_snapshot();
    CHECK(s.signal_blocked == 1 && s.signal_blocked_thread == atomic_load(&reader.tid));
    CHECK(s.stall == CC_STALL_OPERATION && s.stalled_thread == atomic_load(&reader.tid));
    CHECK(s.neutralize_proved == 0);
    CHECK(off > 2 * bound, "%llu bytes", (unsigned long long)off);
    stopper_let_go(&stopper);
    double end = scenario_seconds() + 60;
    while (world_snapshot().limbo_bytes > bound && scenario_seconds() < end)
        nap_for(0.001);
    CHECK(world_snapshot().limbo_bytes <= bound, "it still holds things up");
    uint64_t on = most_within(seconds / 2);
    printf("%.2f MB waited while it was stopped, at most %.2f MB later while it could run, the bound is %.2f MB\n",
           (double)off * 1e-6, (double)on * 1e-6, (double)bound * 1e-6);
    stop_churners();
    stop_reader();
    stopper_destroy(&stopper);
    world_tear_down();
}

static void blocked(void)
{
    blocked_for(1);
}

static void blocked_long(void)
{
    blocked_for(10);
}

int main(int argc, char **argv)
{
    static const scenario_t scenarios[] = {
        {.name = "stopped", .title = "what waits stays within the bound", .run = stopped},
        {.name = "blocked", .title = "with every signal blocked it grows while the thread is stopped", .run = blocked},
        {.name = "stopped-long", .title = "for ten seconds", .run = stopped_long, .by_name = true},
        {.name = "blocked-long", .title = "for ten seconds", .run = blocked_long, .by_name = true},
    };
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
