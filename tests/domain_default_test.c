/* The contract of cc/domain.h: the default domain, whose scheme the environment picks once per process. */
#include "test.h"

#include "support/actor.h"
#include "support/child.h"
#include "support/counted.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* In children there is no test to fail: they stop. */
#define DEMAND(cond)                                                                                                   \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond);                                         \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static uint64_t retired_in(cc_domain_t *domain)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    DEMAND(cc_smr_stats_snapshot(domain, &s) == 0);
    return s.retired;
}

/* Maps without a domain of their own live in this one. */
static void use_maps_of(cc_domain_t *domain)
{
    uint64_t before = retired_in(domain);
    cc_skiplist64_t *map64;
    cc_skiplist_t *map;
    const cc_bytes_t key = {"key", 3};
    int value;
    void *v;
    DEMAND(cc_skiplist64_create(NULL, NULL, &map64) == 0);
    DEMAND(cc_skiplist_create(NULL, NULL, &map) == 0);
    DEMAND(cc_skiplist64_insert(map64, 1, &value) == 0 && cc_skiplist_insert(map, key, &value) == 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    DEMAND(cc_skiplist64_get(map64, 1, &v) == 0 && cc_skiplist_get(map, key, &v) == 0);
    cc_guard_leave(guard);
    DEMAND(cc_skiplist64_remove(map64, 1, NULL) == 0 && cc_skiplist_remove(map, key, NULL) == 0);
    DEMAND(retired_in(domain) >= before + 2);
    DEMAND(cc_skiplist64_destroy(map64) == 0 && cc_skiplist_destroy(map) == 0);
    DEMAND(cc_domain_drain(domain, 0) == 0);
}

CHILD(uses_default)
{
    cc_domain_t *domain = cc_domain_default();
    DEMAND(domain != NULL);
    DEMAND(cc_domain_default() == domain);
    use_maps_of(domain);
    DEMAND(cc_domain_destroy(domain) == -EINVAL);
    use_maps_of(domain = cc_domain_default());
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    DEMAND(cc_smr_stats_snapshot(domain, &s) == 0);
    fprintf(stderr, "%s\n", s.scheme);
}

static void expect_scheme(const char *setting, const char *scheme)
{
    child_t child = run_child("uses_default", setting);
    char expected[32];
    snprintf(expected, sizeof expected, "%s\n", scheme);
    cr_assert_str_eq(child.text, expected);
    cr_assert_eq(child.status, 0);
}

Test(default_domain, scheme_comes_from_the_environment)
{
    expect_scheme(NULL, cc_smr_scheme_name(CC_SMR_DEFAULT));
    expect_scheme("CC_SMR=ibr", "ibr");
    expect_scheme("CC_SMR=epoch", "epoch");
}

CHILD(wants_default_first)
{
    cc_skiplist64_t *map;
    DEMAND(cc_skiplist64_create(NULL, NULL, &map) == 0);
    DEMAND(cc_domain_destroy(cc_domain_default()) == -EINVAL);
    DEMAND(cc_skiplist64_destroy(map) == 0);
}

/* Made by the first structure, not only when it is asked for. */
Test(default_domain, is_made_on_first_use)
{
    child_t child = run_child("wants_default_first", NULL);
    cr_assert_str_eq(child.text, "");
    cr_assert_eq(child.status, 0);
}

CHILD(gets_no_default)
{
    static char nothing;
    cc_skiplist64_t *const untouched64 = (void *)&nothing;
    cc_skiplist_t *const untouched = (void *)&nothing;
    cc_skiplist64_t *map64 = untouched64;
    cc_skiplist_t *map = untouched;
    DEMAND(cc_domain_default() == NULL);
    for (int i = 0; i < 2; i++) {
        DEMAND(cc_skiplist64_create(NULL, NULL, &map64) == -EINVAL && map64 == untouched64);
        DEMAND(cc_skiplist_create(NULL, NULL, &map) == -EINVAL && map == untouched);
        DEMAND(cc_domain_default() == NULL);
    }
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = CC_SMR_EPOCH;
    cc_domain_t *own;
    DEMAND(cc_domain_create(&opts, &own) == 0);
    DEMAND(cc_skiplist64_create(own, NULL, &map64) == 0);
    DEMAND(cc_skiplist64_destroy(map64) == 0);
    DEMAND(cc_domain_destroy(own) == 0);
    DEMAND(cc_domain_destroy(cc_domain_default()) == -EINVAL);
}

Test(default_domain, bad_value_is_refused_with_one_line)
{
    static const char *const values[] = {"leak", "DEBRA", "check", "IBR", "epochs", "ibr ", "", "1", "nonsense"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char setting[32];
        snprintf(setting, sizeof setting, "CC_SMR=%s", values[i]);
        child_t child = run_child("gets_no_default", setting);
        cr_assert_eq(child.status, 0, "%s: %s", setting, child.text);
        const char *line_end = strchr(child.text, '\n');
        cr_assert_not_null(line_end, "%s: nothing was said", setting);
        cr_assert_eq(line_end[1], '\0', "%s: more than a line: %s", setting, child.text);
        cr_assert_not_null(strstr(child.text, setting), "%s: %s", setting, child.text);
    }
}

static void *get_default_when_cancelled(void *arg)
{
    pthread_cancel(pthread_self());
    return cc_domain_default() == NULL ? arg : NULL;
}

CHILD(gets_no_default_when_cancelled)
{
    pthread_t thread;
    void *result;
    alarm(20);
    DEMAND(pthread_create(&thread, NULL, get_default_when_cancelled, &result) == 0);
    DEMAND(pthread_join(thread, &result) == 0 && result == &result);
    DEMAND(cc_domain_default() == NULL);
}

/* The line is written with a lock held. */
Test(default_domain, complaint_is_no_cancellation_point)
{
    cr_assert_eq(run_child("gets_no_default_when_cancelled", "CC_SMR=nonsense").status, 0);
}

static void step_get_default(void *arg)
{
    *(cc_domain_t **)arg = cc_domain_default();
}

CHILD(gets_default_from_many_threads)
{
    enum { THREADS = 16 };
    cc_domain_t *domains[THREADS];
    actors_run(THREADS, step_get_default, domains, sizeof domains[0]);
    for (int i = 0; i < THREADS; i++)
        DEMAND(domains[i] != NULL && domains[i] == domains[0]);
}

Test(default_domain, is_one_for_all_threads)
{
    for (int i = 0; i < 5; i++) {
        child_t child = run_child("gets_default_from_many_threads", NULL);
        cr_assert_str_eq(child.text, "");
        cr_assert_eq(child.status, 0);
    }
}
