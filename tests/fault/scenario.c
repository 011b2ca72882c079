#include "scenario.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 120 }; /* far more than any takes, on a slow machine and under a sanitizer */

/* ThreadSanitizer asks the program for this. It need not wait a second for threads that run on at exit. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);

const char *__tsan_default_options(void)
{
    return "atexit_sleep_ms=10";
}

_Noreturn void scenario_fail(const char *file, int line, const char *what, const char *format, ...)
{
    char detail[400];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    fprintf(stderr, "%s:%d: does not hold: %s%s\n", file, line, what, detail);
    fflush(NULL);
    _exit(EXIT_FAILURE);
}

_Noreturn void scenario_skip(const char *why)
{
    fprintf(stderr, "skipped: %s\n", why);
    fflush(NULL);
    _exit(SCENARIO_SKIPPED);
}

double scenario_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const scenario_t *find(const char *name, const scenario_t *scenarios, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    }
    return NULL;
}

static int usage(FILE *to, const char *program, const scenario_t *scenarios, size_t count)
{
    fprintf(to,
            "usage: %s [--run] [SCENARIO...]\n"
            "Runs the scenarios, all by default, each in a process of its own.\n"
            "  --run   one scenario, in this process: for a debugger\n"
            "Scenarios:\n",
            program);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "  %-20s %s%s\n", scenarios[i].name, scenarios[i].title,
                scenarios[i].by_name ? " (only by name)" : "");
    return to == stdout ? EXIT_SUCCESS : 2;
}

static int run_here(const scenario_t *scenario)
{
    scenario->run();
    return EXIT_SUCCESS;
}

static _Noreturn void become(const scenario_t *scenario)
{
    if (scenario->before != NULL && !scenario->before())
        _exit(SCENARIO_SKIPPED);
    alarm(scenario->limit != 0 ? scenario->limit : LIMIT_SECONDS); /* outlives exec */
    execl("/proc/self/exe", "scenario", "--run", scenario->name, (char *)NULL);
    fprintf(stderr, "exec: %s\n", strerror(errno));
    _exit(127);
}

typedef enum { PASSED, SKIPPED, FAILED } result_t;

static result_t judge(const scenario_t *scenario, int status)
{
    if (WIFSIGNALED(status)) {
        bool hung = WTERMSIG(status) == SIGALRM;
        fprintf(stderr, "%s: %s SIG%s\n", scenario->name, hung ? "hung, killed by" : "killed by",
                sigabbrev_np(WTERMSIG(status)));
        return FAILED;
    }
    if (WEXITSTATUS(status) == scenario->exit_code)
        return PASSED;
    if (WEXITSTATUS(status) == SCENARIO_SKIPPED)
        return SKIPPED;
    fprintf(stderr, "%s: exit code %d\n", scenario->name, WEXITSTATUS(status));
    return FAILED;
}

static result_t run_in_child(const scenario_t *scenario)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        become(scenario);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return FAILED;
    return judge(scenario, status);
}

static void run_and_tell(const scenario_t *scenario, size_t tally[])
{
    static const char *const words[] = {"passed", "skipped", "FAILED"};
    double start = scenario_seconds();
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "%s ...\r", scenario->name);
    result_t result = run_in_child(scenario);
    printf("%-22s %-7s %6.2f s  %s\n", scenario->name, words[result], scenario_seconds() - start, scenario->title);
    tally[result]++;
}

int scenarios_main(int argc, char **argv, const scenario_t *scenarios, size_t count)
{
    bool here = argc > 1 && strcmp(argv[1], "--run") == 0;
    int first = here ? 2 : 1;
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, argv[0], scenarios, count);
    for (int i = first; i < argc; i++) {
        if (find(argv[i], scenarios, count) == NULL)
            return usage(stderr, argv[0], scenarios, count);
    }
    if (here)
        return argc == 3 ? run_here(find(argv[2], scenarios, count)) : usage(stderr, argv[0], scenarios, count);

    size_t tally[] = {[PASSED] = 0, [SKIPPED] = 0, [FAILED] = 0};
    for (int i = first; i < argc; i++)
        run_and_tell(find(argv[i], scenarios, count), tally);
    for (size_t i = 0; argc == 1 && i < count; i++) {
        if (!scenarios[i].by_name)
            run_and_tell(&scenarios[i], tally);
    }
    printf("%zu passed, %zu failed, %zu skipped\n", tally[PASSED], tally[FAILED], tally[SKIPPED]);
    if (tally[FAILED] != 0)
        return EXIT_FAILURE;
    return tally[PASSED] != 0 ? EXIT_SUCCESS : SCENARIO_SKIPPED;
}
