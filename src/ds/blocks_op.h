/* One operation on a blocked skip list: what it has found, what it owes, and the step that all changes consist of. */
#ifndef CC_DS_BLOCKS_OP_H
#define CC_DS_BLOCKS_OP_H

#include "ds/blocks_build.h"
#include "ds/blocks_search.h"

/* The two revs of a merge. */
enum { DEBTS = 2 };

/* Results of a WRITE beside those of the verbs. */
enum { AGAIN = 100, FROZEN, NOT_LINKED, MERGED };

typedef enum { EDIT_INSERT, EDIT_PUT, EDIT_REPLACE, EDIT_REMOVE, EDIT_LINK, EDIT_UNLINK } edit_kind_t;

/* LINK and UNLINK are the index's: value is a span, and they change that span's entry only. */
typedef struct {
    edit_kind_t kind;
    void *value;    /* new, or of UNLINK */
    void *expected; /* of REPLACE; NULL: any */
} edit_t;

/* Debts (what must be retired) are entered where the deciding step was won, and paid after the end. */
typedef struct {
    map_t *map;
    cc__rec_t *rec;
    uint64_t key;
    unsigned level;
    spot_t at;        /* found, with */
    uint64_t low;     /* of the span, */
    unsigned pos;     /* the place of the key in its rev, */
    bool found;       /* and whether it is there */
    void *was;        /* the value that was replaced or removed */
    span_t *born;     /* in LINKING: this thread must enter it into the index */
    uint64_t left;    /* entries in the rev that was published */
    cc__slot_t *slot; /* for the value, or NULL */
    void *value;      /* found; NULL: none */
    unsigned restarts;
    unsigned debts;
    cc__entry_t debt[DEBTS];
} op_t;

static inline op_t op_make(map_t *map, cc__rec_t *rec, unsigned level, uint64_t key)
{
    op_t op;
    op.map = map;
    op.rec = rec;
    op.level = level;
    op.key = key;
    op.was = NULL;
    op.born = NULL;
    op.slot = NULL;
    op.restarts = 0;
    op.debts = 0;
    return op;
}

#include "ds/map_op.h"

static inline void owe_rev(op_t *op, rev_t *rev)
{
    owe(op, (cc__entry_t){.ptr = rev, .u.birth = rev->birth, .size = sizeof *rev, .recycle = 1 + CC__STOCK_REVS});
}

static inline void owe_span(op_t *op, span_t *span)
{
    owe(op, (cc__entry_t){.ptr = span, .u.birth = span->birth, .size = sizeof *span, .recycle = 1 + CC__STOCK_SPANS});
}

/* Before a SEARCH: all the memory that the step can need, a block split included. */
static inline bool op_prepare(const op_t *op)
{
    cc__rec_t *rec = op->rec;
    return cc__limbo_reserve(rec, DEBTS + 2) && cc__stock_fill(&rec->stock[CC__STOCK_REVS], 2, sizeof(rev_t)) &&
           cc__stock_fill(&rec->stock[CC__STOCK_SPANS], 1, sizeof(span_t));
}

/* What is freed is freed at the very end of a call. */
static inline void pay(op_t *op)
{
    if (op->debts != 0)
        cc__limbo_add(op->rec, op->debt, op->debts);
    op->debts = 0;
}

static inline void op_end(op_t *op)
{
    smr_end(op->rec);
    pay(op);
}

static inline rev_t *take_rev(const op_t *op)
{
    rev_t *rev = cc__stock_take(&op->rec->stock[CC__STOCK_REVS]);
    rev->birth = smr_birth(op->rec);
    return rev;
}

static inline span_t *take_span(const op_t *op, rev_t *rev, uint64_t low)
{
    span_t *span = cc__stock_take(&op->rec->stock[CC__STOCK_SPANS]);
    span->birth = smr_birth(op->rec);
    span->low = low;
    span->level = op->level;
    cc__store_relaxed(&span->rev, (uintptr_t)rev); /* published with the span */
    cc__store_relaxed(&span->entry, CC__LINKING);
    return span;
}

/* Replaces the rev that was found. False: another thread changed the span; what was made is taken back. */
static inline bool op_publish(op_t *op, rev_t *rev)
{
    uintptr_t expected = op->at.word;
    uint64_t count = rev->count;
    /* [blocks.publish] pairs with [node.read, blocks.again]: the contents of the rev, and of the span that was born with it. */
    if (__builtin_expect(cc__cas_seq_cst(&op->at.span->rev, &expected, (uintptr_t)rev), 1)) {
        owe_rev(op, op->at.rev);
        op->left = count;
        return true;
    }
    cc__stock_put(&op->rec->stock[CC__STOCK_REVS], rev);
    if (op->born != NULL) {
        cc__stock_put(&op->rec->stock[CC__STOCK_REVS], rev_of(cc__load_relaxed(&op->born->rev))); /* still private */
        cc__stock_put(&op->rec->stock[CC__STOCK_SPANS], op->born);
        op->born = NULL;
    }
    return false;
}

