/* validate of a skip list sees damage (damage.h) in its spans, blocks and index. Compiled once per kind of key, with the library's
 * own headers; see skiplist64_damage_test.c and skiplist_damage_test.c, which define CC_KEY, SUITE, VERB, KEY and map_t, and plant
 * what depends on the kind. */
#include "damage.h"

#include "ds/blocks.h"

static cc__rev_t *rev_in(const cc__span_t *span)
{
    return rev_of(atomic_load(&span->rev));
}

static cc__span_t *leftmost(map_t *map, unsigned level)
{
    cc__span_t *span = atomic_load(&map->root);
    cr_assert_gt(span->level, level, "the index is as high as that");
    while (span->level > level)
        span = rev_values(rev_in(span))[0];
    return span;
}

/* A span that is neither the first nor the last of its level, with two entries at least. */
static cc__span_t *some_span(map_t *map, unsigned level)
{
    cc__span_t *span = rev_in(leftmost(map, level))->next;
    while (span != NULL && rev_in(span)->count < 2)
        span = rev_in(span)->next;
    cr_assert(span != NULL && rev_in(span)->next != NULL);
    return span;
}

enum { DAMAGED_LEVELS = 2 };

/* One word gets another value, and its own again. */
#define SPOIL(word, value, damage)                                                                                     \
    do {                                                                                                               \
        __typeof__(word) before = (word);                                                                              \
        (word) = (value);                                                                                              \
        expect_broken(map, damage);                                                                                    \
        (word) = before;                                                                                               \
    } while (0)

PLANT(span_that_was_merged)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__span_t *span = some_span(map, l);
        uintptr_t word = cc__load_relaxed(&span->rev); /* nobody shares the map */
        SPOIL(span->rev, before | CC__FROZEN | CC__DEAD, "a span is dead");
        cc__store_relaxed(&span->rev, word | CC__FROZEN); /* as memory that runs out in a merge leaves it: no damage */
        cr_assert_eq(VERB(validate)(map), 0);
        cc__store_relaxed(&span->rev, word);
    }
}

PLANT(span_of_another_level)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++)
        SPOIL(some_span(map, l)->level, l + 1, "a span does not know its level");
}

PLANT(neighbour_that_is_left_out)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++)
        SPOIL(rev_in(some_span(map, l))->next, rev_in(before)->next, "a span is left out");
}

PLANT(half_indexed_span)
{
    static const uint32_t states[] = {CC__LINKING, CC__LINKING | CC__UNLINK, CC__INDEXED | CC__UNLINK};
    for (int i = 0; i < 3; i++)
        SPOIL(some_span(map, 0)->entry, states[i], "a span is half indexed");
}

PLANT(overfull_block)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++)
        SPOIL(rev_in(some_span(map, l))->count, CC__ENTRIES + 1, "a block is overfull");
}

PLANT(value_that_is_null)
{
    SPOIL(rev_values(rev_in(some_span(map, 0)))[1], NULL, "a value is NULL");
}

PLANT(wrong_entry_of_the_index)
{
    cc__rev_t *rev = rev_in(some_span(map, 1));
    SPOIL(rev_values(rev)[0], rev_values(rev)[1], "an entry leads to the span of the next");
    SPOIL(rev_values(rev)[1], some_span(map, 1), "an entry leads to its own level");
}

PLANT(wrong_count)
{
    SPOIL(map->count[3].entries, before - 1, "the count is off by one");
    SPOIL(map->count[3].entries, before + 1, "the count is off by one");
}
