/* Where a uint64 key is in a rev. See blocks_search.h. */
#ifndef CC_DS_BLOCKS_FIND_U64_H
#define CC_DS_BLOCKS_FIND_U64_H

#include "base/prefetch.h"
#include "ds/blocks_count.h"

/* What a SEARCH goes for: the place behind all keys up to this one. */
typedef uint64_t aim_t;

SMR_INLINE aim_t aim_at(cc__key_t key)
{
    return key;
}

/* Not of a first one. */
SMR_INLINE aim_t aim_before(const cc__span_t *span)
{
    return span->low - 1;
}

/* Where a range ends. */
SMR_INLINE aim_t aim_end(cc__key_t to)
{
    return to;
}

SMR_INLINE bool rev_covers(const cc__map_t *map, const cc__rev_t *rev, aim_t aim)
{
    (void)map;
    return aim <= rev->last;
}

/* How many of its keys are up to the aim, which belongs to the span. */
SMR_INLINE unsigned rev_up_to(const cc__map_t *map, const cc__rev_t *rev, aim_t aim)
{
    (void)map;
    return count_up_to(rev->keys, (unsigned)rev->count, aim);
}

/* The place of a key that belongs to the span; is it there? Without a branch: half of all look-ups would be mispredicted.
 * There is always a key behind the last. */
SMR_INLINE bool rev_seek(const cc__map_t *map, const cc__rev_t *rev, aim_t aim, unsigned *at)
{
    (void)map;
    *at = keys_below(rev->keys, aim);
    return (*at < rev->count) & (rev->keys[*at] == aim);
}

/* Its value; NULL: it is not there. No branch either. */
SMR_INLINE void *rev_get(const cc__map_t *map, const cc__rev_t *rev, aim_t aim)
{
    unsigned at;
    uintptr_t there = rev_seek(map, rev, aim, &at);
    uintptr_t word = (uintptr_t)rev->values[there != 0 ? at : 0] & -there;
    return (void *)word; // NOLINT(performance-no-int-to-ptr)
}

/* What a range will read of it. */
SMR_INLINE void rev_fetch(const cc__rev_t *rev)
{
    const size_t line = CC_CACHE_LINE_SIZE;
    for (size_t i = 0; i < sizeof *rev; i += line)
        cc__prefetch_read((const char *)rev + i);
}

/* Keys from the place `from` on into the list, from its place i on. */
SMR_INLINE unsigned rev_keys_out(const cc__rev_t *rev, unsigned from, unsigned n, cc__key_list_t *list, unsigned i)
{
    for (unsigned k = 0; k < n; k++)
        list->keys[i + k] = rev->keys[from + k];
    return n;
}

/* ---- the nearest key */

/* False: there can be none. */
static inline bool nearest_aim(cc__nearest_t which, const cc__key_t *key, aim_t *aim)
{
    if (which == CC__MIN || which == CC__MAX) {
        *aim = which == CC__MIN ? 0 : UINT64_MAX;
        return true;
    }
    *aim = *key + (which == CC__HIGHER ? 1 : which == CC__LOWER ? UINT64_MAX : 0);
    return *key != (which == CC__LOWER ? 0 : UINT64_MAX) || (which != CC__LOWER && which != CC__HIGHER);
}

/* In the span that the aim belongs to: upwards the place of the first key from the aim on, downwards of the last up to it (-1:
 * none). */
SMR_INLINE unsigned nearest_at(const cc__map_t *map, const cc__rev_t *rev, aim_t aim, bool up)
{
    return up ? keys_below(rev->keys, aim) : rev_up_to(map, rev, aim) - 1;
}

/* The end of a SEARCH that has found a key, which is no part of the rev. */
#define smr_leave_with(rec, object) ((void)(object), smr_leave(rec))

#endif
