/* Limbo: blocks of retired entries, from retirement to reclamation.
 *
 *   cc__limbo_add --> current --full--> waiting --scan--> ready --cc__limbo_free--> reclaimed
 *                        \                  \               |  ^
 *                         +------------------+---abandon----+  |  survivors of a block go back to waiting
 *                                            v                 |
 *                                       orphan stack ----adopt-+
 *
 * Stamps. A block is stamped when it is sealed, with the global epoch read after a fence that follows the
 * last unlink: a reader that read a later epoch at its begin sees every one of these unlinks. A later stamp
 * than necessary only keeps entries longer, so one fence serves a whole block.
 *
 * The owner lock. Only the owner works on its limbo, but a drain must reach the limbo of a thread that is
 * idle. owner                                   drainer (one at a time) busy = 1 wanted = 1 light fence heavy
 * fence wanted? then busy = 0, go elsewhere     busy? then come back later
 *     ... ; busy = 0 (release)                ... ; wanted = 0 (release)
 * By the fence rule at least one of the two sees the other. The owner never waits: with the drainer inside,
 * what it retires goes to the orphan stack in a block of its own. `wanted` stands for a few instructions
 * only. busy is 0 while frees and user callbacks run; what they hold is announced by an odd in_flight, which
 * a drain waits for.
 *
 * Memory. The blocks that a call may need are reserved before it touches anything (cc__limbo_reserve). If the
 * reserve is used up and there is no memory, one scan is tried; then the object is leaked and counted, never
 * freed early.
 *
 * Tests: domain_test (drain reaches idle threads, orphans, callbacks), fault/oom_test, stress_map phase
 * `threads`. Broken if: an entry is freed below its block's `waiting` mark, busy is left out, a block is
 * stamped before its last unlink, a drain ignores in_flight. */
#include "smr/limbo.h"

#include "base/assert.h"
#include "base/fence.h"
#include "cc/alloc.h"
#include "smr/registry.h"
#include "smr/round.h"
#include "smr/stats.h"

#include <sched.h>

enum { BLOCK = CC_LIMBO_BLOCK_ENTRIES, BATCH = 16, SPARES_KEPT = 4 };

/* ---- owner lock
 * ------------------------------------------------------------------------------------------------ */

static bool owner_lock(cc__rec_t *rec)
{
    cc__store_relaxed(&rec->busy, 1); /* ordered before the load of `wanted` by the fence */
    cc__fence_light(); /* [limbo.enter] pairs with [limbo.look]: one of the two sees the other */
    /* [limbo.wanted] pairs with [limbo.leave]: what the last drainer did to the lists is visible. */
    if (__builtin_expect(cc__load_acquire(&rec->wanted) == 0, 1))
        return true;
    cc__store_release(&rec->busy, 0); /* [limbo.unlock] pairs with [limbo.steal]: nothing was touched */
    return false;
}

static void owner_unlock(cc__rec_t *rec)
{
    cc__store_release(&rec->busy, 0); /* [limbo.unlock] pairs with [limbo.steal]: our lists are whole again */
}

/* ---- blocks
 * ---------------------------------------------------------------------------------------------------- */

static void push(cc__block_t **list, cc__block_t *block)
{
    block->next = *list;
    *list = block;
}

static cc__block_t *pop(cc__block_t **list)
{
    cc__block_t *block = *list;
    if (block != NULL)
        *list = block->next;
    return block;
}

/* An empty block: from the reserve, else from memory. NULL: none. */
static cc__block_t *block_get(cc__rec_t *rec)
{
    cc__block_t *block = pop(&rec->spares);
    if (block != NULL)
        rec->spare_count--;
    else
        block = cc_alloc(sizeof *block);
    if (block != NULL)
        block->count = block->waiting = 0;
    return block;
}

static void block_put(cc__rec_t *rec, cc__block_t *block)
{
    if (rec->spare_count < SPARES_KEPT) {
        push(&rec->spares, block);
        rec->spare_count++;
    } else {
        cc_free(block, sizeof *block);
    }
}

bool cc__limbo_reserve(cc__rec_t *rec, size_t n)
{
    /* One more than the entries fill: the first may have to go to the orphans in a block of its own. */
    size_t need = 1 + (n + BLOCK - 1) / BLOCK;
    while (rec->spare_count < need) {
        cc__block_t *block = cc_alloc(sizeof *block);
        if (block == NULL)
            return false;
        push(&rec->spares, block);
        rec->spare_count++;
    }
    return true;
}

void cc__limbo_free_spares(cc__rec_t *rec)
{
    cc__block_t *block;
    while ((block = pop(&rec->spares)) != NULL)
        cc_free(block, sizeof *block);
    rec->spare_count = 0;
}

