/* The last events of the execution, printed when something is found. */
#include "inside.h"

#include <stdarg.h>
#include <stdio.h>

enum { EVENTS = 4096, WIDTH = 160 };

static char events[EVENTS][WIDTH];
static unsigned count;

void model_trace_begin(void)
{
    count = 0;
}

void model_trace_event(const char *format, ...)
{
    if (!model_config.trace)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(events[count++ % EVENTS], WIDTH, format, args);
    va_end(args);
}

void model_trace_print(void)
{
    unsigned from = count > EVENTS ? count - EVENTS : 0;
    for (unsigned i = from; i < count; i++)
        fprintf(stderr, "%5u  %s\n", i, events[i % EVENTS]);
}
