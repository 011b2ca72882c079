/* The shape of a blocked skip list: the index above each level, and merging. All of this runs after the operation that
 * caused it has taken effect, in operations of its own.
 *
 * These functions call each other, always for a higher level: no deeper than there are levels. */
#ifndef CC_DS_BLOCKS_SHAPE_H
#define CC_DS_BLOCKS_SHAPE_H

#include "ds/blocks_op.h"

#ifndef CC_BLOCK_SPARSE
#define CC_BLOCK_SPARSE (CC__ENTRIES / 4)     /* entries: a block that has become so small is merged, */
#define CC_BLOCK_MERGED (CC__ENTRIES / 4 * 3) /* if what comes of it is not larger */
#endif

enum {
    SPARSE = CC_BLOCK_SPARSE,
    MERGED_MOST = CC_BLOCK_MERGED,
    FAR = 4, /* steps to the right after which an entry in the index is missed */
};

typedef enum { MERGE_FROZEN, MERGE_SPARSE, MERGE_ANY } merge_why_t;

static int merge(map_t *map, cc__rec_t *rec, unsigned level, uint64_t low, merge_why_t why);

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
        if (__builtin_expect(op->at.hops > FAR, 0) && result < AGAIN)
            claim(op);
        op_end(op);
        if (__builtin_expect(result < AGAIN || result == NOT_LINKED, 1))
            return result;
        op->restarts++;
        if (result == FROZEN && merge(op->map, op->rec, op->level, op->low, MERGE_FROZEN) != 0)
            return -ENOMEM;
    }
}

/* ---- the index
 * ------------------------------------------------------------------------------------------------------------------- */

