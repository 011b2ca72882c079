/* What a stalled thread costs: one thread sleeps inside a guard that holds 1000 values, another inside an operation,
 * while two threads insert, remove and replace. Under IBR the garbage that waits stays below a bound, however long it
 * takes; under epochs, the control, it grows all the time. After the two have woken, everything is reclaimed.
 *
 * The bound, in bytes, from documented terms (n churners, K keys, tunables of smr/types.h):
 *
 *   slots       HELD values, each in a slot of the guard. An object waits for slots only.
 *   asleep      what the sleeping operation pins: nodes, or blocks, that lived when it began (limbo was drained before), or
 *               were born in the epoch at which it had arrived: up to n x CC_IBR_TICK allocations make one tick.
 *   preempted   each churner may lose its processor in the middle of an operation, and then pins the same, and in
 *               addition what waited in limbo unstamped at that moment: up to n x the CC_SCAN_BYTES that start a round.
 *   pinned    = slots + asleep + n x preempted.
 *   waiting  <= the churners' thresholds: each lets CC_SCAN_BYTES come on top of 5/4 of what its last round had to
 *               leave (set_thresholds, smr/reclaim.c), and a call adds a value and CALL_BYTES at most:
 *               5/4 x pinned + n x (CC_SCAN_BYTES + CALL_BYTES + value). */
#include "scenario.h"
#include "smr/types.h"
#include "stall_world.h"

#include <cc/alloc.h>
#include <cc/stats.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef FAULT_BST
enum {
    NODE_BYTES = 64, /* an entry's leaf and its inner node */
    LIVE = KEYS * NODE_BYTES,
    CALL_BYTES = NODE_BYTES,
};
#else
enum {
    NODE_BYTES = 1024, /* a block; of two in a row one has 15 entries, or they are merged; the index adds a fifteenth */
    LIVE = (2 * KEYS / 15 + 1) * (NODE_BYTES + 64) * 16 / 15,
    CALL_BYTES = 4 * NODE_BYTES,
};
#endif

enum {
    SLOTS = HELD * CANARY_BYTES,
    ASLEEP = LIVE + CHURNERS * CC_IBR_TICK * NODE_BYTES,
    PREEMPTED = ASLEEP + CHURNERS * CC_SCAN_BYTES,
    PINNED = SLOTS + ASLEEP + CHURNERS * PREEMPTED,
    BOUND = PINNED + PINNED / 4 + CHURNERS * (CC_SCAN_BYTES + CALL_BYTES + CANARY_BYTES),
    TIMES = 6,         /* under IBR so many bounds are retired at least, under epochs so many must come to wait, */
    MOST_SECONDS = 60, /* in this time: on a slow machine, under a sanitizer */
    SAMPLE_MS = 50,
};

static world_t world;

/* ---- samples */

/* A snapshot that is interrupted between its two sums sees more waiting than ever did: the lowest of a few is near the
 * truth, and never below it. */
static cc_smr_snapshot_t sample(void)
{
    cc_smr_snapshot_t lowest = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(world.domain, &lowest) == 0);
    for (int i = 0; i < 4; i++) {
        cc_smr_snapshot_t again = CC_SMR_SNAPSHOT_INIT;
        CHECK(cc_smr_stats_snapshot(world.domain, &again) == 0);
        if (again.limbo_bytes < lowest.limbo_bytes)
            lowest = again;
    }
    return lowest;
}

static void nap(void)
{
    struct timespec t = {0, SAMPLE_MS * 1000000L};
    nanosleep(&t, NULL);
}

typedef struct {
    uint64_t most; /* bytes that waited at any time */
    cc_smr_snapshot_t last;
} course_t;

static void note(course_t *course, const cc_smr_snapshot_t *s)
{
    course->most = s->limbo_bytes > course->most ? s->limbo_bytes : course->most;
    course->last = *s;
}

static void print_row(double at, const cc_smr_snapshot_t *s)
{
    printf("%8.2f %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %8" PRIu64 "  %s\n", at, world_ops(&world), s->limbo_count,
           s->limbo_bytes, s->scans, cc_smr_stall_name(s->stall));
}

static void show_progress(double done)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%3.0f %%\r", done * 100);
}

typedef bool enough_fn(const cc_smr_snapshot_t *s);

static bool retired_enough(const cc_smr_snapshot_t *s)
{
    return s->retired / 2 * NODE_BYTES > (uint64_t)TIMES * BOUND; /* the other half are values */
}

static bool enough_waits(const cc_smr_snapshot_t *s)
{
    return s->limbo_bytes > (uint64_t)TIMES * BOUND;
}

/* Watches for so many seconds and until it is enough, which a slow machine may reach later. A row per half second. */
static course_t watch(double seconds, enough_fn *enough)
{
    course_t course = {0};
    double start = scenario_seconds(), at = 0, row = 0;
    bool over = false;
    printf("%8s %12s %12s %12s %8s  %s\n", "seconds", "operations", "waiting", "bytes", "rounds", "waits for");
    while (!over) {
        nap();
        at = scenario_seconds() - start;
        cc_smr_snapshot_t s = sample();
        note(&course, &s);
        over = at >= MOST_SECONDS || (at >= seconds && enough(&s));
        if (at >= row || over) {
            print_row(at, &course.last);
            row = at + 0.5;
        }
        show_progress(at < seconds ? at / seconds : 1);
    }
    return course;
}

/* Until every churner's limbo has been full once. */
static void warm_up(void)
{
    uint64_t first = sample().scans;
    while (sample().scans < first + 4 * CHURNERS)
        nap();
}

