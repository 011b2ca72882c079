/* A domain of the scheme that was asked for, for one structure. */
#ifndef BENCH_STRUCTURES_DOMAIN_H
#define BENCH_STRUCTURES_DOMAIN_H

#include "../contender.h"

#include <cc/cc.h>
#include <stdlib.h>
#include <string.h>

/* NULL: no scheme of that name, or not in this version. */
static inline cc_domain_t *domain_of(const char *scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    for (int s = 0; cc_smr_scheme_name((cc_smr_scheme_t)s) != NULL; s++) {
        opts.scheme = (cc_smr_scheme_t)s;
        if (strcmp(scheme, cc_smr_scheme_name(opts.scheme)) == 0)
            return cc_domain_create(&opts, &domain) == 0 ? domain : NULL;
    }
    return NULL;
}

/* The most bytes that have waited so far. */
static inline uint64_t domain_waiting(cc_domain_t *domain)
{
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    return cc_smr_stats_snapshot(domain, &snapshot) == 0 ? snapshot.limbo_bytes_peak : 0;
}

static inline uint64_t domain_waiting_now(cc_domain_t *domain)
{
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    return cc_smr_stats_snapshot(domain, &snapshot) == 0 ? snapshot.limbo_bytes : 0;
}

#endif
