/* cc_skiplist64_validate sees damage (damage.h) in the spans, blocks and index of a blocked skip list. */
#define CC_MAP CC__MAP_SKIPLIST
#define CC_KEY CC__KEY_U64

#include "ds/blocks.h"

#define SUITE      skiplist64_validate
#define VERB(name) cc_skiplist64_##name
#define KEY(n)     ((uint64_t)(n) + 1) /* 0 stands below all: no key of the first span is its low */

typedef cc_skiplist64_t map_t;

#include "damage.h"

static cc__rev_t *rev_in(const cc__span_t *span)
{
    return rev_of(atomic_load(&span->rev));
}

static cc__span_t *leftmost(map_t *map, unsigned level)
{
    cc__span_t *span = atomic_load(&map->root);
    cr_assert_gt(span->level, level, "the index is as high as that");
    while (span->level > level)
        span = rev_in(span)->values[0];
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
        SPOIL(span->rev, before | CC__FROZEN, "a span is frozen");
        SPOIL(span->rev, before | CC__FROZEN | CC__DEAD, "a span is dead");
    }
}

PLANT(span_of_another_level)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++)
        SPOIL(some_span(map, l)->level, l + 1, "a span does not know its level");
}

PLANT(gap)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__rev_t *rev = rev_in(some_span(map, l));
        SPOIL(rev->last, before - 1, "keys are in no span");
        SPOIL(rev->last, before + 1, "a key is in two spans");
        SPOIL(rev->next, rev_in(before)->next, "a span is left out");
        SPOIL(rev->next, NULL, "the list ends too early");
    }
}

PLANT(first_span_elsewhere)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++)
        SPOIL(leftmost(map, l)->low, 1, "the first span does not begin at 0");
}

PLANT(half_indexed_span)
{
    static const uint32_t states[] = {CC__LINKING, CC__LINKING | CC__UNLINK, CC__INDEXED | CC__UNLINK};
    for (int i = 0; i < 3; i++)
        SPOIL(some_span(map, 0)->entry, states[i], "a span is half indexed");
}

PLANT(wrong_number_of_keys)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__rev_t *rev = rev_in(some_span(map, l));
        SPOIL(rev->count, CC__ENTRIES + 1, "a block is overfull");
        SPOIL(rev->count, before - 1, "a block ends before its keys do");
    }
    SPOIL(rev_in(some_span(map, 0))->keys[CC__ROOM - 1], before - 1, "the room behind the keys is not filled");
}

PLANT(wrong_key)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__rev_t *rev = rev_in(some_span(map, l));
        SPOIL(rev->keys[0], 0, "a key lies below its span");
        SPOIL(rev->keys[1], rev->last + 1, "a key lies above its span");
        SPOIL(rev->keys[1], rev->keys[0], "two keys are equal");
    }
}

PLANT(value_that_is_null)
{
    SPOIL(rev_in(some_span(map, 0))->values[1], NULL, "a value is NULL");
}

PLANT(wrong_entry_of_the_index)
{
    cc__rev_t *rev = rev_in(some_span(map, 1));
    SPOIL(rev->values[0], rev->values[1], "an entry leads to the span of the next");
    SPOIL(rev->values[1], some_span(map, 1), "an entry leads to its own level");
}

/* The last entry of a block of the index. */
static void lose_an_entry(map_t *map, cc__rev_t *rev)
{
    uint64_t key = rev->keys[--rev->count];
    rev->keys[rev->count] = UINT64_MAX;
    expect_broken(map, "an entry is missing");
    rev->keys[rev->count++] = key;
}

PLANT(span_that_is_not_in_the_index)
{
    cc__rev_t *rev = rev_in(leftmost(map, 1));
    lose_an_entry(map, rev);
    while (rev->next != NULL)
        rev = rev_in(rev->next);
    lose_an_entry(map, rev);
}

PLANT(wrong_count)
{
    SPOIL(map->count[3].entries, before - 1, "the count is off by one");
    SPOIL(map->count[3].entries, before + 1, "the count is off by one");
}
