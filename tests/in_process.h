/* Tests of a program that runs them all in one process (in_process.c has the main). They are registered by constructors and
 * run in the order of their definition. */
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

#define Test(suite_, name_)                                                                                            \
    static void suite_##_##name_##_test(void);                                                                         \
    __attribute__((constructor)) static void suite_##_##name_##_register(void)                                         \
    {                                                                                                                  \
        static in_process_test_t self = {#suite_, #name_, suite_##_##name_##_test, NULL};                              \
        in_process_register(&self);                                                                                    \
    }                                                                                                                  \
    static void suite_##_##name_##_test(void)

#endif
