/* Making spans and revs with byte-string keys, of memory that is sought when the size is known. They are private until the
 * compare-and-swap that publishes them; NULL: no memory, nothing was made. What is copied stands in the span and in the revs
 * that were committed. Part of blocks_op.h. */
#ifndef CC_DS_BLOCKS_MAKE_BYTES_H
#define CC_DS_BLOCKS_MAKE_BYTES_H

#include <string.h>

/* On no stock (cc__entry_t): sizes differ. */
enum { REV_STOCK = 0, SPAN_STOCK = 0 };

typedef struct {
    cc__key_t key; /* in a rev, or the operation's */
    void *value;
} item_t;

static inline bool op_prepare(const op_t *op)
{
    return cc__limbo_reserve(op->rec, DEBTS + 2);
}

static inline rev_t *take_rev(const op_t *op, size_t count, cc__key_t hi, size_t bytes)
{
    rev_t *rev = rev_room(count, hi, bytes);
    if (rev != NULL)
        rev->birth = smr_birth(op->rec);
    return rev;
}

static inline span_t *take_span(const op_t *op, rev_t *rev, cc__key_t low)
{
    span_t *span = cc_alloc_node(sizeof *span + low.len);
    if (span == NULL)
        return NULL;
    span->birth = smr_birth(op->rec);
    span->level = op->level;
    span->first = false;
    span->low_len = (uint32_t)low.len;
    bytes_copy(span->low, low);
    cc__store_relaxed(&span->rev, (uintptr_t)rev); /* published with the span */
    cc__store_relaxed(&span->entry, CC__LINKING);
    return span;
}

/* What was not published. */
static inline void drop_rev(const op_t *op, rev_t *rev)
{
    (void)op;
    cc_free(rev, rev->size);
}

static inline void drop_span(const op_t *op, span_t *span)
{
    drop_rev(op, rev_of(cc__load_relaxed(&span->rev))); /* still private */
    cc_free(span, span_size(span));
}

/* ---- one entry more, or less, or another value: the words stay what they are */

static inline rev_t *rev_like(const op_t *op, size_t count, size_t bytes)
{
    const rev_t *old = op->at.rev;
    rev_t *rev = take_rev(op, count, rev_hi(old), bytes);
    if (rev == NULL)
        return NULL;
    rev->next = old->next;
    rev->skip = old->skip;
    rev->first = old->first;
    return rev;
}

/* Entries [from, to) of the old rev, from place `at` on, with their keys behind those that are there. */
static inline void rev_copy(rev_t *rev, unsigned at, const rev_t *old, unsigned from, unsigned to)
{
    uint32_t *start = rev_starts(rev) + at;
    const uint32_t *was = rev_starts(old);
    uint32_t behind = start[0] - was[from];
    memcpy(rev->words + at, old->words + from, (to - from) * sizeof *rev->words);
    memcpy(rev_values(rev) + at, rev_values(old) + from, (to - from) * sizeof(void *));
    memcpy(rev_bytes(rev) + start[0], rev_bytes(old) + was[from], was[to] - was[from]);
    for (unsigned i = from; i < to; i++)
        start[i - from + 1] = was[i + 1] + behind;
}

static inline void rev_put(rev_t *rev, unsigned at, const item_t *item)
{
    uint32_t *start = rev_starts(rev) + at;
    start[1] = start[0] + (uint32_t)item->key.len;
    rev->words[at] = key_word(item->key, key_head(item->key), rev->skip);
    rev_values(rev)[at] = item->value;
    bytes_copy(rev_bytes(rev) + start[0], item->key);
}

/* So many keys have a place in a block however long they are. In the index several, for it is only as low as its blocks lead to
 * many: with one entry in each there would be a level per key, and no end to them. */
static inline unsigned any_length(const op_t *op)
{
    return op->level == 0 ? 1 : CC__ENTRIES < 8 ? CC__ENTRIES : 8;
}

static inline bool fits(const op_t *op, size_t count, size_t bytes)
{
    return count <= any_length(op) || (count <= CC__ENTRIES && bytes <= CC_BLOCK_BYTES);
}

static inline bool rev_has_room(const op_t *op)
{
    return fits(op, op->at.rev->count + 1, rev_key_bytes(op->at.rev) + op->key.len);
}

static inline rev_t *make_added(op_t *op, void *value)
{
    const rev_t *old = op->at.rev;
    rev_t *rev = rev_like(op, old->count + 1, rev_key_bytes(old) + op->key.len);
    if (rev == NULL)
        return NULL;
    rev_copy(rev, 0, old, 0, op->pos);
    rev_put(rev, op->pos, &(item_t){op->key, value});
    rev_copy(rev, op->pos + 1, old, op->pos, old->count);
    return rev;
}

static inline rev_t *make_replaced(op_t *op, void *value)
{
    const rev_t *old = op->at.rev;
    rev_t *rev = rev_like(op, old->count, rev_key_bytes(old));
    if (rev == NULL)
        return NULL;
    rev_copy(rev, 0, old, 0, old->count);
    rev_values(rev)[op->pos] = value;
    return rev;
}

