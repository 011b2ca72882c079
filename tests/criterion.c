/* How an assertion of test.h fails under Criterion. */
#include "test.h"

#include <stdarg.h>
#include <stdio.h>

void test_fail(const char *file, int line, const char *what, const char *format, ...)
{
    char message[1000], text[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(text, sizeof text, "%s%s", what, message);
    criterion_send_assert(
        &(struct criterion_assert_stats){.message = text, .passed = false, .file = file, .line = (unsigned)line});
    criterion_abort_test();
}
