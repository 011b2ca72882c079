/* Limbo: blocks of retired entries, from retirement to reclamation.
 *
 *   cc__limbo_add --> current --full--> waiting --scan--> ready --cc__limbo_free--> reclaimed
 *                        \                  \               |  ^
 *                         +------------------+---abandon----+  |  survivors of a block go back to waiting
 *                                            v                 |
 *                                       orphan stack ----adopt-+
 *
 * Stamps. The first round over a sealed block stamps it with the global epoch, read after the round's heavy fence, which
 * follows every unlink in the block: a reader that began in a later epoch passed its light fence after that heavy one (or
 * the epoch it read would have been seen here), so it sees the unlinks. An ordinary fence would not do: it does not pair
 * with a light one. A stamp later than necessary only keeps entries longer.
 *
 * The owner lock. Only the owner works on its limbo, but a drain must reach the limbo of a thread that is idle.
 *
 *     owner                                   drainer (one at a time)
 *     busy = 1                                wanted = 1
 *     light fence                             heavy fence
 *     wanted? then busy = 0, go elsewhere     busy? then come back later
 *     ... ; busy = 0 (release)                ... ; wanted = 0 (release)
 *
 * By the fence rule at least one of the two sees the other. The owner never waits: with the drainer inside,
 * what it retires goes to the orphan stack in a block of its own. `wanted` stands for a few instructions
 * only. busy is 0 while frees and user callbacks run; what they hold is announced by an odd in_flight, which
 * a drain waits for.
 *
 * Memory. The blocks that a call may need are reserved before it touches anything (cc__limbo_reserve). A round seals a block that
 * is not full, so entries can use more blocks up than they fill: without memory such a one is opened again, and one that would
 * be handed over is replaced first or stays. If that does not help, one scan is tried; then the object is leaked and counted,
 * never freed early.
 *
 * Broken if: an entry is freed below its block's `waiting` mark, busy is left out, a block is stamped before the
 * heavy fence, a drain ignores in_flight. Tests: domain_test (drain reaches idle threads, orphans, callbacks),
 * domain_inside_test (reserve_lasts_whatever_rounds_do, flushes_gather_no_spare_blocks), fault/oom_test, stress_map phase
 * `threads`. */
#include "smr/limbo.h"

#include "base/assert.h"
#include "smr/ages.h"
#include "smr/block.h"
#include "smr/cap.h"
#include "smr/orphans.h"
#include "smr/owner_lock.h"
#include "smr/reclaimer.h"
#include "smr/registry.h"
#include "smr/watch.h"

void cc__limbo_seal(cc__rec_t *rec)
{
    if (rec->current == NULL)
        return;
    cc__block_seal(rec->current);
    cc__block_push(&rec->waiting, rec->current);
    rec->current = NULL;
}

static void push_all(cc_domain_t *domain, cc__block_t **list)
{
    if (*list != NULL)
        cc__orphans_push(domain, *list);
    *list = NULL;
}

void cc__limbo_abandon_locked(cc__rec_t *rec)
{
    cc__limbo_seal(rec);
    push_all(rec->domain, &rec->waiting);
    push_all(rec->domain, &rec->ready);
    rec->merge = NULL;
    rec->waiting_count = rec->waiting_bytes = 0;
    rec->left_count = rec->left_bytes = 0;
    rec->scan_at_count = CC_SCAN_ENTRIES; /* what it had to leave is no concern of the record's next owner */
    rec->scan_at_bytes = CC_SCAN_BYTES;
}

void cc__limbo_abandon(cc__rec_t *rec)
{
    CC_ASSERT(cc__owner_lock(rec));
    cc__limbo_abandon_locked(rec);
    cc__owner_unlock(rec);
}

static uint64_t current_bytes(const cc__rec_t *rec)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; rec->current != NULL && i < rec->current->count; i++)
        bytes += cc__entry_size(&rec->current->entries[i]);
    return bytes;
}

uint64_t cc__limbo_hand_over_locked(cc__rec_t *rec)
{
    if (rec->waiting == NULL && rec->waiting_bytes < rec->domain->reclaim_bytes)
        return 0;
    uint64_t kept = current_bytes(rec);
    if (kept >= rec->domain->reclaim_bytes && cc__block_add_spare(rec)) {
        cc__limbo_seal(rec);
        kept = 0;
    }
    if (rec->waiting == NULL)
        return 0;
    push_all(rec->domain, &rec->waiting);
    rec->merge = NULL;
    cc__watch_forget(rec); /* what a flush found about them */
    cc__ages_clear(&rec->garbage_age);
    uint64_t bytes = rec->waiting_bytes - kept;
    rec->waiting_count = rec->current != NULL ? rec->current->count : 0;
    rec->waiting_bytes = kept;
    return bytes;
}

/* Puts sealed blocks on the lists where they belong. */
void cc__limbo_take_in(cc__rec_t *rec, cc__block_t *block)
{
    while (block != NULL) {
        cc__block_t *next = block->next;
        for (uint32_t i = 0; i < block->waiting; i++)
            rec->waiting_bytes += cc__entry_size(&block->entries[i]);
        rec->waiting_count += block->waiting;
        cc__block_push(block->waiting < block->count ? &rec->ready : &rec->waiting, block);
        block = next;
    }
}

void cc__limbo_adopt(cc__rec_t *rec)
{
    cc__limbo_take_in(rec, cc__orphans_take(rec->domain));
}

