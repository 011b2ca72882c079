/* Domains: creation, the default one, destruction. */
#include "smr/domain.h"

#include "base/assert.h"
#include "base/cancel.h"
#include "cc/alloc.h"
#include "smr/cap.h"
#include "smr/fork.h"
#include "smr/guard.h"
#include "smr/limbo.h"
#include "smr/neutralize.h"
#include "smr/pace.h"
#include "smr/reclaimer.h"
#include "smr/registry.h"
#include "smr/stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CC__ATOMIC(uint64_t) last_id;
static cc_domain_t *domains; /* under cc__threads_lock */

static const cc__scheme_t *scheme_of(cc_smr_scheme_t id)
{
    switch (id) {
    case CC_SMR_IBR:
        return &cc__scheme_ibr;
    case CC_SMR_DEBRA:
        return &cc__scheme_debra;
    case CC_SMR_EPOCH:
        return &cc__scheme_epoch;
    case CC_SMR_LEAK:
        return &cc__scheme_leak;
#if CC_WITH_URCU
    case CC_SMR_URCU:
        return &cc__scheme_urcu;
#endif
#if CC_WITH_CK
    case CC_SMR_CK:
        return &cc__scheme_ck;
#endif
    default:
        return NULL;
    }
}

const char *cc_smr_scheme_name(cc_smr_scheme_t scheme)
{
    switch (scheme == CC_SMR_DEFAULT ? CC_SMR_BUILD_DEFAULT : scheme) {
    case CC_SMR_IBR:
        return "ibr";
    case CC_SMR_DEBRA:
        return "debra";
    case CC_SMR_EPOCH:
        return "epoch";
    case CC_SMR_URCU:
        return "urcu";
    case CC_SMR_CK:
        return "ck";
    case CC_SMR_LEAK:
        return "leak";
    default:
        return NULL;
    }
}

int cc_domain_create(const cc_domain_opts_t *opts, cc_domain_t **out)
{
    const cc_domain_opts_t defaults = CC_DOMAIN_OPTS_INIT;
    if (opts == NULL)
        opts = &defaults;
    if (out == NULL || opts->size != sizeof *opts || cc_smr_scheme_name(opts->scheme) == NULL)
        return -EINVAL;
    cc_smr_scheme_t id = opts->scheme == CC_SMR_DEFAULT ? CC_SMR_BUILD_DEFAULT : opts->scheme;
    if (id != CC_SMR_DEBRA && (opts->signal != 0 || opts->neutralize != CC_NEUTRALIZE_STRONG))
        return -EINVAL;
    if (opts->stall_ns < 0)
        return -EINVAL;
    if (scheme_of(id) == NULL)
        return -ENOTSUP;
    cc_domain_t *domain = cc__fork_prepared() ? cc_alloc_aligned(sizeof *domain, CC_NO_SHARING) : NULL;
    if (domain == NULL)
        return -ENOMEM;
    memset(domain, 0, sizeof *domain);
    domain->scheme = scheme_of(id);
    domain->processors = cc__pace_processors();
    int err = cc__cap_prepare(domain, opts->limbo_bytes_max);
    if (err == 0)
        err = cc__reclaimer_prepare(domain, opts);
    if (err == 0 && id == CC_SMR_DEBRA)
        err = cc__neutralize_prepare(domain, opts);
    if (err != 0) {
        cc_free(domain, sizeof *domain);
        return err;
    }
    domain->scheme_id = id;
    domain->id = cc__fetch_add_relaxed(&last_id, 1) + 1; /* only uniqueness matters */
    domain->stall_ns = opts->stall_ns;
    domain->on_stall = opts->on_stall;
    domain->on_stall_ctx = opts->on_stall_ctx;
    if (opts->name != NULL)
        strncpy(domain->name, opts->name, sizeof domain->name - 1);
    cc__store_relaxed(&domain->epoch, 1); /* nobody shares the domain yet */
    pthread_mutex_init(&domain->drain_lock, NULL);
    pthread_mutex_init(&domain->emergency_lock, NULL);
    cc__rec_init(&domain->emergency, domain);
    domain->emergency.emergency = true;
    cc__rec_init(&domain->drainer, domain);
    if (domain->scheme->open != NULL)
        err = domain->scheme->open(domain);
    if (err == 0 && (err = cc__reclaimer_start(domain)) != 0 && domain->scheme->close != NULL)
        domain->scheme->close(domain);
    if (err != 0) {
        cc_free(domain, sizeof *domain);
        return err;
    }
    cc__threads_lock();
    domain->next_domain = domains;
    domains = domain;
    cc__threads_unlock();
    *out = domain;
    return 0;
}

cc_domain_t *cc__domains_first(void)
{
    return domains;
}

static void unlist_locked(cc_domain_t *domain)
{
    cc_domain_t **link = &domains;
    while (*link != domain)
        link = &(*link)->next_domain;
    *link = domain->next_domain;
}

void cc__domain_hold(cc_domain_t *domain)
{
    cc__fetch_add_relaxed(&domain->structures, 1); /* only compared with 0, when nobody may be inside any more */
}

