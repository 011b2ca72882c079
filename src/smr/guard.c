/* Guards: frames of hazard slots under IBR and DEBRA+, an announcement kept open under the other schemes.
 *
 * A frame's slots are a stack: the next pointer goes into slot `used`. A pointer that is released earlier
 * leaves a hole, which is filled first. Chunks and frames are added and never move, so a scanner can walk
 * them at any time; leaving a guard is one store (used = 0).
 *
 * A value is written straight into the slot and then validated where it was read; it is never copied from one
 * slot to another, since a scanner could look at the second before and at the first after the copy.
 *
 * When there is no memory for one more frame, a nested guard shares the frame of the one around it: its
 * pointers then live until that one is left.
 *
 * Tests: guard_test, fault/oom_test (shared frames, slots that cannot grow), fault/stall_test. */
#include "smr/guard.h"

#include "base/assert.h"
#include "base/fence.h"
#include "cc/alloc.h"
#include "smr/limbo.h"
#include "smr/registry.h"

#include <errno.h>
#include <string.h>

#define MARK_BITS ((uintptr_t)15)

/* ---- frames */

static void init(cc_guard_t *frame, cc__rec_t *rec, uint32_t index)
{
    frame->rec = rec;
    frame->index = index;
    frame->slots = rec->domain->scheme->slots;
}

void cc__frames_init(cc__rec_t *rec)
{
    for (uint32_t i = 0; i < CC_RECORD_FRAMES; i++) {
        init(&rec->frames[i], rec, i);
        cc_guard_t *next = i + 1 < CC_RECORD_FRAMES ? &rec->frames[i + 1] : NULL;
        cc__store_relaxed(&rec->frames[i].next, next); /* published with the record */
    }
}

static void set_used(cc_guard_t *frame, uint32_t used)
{
    /* [guard.used] pairs with [slots.used]: what was read through the slots that go is over. */
    cc__store_release(&frame->used, used);
}

static void forget_all(cc_guard_t *frame)
{
    set_used(frame, 0);
    frame->hole = NULL;
    frame->chunk = NULL;
}

static cc_guard_t *next_frame(cc_guard_t *frame)
{
    return cc__load_relaxed(&frame->next); /* the owner's own store */
}

/* Before a slot of the frame is filled: a scanner that misses it came before that slot's fence. */
static void count_frames(cc__rec_t *rec, uint32_t count)
{
    if (count > cc__load_relaxed(&rec->frame_count)) /* the owner's own store */
        cc__store_relaxed(&rec->frame_count, count);
}

/* Behind one that is open: the first that is not. NULL: no memory. */
static cc_guard_t *next_closed(cc_guard_t *frame)
{
    while (frame->open && next_frame(frame) != NULL)
        frame = next_frame(frame);
    if (!frame->open)
        return frame;
    cc_guard_t *fresh = cc_alloc_aligned(sizeof *fresh, CC_CACHE_LINE_SIZE);
    if (fresh == NULL)
        return NULL;
    memset(fresh, 0, sizeof *fresh);
    init(fresh, frame->rec, frame->index + 1);
    cc__store_release(&frame->next, fresh); /* [guard.frame] pairs with [slots.frame]: the frame is initialized */
    return fresh;
}

cc_guard_t *cc__frame_open(cc__rec_t *rec, bool guard)
{
    cc_guard_t *frame = &rec->frames[guard ? 0 : 1];
    if (__builtin_expect(frame->open, 0) && (frame = next_closed(frame)) == NULL)
        return NULL;
    count_frames(rec, frame->index + 1);
    frame->open = true;
    frame->outer = rec->innermost;
    if (!frame->slots && rec->domain->scheme->pin != NULL && rec->pins++ == 0)
        rec->domain->scheme->pin(rec);
    return frame;
}

void cc__frame_close(cc_guard_t *frame)
{
    cc__rec_t *rec = frame->rec;
    forget_all(frame);
    frame->open = false;
    if (rec->innermost == NULL)
        cc__counter_add(&rec->moves, 1);
    if (!frame->slots && rec->domain->scheme->unpin != NULL && --rec->pins == 0)
        rec->domain->scheme->unpin(rec);
}

void cc__frame_clear(cc_guard_t *frame)
{
    cc__rec_t *rec = frame->rec;
    forget_all(frame);
    cc__frame_moved(frame);
    if (rec->pins == 1) {
        rec->domain->scheme->unpin(rec);
        rec->domain->scheme->pin(rec);
    }
}

bool cc__frames_any_open(cc__rec_t *rec)
{
    cc_guard_t *frame = &rec->frames[0];
    while (frame != NULL && !frame->open)
        frame = next_frame(frame);
    return frame != NULL;
}

