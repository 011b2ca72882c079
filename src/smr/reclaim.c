/* From waiting to reclaimed: rounds that sort a record's limbo, and the frees and callbacks that follow.
 *
 * A round moves nothing: it sorts each block so that its first `waiting` entries are those that somebody may
 * still hold. What lies behind them is freed a few at a time, at the end of later calls, so that no single
 * call pays for a whole round; survivors of nearly empty blocks are merged.
 *
 * Frees and callbacks run outside every operation and outside the owner lock, never inside another callback;
 * while the thread has a guard open only plain frees run, and callbacks go to the orphans, for a thread that
 * has none. */
#include "base/clock.h"
#include "smr/ages.h"
#include "smr/block.h"
#include "smr/cap.h"
#include "smr/limbo.h"
#include "smr/orphans.h"
#include "smr/owner_lock.h"
#include "smr/pace.h"
#include "smr/reclaimer.h"
#include "smr/registry.h"
#include "smr/round.h"
#include "smr/stats.h"
#include "smr/stock.h"
#include "smr/watch.h"

#include "cc/alloc.h"

enum { BATCH = 16, HURRY = 32768 / CC__CREDIT_UNIT };

/* While a drain looks for what is old only the drainer adopts, or an old orphan could move to a record that it has already
 * visited. `draining` is ordered like `wanted`: if we miss it, the drainer sees us busy and waits for us. The drainer adopts by
 * itself, and nothing that is new, or its drain might never end. */
static void adopt_if_free(cc__rec_t *rec)
{
    cc_domain_t *domain = rec->domain;
    if (rec->innermost == NULL && cc__load_relaxed(&domain->draining) == 0 && rec != &domain->drainer)
        cc__limbo_adopt(rec);
}

/* Puts what must wait down to who holds it; the first few threads have a place. */
static void put_down(cc__round_t *round, const cc__entry_t *entry)
{
    cc__pin_t *pin = round->pins;
    if (round->holder == NULL)
        return;
    while (pin < round->pins + CC_PINNERS && pin->rec != NULL && (pin->rec != round->holder || pin->why != round->why))
        pin++;
    if (pin == round->pins + CC_PINNERS)
        return;
    pin->rec = round->holder;
    pin->why = round->why;
    pin->objects++;
    pin->bytes += cc__entry_size(entry);
}

/* Sorts a block's waiting entries: those that must wait on go to the front. */
static void judge_block(cc__round_t *round, cc__block_t *block)
{
    const cc__scheme_t *scheme = round->domain->scheme;
    uint32_t keep = 0;
    if (block->stamp == CC__UNSTAMPED)
        block->stamp = round->epoch;
    for (uint32_t i = 0; i < block->waiting; i++) {
        if (scheme->may_free(round, block, &block->entries[i]))
            continue;
        put_down(round, &block->entries[i]);
        cc__entry_t entry = block->entries[keep];
        block->entries[keep++] = block->entries[i];
        block->entries[i] = entry;
    }
    block->waiting = keep;
}

static void judge_all(cc__rec_t *rec, cc__round_t *round)
{
    cc__block_t *lists[] = {rec->waiting, rec->ready};
    int64_t now = cc__now_ns();
    uint64_t ready = 0, left[CC_SMR_BUCKETS] = {0};
    rec->waiting = rec->ready = rec->merge = NULL;
    rec->waiting_count = rec->waiting_bytes = 0;
    for (int i = 0; i < 2; i++) {
        for (cc__block_t *b = lists[i]; b != NULL; b = b->next) {
            judge_block(round, b);
            left[cc__ages_bucket(now - b->opened)] += b->waiting;
            ready += b->count - b->waiting;
        }
        cc__limbo_take_in(rec, lists[i]);
    }
    cc__ages_set(&rec->garbage_age, left);
    rec->hurry = (uint32_t)(ready / HURRY < CC__CREDIT_FULL ? ready / HURRY : CC__CREDIT_FULL);
}

