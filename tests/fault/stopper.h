/* Stops a thread of this process at an instruction of a SEARCH: a child process traces it (ptrace), so that no signal of
 * the library reaches it before it is let go. */
#ifndef FAULT_STOPPER_H
#define FAULT_STOPPER_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    pid_t tracer;
    int to, from; /* pipes to and from the tracer */
} stopper_t;

/* Skips the scenario where tracing is forbidden. To be called before other threads are started. */
void stopper_create(stopper_t *stopper);

/* Stops and continues the thread until it stands in the section of the SEARCHes and `holds(arg)` is true of it, which is
 * asked while it is stopped. */
void stopper_stop(stopper_t *stopper, pid_t tid, bool (*holds)(void *arg), void *arg);

void stopper_let_go(stopper_t *stopper); /* the thread takes what is pending, and goes on */
void stopper_destroy(stopper_t *stopper);

#endif