static void retire_span(map_t *map, cc__rec_t *rec, span_t *span)
{
    op_t op = op_make(map, rec, span->level, span->low);
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

static void merge_if_sparse(map_t *map, cc__rec_t *rec, const op_t *op)
{
    if (op->low != 0 && (op->left == 0 || op->left == SPARSE || op->left == SPARSE / 2))
        (void)merge(map, rec, op->level, op->low, MERGE_SPARSE); /* no memory: it stays as it is */
}

/* Takes a dead span's entry out of the index and retires it. */
static void take_out(map_t *map, cc__rec_t *rec, span_t *span)
{
    op_t op = op_make(map, rec, span->level + 1, span->low);
    int result = change(&op, &(edit_t){.kind = EDIT_UNLINK, .value = span});
    if (result == -ENOMEM || !cc__limbo_reserve(rec, 1)) {
        put_off(map, span);
        return;
    }
    retire_span(map, rec, span);
    enter(map, rec, op.born);
    if (result == 0)
        merge_if_sparse(map, rec, &op);
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
    op_t op = op_make(map, rec, level + 1, 0);
    if (!op_prepare(&op))
        return false;
    rev_t *rev = take_rev(&op);
    span_t *span = take_span(&op, rev, 0);
    cc__store_relaxed(&span->entry, CC__INDEXED); /* never looked at */
    rev->count = 0;
    rev_push(rev, 0, root);
    rev_finish(rev, UINT64_MAX, NULL);
    /* [blocks.grow] pairs with [blocks.root]: the new root's contents. */
    if (!cc__cas_release(&map->root, &root, span)) {
        cc__stock_put(&rec->stock[CC__STOCK_REVS], rev);
        cc__stock_put(&rec->stock[CC__STOCK_SPANS], span);
    }
    return true;
}

/* Enters a span that this thread has put into LINKING: nobody else retires it before. Splitting a block of the index makes
 * another span to be entered, one level up. */
static void enter(map_t *map, cc__rec_t *rec, span_t *span)
{
    while (span != NULL) {
        op_t op = op_make(map, rec, span->level + 1, span->low);
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

/* ---- merging
 * --------------------------------------------------------------------------------------------------------------------- */

/* The span that begins at `low`, and its left neighbour. */
typedef struct {
    op_t op; /* stands on the neighbour */
    uint64_t low;
    merge_why_t why;
    span_t *right; /* NULL: no span begins there */
    uintptr_t right_word;
} merge_t;

SMR_SEARCH merge_step(void *arg)
{
    merge_t *m = arg;
    op_t *op = &m->op;
    smr_hold_t hold = smr_enter(op->rec, false);
    spot_t at = spot_find(&hold, op->map, m->low - 1, op->level);
    span_t *right = NULL;
    uintptr_t word = 0;
    if (!spot_is_frozen(&at) && at.rev->last == m->low - 1) {
        right = at.rev->next;
        word = smr_read(&hold, &right->rev);
    }
    op->low = at.span->low;
    op->at = at;
    m->right = right;
    m->right_word = word;
    smr_commit(op->rec, at.span, at.rev, right, rev_of(word));
}

static inline bool merge_pays(const merge_t *m, const rev_t *left, const rev_t *right)
{
    if (m->why != MERGE_SPARSE)
        return m->why == MERGE_ANY;
    return right->count == 0 || (right->count <= SPARSE && left->count + right->count <= MERGED_MOST);
}

/* What both have, in one rev or, if that is too much, in two. */
static rev_t *join(op_t *op, const rev_t *left, const rev_t *right)
{
    rev_t *rev = take_rev(op);
    uint64_t all = left->count + right->count;
    rev->count = 0;
    if (all <= CC__ENTRIES) {
        rev_append(rev, left, 0, left->count);
        rev_append(rev, right, 0, right->count);
        rev_finish(rev, right->last, right->next);
        return rev;
    }
    uint64_t stay = all / 2, of_left = stay < left->count ? stay : left->count;
    rev_t *rest = take_rev(op);
    rest->count = 0;
    rev_append(rev, left, 0, of_left);
    rev_append(rev, right, 0, stay - of_left);
    rev_append(rest, left, of_left, left->count);
    rev_append(rest, right, stay - of_left, right->count);
    rev_finish(rest, right->last, right->next);
    op->born = take_span(op, rest, rest->keys[0]);
    rev_finish(rev, op->born->low - 1, op->born);
    return rev;
}

/* Freezes the right one, unless it is frozen; puts what it has into the left one. Once frozen it never thaws: another
 * thread may have built the merged block already. So all memory is in hand before, and whoever meets it frozen helps. */
static int merge_write(merge_t *m)
{
    op_t *op = &m->op;
    if (spot_is_frozen(&op->at))
        return FROZEN;
    if (m->right == NULL)
        return 0;
    if (m->right_word & CC__DEAD)
        return AGAIN;
    rev_t *left = op->at.rev, *right = rev_of(m->right_word);
    if (!(m->right_word & CC__FROZEN)) {
        if (!merge_pays(m, left, right))
            return 0;
        uintptr_t expected = m->right_word;
        /* [blocks.freeze] pairs with [node.read, blocks.frozen]: nothing new; the rev was published before. */
        if (!cc__cas_seq_cst(&m->right->rev, &expected, m->right_word | CC__FROZEN))
            return AGAIN;
    }
    if (!op_publish(op, join(op, left, right)))
        return AGAIN;
    /* [blocks.die] pairs with [node.read]: whoever reads it looks elsewhere, so the rev may go before the span does. */
    cc__fetch_or_seq_cst(&m->right->rev, CC__DEAD);
    owe_rev(op, right);
    return MERGED;
}

/* Until no frozen span begins at `low` (nor a sparse one, nor any, as `why` says). If the left neighbour is frozen itself
 * it is merged first, and so on to the left: the leftmost span is never frozen. */
static int merge(map_t *map, cc__rec_t *rec, unsigned level, uint64_t low, merge_why_t why)
{
    merge_t m = {.op = op_make(map, rec, level, low), .low = low, .why = why};
    for (;;) {
        if (!op_prepare(&m.op))
            return -ENOMEM;
        smr_begin(rec);
        smr_search(rec, merge_step, &m);
        int result = merge_write(&m);
        op_end(&m.op);
        if (result == FROZEN) {
            m.low = m.op.low;
            m.why = MERGE_FROZEN;
        } else if (result != AGAIN) {
            if (result == MERGED) {
                unindex(map, rec, m.right);
                enter(map, rec, m.op.born);
                m.op.born = NULL;
            }
            if (m.low == low)
                return 0;
            m.low = low;
            m.why = why;
        }
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
