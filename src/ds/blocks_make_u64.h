/* Making spans and revs with uint64 keys, of memory that was put ahead. They are private until the compare-and-swap that
 * publishes them. Part of blocks_op.h. */
#ifndef CC_DS_BLOCKS_MAKE_U64_H
#define CC_DS_BLOCKS_MAKE_U64_H

#include <string.h>

/* Where they go when they are reclaimed (cc__entry_t). */
enum { REV_STOCK = 1 + CC__STOCK_REVS, SPAN_STOCK = 1 + CC__STOCK_SPANS };

/* Before a SEARCH: all the memory that the step can need, a block split included. */
static inline bool op_prepare(const op_t *op)
{
    cc__rec_t *rec = op->rec;
    return cc__limbo_reserve(rec, DEBTS + 2) && cc__stock_fill(&rec->stock[CC__STOCK_REVS], 2, sizeof(rev_t)) &&
           cc__stock_fill(&rec->stock[CC__STOCK_SPANS], 1, sizeof(span_t));
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

/* What was not published. */
static inline void drop_rev(const op_t *op, rev_t *rev)
{
    cc__stock_put(&op->rec->stock[CC__STOCK_REVS], rev);
}

static inline void drop_span(const op_t *op, span_t *span)
{
    drop_rev(op, rev_of(cc__load_relaxed(&span->rev))); /* still private */
    cc__stock_put(&op->rec->stock[CC__STOCK_SPANS], span);
}

static inline void rev_inherit(rev_t *rev, const rev_t *old, uint64_t count)
{
    rev->last = old->last;
    rev->next = old->next;
    rev->count = count;
}

static inline bool rev_has_room(const op_t *op)
{
    return op->at.rev->count < CC__ENTRIES;
}

/* The rev that was found with one entry more. */
static inline rev_t *make_added(op_t *op, void *value)
{
    rev_t *rev = take_rev(op), *old = op->at.rev;
    unsigned at = op->pos;
    rev_inherit(rev, old, old->count + 1);
    memcpy(rev->keys, old->keys, at * sizeof *rev->keys);
    rev->keys[at] = op->key;
    memcpy(rev->keys + at + 1, old->keys + at, (CC__ROOM - 1 - at) * sizeof *rev->keys);
    memcpy(rev->values, old->values, at * sizeof *rev->values);
    rev->values[at] = value;
    memcpy(rev->values + at + 1, old->values + at, (old->count - at) * sizeof *rev->values);
    return rev;
}

static inline rev_t *make_replaced(op_t *op, void *value)
{
    rev_t *rev = take_rev(op), *old = op->at.rev;
    rev_inherit(rev, old, old->count);
    memcpy(rev->keys, old->keys, sizeof rev->keys);
    memcpy(rev->values, old->values, old->count * sizeof *rev->values);
    rev->values[op->pos] = value;
    return rev;
}

static inline rev_t *make_removed(op_t *op)
{
    rev_t *rev = take_rev(op), *old = op->at.rev;
    unsigned at = op->pos;
    rev_inherit(rev, old, old->count - 1);
    memcpy(rev->keys, old->keys, at * sizeof *rev->keys);
    memcpy(rev->keys + at, old->keys + at + 1, (CC__ROOM - 1 - at) * sizeof *rev->keys);
    rev->keys[CC__ROOM - 1] = UINT64_MAX;
    memcpy(rev->values, old->values, at * sizeof *rev->values);
    memcpy(rev->values + at, old->values + at + 1, (old->count - 1 - at) * sizeof *rev->values);
    return rev;
}

static inline void rev_push(rev_t *rev, uint64_t key, void *value)
{
    rev->keys[rev->count] = key;
    rev->values[rev->count++] = value;
}

static inline void rev_append(rev_t *rev, const rev_t *old, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        rev_push(rev, old->keys[i], old->values[i]);
}

/* How many of a full block's entries and the new one stay on the left: half of them or, where keys are appended at the end
 * of the map, nearly all, for nobody will insert between them. */
static inline unsigned split_point(const op_t *op)
{
    bool appends = op->pos == CC__ENTRIES && op->at.rev->next == NULL;
    return appends ? CC__ENTRIES - CC__ENTRIES / 8 : (CC__ENTRIES + 1) / 2;
}

/* The full rev and the new entry as two revs, the right one in a span of its own. */
static inline rev_t *make_split(op_t *op, void *value)
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

/* Is it worth while to merge them? */
static inline bool revs_fit(const op_t *op, const rev_t *left, const rev_t *right)
{
    (void)op;
    return left->count + right->count <= MERGED_MOST;
}

/* What both have, in one rev or, if that is too much, in two. */
static inline rev_t *make_joined(op_t *op, const rev_t *left, const rev_t *right)
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

/* The first span of another level, above `lower`. */
static inline span_t *make_root(const op_t *op, span_t *lower)
{
    rev_t *rev = take_rev(op);
    rev->count = 0;
    rev_push(rev, 0, lower);
    rev_finish(rev, UINT64_MAX, NULL);
    return take_span(op, rev, 0);
}

#endif