/* One that was sealed before it was full. The next round stamps it anew: later, which keeps its entries longer. */
static cc__block_t *reopen(cc__rec_t *rec)
{
    cc__block_t **link = &rec->waiting;
    while (*link != NULL && (*link)->count == CC__BLOCK)
        link = &(*link)->next;
    cc__block_t *block = cc__block_pop(link);
    if (block == rec->merge)
        rec->merge = NULL;
    return block;
}

/* Word by word: the caller has just written them so, and a wider load would wait until they have left the store buffer. */
static inline void copy_words(cc__entry_t *to, const cc__entry_t *from)
{
    void *ptr = from->ptr;
    cc_reclaim_fn *reclaim = from->reclaim;
    void *ctx = from->u.ctx; /* or birth, which is as wide */
    uint64_t sized = from->sized;
    __asm__("" : "+r"(ptr), "+r"(reclaim), "+r"(ctx), "+r"(sized)); /* or compilers join them */
    *to = (cc__entry_t){.ptr = ptr, .reclaim = reclaim, .u.ctx = ctx, .sized = sized};
}

static bool append(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (rec->current != NULL && rec->current->count == CC__BLOCK)
        cc__limbo_seal(rec);
    if (rec->current == NULL && (rec->current = cc__block_get(rec)) == NULL && (rec->current = reopen(rec)) == NULL)
        return false;
    copy_words(&rec->current->entries[rec->current->count++], entry);
    rec->waiting_count++;
    rec->waiting_bytes += cc__entry_size(entry);
    if (__builtin_expect(cc__limbo_crowded(rec), 0))
        rec->look_at = 0;
    return true;
}

/* The drainer is inside our limbo for a moment. */
static bool add_as_orphan(cc__rec_t *rec, const cc__entry_t *entry)
{
    cc__block_t *block = cc__block_get(rec);
    if (block == NULL)
        return false;
    block->entries[block->count++] = *entry;
    block->next = NULL;
    cc__block_seal(block);
    cc__orphans_push(rec->domain, block);
    return true;
}

static bool add_one(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (!cc__owner_lock(rec))
        return add_as_orphan(rec, entry);
    bool done = append(rec, entry);
    cc__owner_unlock(rec);
    return done;
}

void cc__limbo_give_up(cc__rec_t *rec, uint64_t objects, uint64_t bytes)
{
    cc__counter_add(&rec->leaked, objects);
    cc__counter_add(&rec->retired_bytes, -bytes);
}

/* No memory for an entry: a scan may empty a block; else the object is lost to us, and counted. */
__attribute__((cold, noinline)) static void add_without_memory(cc__rec_t *rec, const cc__entry_t *entry)
{
    if (!rec->emergency && !cc__in_callback() && cc__reclaims_inline(rec->domain)) {
        cc__limbo_scan(rec);
        cc__limbo_free(rec, SIZE_MAX);
    }
    if (!add_one(rec, entry))
        cc__limbo_give_up(rec, 1, cc__entry_size(entry));
}

static uint32_t credit_of(const cc__entry_t *entry)
{
    uint64_t large = cc__entry_size(entry) / CC__CREDIT_BYTES;
    return CC__CREDIT_RETIRED + (uint32_t)(large < CC__CREDIT_FULL ? large : CC__CREDIT_FULL);
}

void cc__limbo_add(cc__rec_t *rec, const cc__entry_t *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        /* Counted first: a snapshot may see an object waiting that is not there yet, never one reclaimed twice. */
        cc__counter_add(&rec->retired, 1);
        cc__counter_add(&rec->retired_bytes, cc__entry_size(&entries[i]));
        if (__builtin_expect(!add_one(rec, &entries[i]), 0))
            add_without_memory(rec, &entries[i]);
        rec->credit += credit_of(&entries[i]);
    }
    cc__cap_note(rec);
    if (rec->domain->scheme->ticks && (rec->ticks += (uint32_t)n) >= CC_IBR_TICK) {
        rec->ticks = 0;
        /* [ibr.tick] pairs with [ibr.begin, ibr.read, ibr.birth, ibr.stamp]: who reads the new epoch sees what was
         * linked and unlinked before it. */
        cc__fetch_add_acq_rel(&rec->domain->epoch, 1);
    }
}

bool cc__limbo_try_steal(cc__rec_t *from, cc__rec_t *to)
{
    /* [limbo.steal] pairs with [limbo.unlock]: the owner is outside, its lists are whole. */
    if (cc__load_acquire(&from->busy) != 0)
        return false;
    cc__limbo_seal(from);
    cc__limbo_take_in(to, from->waiting);
    cc__limbo_take_in(to, from->ready);
    from->waiting = from->ready = from->merge = NULL;
    from->waiting_count = from->waiting_bytes = 0;
    from->left_count = from->left_bytes = 0;
    cc__watch_forget(from);
    cc__ages_clear(&from->garbage_age);
    from->scan_at_count = CC_SCAN_ENTRIES;
    from->scan_at_bytes = CC_SCAN_BYTES;
    /* [drain.landed] pairs with [limbo.landed]: a batch may have landed since the unlock that was acquired; a drain
     * promises what its callbacks did as well. Not older than that unlock. */
    from->drain_in_flight = cc__load_acquire(&from->in_flight);
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
    cc__limbo_take_in(rec, blocks);
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
    cc__limbo_abandon_locked(rec);
}
