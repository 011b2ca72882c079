/* What unit tests include: Criterion's macros, with or without Criterion.
 *
 * The common subset is Test(suite, name) { ... } and cr_assert, cr_assert_not, _eq, _neq, _lt, _leq, _gt, _geq, _null,
 * _not_null, _str_eq, _str_neq, _fail, each with an optional printf message; no timeouts, signals, fixtures or
 * parameters. Assert on the test's own thread: on another one a failure ends the test under Criterion, but the whole
 * program without it. Tests may share a process, so each leaves global state as it found it.
 *
 * Under ThreadSanitizer Criterion aborts at start, and under AddressSanitizer it swallows the leak report of its
 * children. There (CC_TEST_IN_PROCESS, set by meson) tests/in_process.h provides the same macros and a main that runs
 * all tests in one process.
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
#endif

#include "schemes.h"

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
