/* The contract of cc/domain.h: creation and destruction, schemes, bad arguments. Further parts of it: threads
 * (domain_threads_test.c), flush and drain (domain_flush_test.c, domain_drain_test.c), callbacks
 * (domain_callback_test.c), the default domain (domain_default_test.c). */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static char nothing;
static cc_domain_t *const untouched = (void *)&nothing;

/* ---- creation */

Test(domain, schemes_have_names)
{
    static const struct {
        cc_smr_scheme_t scheme;
        const char *name;
    } schemes[] = {{CC_SMR_IBR, "ibr"},   {CC_SMR_DEBRA, "debra"}, {CC_SMR_EPOCH, "epoch"},
                   {CC_SMR_URCU, "urcu"}, {CC_SMR_CK, "ck"},       {CC_SMR_LEAK, "leak"}};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        cr_assert_str_eq(cc_smr_scheme_name(schemes[i].scheme), schemes[i].name);
    cr_assert_null(cc_smr_scheme_name((cc_smr_scheme_t)-2));
    cr_assert_null(cc_smr_scheme_name((cc_smr_scheme_t)(CC_SMR_LEAK + 1)));
    cr_assert_null(cc_smr_scheme_name((cc_smr_scheme_t)1000000));
}

Test(domain, is_of_the_scheme_asked_for)
{
    for (int i = 0; i < SCHEMES; i++) {
        cc_domain_t *domain = make_domain(every_scheme[i]);
        cr_assert(domain_is(domain, cc_smr_scheme_name(every_scheme[i])));
        cr_assert_eq(cc_domain_destroy(domain), 0);
    }
}

Test(domain, without_options_is_of_the_default_scheme)
{
    const char *expected = cc_smr_scheme_name(CC_SMR_DEFAULT);
    cr_assert(strcmp(expected, "ibr") == 0 || strcmp(expected, "epoch") == 0, "%s", expected);
    cc_domain_t *plain = NULL;
    cr_assert_eq(cc_domain_create(NULL, &plain), 0);
    cc_domain_t *named = make_domain(CC_SMR_DEFAULT);
    cr_assert(domain_is(plain, expected));
    cr_assert(domain_is(named, expected));
    cr_assert_eq(cc_domain_destroy(plain), 0);
    cr_assert_eq(cc_domain_destroy(named), 0);
}

Test(domain, options_of_another_size_are_refused)
{
    static const size_t sizes[] = {0, 1, sizeof(cc_domain_opts_t) - 1, sizeof(cc_domain_opts_t) + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
        cc_domain_t *out = untouched;
        opts.size = sizes[i];
        cr_assert_eq(cc_domain_create(&opts, &out), -EINVAL);
        cr_assert_eq(out, untouched);
    }
}

static int error_of_scheme(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *out = untouched;
    opts.scheme = scheme;
    int err = cc_domain_create(&opts, &out);
    cr_assert_eq(out, untouched);
    return err;
}

Test(domain, schemes_that_do_not_exist_are_refused)
{
    cr_assert_eq(error_of_scheme((cc_smr_scheme_t)-2), -EINVAL);
    cr_assert_eq(error_of_scheme((cc_smr_scheme_t)(CC_SMR_LEAK + 1)), -EINVAL);
    cr_assert_eq(error_of_scheme((cc_smr_scheme_t)1000000), -EINVAL);
}

/* Those over other libraries: the library was built with it, or says so. */
static void try_foreign(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *out = untouched;
    opts.scheme = scheme;
    int err = cc_domain_create(&opts, &out);
    if (err == 0)
        cr_assert_eq(cc_domain_destroy(out), 0);
    else
        cr_assert(err == -ENOTSUP && out == untouched, "%d", err);
}

Test(domain, schemes_over_other_libraries_are_there_or_not_supported)
{
    try_foreign(CC_SMR_URCU);
    try_foreign(CC_SMR_CK);
}

static int error_of_signal(cc_smr_scheme_t scheme, int number, cc_neutralize_t neutralize)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *out = untouched;
    opts.scheme = scheme;
    opts.signal = number;
    opts.neutralize = neutralize;
    int err = cc_domain_create(&opts, &out);
    cr_assert_eq(out, untouched);
    return err;
}

Test(domain, signals_that_cannot_carry_are_refused)
{
    static const int numbers[] = {-1,      SIGKILL, SIGSTOP, SIGSEGV, SIGABRT, SIGCONT, SIGTSTP,
                                  SIGTTIN, SIGTTOU, 32,      34,      64,      65,      1000000};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        cr_assert_eq(error_of_signal(CC_SMR_DEBRA, numbers[i], CC_NEUTRALIZE_STRONG), -EINVAL, "%d", numbers[i]);
    cr_assert_eq(error_of_signal(CC_SMR_DEBRA, 0, (cc_neutralize_t)2), -EINVAL);
}

