/* Fresh processes of the test program itself, for what happens once per process. Where all tests of a program run in
 * one process there is no other way, and under Criterion it does no harm.
 *
 *     CHILD(greets)             // the body runs in the child, before main
 *     {
 *         fputs("hello\n", stderr);
 *     }
 *     ...
 *     child_t child = run_child("greets", "CC_SMR=ibr");
 *     cr_assert_str_eq(child.text, "hello\n");
 */
#ifndef CC_TEST_CHILD_H
#define CC_TEST_CHILD_H

#include <stdlib.h>
#include <string.h>

typedef struct {
    int status;      /* exit code; -1: it was killed */
    char text[1024]; /* what it wrote to stderr */
} child_t;

#define CHILD_VARIABLE "CC_TEST_CHILD"

/* `setting`: one more variable of its environment, "NAME=value". CC_SMR is not inherited. */
child_t run_child(const char *role, const char *setting);

#define CHILD(role)                                                                                                    \
    static void child_##role(void);                                                                                    \
    __attribute__((constructor)) static void child_##role##_begin(void)                                                \
    {                                                                                                                  \
        const char *wanted = getenv(CHILD_VARIABLE);                                                                   \
        if (wanted == NULL || strcmp(wanted, #role) != 0)                                                              \
            return;                                                                                                    \
        child_##role();                                                                                                \
        exit(0);                                                                                                       \
    }                                                                                                                  \
    static void child_##role(void)

#endif
