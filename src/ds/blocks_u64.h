/* Spans and revs with uint64 keys. See blocks.h. */
#ifndef CC_DS_BLOCKS_U64_H
#define CC_DS_BLOCKS_U64_H

#include "ds/blocks.h"

/* The keys come first, so that each vector of them is one cache line. */
struct cc__rev {
    uint64_t keys[CC__ROOM]; /* sorted; from count on UINT64_MAX */
    uint64_t birth;          /* epoch of its allocation (IBR) */
    uint64_t last;           /* the greatest key that belongs to the span */
    cc__span_t *next;
    uint64_t count;
    void *values[CC__ENTRIES]; /* on the bottom level the user's, above it spans of the level below */
};

struct cc__span {
    uint64_t birth;
    cc__link_t rev;
    uint64_t low; /* immutable, like level; 0: the leftmost of its level, which never dies */
    uint32_t level;
    CC__ATOMIC(uint32_t) entry;
    cc__span_t *later; /* see map.later */
};

static inline size_t rev_size(const cc__rev_t *rev)
{
    return sizeof *rev;
}

static inline void **rev_values(const cc__rev_t *rev)
{
    return (void **)(uintptr_t)rev->values; /* written only while the rev is private */
}

static inline cc__key_t rev_key(const cc__rev_t *rev, uint64_t i)
{
    return rev->keys[i];
}

static inline size_t span_size(const cc__span_t *span)
{
    return sizeof *span;
}

static inline cc__key_t span_low(const cc__span_t *span)
{
    return span->low;
}

static inline bool span_is_first(const cc__span_t *span)
{
    return span->low == 0;
}

static inline void rev_finish(cc__rev_t *rev, uint64_t last, cc__span_t *next)
{
    rev->last = last;
    rev->next = next;
    for (uint64_t i = rev->count; i < CC__ROOM; i++)
        rev->keys[i] = UINT64_MAX;
}

/* Those of an empty map. NULL: no memory. */
static inline cc__rev_t *rev_first(const cc_map_opts_t *opts)
{
    (void)opts;
    cc__rev_t *rev = cc_alloc_node(sizeof *rev);
    if (rev == NULL)
        return NULL;
    rev->birth = rev->count = 0;
    rev_finish(rev, UINT64_MAX, NULL);
    return rev;
}

static inline cc__span_t *span_first(void)
{
    cc__span_t *span = cc_alloc_node(sizeof *span);
    if (span != NULL)
        span->low = 0;
    return span;
}

/* ---- validate */

/* The neighbour begins where the rev ends. */
static inline bool rev_meets_next(const cc__rev_t *rev)
{
    return rev->next == NULL ? rev->last == UINT64_MAX : rev->next->low == rev->last + 1;
}

/* An entry of the index stands for this span. */
static inline bool rev_leads_to(const cc_map_opts_t *opts, const cc__rev_t *rev, uint64_t i, const cc__span_t *child)
{
    (void)opts;
    return rev->keys[i] == span_low(child);
}

/* What is wrong with the keys, or NULL. */
static inline const char *rev_fault(const cc_map_opts_t *opts, const cc__span_t *span, const cc__rev_t *rev)
{
    (void)opts;
    for (uint64_t i = 0; i < CC__ROOM; i++) {
        if (i >= rev->count && rev->keys[i] != UINT64_MAX)
            return "the room behind the keys is not filled";
        if (i < rev->count && (rev->keys[i] < span->low || rev->keys[i] > rev->last))
            return "a key lies outside of its span";
        if (i < rev->count && i > 0 && rev->keys[i] <= rev->keys[i - 1])
            return "keys are out of order";
    }
    return NULL;
}

#endif
