/* The blocked skip list's SEARCH, compiled into each variant: the way from the root to the span that a key belongs to.
 *
 * The anchor rule. A span's word that is not frozen was the truth when it was read: the span was linked, and so was what
 * its rev names. A frozen word proves nothing by itself, for it will never change again: the span may have been merged, and
 * what it names been merged and freed, before it was read. But a span is unlinked by a change of its left neighbour, which
 * is impossible while that one is frozen too. So before anything that a frozen rev names is touched or answered, the word
 * of the last span on the way that was not frozen (the anchor) is read again: unchanged, the whole run after it was still
 * linked then. Where the way begins at a frozen span there is no anchor: it begins again further left. */
#ifndef CC_DS_BLOCKS_SEARCH_H
#define CC_DS_BLOCKS_SEARCH_H

#include "base/prefetch.h"
#include "ds/blocks.h"
#include "smr/guard.h"
#include "smr/limbo.h"
#include "smr/policy.h"
#include "smr/registry.h"
#include "smr/stock.h"

#if CC_KEY == CC__KEY_U64
#include "ds/blocks_find_u64.h"
#else
#include "ds/blocks_find_bytes.h"
#endif

typedef cc__map_t map_t;
typedef cc__span_t span_t;
typedef cc__rev_t rev_t;

/* Where a SEARCH stands. */
typedef struct {
    span_t *span;
    uintptr_t word; /* of the span, as it was read last, */
    rev_t *rev;     /* and its rev */
    span_t
        *anchor; /* the last span on the way with a word that was not frozen: this one, if it is not; NULL: none yet */
    uintptr_t anchor_word;
    unsigned hops; /* to the right, on this level */
} spot_t;

SMR_INLINE bool spot_is_frozen(const spot_t *at)
{
    return at->word & CC__FROZEN;
}

/* Still true at this moment: the span is linked, and what was read is in it. */
SMR_INLINE bool spot_holds(const spot_t *at)
{
    /* [blocks.again] pairs with [blocks.publish]: whoever unlinks has changed the anchor before. */
    return cc__load_seq_cst(&at->anchor->rev) == at->anchor_word;
}

/* Reads the span's word. False: what it names must not be touched. */
SMR_INLINE bool spot_read(smr_hold_t *hold, spot_t *at)
{
    at->word = smr_read(hold, &at->span->rev);
    at->rev = rev_of(at->word);
    if (__builtin_expect(!spot_is_frozen(at), 1)) {
        at->anchor = at->span;
        at->anchor_word = at->word;
        return true;
    }
    return at->anchor != NULL && spot_holds(at);
}

/* From the span to the one of this level that the aim belongs to. */
SMR_INLINE bool spot_walk(smr_hold_t *hold, const map_t *map, spot_t *at, aim_t aim)
{
    at->anchor = NULL;
    at->hops = 0;
    for (;;) {
        if (!spot_read(hold, at))
            return false;
        if (__builtin_expect(rev_covers(map, at->rev, aim), 1))
            return true;
        at->span = at->rev->next;
        at->hops++;
    }
}

/* The span of the level that `target` belongs to. `aim` is what the index is asked for: the target or, where the index leads
 * to a span that is of no use, less. Lock-free: aim falls, or others have changed something. The spans of so many neighbours
 * are fetched on the way. */
SMR_INLINE spot_t spot_find_ahead(smr_hold_t *hold, map_t *map, aim_t target, unsigned level, unsigned ahead)
{
    aim_t aim = target;
    for (;;) {
        /* [blocks.root] pairs with [blocks.grow]: the span's contents. The leftmost spans never die. */
        spot_t at = {.span = cc__load_acquire(&map->root)};
        unsigned l = at.span->level;
        bool good;
        while ((good = spot_walk(hold, map, &at, l == level ? target : aim)) && l != level) {
            unsigned children = rev_up_to(map, at.rev, aim);
            if (__builtin_expect(children == 0, 0))
                break;
            at.span = rev_values(at.rev)[children - 1];
            for (unsigned i = children; l == level + 1 && i < children + ahead && i < at.rev->count; i++)
                cc__prefetch_read(&((const span_t *)rev_values(at.rev)[i])->rev);
            l--;
        }
        if (__builtin_expect(good && l == level, 1))
            return at;
        aim = good || at.anchor == NULL ? aim_before(at.span) : target;
    }
}

SMR_INLINE spot_t spot_find(smr_hold_t *hold, map_t *map, aim_t target, unsigned level)
{
    return spot_find_ahead(hold, map, target, level, 0);
}

#endif