/* The next round comes when CC_SCAN_ENTRIES and a quarter of what this one had to leave have been added: a reader that
 * pins R objects costs O(1) per retirement, and this thread never lets more than 1.25 R + CC_SCAN_ENTRIES wait (bytes
 * likewise). If the epoch moved, what is left is perhaps only too young, and the quarter is left out. */
static void set_thresholds(cc__rec_t *rec, bool moved)
{
    rec->left_count = rec->waiting_count;
    rec->left_bytes = rec->waiting_bytes;
    rec->scan_at_count = rec->waiting_count + (moved ? 0 : rec->waiting_count / 4) + CC_SCAN_ENTRIES;
    rec->haste = cc__pace_haste(rec->domain);
    rec->scan_at_bytes = rec->waiting_bytes + (moved ? 0 : rec->waiting_bytes / 4) + (CC_SCAN_BYTES >> rec->haste);
    rec->look_at = 0;
}

/* Half of the cap is used up: an eighth of what usually starts a round does, and a sixteenth of what is left. */
static bool due_under_pressure(const cc__rec_t *rec)
{
    uint64_t bytes = rec->domain->cap < CC_SCAN_BYTES ? (uint64_t)rec->domain->cap : CC_SCAN_BYTES;
    return rec->waiting_count > rec->left_count + rec->left_count / 16 + CC_SCAN_ENTRIES / 8 ||
           rec->waiting_bytes > rec->left_bytes + rec->left_bytes / 16 + bytes / 8;
}

static bool round_is_due(const cc__rec_t *rec)
{
    if (rec->domain->scheme->foreign && rec->pins != 0)
        return false;
    return cc__limbo_crowded(rec) || (cc__cap_beyond(rec->domain, rec->domain->cap / 2) && due_under_pressure(rec));
}

static bool near_the_cap(const cc_domain_t *domain)
{
    return cc__cap_beyond(domain, domain->cap - domain->cap / 8);
}

void cc__limbo_scan(cc__rec_t *rec)
{
    cc_domain_t *domain = rec->domain;
    if (!domain->scheme->reclaims || !cc__owner_lock(rec))
        return;
    adopt_if_free(rec);
    cc__limbo_seal(rec);
    cc__round_t round = {.domain = domain,
                         .insistent = (rec == &domain->drainer && domain->insistent) || near_the_cap(domain),
                         .haste = rec->haste,
                         .number = cc__load_relaxed(&rec->scans), /* one writer at a time, and that is us */
                         .waiting_count = rec->waiting_count,
                         .waiting_bytes = rec->waiting_bytes};
    cc__counter_add(&rec->scans, 1);
    if (domain->scheme->round_begin(&round)) {
        judge_all(rec, &round);
        cc__watch_settle(rec, &round);
        cc__round_end(&round);
    } else {
        cc__counter_add(&rec->fence_failures, 1);
        cc__round_blame(&round, CC_STALL_FENCE, NULL);
    }
    set_thresholds(rec, round.moved);
    cc__owner_unlock(rec);
    cc__stats_note_round(&round);
    cc__watch_report(rec, &round);
}

/* A block whose ready part is used up: its survivors wait on, together with those of other such blocks. */
static void settle(cc__rec_t *rec, cc__block_t *block)
{
    cc__block_t *into = rec->merge;
    cc__ages_add(&rec->reclaim_time, cc__now_ns() - block->opened, block->freed);
    block->freed = 0;
    if (block->count == 0) {
        cc__block_put(rec, block);
    } else if (into != NULL && into->count + block->count <= CC__BLOCK) {
        for (uint32_t i = 0; i < block->count; i++)
            into->entries[into->count++] = block->entries[i];
        into->waiting = into->count;
        into->stamp = into->stamp > block->stamp ? into->stamp : block->stamp;
        into->opened = into->opened < block->opened ? into->opened : block->opened;
        cc__block_put(rec, block);
    } else {
        cc__block_push(&rec->waiting, block);
        if (block->count < CC__BLOCK / 2)
            rec->merge = block;
    }
}

