/* What a stress program says: findings, the progress bar, the table at the end. */
#ifndef STRESS_REPORT_H
#define STRESS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Where we are, for findings. All strings live as long as the cycle. */
typedef struct {
    uint64_t number;
    const char *phase;
    const char *scheme;
    const char *keys;
    char replay[200]; /* a command line */
} report_place_t;

void report_enter(const report_place_t *place); /* NULL: outside every cycle */

/* Prints the finding, where it was made and how to get there again; ends the process with exit code 1. From any
 * thread; the first one wins. */
_Noreturn void finding(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* No memory and the like: nothing that the library did. Exit code 2. */
_Noreturn void give_up(const char *what);

/* Where the whole history is kept that is found wrong; NULL: nowhere. */
void report_trace_to(const char *path);

/* Open for writing; NULL if there is nowhere to write. finding() closes it and names it. */
FILE *report_trace(void);

/* From now on a crash is reported as a finding before it ends the process. A sanitizer does that by itself. */
void report_crashes(void);

/* Ends the process with exit code 3 unless called again within `seconds`; 0: no more. */
void report_watchdog(unsigned seconds);

/* One line per scheme and phase, added up over the cycles. */
void report_add(const char *scheme, const char *phase, uint64_t ops, double seconds, uint64_t checks,
                uint64_t limbo_peak);
void report_table(void);

/* Draws the bar if stderr is a terminal and `total` is more than 2 seconds. */
void report_progress(double done, double total, const char *what);

double now_seconds(void);

#endif
