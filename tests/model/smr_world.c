#include "smr_world.h"

#include "base/atomic.h"

cc_domain_t *world_domain;
CC_ATOMIC_PTR *world_shared;
int world_reclaimed;

world_object_t *world_object(void)
{
    world_object_t *object = cc_alloc(sizeof *object);
    model_memset(object, 0, sizeof *object);
    object->alive = 1;
    return object;
}

void world_reclaim(void *ptr, void *ctx)
{
    (void)ctx;
    world_object_t *object = ptr;
    model_assert(object->alive == 1);
    object->alive = 0;
    world_reclaimed++;
    cc_free(ptr, sizeof *object);
}

void world_setup_with(cc_reclaimer_t reclaimer)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    opts.reclaimer = reclaimer;
    model_assert(cc_domain_create(&opts, &world_domain) == 0);
    world_shared = cc_alloc(sizeof *world_shared);
    cc__store_relaxed(world_shared, (void *)world_object());
    world_reclaimed = 0;
}

void world_setup(void)
{
    world_setup_with(CC_RECLAIM_INLINE);
}

void world_finish(void)
{
    model_assert(cc_retire(world_domain, (void *)cc__load_acquire(world_shared), sizeof(world_object_t), world_reclaim,
                           NULL) == 0);
    model_assert(cc_domain_drain(world_domain, 0) == 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(world_domain, &s) == 0);
    model_assert(s.retired == s.reclaimed && s.leaked == 0 && s.guards == 0);
    model_assert(world_reclaimed == (int)s.retired);
    model_assert(cc_domain_destroy(world_domain) == 0);
    cc_free((void *)world_shared, sizeof *world_shared);
}

void world_replace(void)
{
    void *fresh = world_object(), *old = cc__load_acquire(world_shared);
    while (!cc__cas_acq_rel(world_shared, &old, fresh)) {
    }
    model_assert(cc_retire(world_domain, old, sizeof(world_object_t), world_reclaim, NULL) == 0);
}

void world_read(void)
{
    void *ptr;
    cc_guard_t *guard = cc_guard_enter(world_domain);
    model_assert(cc_guard_protect(guard, world_shared, &ptr) == 0);
    model_assert(((world_object_t *)ptr)->alive == 1);
    model_point("in the guard");
    model_assert(((world_object_t *)ptr)->alive == 1);
    cc_guard_leave(guard);
}
