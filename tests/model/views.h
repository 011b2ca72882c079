/* What a thread has seen. The order of C11 appears in two strengths, because a sequentially consistent fence orders what
 * may be read, and is no synchronization:
 *
 *     after[t]   what thread t had done up to this clock happened before: plain accesses there are no race
 *     knows[t]   stores that t had made up to this clock may not be passed over by a read
 *     seen[i]    location i: a store at this position was read, so none before it may be read any more
 *
 * Only locations that two threads have touched in this execution have a number i. */
#ifndef MODEL_VIEWS_H
#define MODEL_VIEWS_H

#include "inside.h"

#include <string.h>

enum { MODEL_SHARED = 512 };

typedef struct {
    uint32_t after[MODEL_CLOCKS], knows[MODEL_CLOCKS];
    uint32_t known; /* entries of seen; beyond are zeros */
    uint32_t seen[MODEL_SHARED];
} view_t;

extern view_t model_cur[MODEL_THREADS]; /* what the thread has seen */
extern view_t model_acq[MODEL_THREADS]; /* with acquire loads it would have seen: taken over by its next fence */
extern view_t model_rel[MODEL_THREADS]; /* what it had seen at its last fence: released by relaxed stores */
extern view_t model_sc; /* what had been seen at sequentially consistent fences; and at accesses, of theirs */

static inline void model_raise(uint32_t *to, const uint32_t *from, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        to[i] = to[i] < from[i] ? from[i] : to[i];
}

static inline void model_view_widen(view_t *view, unsigned known)
{
    if (view->known < known) {
        memset(view->seen + view->known, 0, (known - view->known) * sizeof *view->seen);
        view->known = known;
    }
}

static inline void model_view_join_seen(view_t *to, const view_t *from)
{
    model_raise(to->knows, from->knows, MODEL_CLOCKS);
    model_view_widen(to, from->known);
    model_raise(to->seen, from->seen, from->known);
}

static inline void model_view_join(view_t *to, const view_t *from)
{
    model_raise(to->after, from->after, MODEL_CLOCKS);
    model_view_join_seen(to, from);
}

static inline uint32_t model_view_seen(const view_t *view, unsigned i)
{
    return i < view->known ? view->seen[i] : 0;
}

static inline void model_view_see(view_t *view, unsigned i, uint32_t at)
{
    model_view_widen(view, i + 1);
    if (view->seen[i] < at)
        view->seen[i] = at;
}

/* A copy that is kept, no longer than it need be. */
static inline view_t *model_view_keep(const view_t *view)
{
    size_t size = offsetof(view_t, seen) + view->known * sizeof *view->seen;
    view_t *copy = model_pool(size);
    memcpy(copy, view, size);
    return copy;
}

static inline uint32_t model_clock(int thread)
{
    return model_cur[thread].after[thread];
}

/* After whatever others may see: later accesses of the thread are told from earlier ones. */
static inline void model_tick(int thread)
{
    model_cur[thread].knows[thread] = ++model_cur[thread].after[thread];
}

#endif
