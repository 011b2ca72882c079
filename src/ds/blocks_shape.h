/* The shape of a blocked skip list: the index above each level, and merging. All of this runs after the operation that
 * caused it has taken effect, in operations of its own.
 *
 * These functions call each other, always for a higher level: no deeper than there are levels. */
#ifndef CC_DS_BLOCKS_SHAPE_H
#define CC_DS_BLOCKS_SHAPE_H

#include "ds/blocks_op.h"

enum { FAR = 4 }; /* steps to the right after which an entry in the index is missed */

typedef enum { MERGE_FROZEN, MERGE_SPARSE } merge_why_t;

static int merge(map_t *map, cc__rec_t *rec, unsigned level, cc__key_t key, merge_why_t why);

/* A span that was found late because the index does not know it, for want of memory: this thread will enter it. */
static inline void claim(op_t *op)
{
    uint32_t expected = CC__UNINDEXED;
    /* Relaxed: what the index was told before is not looked at. */
    if (op->born == NULL && cc__cas_relaxed(&op->at.span->entry, &expected, CC__LINKING))
        op->born = op->at.span;
}

/* Changes the level until it has taken effect. */
static inline int change(op_t *op, const edit_t *edit)
{
    for (;;) {
        if (!op_prepare(op))
            return -ENOMEM;
        smr_begin(op->rec);
        smr_search(op->rec, change_step, op);
        int result = change_write(op, edit);
        if (__builtin_expect(op->at.hops > FAR, 0) && result < AGAIN && result != -ENOMEM)
            claim(op);
        op_end(op);
        if (__builtin_expect(result < AGAIN || result == NOT_LINKED, 1))
            return result;
        op->restarts++;
        if (result == FROZEN && merge(op->map, op->rec, op->level, op->key, MERGE_FROZEN) != 0)
            return -ENOMEM;
    }
}

/* ---- the index */

static void retire_span(map_t *map, cc__rec_t *rec, span_t *span)
{
    op_t op = op_make(map, rec, span->level, span_low(span));
    owe_span(&op, span);
    cc__limbo_add(rec, op.debt, op.debts);
}

static void put_off(map_t *map, span_t *span)
{
    span->later = cc__load_relaxed(&map->later); /* checked by the CAS */
    /* [blocks.later] pairs with [blocks.take]: who takes it sees where it leads. */
    while (!cc__cas_release(&map->later, &span->later, span)) {
    }
}

static void enter(map_t *map, cc__rec_t *rec, span_t *span);

/* The key at which a span begins, for a call after this operation. */
static inline bool keep_low(cc__key_hold_t *hold, cc__key_t low)
{
    for (;;) {
        cc__key_copy_t copy = key_hold_room(hold);
        if (key_copy_out(&copy, low) == 0) {
            key_hold_set(hold, &copy);
            return true;
        }
        if (!key_hold_grow(hold))
            return false;
    }
}

typedef struct {
    op_t op;
    bool sparse;   /* the span behind the one that the key belongs to, */
    cc__key_t low; /* which begins here */
} behind_t;

SMR_SEARCH behind_step(void *arg)
{
    behind_t *b = arg;
    op_t *op = &b->op;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    spot_t at = spot_find(&hold, op->map, aim_at(op->key), op->level);
    b->sparse = false;
    if (at.rev->next != NULL) {
        at.span = at.rev->next;
        b->low = span_low(at.span);
        b->sparse = spot_read(&hold, &at) && at.rev->count <= SPARSE;
    }
    smr_leave_with(op->rec, at.span);
}

/* Of the span behind the one that the key belongs to: when it became sparse, its neighbour may have been too full. */
static void merge_behind(map_t *map, cc__rec_t *rec, unsigned level, cc__key_t key)
{
    behind_t b;
    cc__key_hold_t low;
    op_init(&b.op, map, rec);
    b.op.level = level;
    b.op.key = key;
    key_hold_init(&low);
    smr_begin(rec);
    smr_search(rec, behind_step, &b);
    bool kept = b.sparse && keep_low(&low, b.low);
    smr_end(rec);
    if (kept)
        (void)merge(map, rec, level, key_hold_get(&low), MERGE_SPARSE);
    key_hold_free(&low);
}

