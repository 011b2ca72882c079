/* Statistics: counters of each record, summed when somebody asks. */
#include "smr/stats.h"

#include "base/clock.h"
#include "smr/ages.h"
#include "smr/cap.h"
#include "smr/watch.h"

#include <errno.h>
#include <string.h>

typedef struct {
    uint64_t retired, retired_bytes, reclaimed, reclaimed_bytes, leaked, scans, restarts, guards, fence_failures;
    uint64_t neutralized, signal_blocked;
    pid_t signal_blocked_thread;
} sums_t;

static uint64_t difference(uint64_t more, uint64_t less)
{
    return more > less ? more - less : 0;
}

/* Relaxed throughout: each counter was true a moment ago. What is reclaimed or given up is read before what is retired, so that the
 * difference cannot come out below zero by the order of reading. */
static sums_t sum_up(cc_domain_t *domain)
{
    sums_t sums = {0};
    /* [stats.recs] pairs with [registry.publish]: the record is initialized; here and below. */
    cc__rec_t *first = cc__load_acquire(&domain->recs);
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next) {
        sums.reclaimed += cc__load_relaxed(&rec->reclaimed);
        sums.reclaimed_bytes += cc__load_relaxed(&rec->reclaimed_bytes);
        sums.leaked += cc__load_relaxed(&rec->leaked);
    }
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next) {
        sums.retired += cc__load_relaxed(&rec->retired);
        sums.retired_bytes += cc__load_relaxed(&rec->retired_bytes);
        sums.scans += cc__load_relaxed(&rec->scans);
        sums.restarts += cc__load_relaxed(&rec->restarts);
        sums.guards += cc__load_relaxed(&rec->guards);
        sums.fence_failures += cc__load_relaxed(&rec->fence_failures);
        sums.neutralized += cc__load_relaxed(&rec->neutralized);
        pid_t tid = cc__load_relaxed(&rec->tid);
        if (tid != 0 && cc__load_relaxed(&rec->signal_blocked)) {
            sums.signal_blocked++;
            sums.signal_blocked_thread = tid;
        }
    }
    return sums;
}

/* That wait at one moment, at least: the other order. Whoever loses the processor in between would else take for waiting
 * what comes and goes meanwhile. */
static uint64_t sure_bytes(cc_domain_t *domain)
{
    uint64_t retired = 0, reclaimed = 0;
    cc__rec_t *first = cc__load_acquire(&domain->recs); /* [stats.recs] */
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next)
        retired += cc__load_relaxed(&rec->retired_bytes);
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next)
        reclaimed += cc__load_relaxed(&rec->reclaimed_bytes);
    return difference(retired, reclaimed);
}

uint64_t cc__stats_note_peak(cc_domain_t *domain, uint64_t bytes)
{
    uint64_t peak = cc__load_relaxed(&domain->limbo_bytes_peak); /* a statistic, here and below */
    while (peak < bytes && !cc__cas_relaxed(&domain->limbo_bytes_peak, &peak, bytes)) {
    }
    return peak > bytes ? peak : bytes;
}

void cc__stats_blame(cc_domain_t *domain, cc_smr_stall_t why, pid_t tid)
{
    cc__store_relaxed(&domain->stall, (uint64_t)why << 32 | (uint32_t)tid); /* one word, so that both fit together */
}

void cc__stats_note_round(const cc__round_t *round)
{
    cc__stats_note_peak(round->domain, sure_bytes(round->domain));
    cc__stats_blame(round->domain, round->stall, round->stalled_thread);
}

/* ---- times */

static void sum_ages(cc_domain_t *domain, cc_smr_snapshot_t *out)
{
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) { /* [stats.recs] */
        for (int i = 0; i < CC_SMR_BUCKETS; i++) {
            out->reclaim_time[i] += cc__load_relaxed(&rec->reclaim_time.bucket[i]);
            out->garbage_age[i] += cc__load_relaxed(&rec->garbage_age.bucket[i]);
        }
    }
}

static void add_times(cc_domain_t *domain, cc_smr_snapshot_t *out)
{
    sum_ages(domain, out);
    out->reclaim_ns_p50 = cc__ages_percentile(out->reclaim_time, 50);
    out->reclaim_ns_p99 = cc__ages_percentile(out->reclaim_time, 99);
    out->reclaim_ns_max = cc__ages_percentile(out->reclaim_time, 100);
    out->age_ns_p50 = cc__ages_percentile(out->garbage_age, 50);
    out->age_ns_p99 = cc__ages_percentile(out->garbage_age, 99);
    out->age_ns_max = cc__ages_percentile(out->garbage_age, 100);
}

/* ---- who is in the way */

