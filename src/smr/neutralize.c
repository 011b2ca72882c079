/* Neutralization: a thread that holds the epoch up is thrown out of its SEARCH, so that it holds nothing but its slots.
 *
 * The kernel gives a signal to its target some time after it was sent: until then the target goes on reading. So sending
 * proves nothing, and a round counts a thread as quiescent on evidence only, which is one of these:
 *
 *   its announcement   says quiescent, or the present epoch. The handler stores that before it throws the thread back, so
 *                      this is also how a thread acknowledges.
 *   the kernel's word  (strong mode) after our signal was sent, the thread's status shows it pending and not blocked;
 *                      then a membarrier. It interrupts every processor that runs this process, and a processor that
 *                      returns to a thread with a pending signal goes to the handler first. A thread that was not
 *                      running meets the handler when it wakes. Either way no further instruction of the SEARCH that it
 *                      stands in is executed, and its slots are visible.
 *
 * The kernel's word would be wrong if the thread could run on without the handler throwing it back:
 *   - code of SEARCH outside its section: tools/check-search; while a comparator of the user can run, the announcement
 *     says so (CC__FOREIGN) and only an acknowledgement counts; builds without optimization or with a sanitizer, which
 *     calls its own functions, have no strong mode
 *   - another disposition of the signal: looked at in every round; changing it meanwhile is what the contract forbids
 *   - a handler of the application on top of the SEARCH: ours finds that the program counter is elsewhere, blocks the
 *     signal in what it interrupted and sends it again, so that it waits until the kernel restores the mask of the
 *     SEARCH. That mask is the thread's own, since a SEARCH makes no system call; if it blocks the signal, or if the
 *     application's handler does, the status shows that and there is no evidence. A handler that opens the signal on top of a
 *     SEARCH that blocks it would hide that: a thread that blocked it when it attached is never judged by the kernel's word;
 *     to block it later and open it in a handler is what the contract forbids, and so is waiting for it there.
 *
 * How long the word holds: as long as the thread's announcement stays what it was. Until it has taken the handler, which
 * changes that, the thread executes nothing of the SEARCH, whatever it does elsewhere; and when it announces again, it has read
 * an epoch behind the membarrier, so not one before the round's, and the announcement was from before that: the same one
 * never comes again, from whatever owner of the record. So a later round need not ask about a thread that has not run
 * since (rec->vouched), be it stopped for good, or one of many that wait for a processor.
 *
 * Nothing else outlives its round: the next one sends anew. A thread that cannot be proved quiescent is simply in the way
 * this time; nobody spins and nobody waits. A thread that uses the domain's record of last resort has no checkpoint and
 * is always waited for.
 *
 * Suspicion. Most threads that are behind finish by themselves, so a round sends signals only when the garbage of its own
 * thread has reached CC_SUSPECT_ENTRIES or CC_SUSPECT_BYTES (less in a crowd). A thread that was thrown back k times without finishing gets
 * 2^k times as much room, up to 2^CC_PATIENCE_MAX, so that a long SEARCH ends even among impatient writers. A drain, which
 * somebody waits for, sends at once, and then to such a thread in one of 2^k rounds.
 *
 * Tests: fault/neutralize, the model's clients with signals. */
#include "smr/neutralize.h"

#include "base/fence.h"
#include "smr/epoch_round.h"
#include "smr/signal.h"

#include <errno.h>
#include <signal.h>

enum { REALTIME_LEAST = 32 };

static const char strong_mode[] = "strong";

/* ---- at creation */

/* Not those that a fault raises. Not those that stop and continue a process: each takes pending ones of the other kind away. Not
 * real-time ones: each that is sent takes a place in a queue, and is refused when that is full. */
static bool can_carry(int number)
{
    static const int never[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,  SIGFPE,  SIGILL, SIGTRAP,
                                SIGSYS,  SIGABRT, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (number == never[i])
            return false;
    }
    return number > 0 && number < REALTIME_LEAST;
}

static const char *mode_of(cc_neutralize_t wanted)
{
    if (wanted == CC_NEUTRALIZE_ACK)
        return "acknowledgement: as asked for";
    if (!CC__CHECKPOINT_NATIVE)
        return "acknowledgement: a sanitizer, or an unknown processor";
#if !defined(__OPTIMIZE__) || defined(CC_SEARCH_CALLS_OUT)
    return "acknowledgement: built without optimization, or with calls at each access";
#endif
    if (!cc__fence_is_asymmetric())
        return "acknowledgement: no membarrier";
    if (!cc__signal_can_tell())
        return "acknowledgement: no /proc";
    return strong_mode;
}

int cc__neutralize_prepare(cc_domain_t *domain, const cc_domain_opts_t *opts)
{
    domain->signal = opts->signal != 0 ? opts->signal : SIGURG;
    if (!can_carry(domain->signal) || (unsigned)opts->neutralize > CC_NEUTRALIZE_ACK)
        return -EINVAL;
    cc__store_relaxed(&domain->neutralize, mode_of(opts->neutralize)); /* nobody shares the domain yet */
    return cc__signal_install(domain->signal);
}

/* ---- a round */

static bool strong(const cc_domain_t *domain)
{
    return cc__load_relaxed(&domain->neutralize) == strong_mode; /* changes once, and then this round sees it */
}