/* Without memory everything stays as it is. */
static void merge_if_sparse(map_t *map, cc__rec_t *rec, const op_t *op)
{
    bool asks = op->left <= SPARSE && (op->left & (op->left + 1)) == 0; /* at 15, 7, 3, 1, 0 */
    if (!asks)
        return;
    if (!op->first)
        (void)merge(map, rec, op->level, op->key, MERGE_SPARSE);
    merge_behind(map, rec, op->level, op->key);
}

/* Takes a dead span's entry out of the index and retires it, at the very end: its low is looked for until then. */
static void take_out(map_t *map, cc__rec_t *rec, span_t *span)
{
    op_t op = op_make(map, rec, span->level + 1, span_low(span));
    int result = change(&op, &(edit_t){.kind = EDIT_UNLINK, .value = span});
    if (result == -ENOMEM) {
        put_off(map, span);
        return;
    }
    enter(map, rec, op.born);
    if (result == 0)
        merge_if_sparse(map, rec, &op);
    if (cc__limbo_reserve(rec, 1))
        retire_span(map, rec, span);
    else
        put_off(map, span);
}

/* By the one thread that has merged the span. */
static void unindex(map_t *map, cc__rec_t *rec, span_t *span)
{
    /* [blocks.unlink] pairs with [blocks.linked]: what the linker did in the index. */
    uint32_t entry = cc__fetch_or_acq_rel(&span->entry, CC__UNLINK);
    if (entry == CC__INDEXED)
        take_out(map, rec, span);
    else if (entry == CC__UNINDEXED)
        retire_span(map, rec, span);
}

static void settle_put_off(map_t *map, cc__rec_t *rec)
{
    /* [blocks.take] pairs with [blocks.later]: where each of them leads. */
    span_t *span = cc__exchange_acquire(&map->later, NULL);
    while (span != NULL) {
        span_t *next = span->later;
        take_out(map, rec, span);
        span = next;
    }
}

/* Makes sure that there is a level above. */
static bool grow(map_t *map, cc__rec_t *rec, unsigned level)
{
    cc__span_t *root = cc__load_acquire(&map->root); /* [blocks.root] */
    if (root->level > level)
        return true;
    op_t op = op_make(map, rec, level + 1, span_low(root));
    span_t *span = op_prepare(&op) ? make_root(&op, root) : NULL;
    if (span == NULL)
        return false;
    cc__store_relaxed(&span->entry, CC__INDEXED); /* never looked at */
    /* [blocks.grow] pairs with [blocks.root]: the new root's contents. */
    if (!cc__cas_release(&map->root, &root, span))
        drop_span(&op, span);
    return true;
}

/* Enters a span that this thread has put into LINKING: nobody else retires it before. Splitting a block of the index makes
 * another span to be entered, one level up. */
static void enter(map_t *map, cc__rec_t *rec, span_t *span)
{
    while (span != NULL) {
        op_t op = op_make(map, rec, span->level + 1, span_low(span));
        bool linked = grow(map, rec, span->level) && change(&op, &(edit_t){.kind = EDIT_LINK, .value = span}) == 0;
        uint32_t expected = CC__LINKING;
        /* [blocks.linked] pairs with [blocks.unlink]: what was done in the index. */
        if (!cc__cas_acq_rel(&span->entry, &expected, linked ? CC__INDEXED : CC__UNINDEXED)) {
            if (linked)
                take_out(map, rec, span);
            else
                retire_span(map, rec, span);
        }
        span = op.born;
    }
}

/* ---- merging */

/* The span that the key belongs to, and its left neighbour. */
typedef struct {
    op_t op; /* stands on the neighbour */
    merge_why_t why;
    span_t *right; /* NULL: nothing is to be merged */
    uintptr_t right_word;
    bool asked; /* the right one is the one that the key belongs to */
} merge_t;

