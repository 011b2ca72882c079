/* Interval-based reclamation: the scanner. The argument is in ibr.h and docs/smr-ibr.md.
 *
 * Why a node that passes may_free is held by nobody. It was unlinked before the round's heavy fence (it is in
 * hand). Take an operation whose light fence came after: by the fence rule its reads see the unlink, so the
 * read rule never leads it to the node. Take one whose last light fence came before: its reservation [lower,
 * upper] as of that fence is seen here. If it holds the node, it read a link to it while the node was linked:
 * the epoch it had announced as upper was not older than the node's birth, and it began before the retirement
 * was stamped, so lower <= stamp: the intervals meet, and the node is kept.
 *
 * Bound: a thread asleep inside an operation with [l, u] keeps nodes that were born up to u and not retired
 * before l: the live set at the stall, and what was allocated within the epoch u. Nothing born later.
 *
 * Broken if: upper is read before lower, the fence follows the look, a mark is stepped over (the read rule).
 * Tests: the model's clients read-rule and blocks-anchor (the schedule), fault/stall_test (the bound), fault/step_stall (the bound,
 * wherever a thread stands), stress_map. */
#include "alloc/backend.h"
#include "base/fence.h"
#include "smr/round.h"

#include <string.h>

/* Room for one more interval. Without memory the last two are joined: a wider interval keeps more, never
 * less. */
static void add(cc__round_t *round, cc__interval_t interval)
{
    if (round->interval_count == round->interval_cap) {
        size_t cap = round->interval_cap * 2;
        cc__interval_t *wider = cc__backend_alloc(cap * sizeof *wider);
        if (wider == NULL) {
            cc__interval_t *last = &round->intervals[round->interval_count - 1];
            last->lower = last->lower < interval.lower ? last->lower : interval.lower;
            last->upper = last->upper > interval.upper ? last->upper : interval.upper;
            return;
        }
        memcpy(wider, round->intervals, round->interval_count * sizeof *wider);
        if (round->intervals != round->interval_local)
            cc__backend_free(round->intervals);
        round->intervals = wider;
        round->interval_cap = cap;
    }
    round->intervals[round->interval_count++] = interval;
}

static bool round_begin(cc__round_t *round)
{
    cc_domain_t *domain = round->domain;
    round->intervals = round->interval_local;
    round->interval_cap = CC__ROUND_LOCAL;
    if (!cc__fence_heavy()) /* [ibr.look] pairs with [ibr.reserved, ibr.raised, guard.hold]: seen, or they see the unlinks */
        return false;
    /* [ibr.stamp] pairs with [ibr.tick]: not older than any epoch in which an entry was reached, see limbo.c. */
    round->epoch = cc__load_acquire(&domain->epoch);
    /* [ibr.recs] pairs with [registry.publish]: the record is initialized. */
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) {
        cc__interval_t interval;
        /* [ibr.scan] pairs with [ibr.reserve, ibr.raise, ibr.release]: what the operation before read, it has read. */
        interval.lower = cc__load_acquire(&rec->lower);
        interval.upper = cc__load_acquire(&rec->upper);
        interval.rec = rec;
        /* One of them idle: the thread stands in begin or end, perhaps for ever. It reads nothing any more, or its light
         * fence is still to come, and then it sees the unlinks. */
        if (interval.lower != CC__IDLE && interval.upper != CC__IDLE)
            add(round, interval);
    }
    cc__slots_collect(&round->slots, domain);
    return true;
}

static bool meets(cc__round_t *round, uint64_t birth, uint64_t retirement)
{
    for (size_t i = 0; i < round->interval_count; i++) {
        const cc__interval_t *interval = &round->intervals[i];
        if (interval->upper >= birth && interval->lower <= retirement) {
            cc__round_blame(round, CC_STALL_OPERATION, interval->rec);
            return true;
        }
    }
    return false;
}

static bool may_free(cc__round_t *round, const cc__block_t *block, const cc__entry_t *entry)
{
    if (!cc__entry_is_object(entry))
        return !meets(round, entry->u.birth, block->stamp);
    cc__rec_t *holder = cc__slots_holder(&round->slots, entry->ptr);
    if (holder == NULL)
        return true;
    cc__round_blame(round, CC_STALL_GUARD, holder);
    return false;
}

const cc__scheme_t cc__scheme_ibr = {
    .name = "ibr",
    .ticks = true,
    .slots = true,
    .reclaims = true,
    .rounds = 1,
    .round_begin = round_begin,
    .may_free = may_free,
};