static unsigned patience(const cc__rec_t *target)
{
    uint32_t thrown = cc__load_relaxed(&target->disturbed) & CC__THROWN; /* stale: a little more or less patience */
    return thrown < CC_PATIENCE_MAX ? thrown : CC_PATIENCE_MAX;
}

static bool suspect(const cc__round_t *round, const cc__rec_t *target)
{
    unsigned k = patience(target);
    if (round->insistent)
        return (round->number & ((1u << k) - 1)) == 0;
    return round->waiting_count >> k >= CC_SUSPECT_ENTRIES ||
           round->waiting_bytes >> k >= (uint64_t)CC_SUSPECT_BYTES >> round->haste;
}

/* True: all that are in the way have been sent the signal. */
static bool send_all(cc__round_t *round, uint64_t epoch)
{
    cc_domain_t *domain = round->domain;
    bool all = true;
    /* [neutralize.recs] pairs with [registry.publish]: the record is initialized; here and below. */
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) {
        if (!cc__epoch_lags(rec, epoch))
            continue;
        /* Stale: another thread of ours takes a signal for nothing. cc__epoch_lags acquired what the record's present
         * owner did before it announced. */
        pid_t tid = cc__load_relaxed(&rec->tid);
        if (rec->emergency || tid == 0 || !suspect(round, rec)) {
            all = false;
            continue;
        }
        cc__fetch_add_relaxed(&domain->neutralize_sent, 1); /* a statistic */
        round->signalled = true;
        cc__signal_send(tid, domain->signal);
    }
    return all;
}

/* A thread that blocks the signal has it open only in a handler of the application, on top of a SEARCH whose mask the status
 * then does not show. */
static bool goes_by_word(const cc__rec_t *rec)
{
    return strong(rec->domain) && !cc__load_relaxed(&rec->signal_blocked); /* of the owner who announced */
}

/* The kernel's word about the thread that is in the way, if it is the same one before and after. */
static bool proved(cc__round_t *round, cc__rec_t *rec, uint64_t epoch)
{
    const cc_domain_t *domain = round->domain;
    pid_t tid = cc__load_relaxed(&rec->tid); /* looked at again below, behind the acquire of the announcement */
    if (!cc__signal_awaits(tid, domain->signal))
        return false;
    /* [epoch.scan] pairs with [debra.announce]: whose announcement this is. */
    uint64_t announce = cc__load_acquire(&rec->announce);
    if ((announce & CC__FOREIGN) != 0 || cc__load_relaxed(&rec->tid) != tid || !cc__epoch_precedes(announce, epoch) ||
        !goes_by_word(rec))
        return false;
    if (round->word_count < CC__ROUND_VOUCHED)
        round->words[round->word_count++] = (cc__vouched_t){rec, announce};
    return true;
}

/* After the membarrier. */
static void remember(const cc__round_t *round)
{
    for (uint32_t i = 0; i < round->word_count; i++) {
        /* [neutralize.vouch] pairs with [epoch.vouched]: the membarrier, and the slots that it made visible. */
        cc__store_release(&round->words[i].rec->vouched, round->words[i].announce);
    }
}

bool cc__neutralize(cc__round_t *round, uint64_t epoch)
{
    cc_domain_t *domain = round->domain;
    if (!cc__signal_is_ours(domain->signal)) {
        cc__store_relaxed(&domain->neutralize, "none: the handler of the domain's signal was replaced"); /* a report */
        return false;
    }
    if (!send_all(round, epoch))
        return false;
    uint64_t by_kernel = 0;
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) { /* [neutralize.recs] */
        if (!cc__epoch_lags(rec, epoch))
            continue;
        if (proved(round, rec, epoch))
            by_kernel++;
        else if (cc__epoch_lags(rec, epoch))
            return false;
    }
    if (by_kernel == 0)
        return true;
    cc__fetch_add_relaxed(&domain->neutralize_proved, by_kernel); /* a statistic */
    /* [neutralize.fence] pairs with [debra.announced]: no target reads on, and all its slots are visible. */
    bool fenced = cc__fence_heavy();
    if (fenced)
        remember(round);
    return fenced;
}

/* ---- on the target */

cc__verdict_t cc__neutralize_taken(cc__rec_t *rec, bool in_search)
{
    if (cc__load_relaxed(&rec->announce) == CC__QUIESCENT) /* our own store, here and below */
        return CC__STAY;
    uint32_t disturbed = cc__load_relaxed(&rec->disturbed);
    if (!in_search) {
        if (!goes_by_word(rec))
            return CC__STAY; /* it sends again */
        cc__store_relaxed(&rec->disturbed, disturbed | CC__DEFERRED);
        return CC__DEFER;
    }
    if ((disturbed & CC__THROWN) < CC__THROWN)
        cc__store_relaxed(&rec->disturbed, disturbed + 1);
    cc__counter_add(&rec->neutralized, 1);
    /* [debra.acknowledge] pairs with [epoch.scan]: what was read is not used any more. */
    cc__store_release(&rec->announce, CC__QUIESCENT);
    return CC__RESTART;
}

/* The thread is quiescent, so what was deferred does nothing when it is taken now. */
void cc__neutralize_settle(cc__rec_t *rec)
{
    bool deferred = (cc__load_relaxed(&rec->disturbed) & CC__DEFERRED) != 0; /* our own store */
    cc__store_relaxed(&rec->disturbed, 0);
    if (deferred) /* the handler ran, so the signal was not blocked before */
        cc__signal_unblock(rec->domain->signal);
}