/* ---- verdicts */

static void check_ibr(const course_t *course)
{
    printf("at most %" PRIu64 " bytes waited, the bound is %d\n", course->most, BOUND);
    CHECK(course->most <= BOUND, "%" PRIu64 " bytes", course->most);
    CHECK(retired_enough(&course->last), "%" PRIu64 " objects retired: too few to tell", course->last.retired);
}

/* With the churners gone and their limbo adopted, exactly what the two sleepers pin is left. */
static void check_ibr_rest(void)
{
    while (cc_domain_flush(world.domain) > 0) {
    }
    cc_smr_snapshot_t s = sample();
    long long waiting = atomic_load(&world.values_live) - (long long)MAP(count)(world.map);
    long long held = HELD - (long long)world_held_in_map(&world);
    printf("left: %" PRIu64 " objects, %" PRIu64 " bytes, for a sleeping %s\n", s.limbo_count, s.limbo_bytes,
           cc_smr_stall_name(s.stall));
    CHECK(waiting == held && held > HELD / 2, "%lld values wait, %lld are held", waiting, held);
    CHECK(s.limbo_count > (uint64_t)held, "the operation pins nothing");
    CHECK(s.limbo_count <= HELD + ENTRY_NODES * KEYS + CHURNERS * CC_IBR_TICK, "%" PRIu64 " objects", s.limbo_count);
    CHECK(s.limbo_bytes <= SLOTS + ASLEEP, "%" PRIu64 " bytes", s.limbo_bytes);
    CHECK(s.stalled_thread == world.holder.tid || s.stalled_thread == world.reader.tid, "%d", (int)s.stalled_thread);
}

static void check_epoch(const course_t *course)
{
    const cc_smr_snapshot_t *s = &course->last;
    printf("%" PRIu64 " bytes wait, %.1f times the bound of IBR\n", s->limbo_bytes, (double)s->limbo_bytes / BOUND);
    CHECK(enough_waits(s));
    CHECK(s->stall == CC_STALL_GUARD || s->stall == CC_STALL_OPERATION);
    CHECK(s->stalled_thread == world.holder.tid || s->stalled_thread == world.reader.tid, "%d", (int)s->stalled_thread);
}

/* ---- one scheme */

static void run(cc_smr_scheme_t scheme, double seconds, uint64_t seed)
{
    bool ibr = scheme == CC_SMR_IBR;
    printf("\n%s, seed %" PRIu64 "\n", cc_smr_scheme_name(scheme), seed);
    uint64_t before = cc_alloc_stats_snapshot().current_allocated;
    memset(&world, 0, sizeof world);
    world_create(&world, scheme, seed);
    CHECK(cc_domain_drain(world.domain, -1) == 0);
    world_fall_asleep(&world);
    world_churn(&world);
    warm_up();
    course_t course = ibr ? watch(seconds, retired_enough) : watch(0, enough_waits);
    if (ibr)
        check_ibr(&course);
    else
        check_epoch(&course);
    world_calm(&world);
    CHECK(cc_domain_drain(world.domain, 100000000) == -ETIMEDOUT, "nobody seems to sleep");
    if (ibr)
        check_ibr_rest();
    world_wake(&world);
    CHECK(cc_domain_drain(world.domain, INT64_C(30000000000)) == 0);
    CHECK(sample().limbo_count == 0);
    world_destroy(&world);
    uint64_t after = cc_alloc_stats_snapshot().current_allocated;
    CHECK(after == before, "%" PRIu64 " bytes live, %" PRIu64 " before", after, before);
}

static int usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [--scheme ibr|epoch|all] [--seconds S] [--seed N]\n"
            "What waits for reclamation while one thread sleeps in a guard and another in an operation.\n"
            "  --scheme   ibr: must stay below its bound; epoch: must grow; all: both, one after the other (default)\n"
            "  --seconds  length of the stall under ibr (default 2)\n"
            "  --seed     of the churn (default 1)\n",
            program);
    return to == stdout ? EXIT_SUCCESS : 2;
}

typedef struct {
    bool ibr, epoch;
    double seconds;
    uint64_t seed;
} options_t;

static bool parse_scheme(const char *name, options_t *options)
{
    bool all = strcmp(name, "all") == 0;
    options->ibr = all || strcmp(name, "ibr") == 0;
    options->epoch = all || strcmp(name, "epoch") == 0;
    return options->ibr || options->epoch;
}

static bool parse_seconds(const char *text, options_t *options)
{
    char *end;
    options->seconds = strtod(text, &end);
    return *end == 0 && options->seconds > 0 && options->seconds < 1e6;
}

static bool parse_seed(const char *text, options_t *options)
{
    char *end;
    options->seed = strtoull(text, &end, 10);
    return *end == 0 && end != text;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {
        {"scheme", required_argument, NULL, 's'},
        {"seconds", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    options_t options = {true, true, 2, 1};
    bool good = true;
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        if (c == 'h')
            return usage(stdout, argv[0]);
        good = good && ((c == 's' && parse_scheme(optarg, &options)) || (c == 't' && parse_seconds(optarg, &options)) ||
                        (c == 'r' && parse_seed(optarg, &options)));
    }
    if (!good || optind != argc)
        return usage(stderr, argv[0]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (options.ibr)
        run(CC_SMR_IBR, options.seconds, options.seed);
    if (options.epoch)
        run(CC_SMR_EPOCH, options.seconds, options.seed);
    return EXIT_SUCCESS;
}