/* Inside a guard no user callback may run: plain frees to the end, where they are taken from. */
static void callbacks_first(cc__block_t *block)
{
    uint32_t keep = block->waiting;
    for (uint32_t i = block->waiting; i < block->count; i++) {
        if (block->entries[i].reclaim == NULL)
            continue;
        cc__entry_t entry = block->entries[keep];
        block->entries[keep++] = block->entries[i];
        block->entries[i] = entry;
    }
}

/* Takes from the first ready block. 0 with a block left: only callbacks are in it, and none may run here. */
static size_t take_from(cc__block_t *block, bool callbacks, cc__entry_t *batch, size_t most)
{
    size_t n = 0;
    if (!callbacks)
        callbacks_first(block);
    while (n < most && block->count > block->waiting) {
        const cc__entry_t *entry = &block->entries[block->count - 1];
        if (!callbacks && entry->reclaim != NULL)
            break;
        batch[n++] = *entry;
        block->count--;
        block->freed++;
    }
    return n;
}

static size_t take_ready(cc__rec_t *rec, cc__entry_t *batch, size_t most)
{
    bool callbacks = rec->innermost == NULL;
    size_t n = 0;
    while (n < most && rec->ready != NULL) {
        cc__block_t *block = rec->ready;
        n += take_from(block, callbacks, batch + n, most - n);
        if (block->count == block->waiting) {
            settle(rec, cc__block_pop(&rec->ready));
        } else if (n < most) {
            cc__block_pop(&rec->ready)->next = NULL; /* callbacks only: for a thread that is in no guard */
            cc__orphans_push(rec->domain, block);
        }
    }
    return n;
}

/* Only a record that its owner works on uses its stock up. */
static bool recycle(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (!CC__RECYCLES || cc__entry_recycle(entry) == 0 || rec->owner == NULL)
        return false;
    cc__stock_t *stock = &rec->stock[cc__entry_recycle(entry) - 1];
    if (stock->count >= CC__STOCK_KEPT)
        return false;
    cc__stock_put(stock, entry->ptr);
    return true;
}

static void reclaim(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (entry->reclaim != NULL)
        entry->reclaim(entry->ptr, entry->u.ctx);
    else if (!recycle(rec, entry))
        cc_free(entry->ptr, cc__entry_size(entry));
}

static void reclaim_batch(cc__rec_t *rec, const cc__entry_t *batch, size_t n)
{
    cc__thread_t *t = cc__thread_peek();
    t->in_callback = true;
    for (size_t i = 0; i < n; i++)
        reclaim(rec, &batch[i]);
    t->in_callback = false;
    cc__counter_add(&rec->reclaimed, n);
    cc__counter_add(&rec->reclaimed_bytes, rec->hand_bytes);
    cc__cap_note(rec);
    /* [limbo.landed] pairs with [drain.landed]: a drain that sees the batch gone sees what its callbacks did. */
    cc__store_release(&rec->in_flight, cc__load_relaxed(&rec->in_flight) + 1);
}

void cc__limbo_land(cc__rec_t *rec)
{
    uint64_t in_flight = cc__load_relaxed(&rec->in_flight); /* our own store */
    if (in_flight % 2 == 0)
        return;
    cc__limbo_give_up(rec, rec->hand_count, rec->hand_bytes);
    /* [limbo.landed] pairs with [drain.landed]: what callbacks did. */
    cc__store_release(&rec->in_flight, in_flight + 1);
}

static void announce(cc__rec_t *rec, const cc__entry_t *batch, size_t n)
{
    rec->hand_count = (uint32_t)n;
    rec->hand_bytes = 0;
    for (size_t i = 0; i < n; i++)
        rec->hand_bytes += cc__entry_size(&batch[i]);
    cc__counter_add(&rec->in_flight, 1); /* ordered for the drainer by the unlock */
}

