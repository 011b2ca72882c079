#include "domains.h"

#include "../test.h"
#include "actor.h"

#include <string.h>
#include <time.h>

cc_domain_t *make_domain(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.scheme = scheme;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    return domain;
}

cc_smr_snapshot_t snapshot_of(cc_domain_t *domain)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    cr_assert_eq(cc_smr_stats_snapshot(domain, &s), 0);
    return s;
}

bool domain_is(cc_domain_t *domain, const char *scheme)
{
    return strcmp(snapshot_of(domain).scheme, scheme) == 0;
}

static cc_smr_scheme_t scheme_of(cc_domain_t *domain)
{
    int i = 0;
    while (i < SCHEMES && !domain_is(domain, cc_smr_scheme_name(every_scheme[i])))
        i++;
    cr_assert_lt(i, SCHEMES, "tests/schemes.h does not list %s", snapshot_of(domain).scheme);
    return every_scheme[i];
}

bool guards_are_slots(cc_domain_t *domain)
{
    return scheme_has_slots(scheme_of(domain));
}

int attempts_needed(cc_domain_t *domain)
{
    return scheme_attempts(scheme_of(domain));
}

bool is_slow(cc_domain_t *domain)
{
    return domain_is(domain, "urcu");
}

bool is_foreign(cc_domain_t *domain)
{
    return domain_is(domain, "urcu") || domain_is(domain, "ck");
}

/* Long enough for a grace period that nobody holds up. */
static void let_time_pass(void)
{
    struct timespec t = {0, 100 * MILLISECOND};
    nanosleep(&t, NULL);
}

int reclaim_hard(cc_domain_t *domain)
{
    for (int i = 0; i < 4; i++)
        cc_domain_flush(domain);
    return cc_domain_drain(domain, 0);
}

void step_reclaim_hard(void *reclaim_step)
{
    reclaim_step_t *s = reclaim_step;
    s->result = reclaim_hard(s->domain);
}

int reclaim_hard_elsewhere(cc_domain_t *domain)
{
    reclaim_step_t s = {domain, 1};
    actor_t other;
    actor_start(&other);
    actor_do(&other, step_reclaim_hard, &s);
    actor_stop(&other);
    return s.result;
}

void step_drain(void *drain_step)
{
    drain_step_t *s = drain_step;
    s->result = cc_domain_drain(s->domain, s->timeout);
}

int64_t flush_all(cc_domain_t *domain)
{
    int64_t total = 0;
    for (int idle = 0; idle < 4;) {
        int64_t n = cc_domain_flush(domain);
        if (is_slow(domain))
            let_time_pass();
        cr_assert_geq(n, 0);
        idle = n > 0 ? 0 : idle + 1;
        total += n;
    }
    return total;
}

int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}