void cc__frames_close_all(cc__rec_t *rec)
{
    for (cc_guard_t *frame = &rec->frames[0]; frame != NULL; frame = next_frame(frame)) {
        if (frame->open)
            cc__frame_close(frame);
        else
            forget_all(frame); /* who vanished in a fork may have been half way through closing it */
        frame->shared = 0;
    }
    rec->innermost = NULL;
    cc__store_relaxed(&rec->guards, 0); /* a statistic */
}

void cc__frames_free(cc__rec_t *rec)
{
    cc_guard_t *frame = &rec->frames[0];
    for (int i = 0; frame != NULL; i++) {
        cc_guard_t *next = next_frame(frame);
        cc__chunk_t *chunk = cc__load_relaxed(&frame->first); /* nobody else is left */
        while (chunk != NULL) {
            cc__chunk_t *after = cc__load_relaxed(&chunk->next);
            cc_free(chunk, sizeof *chunk);
            chunk = after;
        }
        if (i >= CC_RECORD_FRAMES)
            cc_free(frame, sizeof *frame);
        frame = next;
    }
}

/* ---- slots */

/* Does slot number `index` begin a new chunk? */
static bool begins_chunk(uint32_t index)
{
    return index >= CC_FRAME_SLOTS && (index - CC_FRAME_SLOTS) % CC_SLOT_CHUNK == 0;
}

bool cc__frame_reserve(cc_guard_t *frame, uint32_t n)
{
    if (n == 1 && frame->hole != NULL)
        return true;
    uint32_t used = cc__load_relaxed(&frame->used); /* the owner's own stores, here and below */
    uint32_t room = CC_FRAME_SLOTS;
    if (used > CC_FRAME_SLOTS)
        room += (used - CC_FRAME_SLOTS + CC_SLOT_CHUNK - 1) / CC_SLOT_CHUNK * CC_SLOT_CHUNK;
    CC__ATOMIC(cc__chunk_t *) *link = used > CC_FRAME_SLOTS ? &frame->chunk->next : &frame->first;
    for (; room < used + n; room += CC_SLOT_CHUNK) {
        cc__chunk_t *chunk = cc__load_relaxed(link);
        if (chunk == NULL && (chunk = cc_calloc(1, sizeof *chunk)) == NULL)
            return false;
        cc__store_release(link, chunk); /* [guard.chunk] pairs with [slots.chunk]: it is zeroed */
        link = &chunk->next;
    }
    return true;
}

cc__slot_t *cc__frame_take(cc_guard_t *frame)
{
    cc__slot_t *slot = frame->hole;
    if (slot != NULL) {
        frame->hole = cc__load_relaxed(slot); /* the owner's own store */
        return slot;
    }
    uint32_t used = cc__load_relaxed(&frame->used); /* likewise */
    if (begins_chunk(used))
        frame->chunk = cc__load_relaxed(frame->chunk == NULL ? &frame->first : &frame->chunk->next); /* likewise */
    if (used < CC_FRAME_SLOTS)
        slot = &frame->slot[used];
    else
        slot = &frame->chunk->slot[(used - CC_FRAME_SLOTS) % CC_SLOT_CHUNK];
    set_used(frame, used + 1); /* what the slot held long ago is kept a moment longer */
    return slot;
}

void cc__frame_give_back(cc_guard_t *frame, cc__slot_t *slot)
{
    cc__store_release(slot, frame->hole); /* [guard.slot] pairs with [slots.read]: its object is used no more */
    frame->hole = slot;
}

/* ---- the public calls */

cc_guard_t *cc_guard_enter(cc_domain_t *domain)
{
    cc__rec_t *rec = domain != NULL ? cc__rec(domain) : NULL;
    if (rec == NULL)
        return NULL;
    (void)cc__limbo_reserve(rec, 16); /* without memory now, cc_retire tries again when it comes to it */
    cc__counter_add(&rec->guards, 1);
    cc_guard_t *frame = cc__frame_open(rec, true);
    if (frame == NULL) { /* the first frame is for guards only, so one is open around this */
        rec->innermost->shared++;
        return rec->innermost;
    }
    rec->innermost = frame;
    return frame;
}

void cc_guard_leave(cc_guard_t *guard)
{
    if (guard == NULL)
        return;
    cc__rec_t *rec = guard->rec;
    CC_REQUIRE(
        rec->innermost == guard && rec->owner == cc__thread_peek(),
        "cc_guard_leave: not the innermost guard of this thread (left twice, out of order, by another thread, or after "
        "the thread's exit, which leaves them all)");
    cc__counter_add(&rec->guards, (uint64_t)-1);
    if (guard->shared > 0) {
        guard->shared--;
        return;
    }
    rec->innermost = guard->outer;
    cc__frame_close(guard);
    if (rec->innermost == NULL)
        cc__limbo_maintain(rec);
}

/* For a moment the thread is in no guard, so that what may not run in one does: else a thread that lives in a guard, and
 * refreshes it, would never run a callback nor adopt an orphan. */