static void seal(cc_domain_t *domain, cc__block_t *block)
{
    /* [limbo.seal] pairs with [fence.light]: a reader that began in a later epoch than the stamp passed its
     * fence after this one, so it sees the unlinks that came before. */
    cc__fence_seq_cst();
    block->stamp = cc__load_acquire(&domain->epoch); /* [limbo.stamp] pairs with [epoch.advance, ibr.tick] */
    block->waiting = block->count;
}

static void seal_current(cc__rec_t *rec)
{
    if (rec->current == NULL)
        return;
    seal(rec->domain, rec->current);
    push(&rec->waiting, rec->current);
    rec->current = NULL;
}

/* ---- orphans
 * --------------------------------------------------------------------------------------------------- */

static void orphans_push(cc_domain_t *domain, cc__block_t *first)
{
    uint64_t objects = 0;
    cc__block_t *last = first;
    for (cc__block_t *b = first; b != NULL; b = b->next) {
        objects += b->count;
        last = b;
    }
    cc__fetch_add_relaxed(&domain->orphan_objects, objects); /* a statistic */
    cc__block_t *head = cc__load_relaxed(&domain->orphans);  /* stale: the CAS fails and tells the newest */
    do {
        last->next = head;
        /* [orphans.push] pairs with [orphans.take]: the blocks' contents, and the unlinks before them. */
    } while (!cc__cas_release(&domain->orphans, &head, first));
}

static void push_all(cc_domain_t *domain, cc__block_t **list)
{
    if (*list != NULL)
        orphans_push(domain, *list);
    *list = NULL;
}

static void abandon_locked(cc__rec_t *rec)
{
    seal_current(rec);
    push_all(rec->domain, &rec->waiting);
    push_all(rec->domain, &rec->ready);
    rec->merge = NULL;
    rec->waiting_count = rec->waiting_bytes = 0;
}

void cc__limbo_abandon(cc__rec_t *rec)
{
    while (!owner_lock(rec))
        sched_yield();
    abandon_locked(rec);
    owner_unlock(rec);
}

/* Puts sealed blocks on the lists where they belong. */
static void take_in(cc__rec_t *rec, cc__block_t *block)
{
    while (block != NULL) {
        cc__block_t *next = block->next;
        for (uint32_t i = 0; i < block->waiting; i++)
            rec->waiting_bytes += block->entries[i].size;
        rec->waiting_count += block->waiting;
        push(block->waiting < block->count ? &rec->ready : &rec->waiting, block);
        block = next;
    }
}

void cc__limbo_adopt(cc__rec_t *rec)
{
    cc_domain_t *domain = rec->domain;
    if (cc__load_relaxed(&domain->orphans) == NULL) /* stale: they are adopted at a later call */
        return;
    /* [orphans.take] pairs with [orphans.push]: contents and unlinks are ours to see. */
    cc__block_t *block = cc__exchange_acquire(&domain->orphans, NULL);
    uint64_t objects = 0;
    for (cc__block_t *b = block; b != NULL; b = b->next)
        objects += b->count;
    cc__fetch_add_relaxed(&domain->orphan_objects, -objects); /* a statistic */
    take_in(rec, block);
}

/* While a drain runs only the drainer adopts, or an old orphan could move to a record that it has already
 * visited. `draining` is ordered like `wanted`: if we miss it, the drainer sees us busy and waits for us. */
static void adopt_if_free(cc__rec_t *rec)
{
    if (rec->innermost == NULL && cc__load_relaxed(&rec->domain->draining) == 0)
        cc__limbo_adopt(rec);
}

/* ---- retiring
 * -------------------------------------------------------------------------------------------------- */

static bool append(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (rec->current != NULL && rec->current->count == BLOCK)
        seal_current(rec);
    if (rec->current == NULL && (rec->current = block_get(rec)) == NULL)
        return false;
    rec->current->entries[rec->current->count++] = *entry;
    rec->waiting_count++;
    rec->waiting_bytes += entry->size;
    return true;
}

/* The drainer is inside our limbo for a moment. */
static bool add_as_orphan(cc__rec_t *rec, const cc__entry_t *entry)
{
    cc__block_t *block = block_get(rec);
    if (block == NULL)
        return false;
    block->entries[block->count++] = *entry;
    block->next = NULL;
    seal(rec->domain, block);
    orphans_push(rec->domain, block);
    return true;
}

static bool add_one(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (!owner_lock(rec))
        return add_as_orphan(rec, entry);
    bool done = append(rec, entry);
    owner_unlock(rec);
    return done;
}

