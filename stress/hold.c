#include "hold.h"

#include "report.h"

#include <inttypes.h>

void hold_init(hold_t *hold, cc_domain_t *domain, worker_t *worker)
{
    hold->domain = domain;
    hold->worker = worker;
    hold->depth = 0;
}

static void look(hold_t *hold, const held_t *held)
{
    value_check(held->value, held->key, "held in a guard");
    if (held->value->sequence != held->sequence)
        finding("value %p of key %" PRIu64 " became another one while a guard held it", (void *)held->value, held->key);
    hold->worker->checks++;
}

static void look_at_all(hold_t *hold, const hold_level_t *level)
{
    for (unsigned i = 0; i < level->count; i++)
        look(hold, &level->held[i]);
}

void hold_enter(hold_t *hold)
{
    hold_level_t *level = &hold->levels[hold->depth++];
    level->count = 0;
    level->guard = cc_guard_enter(hold->domain);
    if (!level->guard)
        finding("cc_guard_enter returned NULL");
    value_forbid_reclaim(hold->domain);
}

void hold_leave(hold_t *hold)
{
    hold_level_t *level = &hold->levels[hold->depth - 1];
    look_at_all(hold, level);
    if (--hold->depth == 0)
        value_forbid_reclaim(NULL);
    cc_guard_leave(level->guard);
}

void hold_leave_all(hold_t *hold)
{
    while (hold->depth > 0)
        hold_leave(hold);
}

static void refresh(hold_t *hold)
{
    hold_level_t *level = &hold->levels[hold->depth - 1];
    look_at_all(hold, level);
    if (hold->depth == 1) /* for a moment the thread is in no guard */
        value_forbid_reclaim(NULL);
    cc_guard_refresh(level->guard);
    value_forbid_reclaim(hold->domain);
    level->count = 0;
}

/* Releases one; a value held twice must then still be held once. */
static void release_one(hold_t *hold)
{
    hold_level_t *level = &hold->levels[hold->depth - 1];
    if (level->count == 0)
        return;
    unsigned i = rnd_below(&hold->worker->rnd, level->count);
    look(hold, &level->held[i]);
    cc_guard_release(level->guard, level->held[i].value);
    level->held[i] = level->held[--level->count];
    look_at_all(hold, level);
}

void hold_something(hold_t *hold)
{
    uint32_t dice = rnd_below(&hold->worker->rnd, 64);
    if (dice < 4 && hold->depth < HOLD_DEPTH)
        hold_enter(hold);
    else if (hold->depth == 0)
        return;
    else if (dice < 7)
        hold_leave(hold);
    else if (dice == 7)
        refresh(hold);
    else if (dice < 16)
        release_one(hold);
    else if (dice < 20)
        for (unsigned d = 0; d < hold->depth; d++)
            look_at_all(hold, &hold->levels[d]);
}

void hold_value(hold_t *hold, value_t *value, uint64_t key, const char *how)
{
    hold_level_t *level = &hold->levels[hold->depth - 1];
    value_check(value, key, how);
    hold->worker->checks++;
    level->held[level->count++] = (held_t){value, key, value->sequence};
    if (level->count == HOLD_VALUES)
        refresh(hold);
}

value_t *hold_find(const hold_t *hold, uint64_t key)
{
    for (unsigned d = 0; d < hold->depth; d++)
        for (unsigned i = 0; i < hold->levels[d].count; i++)
            if (hold->levels[d].held[i].key == key)
                return hold->levels[d].held[i].value;
    return NULL;
}