/* The stock is used up by the thread that changes blocks. */
static bool frees_sparingly(const cc__rec_t *rec)
{
    return CC__RECYCLES && rec->stock[CC__STOCK_REVS].count != 0 && !cc__cap_beyond(rec->domain, rec->domain->cap / 2);
}

/* When the end of a call looks again, by what is left (limbo.h). With the owner lock held. */
static uint32_t next_look(const cc__rec_t *rec)
{
    const cc_domain_t *domain = rec->domain;
    /* Stale: what somebody has left just now is found at the next look. */
    if (!cc__reclaims_inline(domain) || cc__limbo_crowded(rec) || cc__load_relaxed(&domain->orphans) != NULL ||
        cc__cap_beyond(domain, domain->cap / 2))
        return 0;
    if (rec->ready == NULL)
        return CC_LOOK_CREDIT;
    return frees_sparingly(rec) ? CC__CREDIT_FULL : 0;
}

/* With the owner lock held: takes a batch, announces it and unlocks; the batch runs unlocked. */
static size_t free_batch_and_unlock(cc__rec_t *rec, size_t most)
{
    cc__entry_t batch[BATCH];
    size_t n = take_ready(rec, batch, most < BATCH ? most : BATCH);
    if (n > 0)
        announce(rec, batch, n);
    rec->look_at = next_look(rec);
    cc__owner_unlock(rec);
    if (n > 0)
        reclaim_batch(rec, batch, n);
    return n;
}

size_t cc__limbo_free(cc__rec_t *rec, size_t most)
{
    size_t total = 0, n;
    do {
        if (total == most || !cc__owner_lock(rec))
            break;
        n = free_batch_and_unlock(rec, most - total);
        total += n;
    } while (n > 0);
    return total;
}

/* The emergency record belongs to whoever is in need: no callback runs under its lock, and nothing stays in it, unless a drainer
 * looks just now; then it takes all, or the next one does. */
static void maintain_emergency(cc__rec_t *rec)
{
    if (!cc__owner_lock(rec))
        return;
    cc__limbo_abandon_locked(rec);
    cc__owner_unlock(rec);
}

/* Not inline: what is full, or big, is handed over to whoever reclaims. */
static void hand_over(cc__rec_t *rec)
{
    if (!cc__owner_lock(rec))
        return; /* the drainer is taking it all, or the next call hands it over */
    uint64_t bytes = cc__limbo_hand_over_locked(rec);
    cc__owner_unlock(rec);
    if (bytes != 0)
        cc__reclaimer_note(rec->domain, bytes);
}

/* How many objects this call frees. */
static size_t quota(cc__rec_t *rec)
{
    if (rec->credit < CC__CREDIT_FULL)
        return frees_sparingly(rec) ? 0 : CC_FREE_QUOTA;
    uint32_t quotas = rec->credit / CC__CREDIT_FULL, most = 4 + 2 * rec->hurry;
    quotas = quotas < most ? quotas : most;
    rec->credit -= quotas * CC__CREDIT_FULL;
    return (size_t)CC_FREE_QUOTA * quotas;
}

/* A batch was freed, and there may be more. */
static void free_on(cc__rec_t *rec, size_t most)
{
    if (near_the_cap(rec->domain))
        most += 3 * CC_FREE_QUOTA;
    if (most > BATCH)
        cc__limbo_free(rec, most - BATCH);
}

void cc__limbo_look(cc__rec_t *rec)
{
    if (__builtin_expect(rec->emergency, 0)) {
        maintain_emergency(rec);
        return;
    }
    if (__builtin_expect(!cc__reclaims_inline(rec->domain), 0)) {
        hand_over(rec);
        return;
    }
    if (cc__in_callback() || !cc__owner_lock(rec))
        return;
    adopt_if_free(rec);
    bool scan = round_is_due(rec);
    size_t most = quota(rec);
    if (__builtin_expect(free_batch_and_unlock(rec, most) == BATCH, 0))
        free_on(rec, most);
    if (__builtin_expect(scan, 0))
        cc__limbo_scan(rec);
}
