/* The stall watchdog.
 *
 * A round puts each entry that must wait down to one thread that holds it (cc__round_blame), and shows the sums in the
 * record that it was made for. Whoever asks what one thread pins adds up what all records show: it is as old as each
 * thread's last round.
 *
 * Since when? Nothing is written by a thread that begins an operation or enters a guard but what it writes anyway. A round
 * notes where it saw the thread: the epoch that its operation announced, or how often its guards and ranges have let go of what
 * they held. A later round that finds the same has found the same operation, if that epoch was over at the first look already,
 * for an operation that begins later announces a later one; and the same guard.
 *
 * Everything here is for reports: relaxed throughout, a stale value is one of a moment ago, and two rounds that note a thread
 * at once may count its time from either.
 *
 * Tests: watch_test, stats_test. */
#include "smr/watch.h"

#include "base/clock.h"
#include "base/proc.h"
#include "base/thread.h"
#include "smr/ages.h"

#include <string.h>

/* 0: where the thread stands cannot be told from where it may stand later. */
static uint64_t mark_of(const cc__rec_t *rec, cc_smr_stall_t why)
{
    uint64_t epoch = cc__load_relaxed(&rec->domain->epoch);
    if (why == CC_STALL_GUARD && rec->domain->scheme->slots) /* else it pins by what it announces */
        return cc__load_relaxed(&rec->moves) << 1 | 1;
    uint64_t at = cc__load_relaxed(&rec->lower);
    if (at == CC__IDLE) {
        at = cc__load_relaxed(&rec->announce);
        at = at == CC__QUIESCENT ? UINT64_MAX : at >> CC__EPOCH_SHIFT;
    }
    return at < epoch ? at << 1 : 0;
}

static void see(cc__rec_t *rec, cc_smr_stall_t why, int64_t now)
{
    uint64_t mark = mark_of(rec, why);
    if (mark == cc__load_relaxed(&rec->seen_at) && mark != 0)
        return;
    cc__store_relaxed(&rec->seen_since, now);
    cc__store_relaxed(&rec->seen_why, why);
    cc__store_relaxed(&rec->seen_at, mark);
}

void cc__watch_forget(cc__rec_t *rec)
{
    for (int i = 0; i < CC_PINNERS && cc__load_relaxed(&rec->shown[i].rec) != NULL; i++)
        cc__store_relaxed(&rec->shown[i].rec, NULL);
}

void cc__watch_reset(cc__rec_t *rec)
{
    cc__watch_forget(rec);
    cc__ages_clear(&rec->garbage_age);
    cc__store_relaxed(&rec->seen_at, 0);
    cc__store_relaxed(&rec->seen_since, 0);
}

void cc__watch_settle(cc__rec_t *rec, cc__round_t *round)
{
    cc__watch_forget(rec);
    if (round->pins[0].rec == NULL)
        return;
    round->now = cc__now_ns();
    for (int i = 0; i < CC_PINNERS && round->pins[i].rec != NULL; i++) {
        const cc__pin_t *pin = &round->pins[i];
        cc__store_relaxed(&rec->shown[i].objects, pin->objects);
        cc__store_relaxed(&rec->shown[i].bytes, pin->bytes);
        cc__store_relaxed(&rec->shown[i].rec, pin->rec);
        see(pin->rec, pin->why, round->now);
        if ((int64_t)pin->bytes > rec->domain->cap / 4 * 3)
            cc__fetch_add_relaxed(&rec->domain->cap_pinned, 1);
    }
}

void cc__watch_pinned(const cc__rec_t *by, uint64_t *objects, uint64_t *bytes)
{
    *objects = *bytes = 0;
    if (cc__load_relaxed(&by->seen_since) == 0) /* no round has ever found it in the way: most threads */
        return;
    /* [watch.recs] pairs with [registry.publish]: the record is initialized. */
    for (cc__rec_t *rec = cc__load_acquire(&by->domain->recs); rec != NULL; rec = rec->next) {
        for (int i = 0; i < CC_PINNERS && cc__load_relaxed(&rec->shown[i].rec) != NULL; i++) {
            if (cc__load_relaxed(&rec->shown[i].rec) != by)
                continue;
            *objects += cc__load_relaxed(&rec->shown[i].objects);
            *bytes += cc__load_relaxed(&rec->shown[i].bytes);
        }
    }
}

int64_t cc__watch_age(const cc__rec_t *rec, int64_t now)
{
    uint64_t at = cc__load_relaxed(&rec->seen_at);
    if (at == 0 || at != mark_of(rec, (cc_smr_stall_t)cc__load_relaxed(&rec->seen_why)))
        return 0;
    int64_t since = cc__load_relaxed(&rec->seen_since);
    return now > since ? now - since : 1;
}

void cc__thread_name(pid_t tid, char name[16])
{
    cc__proc_read(tid, "comm", name, 16);
    name[strcspn(name, "\n")] = 0;
}

static void report(cc_domain_t *domain, const cc__round_t *round, const cc__pin_t *pin, int64_t age)
{
    cc_smr_stall_info_t info = {
        .domain = domain,
        .stall = pin->why,
        .tid = cc__load_relaxed(&pin->rec->tid),
        .stalled_ns = age,
        .signalled = round->signalled,
    };
    cc__watch_pinned(pin->rec, &info.pinned_objects, &info.pinned_bytes);
    cc__thread_name(info.tid, info.name);
    cc__thread_t *t = cc__thread_peek();
    t->in_callback = true;
    domain->on_stall(&info, domain->on_stall_ctx);
    t->in_callback = false;
}

void cc__watch_report(cc__rec_t *rec, const cc__round_t *round)
{
    cc_domain_t *domain = rec->domain;
    if (domain->on_stall == NULL || rec->innermost != NULL || cc__thread_peek()->in_callback)
        return;
    for (int i = 0; i < CC_PINNERS && round->pins[i].rec != NULL; i++) {
        const cc__pin_t *pin = &round->pins[i];
        if (cc__load_relaxed(&pin->rec->seen_since) >= round->now) /* seen for the first time */
            continue;
        int64_t age = cc__watch_age(pin->rec, round->now);
        uint64_t at = cc__load_relaxed(&pin->rec->seen_at), told = cc__load_relaxed(&pin->rec->told_at);
        /* The exchange decides who tells, if several rounds see it at once. */
        if (age != 0 && age >= domain->stall_ns && told != at && cc__cas_relaxed(&pin->rec->told_at, &told, at))
            report(domain, round, pin, age);
    }
}