static void leave_and_enter(cc_guard_t *guard)
{
    cc__rec_t *rec = guard->rec;
    rec->innermost = NULL;
    cc__frame_close(guard);
    cc__limbo_maintain(rec);
    CC_ASSERT(cc__frame_open(rec, true) == guard); /* the outermost guard is always the first frame */
    rec->innermost = guard;
}

void cc_guard_refresh(cc_guard_t *guard)
{
    if (guard == NULL || guard->shared != 0) /* shared: the guard around it still wants what it holds */
        return;
    if (guard->rec->innermost == guard && guard->outer == NULL)
        leave_and_enter(guard);
    else
        cc__frame_clear(guard);
}

__attribute__((cold, noinline)) static cc__slot_t *take_beyond(cc_guard_t *guard)
{
    return cc__frame_reserve(guard, 1) ? cc__frame_take(guard) : NULL;
}

/* A slot that was not reserved. NULL: no memory. */
static inline cc__slot_t *take_any(cc_guard_t *guard)
{
    uint32_t used = cc__load_relaxed(&guard->used); /* the owner's own store */
    if (__builtin_expect(guard->hole != NULL || used >= CC_FRAME_SLOTS, 0))
        return take_beyond(guard);
    set_used(guard, used + 1);
    return &guard->slot[used];
}

/* [guard.publish] pairs with [guard.reread]: the user's side, the release store or CAS that linked the object. */
int cc_guard_protect(cc_guard_t *guard, CC_ATOMIC_PTR *slot, void **out)
{
    if (guard == NULL || slot == NULL || out == NULL)
        return -EINVAL;
    /* [guard.reread] pairs with [guard.publish]: the object's contents. */
    void *ptr = cc__load_acquire(slot);
    if (guard->slots && ((uintptr_t)ptr & ~MARK_BITS) != 0) {
        cc__slot_t *held = take_any(guard);
        if (held == NULL)
            return -ENOMEM;
        void *before;
        do {
            before = ptr;
            cc__slot_hold(held, ptr);
            ptr = cc__load_acquire(slot); /* [guard.reread] pairs with [guard.publish]: as above */
        } while (ptr != before);
        if (((uintptr_t)ptr & ~MARK_BITS) == 0)
            cc__frame_give_back(guard, held);
    }
    *out = ptr;
    return 0;
}

/* The slot that was filled last among those that hold the pointer. */
static cc__slot_t *find_held(cc_guard_t *guard, const void *ptr)
{
    cc__slot_t *found = NULL;
    uint32_t used = cc__load_relaxed(&guard->used); /* the owner's own stores, here and below */
    cc__chunk_t *chunk = NULL;
    for (uint32_t i = 0; i < used; i++) {
        if (begins_chunk(i))
            chunk = cc__load_relaxed(chunk == NULL ? &guard->first : &chunk->next);
        cc__slot_t *slot = i < CC_FRAME_SLOTS ? &guard->slot[i] : &chunk->slot[(i - CC_FRAME_SLOTS) % CC_SLOT_CHUNK];
        if (((uintptr_t)cc__load_relaxed(slot) & ~MARK_BITS) == ((uintptr_t)ptr & ~MARK_BITS))
            found = slot;
    }
    return found;
}

void cc_guard_release(cc_guard_t *guard, void *ptr)
{
    if (guard == NULL || ((uintptr_t)ptr & ~MARK_BITS) == 0)
        return;
    cc__slot_t *slot = find_held(guard, ptr);
    if (slot != NULL)
        cc__frame_give_back(guard, slot);
}

void *cc_node_alloc(cc_domain_t *domain, size_t size)
{
    return domain != NULL ? cc_alloc_node(size) : NULL;
}

void cc_node_discard(cc_domain_t *domain, void *node)
{
    (void)domain;
    cc_free_unsized(node);
}

int cc_retire_reserve(cc_domain_t *domain, size_t n)
{
    if (domain == NULL || n > SIZE_MAX / 2)
        return -EINVAL;
    cc__rec_t *rec = cc__rec(domain);
    return rec != NULL && cc__limbo_reserve(rec, n) ? 0 : -ENOMEM;
}

int cc_retire(cc_domain_t *domain, void *ptr, size_t size, cc_reclaim_fn *reclaim, void *ctx)
{
    if (domain == NULL || ptr == NULL || size >= CC__OBJECT_BYTES_END)
        return -EINVAL;
    cc__entry_t entry = {.ptr = ptr, .reclaim = reclaim, .u.ctx = ctx, .sized = cc__sized_object(size)};
    cc__rec_t *rec = cc__rec_get(domain);
    cc__limbo_add(rec, &entry, 1);
    cc__limbo_maintain(rec);
    cc__rec_return(rec);
    return 0;
}
