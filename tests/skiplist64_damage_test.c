/* cc_skiplist64_validate, see skiplist_damage.h. */
#define CC_MAP CC__MAP_SKIPLIST
#define CC_KEY CC__KEY_U64

#include "ds/map.h"

#define SUITE      skiplist64_validate
#define VERB(name) cc_skiplist64_##name
#define KEY(n)     ((uint64_t)(n) + 1) /* 0 stands below all: no key of the first span is its low */

typedef cc_skiplist64_t map_t;

#include "skiplist_damage.h"

PLANT(gap)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__rev_t *rev = rev_in(some_span(map, l));
        SPOIL(rev->last, before - 1, "keys are in no span");
        SPOIL(rev->last, before + 1, "a key is in two spans");
        SPOIL(rev->next, NULL, "the list ends too early");
    }
}

PLANT(first_span_elsewhere)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++)
        SPOIL(leftmost(map, l)->low, 1, "the first span does not begin at 0");
}

PLANT(wrong_number_of_keys)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__rev_t *rev = rev_in(some_span(map, l));
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
