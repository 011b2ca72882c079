/* A progress bar on stderr, if that is a terminal; otherwise nothing at all. */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

/* Shows `what` with a bar filled to `done` (0 to 1). Redraws in place. */
void progress_show(const char *what, double done);

/* Wipes the bar, so that ordinary output can follow. */
void progress_clear(void);

#endif
