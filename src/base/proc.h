/* What the kernel tells of a thread of this process. */
#ifndef CC_BASE_PROC_H
#define CC_BASE_PROC_H

#include <stddef.h>
#include <sys/types.h>

/* The beginning of /proc/self/task/TID/FILE as a string, or an empty one. No cancellation point, unlike open, read and close:
 * a thread that is to be cancelled finishes its call. */
void cc__proc_read(pid_t tid, const char *file, char *text, size_t size);

#endif