/* SEARCH: the place of the key, committed. */
SMR_SEARCH change_step(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    spot_t at = spot_find(&hold, op->map, op->key, op->level);
    op->low = at.span->low;
    op->pos = keys_below(at.rev->keys, op->key);
    op->found = rev_has(at.rev, op->pos, op->key);
    op->at = at;
    smr_commit(op->rec, at.span, at.rev);
}

/* How many of a full block's entries and the new one stay on the left: half of them or, where keys are appended at the end
 * of the map, nearly all, for nobody will insert between them. */
static inline unsigned split_point(const op_t *op)
{
    bool appends = op->pos == CC__ENTRIES && op->at.rev->next == NULL;
    return appends ? CC__ENTRIES - CC__ENTRIES / 8 : (CC__ENTRIES + 1) / 2;
}

/* The full rev and the new entry as two revs, the right one in a span of its own. */
static inline rev_t *split(op_t *op, void *value)
{
    const rev_t *old = op->at.rev;
    rev_t *left = take_rev(op), *right = take_rev(op);
    unsigned pos = op->pos, stay = split_point(op);
    left->count = right->count = 0;
    if (pos < stay) {
        rev_append(left, old, 0, pos);
        rev_push(left, op->key, value);
        rev_append(left, old, pos, stay - 1);
        rev_append(right, old, stay - 1, CC__ENTRIES);
    } else {
        rev_append(left, old, 0, stay);
        rev_append(right, old, stay, pos);
        rev_push(right, op->key, value);
        rev_append(right, old, pos, CC__ENTRIES);
    }
    op->born = take_span(op, right, right->keys[0]);
    rev_finish(right, old->last, old->next);
    rev_finish(left, op->born->low - 1, op->born);
    return left;
}

static inline int write_added(op_t *op, void *value)
{
    rev_t *rev;
    if (__builtin_expect(op->at.rev->count < CC__ENTRIES, 1)) {
        rev = take_rev(op);
        rev_insert(rev, op->at.rev, op->pos, op->key, value);
    } else {
        rev = split(op, value);
    }
    return op_publish(op, rev) ? 0 : AGAIN;
}

static inline int write_replaced(op_t *op, void *value, int done)
{
    rev_t *rev = take_rev(op);
    rev_replace(rev, op->at.rev, op->pos, value);
    op->was = op->at.rev->values[op->pos];
    return op_publish(op, rev) ? done : AGAIN;
}

static inline int write_removed(op_t *op)
{
    rev_t *rev = take_rev(op);
    rev_remove(rev, op->at.rev, op->pos);
    op->was = op->at.rev->values[op->pos];
    return op_publish(op, rev) ? 0 : AGAIN;
}

/* An entry of the index. The span's own word decides whether it is alive: of two spans with the same low at most one is, and
 * the entry of the other one may be replaced. */
static inline int write_linked(op_t *op, void *present, span_t *span)
{
    /* [blocks.frozen] pairs with [blocks.freeze]: read after the index was, so a younger span's entry is not replaced. */
    if (cc__load_acquire(&span->rev) & CC__FROZEN)
        return NOT_LINKED;
    return present == NULL ? write_added(op, span) : write_replaced(op, span, 0);
}

/* WRITE: what the edit makes of the rev that was found. What changes nothing linearizes at the read of that rev. */
static inline int change_write(op_t *op, const edit_t *edit)
{
    if (spot_is_frozen(&op->at))
        return FROZEN;
    void *present = op->found ? op->at.rev->values[op->pos] : NULL;
    op->was = NULL;
    switch (edit->kind) {
    case EDIT_INSERT:
        return present == NULL ? write_added(op, edit->value) : -EEXIST;
    case EDIT_PUT:
        if (present == NULL)
            return write_added(op, edit->value);
        return present == edit->value ? 1 : write_replaced(op, edit->value, 1);
    case EDIT_REPLACE:
        if (present == NULL)
            return -ENOENT;
        if (edit->expected != NULL && present != edit->expected)
            return -ECANCELED;
        return present == edit->value ? 0 : write_replaced(op, edit->value, 0);
    case EDIT_REMOVE:
        return present == NULL ? -ENOENT : write_removed(op);
    case EDIT_LINK:
        return write_linked(op, present, edit->value);
    default:
        return present == edit->value ? write_removed(op) : NOT_LINKED;
    }
}

#endif
