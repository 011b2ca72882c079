/* Statistics: counters of each record, summed when somebody asks. */
#include "smr/stats.h"

#include "smr/cap.h"

#include <errno.h>
#include <string.h>

typedef struct {
    uint64_t retired, retired_bytes, reclaimed, reclaimed_bytes, leaked, scans, restarts, guards, fence_failures;
    uint64_t neutralized, signal_blocked;
    pid_t signal_blocked_thread;
} sums_t;

/* Relaxed throughout: each counter was true a moment ago. What is reclaimed is read before what is retired,
 * so that the difference cannot come out below zero by the order of reading. */
static sums_t sum_up(cc_domain_t *domain)
{
    sums_t sums = {0};
    /* [stats.recs] pairs with [registry.publish]: the record is initialized. */
    cc__rec_t *first = cc__load_acquire(&domain->recs);
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next) {
        sums.reclaimed += cc__load_relaxed(&rec->reclaimed);
        sums.reclaimed_bytes += cc__load_relaxed(&rec->reclaimed_bytes);
    }
    for (cc__rec_t *rec = first; rec != NULL; rec = rec->next) {
        sums.retired += cc__load_relaxed(&rec->retired);
        sums.retired_bytes += cc__load_relaxed(&rec->retired_bytes);
        sums.leaked += cc__load_relaxed(&rec->leaked);
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

static uint64_t difference(uint64_t more, uint64_t less)
{
    return more > less ? more - less : 0;
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
    sums_t sums = sum_up(round->domain);
    cc__stats_note_peak(round->domain, difference(sums.retired_bytes, sums.reclaimed_bytes));
    cc__stats_blame(round->domain, round->stall, round->stalled_thread);
}

int cc_smr_stats_snapshot(cc_domain_t *domain, cc_smr_snapshot_t *out)
{
    if (domain == NULL || out == NULL || out->size < sizeof *out)
        return -EINVAL;
    sums_t sums = sum_up(domain);
    uint64_t bytes = difference(sums.retired_bytes, sums.reclaimed_bytes);
    uint64_t stall = cc__load_relaxed(&domain->stall); /* statistics, here and below */
    *out = (cc_smr_snapshot_t){
        .size = out->size,
        .scheme = domain->scheme->name,
        .epoch = cc__load_relaxed(&domain->epoch),
        .retired = sums.retired,
        .reclaimed = sums.reclaimed,
        .limbo_count = difference(sums.retired, sums.reclaimed),
        .limbo_bytes = bytes,
        .limbo_bytes_peak = cc__stats_note_peak(domain, bytes),
        .scans = sums.scans,
        .restarts = sums.restarts,
        .orphans = cc__load_relaxed(&domain->orphan_objects),
        .leaked = sums.leaked,
        .threads = cc__load_relaxed(&domain->threads),
        .guards = sums.guards,
        .fence_failures = sums.fence_failures,
        .stall = (cc_smr_stall_t)(stall >> 32),
        .stalled_thread = (pid_t)(uint32_t)stall,
        .neutralize_sent = cc__load_relaxed(&domain->neutralize_sent),
        .neutralize_taken = sums.neutralized,
        .neutralize_proved = cc__load_relaxed(&domain->neutralize_proved),
        .signal_blocked = sums.signal_blocked,
        .signal_blocked_thread = sums.signal_blocked_thread,
        .neutralize = cc__load_relaxed(&domain->neutralize),
        .limbo_bytes_max = domain->cap == INT64_MAX ? 0 : (uint64_t)domain->cap,
        .refused = cc__load_relaxed(&domain->refused),
        .cap = cc__cap_says(domain),
    };
    return 0;
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
    default:
        return "unknown";
    }
}