static inline rev_t *make_removed(op_t *op)
{
    const rev_t *old = op->at.rev;
    rev_t *rev = rev_like(op, old->count - 1, rev_key_bytes(old) - rev_key(old, op->pos).len);
    if (rev == NULL)
        return NULL;
    rev_copy(rev, 0, old, 0, op->pos);
    rev_copy(rev, op->pos, old, op->pos + 1, old->count);
    return rev;
}

/* ---- other bounds, hence other words */

static inline unsigned items_add(item_t *items, unsigned n, const rev_t *rev, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        items[n++] = (item_t){rev_key(rev, i), rev_values(rev)[i]};
    return n;
}

static inline size_t items_bytes(const item_t *items, unsigned n)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < n; i++)
        bytes += items[i].key.len;
    return bytes;
}

static inline rev_t *rev_of_items(const op_t *op, const item_t *items, unsigned n, cc__key_t low, cc__key_t hi,
                                  span_t *next)
{
    rev_t *rev = take_rev(op, n, hi, items_bytes(items, n));
    if (rev == NULL)
        return NULL;
    rev->next = next;
    rev->first = false;
    rev->skip = op->map->opts.compare != NULL ? CC__NO_WORDS : next == NULL ? 0 : (uint32_t)bytes_common(low, hi);
    for (unsigned i = 0; i < n; i++)
        rev_put(rev, i, &items[i]);
    return rev;
}

/* How many of the items go to the left: half of them, at the bottom by what they weigh. Both sides have one at least, and no more
 * than a block takes. */
static inline unsigned half_of(const op_t *op, const item_t *items, unsigned n)
{
    if (op->level > 0)
        return n / 2;
    const size_t each = 3 * sizeof(void *);
    size_t all = items_bytes(items, n) + n * each, left = 0;
    unsigned least = n > CC__ENTRIES ? n - CC__ENTRIES : 1, most = n - 1 < CC__ENTRIES ? n - 1 : CC__ENTRIES, stay = 0;
    while (stay < least || (stay < most && left + (items[stay].key.len + each) / 2 < all / 2))
        left += items[stay++].key.len + each;
    return stay;
}

/* What belongs to the span that was found, as two revs, the right one in a span of its own and with the bound of `end`. */
static inline rev_t *make_two(op_t *op, const rev_t *end, const item_t *items, unsigned n, unsigned stay)
{
    cc__key_t cut = key_between(items[stay - 1].key, items[stay].key, op->map->opts.compare);
    rev_t *right = rev_of_items(op, items + stay, n - stay, cut, rev_hi(end), end->next);
    if (right == NULL)
        return NULL;
    span_t *born = take_span(op, right, cut);
    if (born == NULL) {
        drop_rev(op, right);
        return NULL;
    }
    rev_t *left = rev_of_items(op, items, stay, span_low(op->at.span), cut, born);
    if (left == NULL) {
        drop_span(op, born);
        return NULL;
    }
    left->first = op->at.rev->first;
    op->born = born;
    return left;
}

/* The full rev and the new entry. Where keys are appended at the end of the map, nearly all stay on the left, for nobody will
 * insert between them. */
static inline rev_t *make_split(op_t *op, void *value)
{
    const rev_t *old = op->at.rev;
    item_t items[CC__ENTRIES + 1];
    unsigned n = items_add(items, 0, old, 0, op->pos);
    items[n++] = (item_t){op->key, value};
    n = items_add(items, n, old, op->pos, old->count);
    bool appends = op->pos == old->count && old->next == NULL;
    return make_two(op, old, items, n, appends ? n - 1 - (n - 1) / 8 : half_of(op, items, n));
}

/* Is it worth while to merge them? */
static inline bool revs_fit(const op_t *op, const rev_t *left, const rev_t *right)
{
    size_t count = left->count + right->count;
    return count <= MERGED_MOST &&
           (count <= any_length(op) / 4 * 3 || rev_key_bytes(left) + rev_key_bytes(right) <= CC_BLOCK_BYTES / 4 * 3);
}

/* What both have, in one rev or, if that is too much, in two. */
static inline rev_t *make_joined(op_t *op, const rev_t *left, const rev_t *right)
{
    item_t items[2 * CC__ENTRIES];
    unsigned n = items_add(items, 0, left, 0, left->count);
    n = items_add(items, n, right, 0, right->count);
    if (!fits(op, n, items_bytes(items, n)))
        return make_two(op, right, items, n, half_of(op, items, n));
    rev_t *rev = rev_of_items(op, items, n, span_low(op->at.span), rev_hi(right), right->next);
    if (rev != NULL)
        rev->first = left->first;
    return rev;
}

/* The first span of another level, above `lower`. */
static inline span_t *make_root(const op_t *op, span_t *lower)
{
    const cc__key_t none = {NULL, 0};
    rev_t *rev = rev_of_items(op, &(item_t){none, lower}, 1, none, none, NULL);
    if (rev == NULL)
        return NULL;
    rev->first = true;
    span_t *span = take_span(op, rev, none);
    if (span == NULL) {
        drop_rev(op, rev);
        return NULL;
    }
    span->first = true;
    return span;
}

#endif
