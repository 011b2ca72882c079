/* What a thread that falls asleep costs the others, scheme beside scheme: bytes that wait, memory of the process, and
 * throughput before, during and after. IBR and DEBRA+ must keep below their bounds, or the program fails; the others are
 * shown as they are.
 *
 * With --crowd: the same churn by many threads and by 2, nobody asleep; each thread's share.
 *
 * Each measurement is a process of its own, so that none inherits another's memory. */
#include "stall.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    double seconds; /* of the stall; a sixth of it before, and after */
    uint64_t most_bytes;
    unsigned counts[8];
    const char *schemes;
    const char *kinds;
    bool crowd;
} options_t;

typedef struct {
    stop_t stop;
    bool ran, cut;                /* cut: the stall was ended early, for want of memory */
    bool impossible;              /* no thread can be stopped here */
    double before, during, after; /* million operations per second */
    double stalled;               /* seconds */
    double per_cpu;               /* million operations per second of a processor, during */
    uint64_t peak, rss;
    uint64_t bound; /* 0: none */
    char stall[16];
    double share[STALL_THREADS_MAX];
} cell_t;

static stall_world_t world;

static uint64_t resident(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL && fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Seconds of a processor that the process has had. */
static double processor(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

enum { NOT_WATCHED = -1 };

/* Watches for so long; returns million operations per second. */
static double watch(const options_t *options, cell_t *cell, double seconds)
{
    double begin = stall_now(), now = begin;
    if (cell->cut)
        return NOT_WATCHED;
    uint64_t ops = stall_ops(&world);
    while (now < begin + seconds && !cell->cut) {
        stall_nap(seconds < 0.2 ? seconds / 10 : 0.02);
        cc_smr_snapshot_t s = stall_snapshot(&world);
        uint64_t rss = resident();
        cell->peak = s.limbo_bytes > cell->peak ? s.limbo_bytes : cell->peak;
        cell->rss = rss > cell->rss ? rss : cell->rss;
        if (s.limbo_bytes != 0)
            snprintf(cell->stall, sizeof cell->stall, "%s", cc_smr_stall_name(s.stall));
        cell->cut = s.limbo_bytes > options->most_bytes;
        now = stall_now();
    }
    return (double)(stall_ops(&world) - ops) / (now - begin) / 1e6;
}

static void measure(const options_t *options, cell_t *cell, cc_smr_scheme_t scheme, stall_kind_t kind, unsigned n)
{
    if (!stall_begin(&world, scheme, n))
        return;
    cell->before = watch(options, cell, options->seconds / 6);
    cell->peak = 0;
    cell->bound = stall_bound(&world, kind);
    cell->impossible = kind != STALL_NOBODY && !stall_fall_asleep(&world, kind, &cell->stop);
    double begin = stall_now(), cpu = processor();
    cell->during = watch(options, cell, options->seconds);
    cell->stalled = stall_now() - begin;
    cell->per_cpu = cell->during * cell->stalled / (processor() - cpu);
    const cell_t stalled = *cell; /* what waits, and for whom, is told of the stall only */
    if (kind != STALL_NOBODY)
        stall_wake();
    cell->cut = false;
    cell->after = watch(options, cell, options->seconds / 6);
    cell->cut = stalled.cut;
    cell->peak = stalled.peak;
    memcpy(cell->stall, stalled.stall, sizeof cell->stall);
    stall_calm(&world);
    for (unsigned i = 0; i < n; i++)
        cell->share[i] = (double)atomic_load(&world.churner[i].ops) / (double)stall_ops(&world);
    cell->ran = true;
}

static cell_t *shared;

/* False: the process failed. */
static bool in_child(const options_t *options, cc_smr_scheme_t scheme, stall_kind_t kind, unsigned n)
{
    int status;
    memset(shared, 0, sizeof *shared);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        measure(options, shared, scheme, kind, n);
        _exit(0);
    }
    pid_t over = 0;
    while (child > 0 && (over = waitpid(child, &status, WNOHANG)) == 0) {
        stop_obey(&shared->stop);
        stall_nap(2e-3);
    }
    return over == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += len) {
        if ((at == list || at[-1] == ',') && (at[len] == 0 || at[len] == ','))
            return true;
    }
    return false;
}

/* ---- the table */

static double mib(uint64_t bytes)
{
    return (double)bytes / (1024 * 1024);
}

static void print_rate(double rate)
{
    if (rate == NOT_WATCHED)
        printf(" %7s", "-");
    else
        printf(" %7.2f", rate);
}

/* False: over the bound. */
static bool print_row(cc_smr_scheme_t scheme, stall_kind_t kind, unsigned n)
{
    const cell_t *cell = shared;
    const char *name = cc_smr_scheme_name(scheme);
    if (!cell->ran || cell->impossible) {
        printf("%-6s %-9s %3u  %s\n", name, stall_kind_name(kind), n,
               cell->impossible ? "no thread can be stopped here" : "not in this build");
        return true;
    }
    printf("%-6s %-9s %3u %9.2f", name, stall_kind_name(kind), n, mib(cell->peak));
    if (cell->bound != 0)
        printf(" %8.1f", mib(cell->bound));
    else
        printf(" %8s", "-");
    printf(" %8.1f", mib(cell->rss));
    print_rate(cell->before);
    print_rate(cell->during);
    print_rate(cell->after);
    printf(" %6.1f%s  %s\n", cell->stalled, cell->cut ? "*" : " ", cell->stall);
    return cell->bound == 0 || cell->peak <= cell->bound;
}