/* No memory for an entry: a scan may empty a block; else the object is lost to us, and counted. */
__attribute__((cold, noinline)) static void add_without_memory(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (!rec->emergency && !cc__in_callback()) {
        cc__limbo_scan(rec);
        cc__limbo_free(rec, SIZE_MAX);
    }
    if (!add_one(rec, entry)) {
        cc__counter_add(&rec->leaked, 1);
        cc__counter_add(&rec->retired, (uint64_t)-1);
        cc__counter_add(&rec->retired_bytes, -(uint64_t)entry->size);
    }
}

void cc__limbo_add(cc__rec_t *rec, const cc__entry_t *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        /* Counted first: a snapshot may see an object waiting that is not there yet, never one reclaimed
         * twice. */
        cc__counter_add(&rec->retired, 1);
        cc__counter_add(&rec->retired_bytes, entries[i].size);
        if (__builtin_expect(!add_one(rec, &entries[i]), 0))
            add_without_memory(rec, &entries[i]);
    }
    if (rec->domain->scheme->ticks && (rec->ticks += (uint32_t)n) >= CC_IBR_TICK) {
        rec->ticks = 0;
        /* [ibr.tick] pairs with [ibr.begin, ibr.read, ibr.birth, limbo.stamp]: who reads the new epoch sees
         * what was linked and unlinked before it. */
        cc__fetch_add_acq_rel(&rec->domain->epoch, 1);
    }
}

/* ---- scanning
 * -------------------------------------------------------------------------------------------------- */

/* Sorts a block's waiting entries: those that must wait on go to the front. */
static void judge_block(cc__round_t *round, cc__block_t *block)
{
    const cc__scheme_t *scheme = round->domain->scheme;
    uint32_t keep = 0;
    for (uint32_t i = 0; i < block->waiting; i++) {
        if (scheme->may_free(round, block, &block->entries[i]))
            continue;
        cc__entry_t entry = block->entries[keep];
        block->entries[keep++] = block->entries[i];
        block->entries[i] = entry;
    }
    block->waiting = keep;
}

static void judge_all(cc__rec_t *rec, cc__round_t *round)
{
    cc__block_t *lists[] = {rec->waiting, rec->ready};
    rec->waiting = rec->ready = rec->merge = NULL;
    rec->waiting_count = rec->waiting_bytes = 0;
    for (int i = 0; i < 2; i++) {
        for (cc__block_t *b = lists[i]; b != NULL; b = b->next)
            judge_block(round, b);
        take_in(rec, lists[i]);
    }
}

/* The next round comes when as much again waits as this one had to leave: a reader that pins R objects costs
 * O(1) per retirement, and no more than 2 R + CC_SCAN_ENTRIES ever wait. */
static void set_thresholds(cc__rec_t *rec)
{
    rec->scan_at_count = rec->waiting_count * 2 > CC_SCAN_ENTRIES ? rec->waiting_count * 2 : CC_SCAN_ENTRIES;
    rec->scan_at_bytes = rec->waiting_bytes * 2 > CC_SCAN_BYTES ? rec->waiting_bytes * 2 : CC_SCAN_BYTES;
}

void cc__limbo_scan(cc__rec_t *rec)
{
    cc_domain_t *domain = rec->domain;
    if (!domain->scheme->reclaims || !owner_lock(rec))
        return;
    adopt_if_free(rec);
    seal_current(rec);
    cc__round_t round = {.domain = domain};
    cc__counter_add(&rec->scans, 1);
    if (domain->scheme->round_begin(&round)) {
        judge_all(rec, &round);
        cc__round_end(&round);
    } else {
        cc__counter_add(&rec->fence_failures, 1);
        cc__round_blame(&round, CC_STALL_FENCE, 0);
    }
    set_thresholds(rec);
    owner_unlock(rec);
    cc__stats_note_round(&round);
}

/* ---- freeing
 * --------------------------------------------------------------------------------------------------- */

/* A block whose ready part is used up: its survivors wait on, together with those of other such blocks. */
static void settle(cc__rec_t *rec, cc__block_t *block)
{
    cc__block_t *into = rec->merge;
    if (block->count == 0) {
        block_put(rec, block);
    } else if (into != NULL && into->count + block->count <= BLOCK) {
        for (uint32_t i = 0; i < block->count; i++)
            into->entries[into->count++] = block->entries[i];
        into->waiting = into->count;
        into->stamp = into->stamp > block->stamp ? into->stamp : block->stamp;
        block_put(rec, block);
    } else {
        push(&rec->waiting, block);
        if (block->count < BLOCK / 2)
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
            settle(rec, pop(&rec->ready));
        } else if (n < most) {
            pop(&rec->ready)->next = NULL; /* callbacks only: for a thread that is in no guard */
            orphans_push(rec->domain, block);
        }
    }
    return n;
}

