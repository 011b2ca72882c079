/* One operation on a blocked skip list: what it has found, what it owes, and the step that all changes consist of. */
#ifndef CC_DS_BLOCKS_OP_H
#define CC_DS_BLOCKS_OP_H

#include "ds/blocks_search.h"

#ifndef CC_BLOCK_SPARSE
#define CC_BLOCK_SPARSE (CC__ENTRIES / 4)     /* entries: a block that has become so small is merged, */
#define CC_BLOCK_MERGED (CC__ENTRIES / 4 * 3) /* if what comes of it is not larger */
#endif

enum {
    DEBTS = 2, /* the two revs of a merge */
    SPARSE = CC_BLOCK_SPARSE,
    MERGED_MOST = CC_BLOCK_MERGED,
};

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
    cc__key_t key;
    unsigned level;
    spot_t at;        /* found, with */
    bool first;       /* is it the leftmost span, */
    bool found;       /* is the key in its rev, */
    unsigned pos;     /* and at which place */
    void *was;        /* the value that was replaced or removed */
    span_t *born;     /* in LINKING: this thread must enter it into the index */
    uint64_t left;    /* entries in the rev that was published */
    cc__slot_t *slot; /* for the value, or NULL */
    void *value;      /* found; NULL: none */
    unsigned restarts;
    unsigned debts;
    cc__entry_t debt[DEBTS];
} op_t;

static inline void op_init(op_t *op, map_t *map, cc__rec_t *rec)
{
    op->map = map;
    op->rec = rec;
    op->level = 0;
    op->was = NULL;
    op->born = NULL;
    op->slot = NULL;
    op->restarts = 0;
    op->debts = 0;
}

static inline op_t op_make(map_t *map, cc__rec_t *rec, unsigned level, cc__key_t key)
{
    op_t op;
    op_init(&op, map, rec);
    op.level = level;
    op.key = key;
    return op;
}

#include "ds/map_op.h"

#if CC_KEY == CC__KEY_U64
#include "ds/blocks_make_u64.h"
#else
#include "ds/blocks_make_bytes.h"
#endif

static inline void owe_rev(op_t *op, rev_t *rev)
{
    owe(op, (cc__entry_t){.ptr = rev, .u.birth = rev->birth, .sized = cc__sized_node(rev_size(rev), REV_STOCK)});
}

static inline void owe_span(op_t *op, span_t *span)
{
    owe(op, (cc__entry_t){.ptr = span, .u.birth = span->birth, .sized = cc__sized_node(span_size(span), SPAN_STOCK)});
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

/* Takes back what was made. */
static inline void op_drop(op_t *op, rev_t *rev)
{
    drop_rev(op, rev);
    if (op->born != NULL)
        drop_span(op, op->born);
    op->born = NULL;
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
    op_drop(op, rev);
    return false;
}

/* SEARCH: the place of the key, committed. */
SMR_SEARCH change_step(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    aim_t aim = aim_at(op->key);
    spot_t at = spot_find(&hold, op->map, aim, op->level);
    op->first = span_is_first(at.span);
    op->found = rev_seek(op->map, at.rev, aim, &op->pos);
    op->at = at;
    smr_commit(op->rec, at.span, at.rev);
}

/* NULL: there was no memory for it. */
static inline int write_rev(op_t *op, rev_t *rev, int done)
{
    if (rev == NULL)
        return -ENOMEM;
    return op_publish(op, rev) ? done : AGAIN;
}

static inline int write_added(op_t *op, void *value)
{
    bool fits = __builtin_expect(rev_has_room(op), 1);
    return write_rev(op, fits ? make_added(op, value) : make_split(op, value), 0);
}

static inline int write_replaced(op_t *op, void *value, int done)
{
    op->was = rev_values(op->at.rev)[op->pos];
    return write_rev(op, make_replaced(op, value), done);
}

static inline int write_removed(op_t *op)
{
    op->was = rev_values(op->at.rev)[op->pos];
    return write_rev(op, make_removed(op), 0);
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
    void *present = op->found ? rev_values(op->at.rev)[op->pos] : NULL;
    op->was = NULL;
    switch (edit->kind) {
    case EDIT_INSERT:
        return present == NULL ? write_added(op, edit->value) : -EEXIST;
    case EDIT_PUT:
        if (present == NULL)
            return write_added(op, edit->value);
        return present == edit->value ? 1 : write_replaced(op, edit->value, 1);
    case EDIT_REPLACE:
    case EDIT_REMOVE:
        if (present == NULL)
            return -ENOENT;
        if (edit->expected != NULL && present != edit->expected)
            return -ECANCELED;
        if (edit->kind == EDIT_REMOVE)
            return write_removed(op);
        return present == edit->value ? 0 : write_replaced(op, edit->value, 0);
    case EDIT_LINK:
        return write_linked(op, present, edit->value);
    default:
        return present == edit->value ? write_removed(op) : NOT_LINKED;
    }
}

#endif
