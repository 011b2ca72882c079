/* Nobody leaves a frozen span behind: who froze it, or met it frozen, merges it, and in the model there is memory for that.
 * cc_..._validate does not ask, for where memory ran out such a span is no damage. Compiled once per kind of key. */
#include "blocks_thawed.h"

#include "ds/blocks.h"

static const cc__span_t *below(const cc__span_t *leftmost)
{
    return leftmost->level == 0 ? NULL : rev_values(rev_of(cc__load_relaxed(&leftmost->rev)))[0];
}

static bool level_thawed(const cc__span_t *leftmost)
{
    for (const cc__span_t *span = leftmost; span != NULL;) {
        uintptr_t word = cc__load_relaxed(&span->rev); /* the map is quiet */
        if (word & CC__FROZEN)
            return false;
        span = rev_of(word)->next;
    }
    return true;
}

#if CC_KEY == CC__KEY_U64
bool blocks_thawed_u64(void *a_map)
#else
bool blocks_thawed_bytes(void *a_map)
#endif
{
    const cc__map_t *map = a_map;
    for (const cc__span_t *leftmost = cc__load_relaxed(&map->root); leftmost != NULL; leftmost = below(leftmost)) {
        if (!level_thawed(leftmost))
            return false;
    }
    return true;
}
