#include "test.h"

#include <fnmatch.h>
#include <getopt.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

/* Sanitizers ask the program for these. An allocation that is absurdly large is to fail, as it does without them. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:detect_stack_use_after_return=1";
}

const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1:second_deadlock_stack=1:history_size=7";
}

static in_process_test_t *first;
static in_process_test_t **end = &first;

static in_process_test_t *running;
static pthread_t runner;
static jmp_buf abandon;
static int tested, failing; /* the test thread's, or that of a thread which ends the program */

void in_process_register(in_process_test_t *test)
{
    *end = test;
    end = &test->next;
}

static void print_synthesis(void)
{
    fprintf(stderr, "[====] Synthesis: Tested: %d | Passing: %d | Failing: %d | Crashing: 0 \n", tested,
            tested - failing, failing);
}

void test_fail(const char *file, int line, const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "[----] %s:%d: Assertion Failed: %s\n[----]  ", file, line, what);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n[FAIL] %s::%s\n", running->suite, running->name);
    va_end(args);
    if (pthread_equal(pthread_self(), runner))
        longjmp(abandon, 1);
    failing++;
    print_synthesis();
    _exit(1); /* the test thread may be waiting for us: there is no way on */
}

static void run(in_process_test_t *test)
{
    running = test;
    tested++;
    if (setjmp(abandon) == 0)
        test->run();
    else
        failing++;
}

static bool matches(const in_process_test_t *test, const char *pattern)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", test->suite, test->name);
    return fnmatch(pattern, path, 0) == 0;
}

static int usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [--list] [--filter PATTERN]\n"
            "Runs the unit tests of this program in one process.\n"
            "  --list            print suite/name of each and stop\n"
            "  --filter PATTERN  only those whose suite/name matches (* and ? are wild)\n",
            program);
    return to == stdout ? EXIT_SUCCESS : 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"list", no_argument, NULL, 'l'},
        {"filter", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *pattern = "*";
    bool list = false;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'l')
            list = true;
        else if (c == 'f')
            pattern = optarg;
        else
            return usage(c == 'h' ? stdout : stderr, argv[0]);
    }
    if (optind != argc)
        return usage(stderr, argv[0]);

    runner = pthread_self();
    for (in_process_test_t *test = first; test != NULL; test = test->next) {
        if (!matches(test, pattern))
            continue;
        if (list)
            printf("%s/%s\n", test->suite, test->name);
        else
            run(test);
    }
    if (list)
        return EXIT_SUCCESS;
    print_synthesis();
    return failing == 0 && tested > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
