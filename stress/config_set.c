/* config_set.c: a hash set that costs nothing to empty, because it is emptied once per checked call. */
#include "config_set.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 64, CONFIGS_MAX = 1 << 20 };

static bool init(config_set_t *set, size_t slot_count)
{
    *set = (config_set_t){.slot_count = slot_count, .stamp = 1};
    set->items = malloc(slot_count / 2 * sizeof *set->items);
    set->slots = calloc(slot_count, sizeof *set->slots);
    return set->items && set->slots;
}

bool config_set_init(config_set_t *set)
{
    return init(set, SLOTS_FIRST);
}

void config_set_free(config_set_t *set)
{
    free(set->items);
    free(set->slots);
}

void config_set_clear(config_set_t *set)
{
    set->count = 0;
    if (++set->stamp == 0) { /* wrapped around: slots of long ago would look new */
        memset(set->slots, 0, set->slot_count * sizeof *set->slots);
        set->stamp = 1;
    }
}

/* The slot that holds `config`, or the free one where it belongs. */
static config_slot_t *find(const config_set_t *set, config_t config)
{
    uint64_t hash = (config.state ^ config.done * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd6e8feb86659fd93);
    size_t at = (size_t)(hash >> 32) & (set->slot_count - 1);
    while (set->slots[at].stamp == set->stamp) {
        const config_t *item = &set->items[set->slots[at].item];
        if (item->done == config.done && item->state == config.state)
            break;
        at = (at + 1) & (set->slot_count - 1);
    }
    return &set->slots[at];
}

static void append(config_set_t *set, config_slot_t *slot, config_t config)
{
    *slot = (config_slot_t){set->stamp, (uint32_t)set->count};
    set->items[set->count++] = config;
}

static bool grow(config_set_t *set)
{
    config_set_t bigger;
    if (set->count >= CONFIGS_MAX)
        return false;
    if (!init(&bigger, set->slot_count * 2)) {
        config_set_free(&bigger);
        return false;
    }
    for (size_t i = 0; i < set->count; i++)
        append(&bigger, find(&bigger, set->items[i]), set->items[i]);
    config_set_free(set);
    *set = bigger;
    return true;
}

bool config_set_add(config_set_t *set, config_t config)
{
    config_slot_t *slot = find(set, config);
    if (slot->stamp == set->stamp)
        return true;
    if (set->count == set->slot_count / 2) {
        if (!grow(set))
            return false;
        slot = find(set, config);
    }
    append(set, slot, config);
    return true;
}
