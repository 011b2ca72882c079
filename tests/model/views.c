/* The views of threads; fences and locks, which pass them on. After the promising semantics (Kang, Hur, Lahav, Vafeiadis,
 * Dreyer, POPL 2017) without its promises, so there is no load buffering.
 *
 * A sequentially consistent fence exchanges what was seen with one view that all such fences share. So does a sequentially
 * consistent access, but of its own location only: each sees the one before it, in the order of the execution. Of the asymmetric
 * pair the light fence does nothing, the heavy one is a sequentially consistent fence of all threads. */
#include "views.h"

#include <stdlib.h>

enum { POOL = 16 << 20, LOCKS = 64 };

view_t model_cur[MODEL_THREADS], model_acq[MODEL_THREADS], model_rel[MODEL_THREADS], model_sc;

static struct {
    void *object;
    view_t view;
} locks[LOCKS];
static int lock_count;

static unsigned char *pool;
static size_t pool_used;

void *model_pool(size_t size)
{
    if (pool == NULL)
        pool = malloc(POOL);
    size = (size + 7) & ~(size_t)7;
    if (pool == NULL || pool_used + size > POOL)
        model_fail("the model's own memory is used up");
    pool_used += size;
    return pool + pool_used - size;
}

static void clear(view_t *view)
{
    memset(view, 0, offsetof(view_t, seen));
}

void model_views_begin(void)
{
    for (int t = 0; t < MODEL_THREADS; t++) {
        clear(&model_cur[t]);
        clear(&model_acq[t]);
        clear(&model_rel[t]);
        model_tick(t);
    }
    clear(&model_sc);
    lock_count = 0;
    pool_used = 0;
}

void model_views_join(int into, int from)
{
    model_view_join(&model_cur[into], &model_cur[from]);
    model_tick(from);
}

void model_now(model_moment_t *moment)
{
    const view_t *view = &model_cur[model_current];
    model_tick(model_current);
    moment->thread = model_current;
    moment->clock = model_clock(model_current);
    memcpy(moment->after, view->after, sizeof moment->after);
}

bool model_before(const model_moment_t *a, const model_moment_t *b)
{
    return a->thread == b->thread ? a->clock < b->clock : b->after[a->thread] >= a->clock;
}

static void fence(int t)
{
    model_view_join(&model_cur[t], &model_acq[t]);
    model_view_join_seen(&model_cur[t], &model_sc);
    model_view_join_seen(&model_sc, &model_cur[t]);
    model_view_join(&model_rel[t], &model_cur[t]);
    model_tick(t);
}

static void note(const model_site_t *site)
{
    if (model_config.trace)
        model_trace_event("%d: %s", model_current, site->text);
}

void model_fence(const model_site_t *site)
{
    if (model_is_point(site->text))
        model_reach();
    model_step();
    note(site);
    fence(model_current);
}

void model_fence_here(void)
{
    fence(model_current);
}

void model_fence_light(const model_site_t *site)
{
    if (!model_config.asymmetric)
        model_fence(site);
    else
        note(site);
}

/* Between the caller's two fences each thread passes one; of any two either may be the first. */
static void everybody_fences(void)
{
    int last = model_fiber_count();
    bool backwards = model_stale_left() && model_pick(2, MODEL_READ) != 0;
    if (backwards)
        model_stale_used();
    for (int t = 0; t <= last; t++)
        fence(backwards ? last - t : t);
}

bool model_fence_heavy(const model_site_t *site)
{
    model_fence(site);
    if (model_config.asymmetric) {
        model_signal_fence();
        everybody_fences();
        fence(model_current);
    }
    return true;
}

bool model_is_asymmetric(void)
{
    return model_config.asymmetric;
}

static view_t *lock_view(void *object)
{
    for (int i = 0; i < lock_count; i++) {
        if (locks[i].object == object)
            return &locks[i].view;
    }
    if (lock_count == LOCKS)
        model_fail("more than %d locks", LOCKS);
    locks[lock_count].object = object;
    clear(&locks[lock_count].view);
    return &locks[lock_count++].view;
}

void model_sync_release(void *object)
{
    if (model_alone)
        return;
    model_view_join(lock_view(object), &model_cur[model_current]);
    model_tick(model_current);
}

void model_sync_acquire(void *object)
{
    if (model_alone)
        return;
    model_view_join(&model_cur[model_current], lock_view(object));
}
