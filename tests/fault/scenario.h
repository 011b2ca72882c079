/* Scenarios: what a fault test is made of. Each runs in a process of its own, started afresh (fork and exec), so that
 * it may be killed, leave threads behind or end in the middle of a call; a scenario that hangs is killed.
 *
 *     static const scenario_t scenarios[] = {
 *         {.name = "guard", .title = "a thread exits inside a guard", .run = exit_in_guard},
 *     };
 *     int main(int argc, char **argv)
 *     {
 *         return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
 *     } */
#ifndef FAULT_SCENARIO_H
#define FAULT_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

enum { SCENARIO_SKIPPED = 77 }; /* exit code: cannot be tried here */

/* Built with the sanitizer? gcc has macros for it, clang a question. */
#if defined(__has_feature)
#define SCENARIO_TSAN __has_feature(thread_sanitizer)
#define SCENARIO_ASAN __has_feature(address_sanitizer)
#else
#if defined(__SANITIZE_THREAD__)
#define SCENARIO_TSAN 1
#else
#define SCENARIO_TSAN 0
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SCENARIO_ASAN 1
#else
#define SCENARIO_ASAN 0
#endif
#endif

typedef struct {
    const char *name;
    const char *title;
    void (*run)(void);    /* returning is passing */
    int exit_code;        /* the one that passes; 0 unless dying is the point */
    bool (*before)(void); /* in the child, before exec; false: skip. NULL: nothing */
    bool by_name;         /* runs only if it is named */
    unsigned limit;       /* seconds after which it is killed; 0: the usual */
} scenario_t;

/* Runs the scenarios that argv names, all by default, and prints a table.
 * Returns 0; 1 if one failed; 2 for a bad command line; SCENARIO_SKIPPED if all were skipped. */
int scenarios_main(int argc, char **argv, const scenario_t *scenarios, size_t count);

/* Ends the scenario, from any thread: it failed. */
_Noreturn void scenario_fail(const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Ends the scenario, from any thread: it cannot be tried here. */
_Noreturn void scenario_skip(const char *why);

/* Of a clock that only goes forward. */
double scenario_seconds(void);

/* The blank keeps the format from being empty, and makes the message optional. */
#define CHECK(holds, ...)                                                                                              \
    do {                                                                                                               \
        if (!(holds))                                                                                                  \
            scenario_fail(__FILE__, __LINE__, #holds, " " __VA_ARGS__);                                                \
    } while (0)

#endif