Test(domain, signals_are_for_neutralization)
{
    cr_assert_eq(error_of_signal(CC_SMR_IBR, SIGURG, CC_NEUTRALIZE_STRONG), -EINVAL);
    cr_assert_eq(error_of_signal(CC_SMR_EPOCH, 0, CC_NEUTRALIZE_ACK), -EINVAL);
}

Test(domain, null_is_refused)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cr_assert_eq(cc_domain_create(&opts, NULL), -EINVAL);
    cr_assert_eq(cc_domain_create(NULL, NULL), -EINVAL);
    cr_assert_eq(cc_domain_destroy(NULL), -EINVAL);
    cr_assert_eq(cc_domain_flush(NULL), -EINVAL);
    cr_assert_eq(cc_domain_drain(NULL, 0), -EINVAL);
    cr_assert_eq(cc_domain_drain(NULL, -1), -EINVAL);
    cr_assert_eq(cc_domain_drain(NULL, SECOND), -EINVAL);
    cr_assert_eq(cc_thread_attach(NULL), -EINVAL);
    cr_assert_eq(cc_thread_detach(NULL), -EINVAL);
}

Test(domain, the_name_is_copied)
{
    char name[100];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.name = name;
    cc_domain_t *domain = NULL;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    memset(name, 0, sizeof name);
    counted_t object = {0};
    cr_assert_eq(counted_retire(domain, &object), 0);
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_times(&object), 1);
}

/* ---- destruction */

Test(domain, destroy_reclaims_what_is_retired)
{
    enum { OBJECTS = 5000 };
    static counted_t objects[OBJECTS];
    for (int i = 0; i < SCHEMES; i++) {
        retire_step_t retire = {make_domain(every_scheme[i]), objects, OBJECTS, 0};
        memset(objects, 0, sizeof objects);
        step_retire(&retire);
        cr_assert_eq(retire.err, 0);
        cr_assert_eq(cc_domain_destroy(retire.domain), 0);
        cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    }
}

SCHEME_TEST(domain, destroy_waits_for_its_structures, domain)
{
    cc_skiplist64_t *map64;
    cc_skiplist_t *map;
    void *value;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map64), 0);
    cr_assert_eq(cc_skiplist_create(domain, NULL, &map), 0);
    cr_assert_eq(cc_domain_destroy(domain), -EBUSY);
    cr_assert_eq(cc_skiplist64_insert(map64, 1, &value), 0, "nothing has changed");
    cr_assert_eq(cc_skiplist64_get(map64, 1, &value), 0);
    cr_assert_eq(cc_skiplist64_destroy(map64), 0);
    cr_assert_eq(cc_domain_destroy(domain), -EBUSY);
    cr_assert_eq(cc_skiplist_insert(map, (cc_bytes_t){"k", 1}, &value), 0);
    cr_assert_eq(cc_skiplist_destroy(map), 0);
}

SCHEME_TEST(domain, destroy_is_refused_inside_a_guard, domain)
{
    static counted_t object;
    object = (counted_t){0};
    cc_guard_t *outer = cc_guard_enter(domain);
    cc_guard_t *inner = cc_guard_enter(domain);
    cr_assert_eq(cc_domain_destroy(domain), -EBUSY);
    cc_guard_leave(inner);
    cr_assert_eq(cc_domain_destroy(domain), -EBUSY);
    cr_assert_eq(counted_retire(domain, &object), 0, "nothing has changed");
    cr_assert_eq(counted_times(&object), 0);
    cc_guard_leave(outer);
}

typedef struct {
    cc_domain_t *domain;
    cc_guard_t *guard;
} guard_step_t;

static void step_enter(void *arg)
{
    guard_step_t *s = arg;
    s->guard = cc_guard_enter(s->domain);
}

static void step_leave(void *arg)
{
    guard_step_t *s = arg;
    cc_guard_leave(s->guard);
}

SCHEME_TEST(domain, destroy_is_refused_while_another_thread_has_a_guard, domain)
{
    guard_step_t s = {domain, NULL};
    actor_t other;
    actor_start(&other);
    actor_do(&other, step_enter, &s);
    cr_assert_not_null(s.guard);
    cr_assert_eq(cc_domain_destroy(domain), -EBUSY);
    actor_do(&other, step_leave, &s);
    actor_stop(&other);
}

static bool visit_and_destroy(uint64_t key, void *value, void *ctx)
{
    (void)key;
    (void)value;
    return cc_domain_destroy(ctx) == -EBUSY;
}

