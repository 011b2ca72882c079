#include "counted.h"

void counted_reclaim(void *ptr, void *ctx)
{
    counted_t *object = ptr;
    object->dead = 1;
    atomic_fetch_add(&object->reclaimed, 1);
    if (ctx != NULL)
        atomic_fetch_add((atomic_int *)ctx, 1);
}

int counted_retire(cc_domain_t *domain, counted_t *object)
{
    return cc_retire(domain, object, sizeof *object, counted_reclaim, NULL);
}

bool counted_lives(const counted_t *object)
{
    return object->dead == 0;
}

int counted_times(counted_t *object)
{
    return atomic_load(&object->reclaimed);
}

size_t counted_with(counted_t *objects, size_t n, int times)
{
    size_t with = 0;
    for (size_t i = 0; i < n; i++)
        with += counted_times(&objects[i]) == times;
    return with;
}

void step_retire(void *retire_step)
{
    retire_step_t *s = retire_step;
    s->err = 0;
    for (size_t i = 0; i < s->n; i++) {
        int err = counted_retire(s->domain, &s->objects[i]);
        if (s->err == 0)
            s->err = err;
    }
}
