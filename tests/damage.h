/* What tests of validate share: each invariant is broken by hand in a quiet map, reported, and repaired.
 *
 * The including source defines SUITE, VERB, KEY and map_t first. */
#ifndef CC_TEST_DAMAGE_H
#define CC_TEST_DAMAGE_H

#include "test.h"

#include "support/domains.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DAMAGE_TEST(name)         DAMAGE_TEST_(SUITE, name)
#define DAMAGE_TEST_(suite, name) Test(suite, name)

/* A few hundred entries, in an order that is none. */
static map_t *make_damageable(cc_domain_t *domain)
{
    map_t *map = NULL;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    for (uint64_t n = 0; n < 400; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n * 7 % 400), &map), 0);
    cr_assert_eq(VERB(validate)(map), 0);
    return map;
}

/* The lines that validate writes to stderr, and what it returns. */
typedef struct {
    int result, lines;
    char text[256];
} verdict_t;

static verdict_t judge(map_t *map)
{
    verdict_t v = {0};
    int file = memfd_create("stderr", MFD_CLOEXEC), before = dup(STDERR_FILENO);
    fflush(stderr);
    dup2(file, STDERR_FILENO);
    v.result = VERB(validate)(map);
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    ssize_t n = pread(file, v.text, sizeof v.text - 1, 0);
    for (ssize_t i = 0; i < n; i++)
        v.lines += v.text[i] == '\n';
    close(file);
    close(before);
    return v;
}

static void expect_broken(map_t *map, const char *damage)
{
    verdict_t v = judge(map);
    cr_assert_eq(v.result, -EINVAL, "not seen: %s", damage);
    cr_assert_eq(v.lines, 1, "%s: %s", damage, v.text);
}

static void expect_whole(map_t *map)
{
    verdict_t v = judge(map);
    cr_assert_eq(v.result, 0, "%s", v.text);
    cr_assert_eq(v.lines, 0);
}

/* Begins a test of one plant, and ends it with the map whole again. */
#define PLANT(name)                                                                                                    \
    static void name##_planted(map_t *map);                                                                            \
    DAMAGE_TEST(name)                                                                                                  \
    {                                                                                                                  \
        for (int i = 0; i < SCHEMES; i++) {                                                                            \
            cc_domain_t *domain = make_domain(every_scheme[i]);                                                        \
            map_t *map = make_damageable(domain);                                                                      \
            name##_planted(map);                                                                                       \
            expect_whole(map);                                                                                         \
            cr_assert_eq(VERB(destroy)(map), 0);                                                                       \
            cr_assert_eq(cc_domain_destroy(domain), 0);                                                                \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_planted(map_t *map)

#endif