static void add_stall(cc_domain_t *domain, cc_smr_snapshot_t *out)
{
    uint64_t stall = cc__load_relaxed(&domain->stall); /* statistics, here and below */
    out->stall = (cc_smr_stall_t)(stall >> 32);
    out->stalled_thread = (pid_t)(uint32_t)stall;
    if (out->stalled_thread == 0)
        return;
    cc__thread_name(out->stalled_thread, out->stalled_name);
    cc__rec_t *rec = cc__load_acquire(&domain->recs); /* [stats.recs] */
    while (rec != NULL && cc__load_relaxed(&rec->tid) != out->stalled_thread)
        rec = rec->next;
    if (rec == NULL)
        return;
    cc__watch_pinned(rec, &out->stalled_objects, &out->stalled_bytes);
    out->stalled_ns = (uint64_t)cc__watch_age(rec, cc__now_ns());
}

int cc_smr_stats_snapshot(cc_domain_t *domain, cc_smr_snapshot_t *out)
{
    if (domain == NULL || out == NULL || out->size < sizeof *out)
        return -EINVAL;
    sums_t sums = sum_up(domain);
    uint64_t bytes = difference(sums.retired_bytes, sums.reclaimed_bytes);
    uint64_t peak = cc__stats_note_peak(domain, sure_bytes(domain));
    *out = (cc_smr_snapshot_t){
        .size = out->size,
        .scheme = domain->scheme->name,
        .name = domain->name,
        .neutralize = cc__load_relaxed(&domain->neutralize),
        .cap = cc__cap_says(domain),
        .signal_blocked_thread = sums.signal_blocked_thread,
        .epoch = cc__load_relaxed(&domain->epoch),
        .retired = sums.retired,
        .reclaimed = sums.reclaimed,
        .limbo_count = difference(sums.retired, sums.reclaimed + sums.leaked),
        .limbo_bytes = bytes < peak ? bytes : peak,
        .limbo_bytes_peak = peak,
        .limbo_bytes_max = domain->cap == INT64_MAX ? 0 : (uint64_t)domain->cap,
        .refused = cc__load_relaxed(&domain->refused),
        .scans = sums.scans,
        .restarts = sums.restarts,
        .orphans = cc__load_relaxed(&domain->orphan_objects),
        .leaked = sums.leaked,
        .threads = cc__load_relaxed(&domain->threads),
        .guards = sums.guards,
        .fence_failures = sums.fence_failures,
        .neutralize_sent = cc__load_relaxed(&domain->neutralize_sent),
        .neutralize_taken = sums.neutralized,
        .neutralize_proved = cc__load_relaxed(&domain->neutralize_proved),
        .signal_blocked = sums.signal_blocked,
        .cap_pinned = cc__load_relaxed(&domain->cap_pinned),
    };
    add_times(domain, out);
    add_stall(domain, out);
    return 0;
}

static cc_smr_thread_t look_at(const cc__rec_t *rec, pid_t tid, int64_t now)
{
    cc_smr_thread_t thread = {
        .tid = tid,
        .retired = cc__load_relaxed(&rec->retired),
        .reclaimed = cc__load_relaxed(&rec->reclaimed),
        .scans = cc__load_relaxed(&rec->scans),
        .restarts = cc__load_relaxed(&rec->restarts),
        .guards = cc__load_relaxed(&rec->guards),
        .stalled_ns = cc__watch_age(rec, now),
        .signal_blocked = cc__load_relaxed(&rec->signal_blocked) != 0,
    };
    cc__watch_pinned(rec, &thread.pinned_objects, &thread.pinned_bytes);
    if (thread.pinned_objects != 0)
        thread.stall = (cc_smr_stall_t)cc__load_relaxed(&rec->seen_why);
    cc__thread_name(tid, thread.name);
    return thread;
}

int64_t cc_smr_stats_threads(cc_domain_t *domain, cc_smr_visit_fn *visit, void *ctx)
{
    if (domain == NULL || visit == NULL)
        return -EINVAL;
    int64_t visited = 0, now = cc__now_ns();
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) { /* [stats.recs] */
        pid_t tid = cc__load_relaxed(&rec->tid);                                           /* a statistic */
        if (tid == 0 || rec == &domain->drainer)
            continue;
        visited++;
        cc_smr_thread_t thread = look_at(rec, tid, now);
        if (!visit(&thread, ctx))
            break;
    }
    return visited;
}

const char *cc_smr_stall_name(cc_smr_stall_t stall)
{
    switch (stall) {
    case CC_STALL_NONE:
        return "none";
    case CC_STALL_OPERATION:
        return "operation";
    case CC_STALL_GUARD:
        return "guard";
    case CC_STALL_CALLBACK:
        return "callback";
    case CC_STALL_OWNER:
        return "owner";
    case CC_STALL_FENCE:
        return "fence";
    case CC_STALL_GRACE:
        return "grace";
    default:
        return "unknown";
    }
}
