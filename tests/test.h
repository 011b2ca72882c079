/* What unit tests include: Test(suite, name) { ... } and assertions, with or without Criterion.
 *
 * The assertions have the names of Criterion's, each with an optional printf message; no timeouts, signals, fixtures or
 * parameters. Assert on the test's own thread: on another one a failure ends the test under Criterion, but the whole
 * program without it. Tests may share a process, so each leaves global state as it found it.
 *
 * Under ThreadSanitizer Criterion aborts at start, and under AddressSanitizer it swallows the leak report of its
 * children. There (CC_TEST_IN_PROCESS, set by meson) tests/in_process.c runs all tests in one process.
 *
 *     SCHEME_TEST(guard, holds_a_value, domain)    // guard/holds_a_value_ibr, _epoch, _leak
 *     {
 *         cr_assert_not_null(cc_guard_enter(domain));
 *     } */
#ifndef CC_TEST_H
#define CC_TEST_H

#ifdef CC_TEST_IN_PROCESS
#include "in_process.h"
#else
#include <criterion/criterion.h>

/* Criterion's own take the compiler more than twice as long. */
#undef cr_assert
#undef cr_assert_not
#undef cr_assert_eq
#undef cr_assert_neq
#undef cr_assert_lt
#undef cr_assert_leq
#undef cr_assert_gt
#undef cr_assert_geq
#undef cr_assert_null
#undef cr_assert_not_null
#undef cr_assert_str_eq
#undef cr_assert_str_neq
#undef cr_assert_fail
#endif

#include "schemes.h"

/* Ends the running test; without Criterion, on any other thread than the test's own, the program. */
_Noreturn void test_fail(const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The blank keeps the format from being empty, and makes the message optional. */
#define TEST_CHECK_(holds, what, ...)                                                                                  \
    do {                                                                                                               \
        if (!(holds))                                                                                                  \
            test_fail(__FILE__, __LINE__, what, " " __VA_ARGS__);                                                      \
    } while (0)

#define cr_assert(a, ...)            TEST_CHECK_(a, #a, __VA_ARGS__)
#define cr_assert_not(a, ...)        TEST_CHECK_(!(a), "!(" #a ")", __VA_ARGS__)
#define cr_assert_eq(a, b, ...)      TEST_CHECK_((a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)     TEST_CHECK_((a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)      TEST_CHECK_((a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)     TEST_CHECK_((a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)      TEST_CHECK_((a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)     TEST_CHECK_((a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_null(a, ...)       TEST_CHECK_((a) == NULL, #a " == NULL", __VA_ARGS__)
#define cr_assert_not_null(a, ...)   TEST_CHECK_((a) != NULL, #a " != NULL", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)  TEST_CHECK_(strcmp((a), (b)) == 0, #a " eq " #b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) TEST_CHECK_(strcmp((a), (b)) != 0, #a " ne " #b, __VA_ARGS__)
#define cr_assert_fail(...)          TEST_CHECK_(0, "fail", __VA_ARGS__)

#ifdef CC_TEST_ADAPTERS
#include <cc/stats.h>
#include <string.h>

/* What one try does everywhere else takes liburcu's thread two grace periods, with a rest after each. With a guard open it
 * may be in vain. */
static inline int drain_patiently(cc_domain_t *domain, int64_t timeout_ns)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    bool slow = cc_smr_stats_snapshot(domain, &s) == 0 && strcmp(s.scheme, "urcu") == 0;
    const int64_t enough = s.guards != 0 ? 500000000 : 5000000000;
    return cc_domain_drain(domain, slow && timeout_ns >= 0 && timeout_ns < enough ? enough : timeout_ns);
}
#define cc_domain_drain(domain, timeout_ns) drain_patiently(domain, timeout_ns)
#endif

/* One test per scheme, each with a domain of its own around the body, which must leave it fit to be destroyed. */
#define SCHEME_TEST(suite, name, domain)                                                                               \
    static void suite##_##name##_body(cc_domain_t *domain);                                                            \
    EACH_SCHEME(TEST_WITH_SCHEME_, suite, name)                                                                        \
    static void suite##_##name##_body(cc_domain_t *domain)

/* The same for what CC_SMR_LEAK cannot do: anything that waits for reclamation. */
#define RECLAIMING_SCHEME_TEST(suite, name, domain)                                                                    \
    static void suite##_##name##_body(cc_domain_t *domain);                                                            \
    EACH_RECLAIMING_SCHEME(TEST_WITH_SCHEME_, suite, name)                                                             \
    static void suite##_##name##_body(cc_domain_t *domain)

#define TEST_WITH_SCHEME_(suffix, scheme_, suite, name)                                                                \
    Test(suite, name##_##suffix)                                                                                       \
    {                                                                                                                  \
        cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;                                                                   \
        cc_domain_t *domain = NULL;                                                                                    \
        opts.scheme = scheme_;                                                                                         \
        cr_assert_eq(cc_domain_create(&opts, &domain), 0);                                                             \
        suite##_##name##_body(domain);                                                                                 \
        cr_assert_eq(cc_domain_destroy(domain), 0);                                                                    \
    }

#endif
