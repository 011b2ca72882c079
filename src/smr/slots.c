/* What guards hold, and under DEBRA+ what a WRITE touches, as seen by a scanner.
 *
 * A reader stores a pointer in a slot, makes the slot count (`used`), passes a light fence, and reads the
 * word that held the pointer again. A scanner that unlinked the object passes a heavy fence and comes here.
 * If the reader's fence was first, the slot is seen and the object waits; if the scanner's was first, the
 * reader sees the unlink and lets go. Slots that come into use while this runs therefore need not be seen.
 *
 * All stores of the owner to `used` and to the slots are releases, and the loads here acquires, because a
 * slot that holds something else by now must order the owner's last use of what it held before ahead of the
 * free.
 *
 * Broken if: slots are collected before the round's fence, a slot is stored after the second read, a value is
 * handed from slot to slot. Tests: guard_test (held values survive), fault/stall_test, stress_map. */
#include "smr/slots.h"

#include "alloc/backend.h"

#include <stdlib.h>
#include <string.h>

#define MARK_BITS ((uintptr_t)15)

static uintptr_t strip(const void *ptr)
{
    return (uintptr_t)ptr & ~MARK_BITS;
}

/* Calls see(set, rec, pointer) for each slot in use until it returns false. */
typedef bool see_fn(void *arg, cc__rec_t *rec, uintptr_t ptr);

static bool each_in_frame(cc_guard_t *frame, see_fn *see, void *arg)
{
    /* [slots.used] pairs with [guard.used]: what the owner did before it closed or reopened the frame is done. */
    uint32_t used = cc__load_acquire(&frame->used);
    cc__chunk_t *chunk = NULL;
    for (uint32_t i = 0; i < used; i++) {
        cc__slot_t *slot = &frame->slot[i];
        if (i >= CC_FRAME_SLOTS) {
            uint32_t at = (i - CC_FRAME_SLOTS) % CC_SLOT_CHUNK;
            if (at == 0) {
                /* [slots.chunk] pairs with [guard.chunk]: the chunk's own fields are there. */
                chunk = chunk == NULL ? cc__load_acquire(&frame->first) : cc__load_acquire(&chunk->next);
            }
            slot = &chunk->slot[at];
        }
        /* [slots.read] pairs with [guard.slot, debra.slot]: the owner is done with what the slot held before. */
        uintptr_t ptr = strip(cc__load_acquire(slot));
        if (ptr != 0 && !see(arg, frame->rec, ptr))
            return false;
    }
    return true;
}

/* After the announcement of the same record, which its owner makes after it has filled them. */
static bool each_hazard(cc__rec_t *rec, see_fn *see, void *arg)
{
    for (int i = 0; i < 2 * CC_COMMIT_SLOTS; i++) {
        /* [slots.read] pairs with [guard.slot, debra.slot]: the owner is done with what the slot held before. */
        uintptr_t ptr = strip(cc__load_acquire(&rec->hazard[i / CC_COMMIT_SLOTS][i % CC_COMMIT_SLOTS]));
        if (ptr != 0 && !see(arg, rec, ptr))
            return false;
    }
    return true;
}

/* Most threads never nest guards, and many never enter one. */
static bool each_guarded(cc__rec_t *rec, see_fn *see, void *arg)
{
    /* Relaxed: ordered like the slots by the fences, and whoever is hidden by a stale count filled its first slot of that
     * frame after the round's fence. */
    uint32_t count = cc__load_relaxed(&rec->frame_count);
    cc_guard_t *frame = &rec->frames[0];
    for (uint32_t i = 0; i < count && frame != NULL; i++) { /* NULL: half done by who vanished in a fork */
        if (!each_in_frame(frame, see, arg))
            return false;
        frame = cc__load_acquire(&frame->next); /* [slots.frame] pairs with [guard.frame]: initialized */
    }
    return true;
}

static void each_slot(cc_domain_t *domain, see_fn *see, void *arg)
{
    /* [slots.recs] pairs with [registry.publish]: the record is initialized. */
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) {
        if ((domain->scheme->commits && !each_hazard(rec, see, arg)) || !each_guarded(rec, see, arg))
            return;
    }
}

static bool grow(cc__slot_set_t *set)
{
    size_t cap = set->cap * 2;
    cc__held_t *held = cc__backend_alloc(cap * sizeof *held);
    if (held == NULL)
        return false;
    memcpy(held, set->held, set->count * sizeof *held);
    if (set->held != set->local)
        cc__backend_free(set->held);
    set->held = held;
    set->cap = cap;
    return true;
}

static bool add(void *arg, cc__rec_t *rec, uintptr_t ptr)
{
    cc__slot_set_t *set = arg;
    if (set->count == set->cap && !grow(set)) {
        set->partial = true;
        return false;
    }
    set->held[set->count++] = (cc__held_t){ptr, rec};
    return true;
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = ((const cc__held_t *)a)->ptr, y = ((const cc__held_t *)b)->ptr;
    return (x > y) - (x < y);
}

void cc__slots_collect(cc__slot_set_t *set, cc_domain_t *domain)
{
    set->domain = domain;
    set->held = set->local;
    set->cap = CC__SLOTS_LOCAL;
    set->count = 0;
    set->partial = false;
    each_slot(domain, add, set);
    if (set->count > 1)
        qsort(set->held, set->count, sizeof *set->held, by_address);
}

static bool match(void *arg, cc__rec_t *rec, uintptr_t ptr)
{
    cc__held_t *wanted = arg;
    if (ptr != wanted->ptr)
        return true;
    wanted->rec = rec;
    return false;
}

cc__rec_t *cc__slots_holder(const cc__slot_set_t *set, const void *ptr)
{
    cc__held_t key = {strip(ptr), NULL};
    if (set->partial) {
        each_slot(set->domain, match, &key);
        return key.rec;
    }
    const cc__held_t *found = set->count != 0 ? bsearch(&key, set->held, set->count, sizeof key, by_address) : NULL;
    return found != NULL ? found->rec : NULL;
}

void cc__slots_free(cc__slot_set_t *set)
{
    if (set->held != set->local)
        cc__backend_free(set->held);
}