static void reclaim(const cc__entry_t *entry)
{
    if (entry->reclaim != NULL)
        entry->reclaim(entry->ptr, entry->u.ctx);
    else
        cc_free(entry->ptr, entry->size);
}

static void reclaim_batch(cc__rec_t *rec, const cc__entry_t *batch, size_t n)
{
    cc__thread_t *t = cc__thread_peek();
    uint64_t bytes = 0;
    t->in_callback = true;
    for (size_t i = 0; i < n; i++) {
        bytes += batch[i].size;
        reclaim(&batch[i]);
    }
    t->in_callback = false;
    cc__counter_add(&rec->reclaimed, n);
    cc__counter_add(&rec->reclaimed_bytes, bytes);
    /* [limbo.landed] pairs with [drain.landed]: a drain that sees the batch gone sees what its callbacks did.
     */
    cc__store_release(&rec->in_flight, cc__load_relaxed(&rec->in_flight) + 1);
}

/* With the owner lock held: takes a batch, announces it and unlocks; the batch runs unlocked. */
static size_t free_batch_and_unlock(cc__rec_t *rec, size_t most)
{
    cc__entry_t batch[BATCH];
    size_t n = take_ready(rec, batch, most < BATCH ? most : BATCH);
    if (n > 0)
        cc__counter_add(&rec->in_flight, 1); /* ordered for the drainer by the unlock */
    owner_unlock(rec);
    if (n > 0)
        reclaim_batch(rec, batch, n);
    return n;
}

size_t cc__limbo_free(cc__rec_t *rec, size_t most)
{
    size_t total = 0, n;
    do {
        if (total == most || !owner_lock(rec))
            break;
        n = free_batch_and_unlock(rec, most - total);
        total += n;
    } while (n > 0);
    return total;
}

/* The emergency record belongs to whoever is in need: nothing stays in it, and no callback runs under its
 * lock. */
static void maintain_emergency(cc__rec_t *rec)
{
    if (!owner_lock(rec))
        return; /* the drainer is taking it all */
    abandon_locked(rec);
    owner_unlock(rec);
}

void cc__limbo_maintain(cc__rec_t *rec)
{
    if (__builtin_expect(rec->emergency, 0)) {
        maintain_emergency(rec);
        return;
    }
    if (cc__in_callback() || !owner_lock(rec))
        return;
    adopt_if_free(rec);
    bool scan = rec->waiting_count >= rec->scan_at_count || rec->waiting_bytes >= rec->scan_at_bytes;
    free_batch_and_unlock(rec, CC_FREE_QUOTA);
    if (__builtin_expect(scan, 0))
        cc__limbo_scan(rec);
}

/* ---- for the drainer
 * ------------------------------------------------------------------------------------------- */

bool cc__limbo_try_steal(cc__rec_t *from, cc__rec_t *to)
{
    /* [limbo.steal] pairs with [limbo.unlock]: the owner is outside, its lists are whole. */
    if (cc__load_acquire(&from->busy) != 0)
        return false;
    seal_current(from);
    take_in(to, from->waiting);
    take_in(to, from->ready);
    from->waiting = from->ready = from->merge = NULL;
    from->waiting_count = from->waiting_bytes = 0;
    from->scan_at_count = CC_SCAN_ENTRIES;
    from->scan_at_bytes = CC_SCAN_BYTES;
    from->drain_in_flight =
        cc__load_relaxed(&from->in_flight); /* not older than the unlock that was acquired */
    return true;
}

void cc__limbo_release_all(cc__rec_t *rec)
{
    cc__block_t *blocks = rec->waiting;
    rec->waiting = rec->merge = NULL;
    rec->waiting_count = rec->waiting_bytes = 0;
    for (cc__block_t *b = rec->ready; b != NULL; b = b->next)
        b->waiting = 0;
    for (cc__block_t *b = blocks; b != NULL; b = b->next)
        b->waiting = 0;
    take_in(rec, blocks);
}

/* The owner vanished at whatever it was doing. If that was in here, the lists may be torn: what is on them,
 * the batch in flight and the spares (which need no lock) are given up, a bounded leak. Else they are as good
 * as an orphan's. */
void cc__limbo_inherit(cc__rec_t *rec)
{
    if (cc__load_relaxed(&rec->busy) != 0) { /* one thread is left, here and below */
        rec->current = rec->waiting = rec->ready = NULL;
        cc__store_relaxed(&rec->busy, 0);
    }
    cc__store_relaxed(&rec->wanted, 0);
    if (cc__load_relaxed(&rec->in_flight) % 2 == 1)
        cc__counter_add(&rec->in_flight, 1);
    rec->spares = NULL;
    rec->spare_count = 0;
    abandon_locked(rec);
}