static bool run_table(const options_t *options)
{
    bool good = true;
    printf("%-6s %-9s %3s %9s %8s %8s %7s %7s %7s %6s   %s\n", "scheme", "asleep in", "n", "peak MiB", "bound",
           "RSS MiB", "before", "during", "after", "s", "waits for");
    for (int s = 0; s <= CC_SMR_LEAK; s++) {
        for (int kind = STALL_OPERATION; kind < STALL_KINDS; kind++) {
            for (const unsigned *n = options->counts; *n != 0; n++) {
                if (!listed(options->schemes, cc_smr_scheme_name((cc_smr_scheme_t)s)) ||
                    !listed(options->kinds, stall_kind_name((stall_kind_t)kind)))
                    continue;
                bool alive = in_child(options, (cc_smr_scheme_t)s, (stall_kind_t)kind, *n);
                bool within = print_row((cc_smr_scheme_t)s, (stall_kind_t)kind, *n);
                good = good && alive && within;
                if (!alive || !within)
                    printf("FAILED: %s\n", alive ? "above its bound" : "the process ended");
            }
        }
    }
    printf("Mops/s before, during and after. *: ended early, %.0f MiB waited.\n", mib(options->most_bytes));
    return good;
}

/* ---- the crowd */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* False: it failed. */
static bool crowd_row(const options_t *options, cc_smr_scheme_t scheme, unsigned n)
{
    enum { FEW = 2 };
    if (!in_child(options, scheme, STALL_NOBODY, FEW))
        return false;
    const cell_t few = *shared;
    if (!few.ran)
        return true;
    if (!in_child(options, scheme, STALL_NOBODY, n))
        return false;
    qsort(shared->share, n, sizeof shared->share[0], by_size);
    printf("%-6s %2d threads %5.2f (%5.2f per processor), %u: %5.2f (%5.2f): %.2f (%.2f); at most %.2f MiB wait; "
           "shares in 1/%u:",
           cc_smr_scheme_name(scheme), FEW, few.during, few.per_cpu, n, shared->during, shared->per_cpu,
           shared->during / few.during, shared->per_cpu / few.per_cpu, mib(shared->peak), n);
    for (unsigned i = 0; i < n; i++)
        printf(" %.2f", shared->share[i] * n);
    printf("\n");
    return (shared->bound == 0 || shared->peak <= shared->bound) && shared->share[0] > 0;
}

static bool run_crowd(const options_t *options)
{
    bool good = true;
    for (int s = 0; s <= CC_SMR_LEAK; s++) {
        for (const unsigned *n = options->counts; *n != 0; n++) {
            if (listed(options->schemes, cc_smr_scheme_name((cc_smr_scheme_t)s)) &&
                !crowd_row(options, (cc_smr_scheme_t)s, *n))
                good = false;
        }
    }
    printf("Mops/s, and in brackets million operations per second of a processor.\n");
    return good;
}

/* ---- options */

static int usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [--seconds S] [--schemes A,B,...] [--asleep A,B,...] [--threads N,...] [--most MIB] [--crowd]\n"
            "What a sleeping thread costs, scheme beside scheme; fails if IBR or DEBRA+ exceeds its bound.\n"
            "  --seconds  of each stall (default 30); a sixth of it before, and after\n"
            "  --schemes  default ibr,debra,epoch,urcu,ck,leak, as far as they were built\n"
            "  --asleep   in: operation,guard,scan (default all)\n"
            "  --threads  that churn (default 2,16; with --crowd 16,64)\n"
            "  --most     a stall ends early when so much waits (default 4096)\n"
            "  --crowd    so many threads beside 2, nobody asleep: throughput, what waits, each thread's share\n",
            program);
    return to == stdout ? EXIT_SUCCESS : 2;
}

static bool parse_counts(options_t *options, char *text)
{
    size_t i = 0;
    memset(options->counts, 0, sizeof options->counts);
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        unsigned long n = strtoul(word, NULL, 10);
        if (n == 0 || n > STALL_THREADS_MAX || i + 1 >= sizeof options->counts / sizeof options->counts[0])
            return false;
        options->counts[i++] = (unsigned)n;
    }
    return i > 0;
}

static bool parse(options_t *options, int c, char *text)
{
    switch (c) {
    case 's':
        options->seconds = strtod(text, NULL);
        return options->seconds > 0 && options->seconds < 1e6;
    case 'n':
        options->schemes = text;
        return true;
    case 'a':
        options->kinds = text;
        return true;
    case 't':
        return parse_counts(options, text);
    case 'm':
        options->most_bytes = strtoull(text, NULL, 10) * 1024 * 1024;
        return options->most_bytes > 0;
    case 'c':
        options->crowd = true;
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static const struct option names[] = {
        {"seconds", required_argument, NULL, 's'}, {"schemes", required_argument, NULL, 'n'},
        {"asleep", required_argument, NULL, 'a'},  {"threads", required_argument, NULL, 't'},
        {"most", required_argument, NULL, 'm'},    {"crowd", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    options_t options = {
        30, UINT64_C(4096) * 1024 * 1024, {0}, "ibr,debra,epoch,urcu,ck,leak", "operation,guard,scan", false};
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        if (c == 'h')
            return usage(stdout, argv[0]);
        if (!parse(&options, c, optarg))
            return usage(stderr, argv[0]);
    }
    if (optind != argc)
        return usage(stderr, argv[0]);
    if (options.counts[0] == 0) {
        options.counts[0] = options.crowd ? 16 : 2;
        options.counts[1] = options.crowd ? 64 : 16;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return EXIT_FAILURE;
    bool good = options.crowd ? run_crowd(&options) : run_table(&options);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
