/* Limbo: where retired objects wait. */
#ifndef CC_SMR_LIMBO_H
#define CC_SMR_LIMBO_H

#include "smr/types.h"

/* How fast what is free is freed. An object that is retired earns the right to free 5/4 others, and 1/16 for each KiB
 * that it is large; a call earns another 1/16 and, when much is ready, 1/32768 of that. CC_FREE_QUOTA are freed at
 * a time. What was earned is not lost, so also what callbacks retire by the dozen is freed as fast as it comes;
 * but no more by one call than four times that and a 64th of what is ready, or all that callbacks retire would
 * become free at once again, and again. Where memory is recycled (stock.h) that is all, or a thread would use up
 * its stock and fall back on the allocator until the next round. Elsewhere, and by a thread that has no stock, the
 * end of a call always earns CC_FREE_QUOTA.
 *
 * Most calls find nothing to do, so they do not look: the limbo is looked at when the credit has come to rec->look_at. That is 0
 * (every call looks) while something can be done, or somebody else may have left something (orphans, a memory cap half used up,
 * who reclaims is another thread). Whatever makes work for the owner sets it to 0: an entry that makes a round due, a round, word
 * to the domain about half of its cap. */
#ifndef CC_LOOK_CREDIT
#define CC_LOOK_CREDIT CC__CREDIT_FULL /* earned between two looks of a thread that had nothing to do */
#endif
enum {
    CC__CREDIT_UNIT = 16,
    CC__CREDIT_RETIRED = 20,
    CC__CREDIT_BYTES = 1024,
    CC__CREDIT_FULL = CC__CREDIT_UNIT * CC_FREE_QUOTA
};

/* Makes sure that the record's owner can retire n more objects without memory. False: no memory. One block more than they fill:
 * the first may have to go to the orphans in a block of its own. */
bool cc__limbo_reserve_blocks(cc__rec_t *rec, size_t n);

static inline bool cc__limbo_reserve(cc__rec_t *rec, size_t n)
{
    return __builtin_expect(n <= CC_LIMBO_BLOCK_ENTRIES && rec->spare_count >= 2, 1) ||
           cc__limbo_reserve_blocks(rec, n);
}

/* Retires: the entries were made unreachable by this thread, which is outside every operation now. */
void cc__limbo_add(cc__rec_t *rec, const cc__entry_t *entries, size_t n);

/* The end of a call that retires: frees a few objects that nobody holds, starts a round when enough waits.
 * Not inside an operation. */
void cc__limbo_look(cc__rec_t *rec);

static inline void cc__limbo_maintain(cc__rec_t *rec)
{
    rec->credit += 1 + rec->hurry;
    if (__builtin_expect(rec->credit >= rec->look_at, 0))
        cc__limbo_look(rec);
}

/* One round over the record's limbo (and the orphans, unless in a guard). Sorts, frees nothing. */
void cc__limbo_scan(cc__rec_t *rec);

/* Reclaims up to `most` objects that a scan has released. Returns how many. */
size_t cc__limbo_free(cc__rec_t *rec, size_t most);

/* Moves all the record holds to the orphans. Under cc__threads_lock, which keeps drainers out, or by the drainer. */
void cc__limbo_abandon(cc__rec_t *rec);

/* So many objects wait no longer, and will never be reclaimed. */
void cc__limbo_give_up(cc__rec_t *rec, uint64_t objects, uint64_t bytes);

/* If a callback has ended the thread that works on the record: what was in its hands with it is lost, but a drain must not wait
 * for it. */
void cc__limbo_land(cc__rec_t *rec);

/* For the drainer, see drain.c. */
bool cc__limbo_try_steal(cc__rec_t *from, cc__rec_t *to); /* `wanted` is set and fenced; false: the owner is inside */
void cc__limbo_adopt(cc__rec_t *rec);                     /* owner lock held, or nobody else can be there */
void cc__limbo_release_all(cc__rec_t *rec);               /* no reader is left: everything may be freed */
void cc__limbo_inherit(cc__rec_t *rec);                   /* in the child of a fork: the owner does not exist here */
void cc__limbo_free_spares(cc__rec_t *rec);

/* The pieces, with the owner lock held (or where nobody else can be). */
void cc__limbo_seal(cc__rec_t *rec);                        /* current -> waiting */
void cc__limbo_take_in(cc__rec_t *rec, cc__block_t *block); /* sealed blocks -> the lists where they belong */
void cc__limbo_abandon_locked(cc__rec_t *rec);

/* Full blocks -> orphans; a block that is not full as well, if it holds much. Returns the bytes in them. */
uint64_t cc__limbo_hand_over_locked(cc__rec_t *rec);

/* With the owner lock held: enough waits for a round. */
static inline bool cc__limbo_crowded(const cc__rec_t *rec)
{
    return rec->waiting_count >= rec->scan_at_count || rec->waiting_bytes >= rec->scan_at_bytes;
}

static inline bool cc__limbo_empty(const cc__rec_t *rec)
{
    return rec->current == NULL && rec->waiting == NULL && rec->ready == NULL;
}

#endif