SCHEME_TEST(domain, destroy_is_refused_by_a_visitor, domain)
{
    cc_skiplist64_t *map;
    cr_assert_eq(cc_skiplist64_create(domain, NULL, &map), 0);
    for (uint64_t key = 0; key < 3; key++)
        cr_assert_eq(cc_skiplist64_insert(map, key, &map), 0);
    cr_assert_eq(cc_skiplist64_range(map, 0, 9, visit_and_destroy, domain), 3);
    cr_assert_eq(cc_skiplist64_destroy(map), 0);
}

/* ---- several domains */

enum { DOMAINS = 50, KEYS = 40 };

typedef struct {
    cc_domain_t *domain;
    cc_skiplist64_t *map;
    counted_t values[KEYS];
} world_t;

static world_t worlds[DOMAINS];

static void make_worlds(void)
{
    memset(worlds, 0, sizeof worlds);
    for (int d = 0; d < DOMAINS; d++) {
        worlds[d].domain = make_domain(every_scheme[d % SCHEMES]);
        cc_map_opts_t opts = CC_MAP_OPTS_INIT;
        opts.value_reclaim = counted_reclaim;
        cr_assert_eq(cc_skiplist64_create(worlds[d].domain, &opts, &worlds[d].map), 0);
    }
}

/* Puts the values in, and takes those of the odd keys out again, turning from domain to domain. */
static void step_use_worlds(void *arg)
{
    int *wrong = arg;
    for (uint64_t key = 0; key < KEYS; key++)
        for (int d = 0; d < DOMAINS; d++)
            *wrong += cc_skiplist64_insert(worlds[d].map, key, &worlds[d].values[key]) != 0;
    for (uint64_t key = 1; key < KEYS; key += 2)
        for (int d = 0; d < DOMAINS; d++)
            *wrong += cc_skiplist64_remove(worlds[d].map, key, NULL) != 0;
}

static void check_and_destroy_worlds(uint64_t threads)
{
    const uint64_t retired = snapshot_of(worlds[0].domain).retired;
    for (int d = 0; d < DOMAINS; d++) {
        cc_smr_snapshot_t s = snapshot_of(worlds[d].domain);
        cr_assert_geq(s.retired, (uint64_t)KEYS / 2, "domain %d: %d values, and what was replaced", d, KEYS / 2);
        cr_assert_eq(s.retired, retired, "domain %d: as in the others", d);
        cr_assert_eq(s.threads, threads, "domain %d", d);
        cr_assert_eq(cc_skiplist64_count(worlds[d].map), (size_t)KEYS / 2);
        cr_assert_eq(cc_skiplist64_validate(worlds[d].map), 0);
        cr_assert_eq(cc_skiplist64_destroy(worlds[d].map), 0);
        cr_assert_eq(cc_domain_destroy(worlds[d].domain), 0);
        cr_assert_eq(counted_with(worlds[d].values, KEYS, 1), (size_t)KEYS);
    }
}

/* More than a thread's cache of records has room for. */
Test(domain, one_thread_may_use_fifty_in_turn)
{
    int wrong = 0;
    make_worlds();
    step_use_worlds(&wrong);
    cr_assert_eq(wrong, 0);
    check_and_destroy_worlds(1);
}

Test(domain, threads_that_used_it_need_not_have_exited)
{
    int wrong = 0;
    actor_t other;
    actor_start(&other);
    for (int round = 0; round < 3; round++) {
        make_worlds();
        actor_do(&other, step_use_worlds, &wrong);
        cr_assert_eq(wrong, 0);
        check_and_destroy_worlds(1);
    }
    actor_stop(&other); /* its exit finds no trace of them */
}

typedef struct {
    cc_domain_t *kept;
    counted_t objects[200];
    int err;
} many_step_t;

static void step_retire_between(void *arg)
{
    many_step_t *s = arg;
    for (int i = 0; i < 200; i++) {
        cc_domain_t *short_lived;
        counted_t object = {0};
        s->err |= cc_domain_create(NULL, &short_lived) | counted_retire(short_lived, &object) |
                  counted_retire(s->kept, &s->objects[i]) | cc_domain_destroy(short_lived);
        s->err |= counted_times(&object) != 1;
    }
}

/* A destroyed domain's record must never be taken for that of one that came later, or of one that stays. */
SCHEME_TEST(domain, short_lived_ones_leave_the_others_alone, domain)
{
    static many_step_t s;
    s = (many_step_t){.kept = domain};
    step_retire_between(&s);
    cr_assert_eq(s.err, 0);
    cc_smr_snapshot_t snapshot = snapshot_of(domain);
    cr_assert_eq(snapshot.retired, 200);
    cr_assert_eq(snapshot.threads, 1);
    cr_assert_eq(counted_with(s.objects, 200, 0) + counted_with(s.objects, 200, 1), 200);
    if (!domain_is(domain, "leak")) {
        cr_assert_eq(cc_domain_drain(domain, 0), 0);
        cr_assert_eq(counted_with(s.objects, 200, 1), 200);
    }
}
