/* The blocked skip list's ordered verbs: min, max, floor, ceil, lower, higher, range. Compiled once per scheme and instruction set.
 *
 * Linearizable. Most answers stand in the span that the key belongs to, and linearize at the read of its word. Otherwise
 * spans in which there is nothing are passed, and the anchor of each is noted: the span itself or, if it is frozen, the last
 * one before it that is not. When the answer has been read, all anchors are read again: unchanged, then at the moment at
 * which the word of the last span was read none of those passed had a key in question, and they and the last one were
 * neighbours, because each was linked and their stretches of the keys leave no gap. (The word of a frozen span proves
 * nothing: it stays the same when the span has been merged and a key been added to the one that it went into.)
 *
 * A range works in chunks. Each is one operation, which reads one block after the other; what it takes from one block was
 * there at one moment. Keys are copied out, values are held in the slots of a frame of the range's own (under epochs by its
 * announcement): stored there, then the word is read again. The visitor is called outside, and the next chunk resumes by
 * the key.
 *
 * Tests: skiplist64 tests (verbs against a sorted reference), stress_map phase `ordered`, the model's clients. */
#include "ds/blocks_range.h"

#include "ds/blocks_shape.h"

/* ---- min, max, floor, ceil
 * ------------------------------------------------------------------------------------- */

enum { PASSED_MOST = 30 }; /* spans: there are as many empty ones as removals that are under way */

typedef struct {
    op_t op; /* the first or last key in question */
    bool up;
    bool overrun;   /* too many were passed: one must be merged, */
    uint64_t empty; /* the one that begins here */
    uint64_t key_found;
    unsigned passed;
    struct {
        span_t *anchor;
        uintptr_t word;
    } pass[PASSED_MOST];
} nearest_t;

/* Takes the answer from the span, if it has one. */
SMR_INLINE bool nearest_here(nearest_t *n, const spot_t *at)
{
    op_t *op = &n->op;
    unsigned pos = n->up ? keys_below(at->rev->keys, op->key) : rev_up_to(at->rev, op->key) - 1;
    if (pos >= at->rev->count) /* -1 as well */
        return false;
    n->key_found = at->rev->keys[pos];
    op->value = at->rev->values[pos];
    if (op->slot != NULL)
        cc__slot_hold(op->slot, op->value);
    return true;
}

/* To the neighbour. 1: done; 0: there is none; -1: begin again. */
SMR_INLINE int nearest_step_on(nearest_t *n, smr_hold_t *hold, spot_t *at)
{
    if (n->up ? at->rev->next == NULL : at->span->low == 0)
        return 0;
    if (n->passed == PASSED_MOST) {
        n->overrun = true;
        n->empty = at->span->low;
        return 0;
    }
    n->pass[n->passed].anchor = at->anchor;
    n->pass[n->passed++].word = at->anchor_word;
    if (n->up) {
        at->span = at->rev->next;
        return spot_read(hold, at) ? 1 : -1;
    }
    *at = spot_find(hold, n->op.map, at->span->low - 1, 0);
    return 1;
}

SMR_INLINE bool nearest_holds(const nearest_t *n, const spot_t *at)
{
    if (n->passed == 0 && n->op.slot == NULL)
        return true;
    for (unsigned i = 0; i < n->passed; i++) {
        /* [blocks.again] pairs with [blocks.publish]: as in spot_holds. */
        if (cc__load_seq_cst(&n->pass[i].anchor->rev) != n->pass[i].word)
            return false;
    }
    return spot_holds(at);
}

SMR_SEARCH nearest_step(void *arg)
{
    nearest_t *n = arg;
    op_t *op = &n->op;
    smr_hold_t hold = smr_enter(op->rec, false);
    spot_t at;
    int on;
    do {
        n->overrun = false;
        n->passed = 0;
        op->value = NULL;
        at = spot_find(&hold, op->map, op->key, 0);
        on = 1;
        while (on > 0 && !nearest_here(n, &at))
            on = nearest_step_on(n, &hold, &at);
    } while (on < 0 || (!n->overrun && !nearest_holds(n, &at)));
    smr_leave(op->rec);
}

/* 0 or -ENOMEM. */
static int find_nearest(nearest_t *n)
{
    for (;;) {
        smr_begin(n->op.rec);
        smr_search(n->op.rec, nearest_step, n);
        smr_end(n->op.rec);
        if (!n->overrun)
            return 0;
        if (merge(n->op.map, n->op.rec, 0, n->empty, MERGE_SPARSE) != 0)
            return -ENOMEM;
    }
}

