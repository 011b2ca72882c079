/* A thread stops in a call of a map with inline values. Meanwhile the value is replaced twice, every try is made to reclaim
 * the first one in between, and its memory is used again. Each value that came must go exactly once, whole: to the thread, or to
 * the others. */
#include "map.h"
#include "scenario.h"
#include "step.h"
#include "step_scenes.h"

#include "../schemes.h"

#include "alloc/backend_mock.h"

#include <errno.h>
#include <string.h>

enum { KEY = 1, KEYS = 8 };                                /* the smallest, and others that stay */
enum { FIRST, SECOND, THIRD, OF_THREAD, OTHER, VERSIONS }; /* of its value, in this order; the thread's own */

typedef struct {
    uint64_t key, version, word[6];
} copy_t;

static cc_domain_t *domain;
static fault_map_t *map;
static unsigned came[VERSIONS], went[VERSIONS];
static unsigned gone,
    held; /* tries to reclaim, by their outcome: both must occur, or the stops missed the moments that matter */

/* ---- values */

static copy_t copy_of(uint64_t key, uint64_t version)
{
    copy_t copy = {key, version, {0}};
    for (unsigned i = 0; i < 6; i++)
        copy.word[i] = (key << 32 | version << 8 | i) * UINT64_C(0x9e3779b97f4a7c15);
    return copy;
}

static void check_whole(const copy_t *copy, uint64_t key)
{
    copy_t expected = copy_of(key, copy->version);
    CHECK(copy->version < VERSIONS && memcmp(copy, &expected, sizeof expected) == 0, "a value of key %d is not whole",
          (int)key);
}

static void put_version(uint64_t version)
{
    copy_t copy = copy_of(KEY, version), old;
    int rc = MAP(put)(map, KEY, &copy, CC_INTO(&old));
    CHECK(rc == 0 || rc == 1, "%d", rc);
    came[version]++;
    if (rc == 1) {
        check_whole(&old, KEY);
        went[old.version]++;
    }
}

static void take_version(void)
{
    copy_t old;
    int rc = MAP(remove)(map, KEY, CC_INTO(&old));
    CHECK(rc == 0 || rc == -ENOENT, "%d", rc);
    if (rc == 0) {
        check_whole(&old, KEY);
        went[old.version]++;
    }
}

/* ---- the calls in which the thread stops */

static void get(void)
{
    copy_t copy;
    int rc = MAP(get)(map, KEY, CC_INTO(&copy));
    CHECK(rc == 0 || rc == -ENOENT, "%d", rc);
    if (rc == 0)
        check_whole(&copy, KEY);
}

static void nearest(void)
{
    copy_t copy;
    uint64_t key;
    CHECK(MAP(min)(map, &key, CC_INTO(&copy)) == 0);
    check_whole(&copy, key);
    CHECK(MAP(ceil)(map, KEY, &key, CC_INTO(&copy)) == 0);
    check_whole(&copy, key);
}

static bool visit_whole(uint64_t key, void *value, void *ctx)
{
    check_whole(value, key);
    return true;
}

static void range(void)
{
    CHECK(MAP(range)(map, 0, KEYS, visit_whole, NULL) >= 0);
}

static void put(void)
{
    put_version(OF_THREAD);
}

static void replace(void)
{
    copy_t expected = copy_of(KEY, FIRST), copy = copy_of(KEY, OF_THREAD);
    int rc = MAP(replace)(map, KEY, &expected, &copy);
    CHECK(rc == 0 || rc == -ECANCELED || rc == -ENOENT, "%d", rc);
    came[OF_THREAD] += rc == 0;
    went[FIRST] += rc == 0;
}

static void remove_if(void)
{
    copy_t expected = copy_of(KEY, FIRST), old;
    int rc = MAP(remove_if)(map, KEY, &expected, CC_INTO(&old));
    CHECK(rc == 0 || rc == -ECANCELED || rc == -ENOENT, "%d", rc);
    if (rc == 0) {
        check_whole(&old, KEY);
        CHECK(old.version == FIRST);
    }
    went[FIRST] += rc == 0;
}

static void pop(void)
{
    copy_t old;
    uint64_t key;
    CHECK(MAP(pop_min)(map, &key, CC_INTO(&old)) == 0);
    check_whole(&old, KEY);
    went[old.version]++;
}

typedef void call_fn(void);

static void make_call(void *arg)
{
    CHECK(cc_thread_attach(domain) == 0);
    step_begin();
    (*(call_fn **)arg)();
    step_end();
}

/* ---- what the others do meanwhile */

static void reclaim_hard(void)
{
    for (int i = 0; i < 3; i++)
        CHECK(cc_domain_flush(domain) >= 0);
    int rc = cc_domain_drain(domain, 0);
    CHECK(rc == 0 || rc == -ETIMEDOUT);
    *(rc == 0 ? &gone : &held) += 1;
    cc__mock_release_quarantine(); /* the next value may get the memory of the last one */
}

static void replace_twice(void)
{
    put_version(SECOND);
    reclaim_hard();
    put_version(THIRD);
    reclaim_hard();
}

static void renew_twice(void)
{
    take_version();
    reclaim_hard();
    put_version(SECOND);
    take_version();
    reclaim_hard();
    put_version(THIRD);
}

/* ---- the scene */

static void sweep(call_fn *call, void (*disturb)(void))
{
    bool stopped = true;
    for (long n = 1; stopped; n += STEP_STRIDE) {
        stepper_t stepper;
        memset(came, 0, sizeof came);
        memset(went, 0, sizeof went);
        put_version(FIRST);
        stopped = step_start(&stepper, make_call, &call, n);
        disturb();
        step_finish(&stepper);
        take_version();
        for (int i = 0; i < VERSIONS; i++)
            CHECK(came[i] == went[i], "value %d came %u times and went %u times, n %ld", i, came[i], went[i], n);
    }
}

static void create(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    domain_opts.scheme = scheme;
    opts.value_inline = true;
    opts.value_size = sizeof(copy_t);
    CHECK(cc_domain_create(&domain_opts, &domain) == 0);
    CHECK(MAP(create)(domain, &opts, &map) == 0);
    for (uint64_t key = KEY + 1; key <= KEYS; key++) {
        copy_t copy = copy_of(key, OTHER);
        CHECK(MAP(insert)(map, key, &copy) == 0);
    }
}

void step_inline(cc_smr_scheme_t scheme)
{
    static call_fn *const calls[] = {get, nearest, range, put, replace, remove_if, take_version, pop};
    create(scheme);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        sweep(calls[i], replace_twice);
        sweep(calls[i], renew_twice);
    }
    CHECK(held > 0, "never held");
    CHECK(gone > 0, "always held");
    CHECK(MAP(validate)(map) == 0 && MAP(destroy)(map) == 0);
    CHECK(cc_domain_drain(domain, -1) == 0 && cc_domain_destroy(domain) == 0);
}
