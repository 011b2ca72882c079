#include "progress.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40 };

void progress_show(const char *what, double done, double spent)
{
    static const char full[] = "########################################";
    static const char none[] = "........................................";
    if (!isatty(STDERR_FILENO))
        return;
    int filled = done <= 0 ? 0 : done >= 1 ? WIDTH : (int)(done * WIDTH);
    fprintf(stderr, "\r\033[K%-16s [%.*s%.*s] %3d %%", what, filled, full, WIDTH - filled, none, (int)(done * 100));
    if (spent > 0 && done > 0.01)
        fprintf(stderr, ", %.0f s left", spent / done * (1 - done));
    fflush(stderr);
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}
