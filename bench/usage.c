#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double own_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The second number of schedstat: nanoseconds on the run queue. */
static double waited(int tid)
{
    char path[64];
    uint64_t ran, wait = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", tid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%" SCNu64 " %" SCNu64, &ran, &wait) != 2)
        wait = 0;
    fclose(file);
    return (double)wait * 1e-9;
}

/* user nice system idle iowait irq softirq steal, in ticks. */
static void machine(double *busy, double *stolen)
{
    uint64_t t[8] = {0};
    FILE *file = fopen("/proc/stat", "r");
    double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    *busy = *stolen = 0;
    if (file == NULL)
        return;
    if (fscanf(file, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
               &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) == 8) {
        *busy = (double)(t[0] + t[1] + t[2] + t[5] + t[6]) * tick;
        *stolen = (double)t[7] * tick;
    }
    fclose(file);
}

void usage_read(usage_t *usage, const int *tids, unsigned threads)
{
    usage->waiting = 0;
    for (unsigned i = 0; i < threads; i++)
        usage->waiting += waited(tids[i]);
    usage->own = own_seconds();
    machine(&usage->busy, &usage->stolen);
}

void usage_between(const usage_t *from, const usage_t *to, double seconds, double *cpu, double *lost)
{
    double own = to->own - from->own, others = to->busy - from->busy - own, waiting = to->waiting - from->waiting;
    double least = others < waiting ? others : waiting;
    *cpu = own / seconds;
    *lost = ((least > 0 ? least : 0) + to->stolen - from->stolen) / seconds;
}

size_t usage_rss(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

size_t usage_peak(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}
