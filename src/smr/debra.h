/* DEBRA+ (Brown, PODC 2015): epochs with neutralization, the fast path.
 *
 * A thread announces the global epoch while it is inside a SEARCH, and is quiescent at all other times: what WRITE touches
 * stands in a few hazard slots that SEARCH fills just before it ends. A thread that holds the epoch up is neutralized: a
 * signal throws it back to the beginning of its SEARCH. So a thread that sleeps, wherever it does, pins its slots and no
 * more, and reads cost what they cost under epochs.
 *
 *     announce = epoch                        SEARCH: reads; may be thrown back at any instruction
 *     light fence
 *     ... reads ...
 *     hazard slots = what WRITE will touch
 *     announce = quiescent
 *     ... WRITE ...                           a signal changes nothing here
 *     the next SEARCH, which may begin at an object in a slot; its own slots are another set
 *     hazard slots = none
 *
 * Deviations: the published protocol frees on the strength of the signal alone, which the kernel delivers some time later,
 * and recovers by helping through descriptors. Here a thread counts as quiescent on evidence only (neutralize.c), and
 * nothing has to be recovered, because WRITE is never interrupted. All threads are looked at in one round behind one
 * membarrier. Bags are stamped with the global epoch.
 *
 * Tests: fault/stall (bounded with a thread asleep anywhere), fault/neutralize (the kernel), the model's clients. */
#ifndef CC_SMR_DEBRA_H
#define CC_SMR_DEBRA_H

#include "base/fence.h"
#include "smr/neutralize.h"
#include "smr/read_plain.h"

#define SMR_SLOTS 1

/* A section of its own: the handler tells by the program counter whether a thread can be thrown back. tools/check-search
 * proves on the machine code that nothing in it calls out but for the user's comparator. */
#define SMR_SEARCH static __attribute__((noinline, flatten, section("cc_search"))) void

#define smr_begin(rec) ((void)(rec))

static inline __attribute__((always_inline)) void smr_search(cc__rec_t *rec, cc__search_fn *search, void *op)
{
    /* Relaxed: for the handler, which runs on this thread; the call keeps the stores where they are. */
    cc__store_relaxed(rec->searching, rec);
    cc__checkpoint_run(&rec->checkpoint, search, op);
    cc__store_relaxed(rec->searching, NULL);
    if (__builtin_expect(cc__load_relaxed(&rec->disturbed) != 0, 0)) /* written by our own handler */
        cc__neutralize_settle(rec);
    /* So that this is no tail call: whose only call is one need not have aligned its stack (cc__checkpoint_run). */
    __asm__ volatile("");
}

static inline smr_hold_t smr_enter(cc__rec_t *rec, bool foreign)
{
    /* [debra.read] pairs with [epoch.advance]: all that was unlinked before the epoch began is seen as unlinked. */
    uint64_t epoch = cc__load_acquire(rec->epoch);
    /* [debra.announce] pairs with [epoch.scan]: release, for the reads before are over and the slots of the last commit
     * are filled. A stale epoch only holds the next move up. */
    cc__store_release(&rec->announce, epoch << CC__EPOCH_SHIFT | (foreign ? CC__FOREIGN : 0));
    cc__fence_light(); /* [debra.announced] pairs with [epoch.look, neutralize.fence]: announced before any link is read */
    return rec;
}

static inline void smr_leave(cc__rec_t *rec)
{
    /* [debra.quiesce] pairs with [epoch.scan]: the reads are over and the slots are filled. */
    cc__store_release(&rec->announce, CC__QUIESCENT);
}

/* Into the set that is not in use: thrown back in the middle of this, SEARCH may have to begin again at an object of the
 * other one. What an earlier commit left in its further slots stays until the end, which does no harm. */
static inline void cc__debra_commit(cc__rec_t *rec, void *const objects[], uint32_t n)
{
    cc__slot_t *slots = rec->hazard[rec->hazard_set ^ 1];
    if (rec->named < n)
        rec->named = n; /* stays if it is thrown back here and finds nothing to commit the next time */
    for (uint32_t i = 0; i < n; i++) {
        /* [debra.slot] pairs with [slots.read]: what it held is used no more. */
        cc__store_release(&slots[i], objects[i]);
    }
    smr_leave(rec);
    cc__compiler_fence(); /* for our own handler: from here on it lets the thread be */
    rec->hazard_set ^= 1;
}

#define CC__COUNT(...) (sizeof((void *const[]){__VA_ARGS__}) / sizeof(void *))
#define smr_commit(rec, ...)                                                                                           \
    do {                                                                                                               \
        _Static_assert(CC__COUNT(__VA_ARGS__) <= CC_COMMIT_SLOTS, "a WRITE touches too many objects");                 \
        cc__debra_commit((rec), (void *const[]){__VA_ARGS__}, CC__COUNT(__VA_ARGS__));                                 \
    } while (0)

static inline void smr_end(cc__rec_t *rec)
{
    uint32_t named = rec->named;
    if (named == 0)
        return;
    rec->named = 0;
    for (uint32_t i = 0; i < 2 * named; i++)
        cc__store_release(&rec->hazard[i & 1][i / 2], NULL); /* [debra.slot] */
}

#endif
