/* Where a byte-string key is in a rev. See blocks_search.h. */
#ifndef CC_DS_BLOCKS_FIND_BYTES_H
#define CC_DS_BLOCKS_FIND_BYTES_H

#include "base/prefetch.h"
#include "ds/blocks_count.h"

/* What a SEARCH goes for: a place between keys. */
typedef struct {
    cc__key_t key;
    uint64_t head;                                             /* of the key */
    enum { AIM_AT, AIM_BEFORE, AIM_LEAST, AIM_GREATEST } side; /* behind the key, before it; before all, behind all */
} aim_t;

SMR_INLINE aim_t aim_at(cc__key_t key)
{
    return (aim_t){key, key_head(key), AIM_AT};
}

/* Not of a first one. */
SMR_INLINE aim_t aim_before(const cc__span_t *span)
{
    cc__key_t low = span_low(span);
    return (aim_t){low, key_head(low), AIM_BEFORE};
}

/* Where a range ends. */
SMR_INLINE aim_t aim_end(cc__key_t to)
{
    return key_is_max(to) ? (aim_t){.side = AIM_GREATEST} : aim_at(to);
}

SMR_INLINE bool rev_covers(const cc__map_t *map, const cc__rev_t *rev, aim_t aim)
{
    if (rev->next == NULL || aim.side == AIM_LEAST)
        return true;
    if (aim.side == AIM_GREATEST)
        return false;
    if (map->opts.compare == NULL && aim.head != rev->hi_head)
        return aim.head < rev->hi_head;
    int order = key_order(aim.key, rev_hi(rev), map->opts.compare, map->opts.compare_ctx);
    return order < 0 || (order == 0 && aim.side == AIM_BEFORE);
}

/* How many words are up to this one, of which there may be several. */
SMR_INLINE unsigned words_up_to(const cc__rev_t *rev, int64_t word)
{
    return word == INT64_MAX ? rev->count : words_below(rev->words, rev->count, word + 1);
}

/* The place of the aim's key, which belongs to the span; is it there? */
SMR_INLINE bool rev_seek(const cc__map_t *map, const cc__rev_t *rev, aim_t aim, unsigned *at)
{
    int64_t word = key_word(aim.key, aim.head, rev->skip);
    unsigned from = words_below(rev->words, rev->count, word), to;
    if (__builtin_expect(rev->first, 0) && from == 0)
        from = 1;
    *at = from;
    if (from >= rev->count || rev->words[from] != word)
        return false;
    to = from + 1 == rev->count || rev->words[from + 1] != word ? from + 1 : words_up_to(rev, word);
    return key_run_seek(rev_bytes(rev), rev_starts(rev), from, to, aim.key, &map->opts, at);
}

/* How many of its keys are up to the aim, which belongs to the span. */
SMR_INLINE unsigned rev_up_to(const cc__map_t *map, const cc__rev_t *rev, aim_t aim)
{
    if (__builtin_expect(aim.side > AIM_BEFORE, 0))
        return aim.side == AIM_GREATEST ? rev->count : rev->first;
    unsigned at;
    bool there = rev_seek(map, rev, aim, &at);
    return at + (unsigned)(there & (aim.side == AIM_AT));
}

/* Its value; NULL: it is not there. */
SMR_INLINE void *rev_get(const cc__map_t *map, const cc__rev_t *rev, aim_t aim)
{
    unsigned at;
    return rev_seek(map, rev, aim, &at) ? rev_values(rev)[at] : NULL;
}

/* What a range will read of it: the header, and about where all but the words is in a block of short keys. */
SMR_INLINE void rev_fetch(const cc__rev_t *rev)
{
    const size_t line = CC_CACHE_LINE_SIZE, words = CC__ROOM / 2 * sizeof(int64_t);
    cc__prefetch_read(rev);
    for (size_t i = 1; i < 16; i++)
        cc__prefetch_read((const char *)rev + words + i * line);
}

/* Keys from the place `from` on into the list, from its place i on: n, or as many as there is room for. */
SMR_INLINE unsigned rev_keys_out(const cc__rev_t *rev, unsigned from, unsigned n, cc__key_list_t *list, unsigned i)
{
    return key_list_run(list, i, rev_bytes(rev), rev_starts(rev) + from, n);
}

/* ---- the nearest key */

/* False: there can be none. */
static inline bool nearest_aim(cc__nearest_t which, const cc__key_t *key, aim_t *aim)
{
    *aim = aim_at(key != NULL ? *key : (cc__key_t){NULL, 0});
    aim->side = which == CC__MIN                          ? AIM_LEAST
                : which == CC__MAX                        ? AIM_GREATEST
                : which == CC__CEIL || which == CC__LOWER ? AIM_BEFORE
                                                          : AIM_AT;
    return true;
}

/* In the span that the aim belongs to: upwards the place of the first key behind the aim, downwards of the last before it (-1:
 * none). */
SMR_INLINE unsigned nearest_at(const cc__map_t *map, const cc__rev_t *rev, aim_t aim, bool up)
{
    unsigned at = rev_up_to(map, rev, aim);
    return up ? at : at - 1;
}

/* The end of a SEARCH that has found a key in the rev, from which WRITE copies it. */
#define smr_leave_with(rec, object) smr_commit(rec, object)

#endif
