/* The subset of Criterion that test.h names, for a program that runs all its tests in one process (in_process.c has
 * the main). Tests are registered by constructors and run in the order of their definition. */
#ifndef CC_TEST_IN_PROCESS_H
#define CC_TEST_IN_PROCESS_H

/* What criterion.h brings along as well. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct in_process_test {
    const char *suite;
    const char *name;
    void (*run)(void);
    struct in_process_test *next;
} in_process_test_t;

void in_process_register(in_process_test_t *test);

/* Ends the running test; on any other thread than the test's own, the program. */
_Noreturn void in_process_fail(const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define Test(suite_, name_)                                                                                            \
    static void suite_##_##name_##_test(void);                                                                         \
    __attribute__((constructor)) static void suite_##_##name_##_register(void)                                         \
    {                                                                                                                  \
        static in_process_test_t self = {#suite_, #name_, suite_##_##name_##_test, NULL};                              \
        in_process_register(&self);                                                                                    \
    }                                                                                                                  \
    static void suite_##_##name_##_test(void)

/* The blank keeps the format from being empty, and makes the message optional. */
#define IN_PROCESS_CHECK_(holds, what, ...)                                                                            \
    do {                                                                                                               \
        if (!(holds))                                                                                                  \
            in_process_fail(__FILE__, __LINE__, what, " " __VA_ARGS__);                                                \
    } while (0)

#define cr_assert(a, ...)            IN_PROCESS_CHECK_(a, #a, __VA_ARGS__)
#define cr_assert_not(a, ...)        IN_PROCESS_CHECK_(!(a), "!(" #a ")", __VA_ARGS__)
#define cr_assert_eq(a, b, ...)      IN_PROCESS_CHECK_((a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)     IN_PROCESS_CHECK_((a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)      IN_PROCESS_CHECK_((a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)     IN_PROCESS_CHECK_((a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)      IN_PROCESS_CHECK_((a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)     IN_PROCESS_CHECK_((a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_null(a, ...)       IN_PROCESS_CHECK_((a) == NULL, #a " == NULL", __VA_ARGS__)
#define cr_assert_not_null(a, ...)   IN_PROCESS_CHECK_((a) != NULL, #a " != NULL", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)  IN_PROCESS_CHECK_(strcmp((a), (b)) == 0, #a " eq " #b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) IN_PROCESS_CHECK_(strcmp((a), (b)) != 0, #a " ne " #b, __VA_ARGS__)
#define cr_assert_fail(...)          IN_PROCESS_CHECK_(0, "fail", __VA_ARGS__)

#endif