void cc__domain_release(cc_domain_t *domain)
{
    cc__fetch_add_relaxed(&domain->structures, (uint32_t)-1);
}

/* ---- the default domain */

static CC__ATOMIC(cc_domain_t *) default_domain;
static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static bool complained;

void cc__domain_default_lock(void)
{
    pthread_mutex_lock(&default_lock);
}

void cc__domain_default_unlock(void)
{
    pthread_mutex_unlock(&default_lock);
}

static int scheme_from_environment(cc_smr_scheme_t *out)
{
    const char *value = getenv("CC_SMR");
    *out = CC_SMR_DEFAULT;
    if (value == NULL)
        return 0;
    if (strcmp(value, "ibr") == 0)
        *out = CC_SMR_IBR;
    else if (strcmp(value, "debra") == 0)
        *out = CC_SMR_DEBRA;
    else if (strcmp(value, "epoch") == 0)
        *out = CC_SMR_EPOCH;
    else
        return -EINVAL;
    return 0;
}

/* Once. Writing is a cancellation point, and the lock is held. */
static void complain(void)
{
    if (complained)
        return;
    complained = true;
    int cancel = cc__cancel_hold();
    fprintf(stderr, "libcc: CC_SMR=%s: not a scheme that can be chosen (ibr, debra, epoch)\n", getenv("CC_SMR"));
    cc__cancel_allow(cancel);
}

static int make_default(cc_domain_t **out)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.name = "default";
    if (scheme_from_environment(&opts.scheme) != 0) {
        complain();
        return -EINVAL;
    }
    return cc_domain_create(&opts, out);
}

int cc__domain_resolve(cc_domain_t *given, cc_domain_t **out)
{
    if (given == NULL)
        given = cc__load_acquire(&default_domain); /* [default.get] pairs with [default.set]: it is initialized */
    int err = 0;
    if (given == NULL) {
        pthread_mutex_lock(&default_lock);
        given = cc__load_relaxed(&default_domain); /* written under the same lock */
        if (given == NULL && (err = make_default(&given)) == 0)
            cc__store_release(&default_domain, given); /* [default.set] pairs with [default.get]: it is initialized */
        pthread_mutex_unlock(&default_lock);
    }
    if (err == 0)
        *out = given;
    return err;
}

cc_domain_t *cc_domain_default(void)
{
    cc_domain_t *domain;
    return cc__domain_resolve(NULL, &domain) == 0 ? domain : NULL;
}

/* ---- destruction */

/* The snapshot names one who has. */
static bool guards_open(cc_domain_t *domain)
{
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) { /* nobody is inside */
        if (cc__load_relaxed(&rec->guards) != 0) {
            cc__stats_blame(domain, CC_STALL_GUARD, cc__load_relaxed(&rec->tid));
            return true;
        }
    }
    return false;
}

/* No reader is left, so everything goes; callbacks may retire more, hence again until nothing came. */
static void reclaim_everything(cc_domain_t *domain)
{
    cc__rec_t *drainer = &domain->drainer;
    do {
        cc__threads_lock(); /* a thread that used the domain earlier may just exit, and hand its limbo over */
        for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) {
            if (rec != drainer)
                CC_REQUIRE(cc__limbo_try_steal(rec, drainer), "cc_domain_destroy: another thread is inside a call");
        }
        cc__threads_unlock();
        cc__limbo_adopt(drainer);
        cc__limbo_release_all(drainer);
    } while (cc__limbo_free(drainer, SIZE_MAX) > 0);
}

int cc_domain_destroy(cc_domain_t *domain)
{
    if (domain == NULL || domain == cc__load_relaxed(&default_domain)) /* a pointer that is compared, not followed */
        return -EINVAL;
    if (cc__thread_self() == NULL)
        return -ENOMEM;
    if (cc__in_callback())
        return -EDEADLK;
    if (cc__load_relaxed(&domain->structures) != 0 || guards_open(domain)) /* the caller says that all is quiet */
        return -EBUSY;
    cc__reclaimer_stop(domain);
    reclaim_everything(domain);
    cc__threads_lock();
    cc__registry_forget_domain(domain);
    unlist_locked(domain);
    cc__threads_unlock();
    if (domain->scheme->close != NULL)
        domain->scheme->close(domain);
    cc__registry_free(domain);
    pthread_mutex_destroy(&domain->drain_lock);
    pthread_mutex_destroy(&domain->emergency_lock);
    cc_free(domain, sizeof *domain);
    return 0;
}

/* ---- threads */

int cc_thread_attach(cc_domain_t *domain)
{
    if (domain == NULL)
        return -EINVAL;
    return cc__rec(domain) != NULL ? 0 : -ENOMEM;
}

int cc_thread_detach(cc_domain_t *domain)
{
    if (domain == NULL)
        return -EINVAL;
    if (cc__in_callback())
        return -EDEADLK;
    cc__rec_t *rec = cc__registry_find(domain);
    if (rec == NULL)
        return 0;
    if (cc__frames_any_open(rec))
        return -EBUSY;
    cc__threads_lock();
    cc__registry_release(rec);
    cc__threads_unlock();
    return 0;
}
