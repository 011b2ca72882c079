/* A progress bar on stderr, if that is a terminal; otherwise nothing at all. */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

/* Shows `what` with a bar filled to `done` (0 to 1), and how long it will yet take if `spent` seconds have gone so far
 * (0: unknown). Redraws in place. */
void progress_show(const char *what, double done, double spent);

/* Wipes the bar, so that ordinary output can follow. */
void progress_clear(void);

#endif
