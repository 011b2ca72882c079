#include "report.h"

#include "sanitizer.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROWS_MAX = 32, BAR_WIDTH = 40 };

typedef struct {
    const char *scheme, *phase;
    uint64_t ops, checks, limbo_peak;
    double seconds;
} row_t;

static const report_place_t *place;
static atomic_flag found = ATOMIC_FLAG_INIT;
static row_t rows[ROWS_MAX];
static size_t row_count;
static bool bar_drawn;
static const char *trace_path;
static FILE *trace;

double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void report_enter(const report_place_t *where)
{
    place = where;
}

static void wipe_bar(void)
{
    if (bar_drawn)
        fprintf(stderr, "\r\033[K");
    bar_drawn = false;
}

void report_trace_to(const char *path)
{
    trace_path = path;
}

FILE *report_trace(void)
{
    if (trace_path && !trace && !(trace = fopen(trace_path, "w")))
        fprintf(stderr, "stress: %s: %s\n", trace_path, strerror(errno));
    return trace;
}

/* The process ends here with _exit: other threads are in mid-call, and nothing they hold can be tidied up. */
void finding(const char *format, ...)
{
    while (atomic_flag_test_and_set(&found))
        pause(); /* somebody else is reporting */
    va_list args;
    va_start(args, format);
    wipe_bar();
    fflush(stdout);
    fputs("FINDING: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    if (place)
        fprintf(stderr, "  in cycle %" PRIu64 ": phase %s, scheme %s, keys %s\n  replay: %s\n", place->number,
                place->phase, place->scheme, place->keys, place->replay);
    va_end(args);
    if (trace && fclose(trace) == 0)
        fprintf(stderr, "  the whole history: %s\n", trace_path);
    fflush(stderr);
    _exit(1);
}

void give_up(const char *what)
{
    wipe_bar();
    fflush(stdout);
    fprintf(stderr, "stress: %s\n", what);
    fflush(stderr);
    _exit(2);
}

/* ---- out of signal handlers: no stdio */

static void put_text(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(3);
}

static void put_place(void)
{
    if (!place)
        return;
    put_text("\n  in phase ");
    put_text(place->phase);
    put_text(", scheme ");
    put_text(place->scheme);
    put_text(", keys ");
    put_text(place->keys);
    put_text("\n  replay: ");
    put_text(place->replay);
    put_text("\n");
}

static void on_alarm(int signal)
{
    (void)signal;
    put_text("\nFINDING: no progress: a cycle does not end");
    put_place();
    _exit(3);
}

static void on_crash(int signal)
{
    put_text("\nFINDING: the program crashed: ");
    put_text(signal == SIGABRT ? "an assertion" : "a bad memory access");
    put_place();
    raise(signal); /* the default action, since the handler is used up */
}

void report_crashes(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    for (size_t i = 0; !STRESS_SANITIZED && i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

void report_watchdog(unsigned seconds)
{
    signal(SIGALRM, on_alarm);
    alarm(seconds);
}

void report_add(const char *scheme, const char *phase, uint64_t ops, double seconds, uint64_t checks,
                uint64_t limbo_peak)
{
    size_t i = 0;
    while (i < row_count && (strcmp(rows[i].scheme, scheme) != 0 || strcmp(rows[i].phase, phase) != 0))
        i++;
    if (i == ROWS_MAX)
        return;
    if (i == row_count)
        rows[row_count++] = (row_t){.scheme = scheme, .phase = phase};
    rows[i].ops += ops;
    rows[i].seconds += seconds;
    rows[i].checks += checks;
    if (rows[i].limbo_peak < limbo_peak)
        rows[i].limbo_peak = limbo_peak;
}

void report_table(void)
{
    wipe_bar();
    printf("%-8s %-10s %14s %12s %14s %16s\n", "scheme", "phase", "calls", "calls/s", "checks", "peak limbo bytes");
    for (size_t i = 0; i < row_count; i++)
        printf("%-8s %-10s %14" PRIu64 " %12.0f %14" PRIu64 " %16" PRIu64 "\n", rows[i].scheme, rows[i].phase,
               rows[i].ops, rows[i].seconds > 0 ? (double)rows[i].ops / rows[i].seconds : 0.0, rows[i].checks,
               rows[i].limbo_peak);
}

void report_progress(double done, double total, const char *what)
{
    if (total <= 2 || !isatty(STDERR_FILENO))
        return;
    double share = done < total ? done / total : 1;
    int filled = (int)(share * BAR_WIDTH);
    fprintf(stderr, "\r[%.*s%*s] %3.0f %% of %.0f s  %s\033[K", filled, "########################################",
            BAR_WIDTH - filled, "", share * 100, total, what);
    fflush(stderr);
    bar_drawn = true;
}
