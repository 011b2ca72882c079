/* The contract of cc/base.h. */
#include "test.h"

#include <cc/cc.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

Test(base, the_version_is_that_of_the_headers)
{
    char expected[64];
    snprintf(expected, sizeof expected, "%d.%d.%d", CC_VERSION_MAJOR, CC_VERSION_MINOR, CC_VERSION_PATCH);
    cr_assert_str_eq(cc_version(), expected);
}

/* Every error that a header of this library speaks of. */
static const int errors[] = {0,        -ENOENT,    -EEXIST, -EAGAIN,    -ENOMEM,  -ENOSPC,  -EINVAL, -EBUSY,
                             -EDEADLK, -ETIMEDOUT, -EPIPE,  -ECANCELED, -ENOBUFS, -ENOTSUP, -EBADMSG};
enum { ERRORS = sizeof errors / sizeof errors[0] };

Test(base, each_error_has_a_text_of_its_own)
{
    const char *unknown = cc_strerror(-9999);
    for (int i = 0; i < ERRORS; i++) {
        const char *text = cc_strerror(errors[i]);
        cr_assert_not_null(text);
        cr_assert_gt(strlen(text), 3, "%d: \"%s\"", errors[i], text);
        cr_assert_str_neq(text, unknown, "%d", errors[i]);
        for (int j = 0; j < i; j++)
            cr_assert_str_neq(text, cc_strerror(errors[j]), "%d and %d", errors[i], errors[j]);
    }
}

Test(base, other_numbers_have_a_text_too)
{
    static const int strange[] = {-9999, -1, 1, EINVAL, ENOENT, INT_MAX, INT_MIN};
    const char *unknown = cc_strerror(-9999);
    cr_assert_not_null(unknown);
    cr_assert_gt(strlen(unknown), 3);
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        cr_assert_not_null(cc_strerror(strange[i]));
        cr_assert_str_eq(cc_strerror(strange[i]), unknown, "%d", strange[i]);
    }
}

Test(base, an_atomic_pointer_is_a_plain_word)
{
    int object;
    union {
        CC_ATOMIC_PTR shared;
        void *plain;
    } word = {NULL};
    cr_assert_eq(sizeof word, sizeof(void *));
    word.plain = &object;
    cr_assert_eq(word.shared, (void *)&object);
}
