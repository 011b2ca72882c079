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

#include "ds/map_range.h"

/* ---- min, max, floor, ceil */

enum { PASSED_MOST = 30 }; /* spans: there are as many empty ones as removals that are under way */

typedef struct {
    op_t op;
    aim_t aim;
    bool up;
    bool overrun;        /* too many were passed: one must be merged, */
    cc__key_t key_found; /* the one that begins here */
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
    unsigned pos = n->up ? 0 : (unsigned)at->rev->count - 1;
    if (n->passed == 0) /* else the aim lies outside of the span */
        pos = nearest_at(op->map, at->rev, n->aim, n->up);
    if (pos >= at->rev->count) /* -1 as well */
        return false;
    n->key_found = rev_key(at->rev, pos);
    op->value = rev_values(at->rev)[pos];
    if (op->slot != NULL)
        cc__slot_hold(op->slot, op->value);
    return true;
}

/* To the neighbour. 1: done; 0: there is none; -1: begin again. */
SMR_INLINE int nearest_step_on(nearest_t *n, smr_hold_t *hold, spot_t *at)
{
    if (n->up ? at->rev->next == NULL : span_is_first(at->span))
        return 0;
    if (n->passed == PASSED_MOST) {
        n->overrun = true;
        n->key_found = span_low(at->span);
        return 0;
    }
    n->pass[n->passed].anchor = at->anchor;
    n->pass[n->passed++].word = at->anchor_word;
    if (n->up) {
        at->span = at->rev->next;
        return spot_read(hold, at) ? 1 : -1;
    }
    *at = spot_find(hold, n->op.map, aim_before(at->span), 0);
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
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    spot_t at;
    int on;
    do {
        n->overrun = false;
        n->passed = 0;
        op->value = NULL;
        at = spot_find(&hold, op->map, n->aim, 0);
        on = 1;
        while (on > 0 && !nearest_here(n, &at))
            on = nearest_step_on(n, &hold, &at);
    } while (on < 0 || (!n->overrun && !nearest_holds(n, &at)));
    smr_leave_with(op->rec, n->overrun ? (void *)at.span : at.rev);
}

/* Merges the last of too many spans in which there is nothing. */
static int merge_passed(nearest_t *n, cc__key_hold_t *hold)
{
    bool kept = keep_low(hold, n->key_found);
    smr_end(n->op.rec);
    return kept ? merge(n->op.map, n->op.rec, 0, key_hold_get(hold), MERGE_SPARSE) : -ENOMEM;
}

static int find_nearest(nearest_t *n, cc__key_out_t k)
{
    for (;;) {
        smr_begin(n->op.rec);
        smr_search(n->op.rec, nearest_step, n);
        if (!n->overrun)
            break;
        cc__key_hold_t hold;
        key_hold_init(&hold);
        int err = merge_passed(n, &hold);
        key_hold_free(&hold);
        if (err != 0)
            return err;
    }
    int err = n->op.value == NULL ? -ENOENT : key_copy_out(k, n->key_found);
    smr_end(n->op.rec);
    return err;
}

int BLOCKS_VARIANT(nearest)(map_t *map, cc__nearest_t which, const cc__key_t *key, cc__key_out_t k, void **v)
{
    nearest_t n;
    if (!nearest_aim(which, key, &n.aim))
        return -ENOENT;
    op_init(&n.op, map, cc__rec_get(map->domain));
    n.key_found = (cc__key_t){0};
    n.up = which == CC__MIN || which == CC__CEIL || which == CC__HIGHER;
    int err = op_prepare_slot(&n.op, v != NULL);
    if (err == 0)
        err = find_nearest(&n, k);
    if (err == 0 && v != NULL)
        *v = n.op.value;
    op_settle(&n.op, err == 0);
    return err;
}

/* ---- range */

/* Places [from, to) of the rev into the chunk: as many as both have room for, which is the result. */
SMR_INLINE unsigned range_take_run(range_t *range, const rev_t *rev, unsigned from, unsigned to)
{
    chunk_t *chunk = range->chunk;
    unsigned at = chunk->count, n = from < to ? to - from : 0;
    if (n > CC__CHUNK - at)
        n = CC__CHUNK - at;
    unsigned taken = rev_keys_out(rev, from, n, &chunk->keys, at);
    void **value = rev_values(rev) + from;
    for (unsigned i = 0; i < taken; i++) {
        chunk->values[at + i] = value[i];
        if (SMR_SLOTS) {
            /* [guard.slot] pairs with [slots.read]: what it held before is used no more. */
            cc__store_release(range->slots[at + i], value[i]);
        }
    }
    chunk->count = at + taken;
    range->no_room = taken < n;
    return taken;
}

/* Takes from one block what belongs to the range and finds room. False: it changed meanwhile, nothing was taken. */
SMR_INLINE bool collect_block(range_t *range, const spot_t *at, unsigned pos)
{
    const rev_t *rev = at->rev;
    const map_t *map = range->op.map;
    chunk_t *chunk = range->chunk;
    unsigned count = chunk->count;
    bool ends = rev_covers(map, rev, aim_end(range->to));
    unsigned to = ends ? rev_up_to(map, rev, aim_end(range->to)) : (unsigned)rev->count;
    if (!ends) {
        /* Safe where the next step of the walk is, for it touches the same word of the same span: at->rev is true (spot_read), so
         * that span was linked when the word that led here was read. Of the rev nothing is read. Relaxed: an old word costs lines
         * that are fetched in vain. */
        rev_fetch(rev_of(cc__load_relaxed(&rev->next->rev)));
    }
    pos += range_take_run(range, rev, pos, to);
    if (SMR_SLOTS && chunk->count != count) {
        cc__fence_light(); /* [guard.hold] pairs with [ibr.look]: seen by the scan, or the change by us */
        if (!spot_holds(at)) {
            chunk->count = count;
            range->no_room = false;
            return false;
        }
    }
    range->end = ends && pos >= to;
    return true;
}

enum { NEIGHBOURS = 2 }; /* that a chunk reads beside its first block, about */

SMR_SEARCH collect_step(void *arg)
{
    range_t *range = arg;
    op_t *op = &range->op;
    range_begin(range);
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    aim_t aim = aim_at(op->key);
    spot_t at = spot_find_ahead(&hold, op->map, aim, 0, NEIGHBOURS);
    unsigned pos;
    bool there = rev_seek(op->map, at.rev, aim, &pos);
    bool good = collect_block(range, &at, pos + (unsigned)(there & range->after));
    while (good && !range->end && range->chunk->count < CC__CHUNK && !range->no_room) {
        at.span = at.rev->next;
        good = spot_read(&hold, &at) && collect_block(range, &at, 0);
    }
    smr_leave(op->rec);
}

static void map_collect(range_t *range)
{
    smr_begin(range->op.rec);
    smr_search(range->op.rec, collect_step, range);
    smr_end(range->op.rec);
}

int64_t BLOCKS_VARIANT(range)(map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    const cc_map_opts_t *opts = &map->opts;
    if (!key_is_max(to) && key_order(from, to, opts->compare, opts->compare_ctx) > 0)
        return 0;
    return map_range(map, from, to, visit, ctx);
}
