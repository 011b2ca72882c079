/* The memory cap: how much of what is retired may wait before calls that add are refused.
 *
 * A record tells the domain what waits of its own when that has changed by a grain G = min(cap / 256, 16 KiB); so a call
 * on the fast path reads one word that rarely changes. The cap is looked at before a call begins: nothing is half done when
 * it is refused. Pressure comes in steps:
 *
 *     cap / 2       rounds come after an eighth of the usual number of retirements
 *     7 cap / 8     they also insist (DEBRA+: signals at once), and a call frees four times as many objects
 *     cap           insert, put, replace and push first make an effort: one drain over all threads that waits for nobody,
 *                   CC_CAP_FREES objects freed at most. Then -ENOSPC. A vain effort is not repeated for a while
 *
 * Slack. Let n be the number of threads, C the most that one call retires (maps: a value and a node or two, or, in
 * skip lists, the blocks that it exchanges: one, and three with an entry of the index when it splits or merges one; a
 * segment of a fifo), L what the removal of all that is in the domain's structures when the cap is reached retires:
 * their bytes, but in skip lists a block per entry (uint64 keys: 1 KiB), and three per block, of 30 entries or so,
 * that is merged. What waits never exceeds
 *
 *     cap + n * (G + C) + L
 *
 * n * G that the domain has not been told of, n * C in calls admitted before, and L because what is there may be removed:
 * get, remove, pop, and the help that threads give each other are exempt, or a full domain could never get empty. What the
 * user retires by cc_retire from structures of his own is never refused, and comes on top.
 *
 * The formula does not depend on the scheme; what does is how long calls are refused. Under IBR and DEBRA+ a thread that
 * sleeps pins a bounded amount, so with a cap above that (IBR: the live set) and n rounds' worth of garbage, writers go on
 * for ever. Under epochs one sleeping reader pins all that is retired: the cap is kept by refusing every writer until it
 * wakes. The snapshot says so.
 *
 * Broken if: reclaimed bytes are not told, an exempt call asks, a call that adds does not. Tests: cap_test, fault/cap, the
 * model's clients cap-*. */
#include "smr/cap.h"

#include "base/clock.h"
#include "smr/drain.h"
#include "smr/reclaimer.h"
#include "smr/registry.h"
#include "smr/stats.h"

#include <sched.h>

enum { PAUSE = CC__SECOND / 1000 }; /* ns without another effort after a vain one, at least */

int cc__cap_prepare(cc_domain_t *domain, uint64_t bytes)
{
    domain->cap = domain->cap_grain = INT64_MAX;
    if (bytes == 0)
        return 0;
    if (!domain->scheme->reclaims || bytes > INT64_MAX)
        return -EINVAL;
    domain->cap = (int64_t)bytes;
    domain->cap_grain = domain->cap / 256 < CC_CAP_GRAIN ? domain->cap / 256 + 1 : CC_CAP_GRAIN;
    return 0;
}

void cc__cap_tell(cc__rec_t *rec)
{
    int64_t own = cc__cap_own(rec);
    if (rec->domain->cap == INT64_MAX)
        return;
    int64_t all = cc__fetch_add_relaxed(&rec->domain->told, own - rec->told) + own - rec->told;
    rec->told = own;
    if (all >= rec->domain->cap / 2)
        rec->look_at = 0; /* rounds come sooner from here on */
    cc__stats_note_peak(rec->domain, all > 0 ? (uint64_t)all : 0);
}

void cc__cap_inherit(cc_domain_t *domain)
{
    int64_t told = 0;
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) { /* one thread is left */
        rec->told = cc__cap_own(rec);
        told += rec->told;
    }
    cc__store_relaxed(&domain->told, told);
}

/* Nobody waits here, and no callback runs where it must not. */
static void reclaim_some(cc__rec_t *rec)
{
    if (!cc__reclaims_inline(rec->domain)) {
        if (cc__reclaimer_wake(rec->domain))
            sched_yield();
        return;
    }
    if (rec->innermost == NULL && cc__drain_try(rec->domain, CC_CAP_FREES, true, NULL))
        return;
    for (int round = 0; round < rec->domain->scheme->rounds; round++) {
        cc__limbo_scan(rec);
        cc__limbo_free(rec, CC_CAP_FREES);
    }
}

/* Long efforts are repeated after longer pauses, so that refusing stays cheap. */
static void make_effort(cc__rec_t *rec)
{
    cc_domain_t *domain = rec->domain;
    int64_t begin = cc__now_ns();
    if (begin < cc__load_relaxed(&domain->cap_pause)) /* stale: one effort more or less */
        return;
    reclaim_some(rec);
    cc__cap_tell(rec);
    if (cc__cap_beyond(domain, domain->cap)) {
        int64_t end = cc__now_ns();
        cc__store_relaxed(&domain->cap_pause, end + 8 * (end - begin) + PAUSE);
    }
}

__attribute__((cold, noinline)) bool cc__cap_make_room(cc__rec_t *rec)
{
    cc_domain_t *domain = rec->domain;
    if (!rec->emergency && !cc__in_callback())
        make_effort(rec);
    if (!cc__cap_beyond(domain, domain->cap))
        return true;
    cc__fetch_add_relaxed(&domain->refused, 1); /* a statistic */
    return false;
}

const char *cc__cap_says(const cc_domain_t *domain)
{
    if (domain->cap == INT64_MAX)
        return NULL;
    return domain->scheme->slots ? "kept, and a thread that sleeps pins a bounded part of it"
                                 : "kept by refusing: one thread that sleeps stops all that add until it goes on";
}