/* If the left neighbour is frozen itself it is merged first, and so on to the left: the leftmost span is never frozen. */
SMR_SEARCH merge_step(void *arg)
{
    merge_t *m = arg;
    op_t *op = &m->op;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    spot_t at = spot_find(&hold, op->map, aim_at(op->key), op->level);
    span_t *right = NULL;
    uintptr_t word = 0;
    bool asked = true;
    if (!span_is_first(at.span) && (m->why != MERGE_FROZEN || spot_is_frozen(&at))) {
        right = at.span;
        at = spot_find(&hold, op->map, aim_before(right), op->level);
        for (; spot_is_frozen(&at); asked = false) {
            right = at.span;
            at = spot_find(&hold, op->map, aim_before(right), op->level);
        }
        word = smr_read(&hold, &right->rev);
    }
    op->at = at;
    m->right = right;
    m->right_word = word;
    m->asked = asked;
    smr_commit(op->rec, at.span, at.rev, right, rev_of(word));
}

static inline bool merge_pays(const merge_t *m, const rev_t *left, const rev_t *right)
{
    if (m->why != MERGE_SPARSE)
        return false;
    return right->count == 0 || (right->count <= SPARSE && revs_fit(&m->op, left, right));
}

static inline bool freeze(const merge_t *m)
{
    uintptr_t expected = m->right_word;
    /* [blocks.freeze] pairs with [node.read, blocks.frozen]: nothing new; the rev was published before. */
    return cc__cas_seq_cst(&m->right->rev, &expected, m->right_word | CC__FROZEN);
}

/* Puts what the right one has into the left one, and freezes it before, unless it is frozen. Once frozen it never thaws:
 * another thread may have built the merged block already. So all memory is in hand before, and whoever meets it frozen helps. */
static int merge_write(merge_t *m)
{
    op_t *op = &m->op;
    if (m->right == NULL)
        return 0;
    if (op->at.rev->next != m->right || (m->right_word & CC__DEAD))
        return AGAIN;
    rev_t *left = op->at.rev, *right = rev_of(m->right_word);
    bool frozen = m->right_word & CC__FROZEN;
    if (!frozen && !merge_pays(m, left, right))
        return 0;
    rev_t *both = make_joined(op, left, right);
    if (both == NULL)
        return -ENOMEM;
    if (!frozen && !freeze(m)) {
        op_drop(op, both);
        return AGAIN;
    }
    if (!op_publish(op, both))
        return AGAIN;
    /* [blocks.die] pairs with [node.read]: whoever reads it looks elsewhere, so the rev may go before the span does. */
    cc__fetch_or_seq_cst(&m->right->rev, CC__DEAD);
    owe_rev(op, right);
    return MERGED;
}

/* Until the span that the key belongs to is not frozen (nor sparse, as `why` says). */
static int merge(map_t *map, cc__rec_t *rec, unsigned level, cc__key_t key, merge_why_t why)
{
    merge_t m;
    op_init(&m.op, map, rec);
    m.op.level = level;
    m.op.key = key;
    m.why = why;
    for (;;) {
        if (!op_prepare(&m.op))
            return -ENOMEM;
        smr_begin(rec);
        smr_search(rec, merge_step, &m);
        int result = merge_write(&m);
        op_end(&m.op);
        if (result == MERGED) {
            unindex(map, rec, m.right);
            enter(map, rec, m.op.born);
            m.op.born = NULL;
        }
        if (result == -ENOMEM || (result != AGAIN && m.asked))
            return result == MERGED ? 0 : result;
    }
}

/* After a change that has taken effect. */
static inline void reshape(op_t *op)
{
    if (__builtin_expect(op->born != NULL, 0))
        enter(op->map, op->rec, op->born);
    if (__builtin_expect(cc__load_relaxed(&op->map->later) != NULL, 0)) /* stale: another call will do it */
        settle_put_off(op->map, op->rec);
}

#endif
