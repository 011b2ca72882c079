/* Making revisions: they are private until the compare-and-swap that publishes them. */
#ifndef CC_DS_BLOCKS_BUILD_H
#define CC_DS_BLOCKS_BUILD_H

#include "ds/blocks.h"

#include <string.h>

static inline void rev_inherit(cc__rev_t *rev, const cc__rev_t *old, uint64_t count)
{
    rev->last = old->last;
    rev->next = old->next;
    rev->count = count;
}

static inline void rev_insert(cc__rev_t *rev, const cc__rev_t *old, unsigned at, uint64_t key, void *value)
{
    rev_inherit(rev, old, old->count + 1);
    memcpy(rev->keys, old->keys, at * sizeof *rev->keys);
    rev->keys[at] = key;
    memcpy(rev->keys + at + 1, old->keys + at, (CC__ROOM - 1 - at) * sizeof *rev->keys);
    memcpy(rev->values, old->values, at * sizeof *rev->values);
    rev->values[at] = value;
    memcpy(rev->values + at + 1, old->values + at, (old->count - at) * sizeof *rev->values);
}

static inline void rev_replace(cc__rev_t *rev, const cc__rev_t *old, unsigned at, void *value)
{
    rev_inherit(rev, old, old->count);
    memcpy(rev->keys, old->keys, sizeof rev->keys);
    memcpy(rev->values, old->values, old->count * sizeof *rev->values);
    rev->values[at] = value;
}

static inline void rev_remove(cc__rev_t *rev, const cc__rev_t *old, unsigned at)
{
    rev_inherit(rev, old, old->count - 1);
    memcpy(rev->keys, old->keys, at * sizeof *rev->keys);
    memcpy(rev->keys + at, old->keys + at + 1, (CC__ROOM - 1 - at) * sizeof *rev->keys);
    rev->keys[CC__ROOM - 1] = UINT64_MAX;
    memcpy(rev->values, old->values, at * sizeof *rev->values);
    memcpy(rev->values + at, old->values + at + 1, (old->count - 1 - at) * sizeof *rev->values);
}

static inline void rev_push(cc__rev_t *rev, uint64_t key, void *value)
{
    rev->keys[rev->count] = key;
    rev->values[rev->count++] = value;
}

static inline void rev_append(cc__rev_t *rev, const cc__rev_t *old, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        rev_push(rev, old->keys[i], old->values[i]);
}

static inline void rev_finish(cc__rev_t *rev, uint64_t last, cc__span_t *next)
{
    rev->last = last;
    rev->next = next;
    for (uint64_t i = rev->count; i < CC__ROOM; i++)
        rev->keys[i] = UINT64_MAX;
}

#endif
