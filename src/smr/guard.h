/* Frames: the slots in which guards hold pointers. */
#ifndef CC_SMR_GUARD_H
#define CC_SMR_GUARD_H

#include "base/fence.h"
#include "smr/types.h"

void cc__frames_init(cc__rec_t *rec);
void cc__frames_close_all(cc__rec_t *rec); /* the thread exits: its guards hold nothing any more */
void cc__frames_free(cc__rec_t *rec);

/* A frame for a guard, or for the library's own use (a range), which leaves the first frame to guards, so
 * that a thread that is attached can always enter one. NULL: no memory. */
cc_guard_t *cc__frame_open(cc__rec_t *rec, bool guard);
bool cc__frames_any_open(cc__rec_t *rec);
void cc__frame_close(cc_guard_t *frame);
void cc__frame_clear(cc_guard_t *frame); /* lets go of everything, under epochs announces anew if alone */

/* It holds something else than before: for the watchdog, unless a guard around it goes on holding what it holds. */
static inline void cc__frame_moved(cc_guard_t *frame)
{
    if (frame->outer == NULL)
        cc__counter_add(&frame->rec->moves, 1);
}

/* Before an operation: makes sure that the frame has `n` free slots. False: no memory. */
bool cc__frame_reserve(cc_guard_t *frame, uint32_t n);

/* A reserved slot. The caller stores a pointer in it (cc__slot_hold), or gives the slot back. */
cc__slot_t *cc__frame_take(cc_guard_t *frame);
void cc__frame_give_back(cc_guard_t *frame, cc__slot_t *slot);

/* Makes `ptr` visible to scanners before the caller reads again the word that held it. */
static inline void cc__slot_hold(cc__slot_t *slot, void *ptr)
{
    cc__store_release(slot, ptr); /* [guard.slot] pairs with [slots.read]: what it held before is used no more */
    cc__fence_light();            /* [guard.hold] pairs with [ibr.look]: seen by the scan, or the scan's unlink by us */
}

#endif