int BLOCKS_VARIANT(nearest)(map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v)
{
    nearest_t n;
    uint64_t bound = which == CC__MIN ? 0 : which == CC__MAX ? UINT64_MAX : *key;
    if (bound == (which == CC__LOWER ? 0 : UINT64_MAX) && (which == CC__LOWER || which == CC__HIGHER))
        return -ENOENT;
    bound += which == CC__HIGHER ? 1 : which == CC__LOWER ? UINT64_MAX : 0;
    n.op = op_make(map, cc__rec_get(map->domain), 0, bound);
    n.key_found = n.empty = 0;
    n.up = which == CC__MIN || which == CC__CEIL || which == CC__HIGHER;
    int err = op_prepare_slot(&n.op, v != NULL);
    if (err == 0)
        err = find_nearest(&n);
    if (err == 0)
        err = n.op.value == NULL ? -ENOENT : key_copy_out(k, n.key_found);
    if (err == 0 && v != NULL)
        *v = n.op.value;
    op_settle(&n.op, err == 0);
    return err;
}

/* ---- range
 * ----------------------------------------------------------------------------------------------------- */

typedef struct {
    op_t op; /* where to go on */
    cc_guard_t *frame;
    cc__slot_t *slots[CC__CHUNK]; /* of the frame, taken once; value i of a chunk stands in slot i */
    uint64_t to;
    uint64_t keys[CC__CHUNK];
    void *values[CC__CHUNK];
    unsigned count;
    bool end;      /* nothing beyond what was collected */
    uint64_t next; /* where the next chunk begins */
} range_t;

/* Takes from one block what belongs to the range and finds room. False: it changed meanwhile, nothing was taken. */
SMR_INLINE bool collect_block(range_t *range, const spot_t *at, unsigned pos)
{
    const rev_t *rev = at->rev;
    unsigned count = range->count;
    for (; pos < rev->count && count < CC__CHUNK && rev->keys[pos] <= range->to; pos++, count++) {
        range->keys[count] = rev->keys[pos];
        range->values[count] = rev->values[pos];
        if (SMR_SLOTS) {
            /* [guard.slot] pairs with [slots.read]: what it held before is used no more. */
            cc__store_release(range->slots[count], rev->values[pos]);
        }
    }
    if (SMR_SLOTS && count != range->count) {
        cc__fence_light(); /* [guard.hold] pairs with [ibr.look]: seen by the scan, or the change by us */
        if (!spot_holds(at))
            return false;
    }
    range->count = count;
    bool whole = pos == rev->count;
    range->next = whole ? rev->last + 1 : rev->keys[pos];
    range->end = whole ? rev->last >= range->to : rev->keys[pos] > range->to;
    return true;
}

SMR_SEARCH collect_step(void *arg)
{
    range_t *range = arg;
    op_t *op = &range->op;
    smr_hold_t hold = smr_enter(op->rec, false);
    range->count = 0;
    range->end = false;
    range->next = op->key;
    spot_t at = spot_find(&hold, op->map, op->key, 0);
    bool good = collect_block(range, &at, keys_below(at.rev->keys, op->key));
    while (good && !range->end && range->count < CC__CHUNK) {
        at.span = at.rev->next;
        good = spot_read(&hold, &at) && collect_block(range, &at, 0);
    }
    smr_leave(op->rec);
}

/* One operation: fills the chunk with what follows the key. */
static void collect_some(range_t *range)
{
    op_t *op = &range->op;
    if (!SMR_SLOTS)
        cc__frame_clear(range->frame);
    else if (op->rec->innermost == NULL)
        cc__counter_add(&op->rec->entered, 1); /* for the watchdog: it holds something else */
    smr_begin(op->rec);
    smr_search(op->rec, collect_step, range);
    smr_end(op->rec);
}

static bool visit_chunk(const range_t *range, cc__visit_fn *visit, void *ctx, int64_t *visited)
{
    for (unsigned i = 0; i < range->count; i++) {
        ++*visited;
        if (!visit(range->keys[i], range->values[i], ctx))
            return false;
    }
    return true;
}

static int64_t run(range_t *range, cc__visit_fn *visit, void *ctx)
{
    int64_t visited = 0;
    do {
        collect_some(range);
        range->op.key = range->next;
    } while (visit_chunk(range, visit, ctx, &visited) && !range->end);
    return visited;
}

static bool take_slots(range_t *range)
{
    if (!SMR_SLOTS)
        return true;
    if (!cc__frame_reserve(range->frame, CC__CHUNK))
        return false;
    for (unsigned i = 0; i < CC__CHUNK; i++) {
        range->slots[i] = cc__frame_take(range->frame);
        cc__store_release(range->slots[i], NULL); /* [guard.slot] pairs with [slots.read]: what an older frame held */
    }
    return true;
}

int64_t BLOCKS_VARIANT(range)(map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    if (from > to)
        return 0;
    cc__rec_t *rec = cc__rec(map->domain);
    if (rec == NULL)
        return -ENOMEM;
    cc_guard_t *frame = cc__frame_open(rec, false);
    if (frame == NULL)
        return -ENOMEM;
    range_t range;
    range.op = op_make(map, rec, 0, from);
    range.frame = frame;
    range.to = to;
    int64_t visited = take_slots(&range) ? run(&range, visit, ctx) : -ENOMEM;
    cc__frame_close(range.frame);
    op_settle(&range.op, true);
    return visited;
}
