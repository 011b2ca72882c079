/* cc_skiplist_validate, see skiplist_damage.h. */
#define CC_MAP CC__MAP_SKIPLIST
#define CC_KEY CC__KEY_BYTES

#include "ds/map.h"
#include "support/number_keys.h"

#define SUITE      skiplist_validate
#define VERB(name) cc_skiplist_##name
#define KEY(n)     number_key(1000 + (n)) /* all of one length */

typedef cc_skiplist_t map_t;

#include "skiplist_damage.h"

PLANT(wrong_bound)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__rev_t *rev = rev_in(some_span(map, l));
        SPOIL(rev_bytes(rev)[rev->hi_len - 1], (unsigned char)(before + 1), "a key is in two spans");
        SPOIL(rev->next->low[rev->next->low_len - 1], (unsigned char)(before + 1), "keys are in no span");
        SPOIL(rev->hi_head, before + 1, "the head of the bound is not its own");
    }
}

PLANT(first_span_elsewhere)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        SPOIL(leftmost(map, l)->first, false, "the first span is not said to be it");
        SPOIL(some_span(map, l)->first, true, "another span is said to be the first");
        SPOIL(rev_in(leftmost(map, l))->first, !before, "the first key of the index is less than all, and no other");
    }
}

PLANT(wrong_words)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        cc__rev_t *rev = rev_in(some_span(map, l));
        SPOIL(rev->words[1], before + 1, "a word is not that of its key");
        SPOIL(rev->skip, before + 1, "words begin too late");
    }
}

/* A byte of the key, and the word with it. */
static void spoil_key(map_t *map, cc__rev_t *rev, unsigned i, const cc__rev_t *like, unsigned j, const char *damage)
{
    unsigned char *bytes = rev_bytes(rev) + rev_starts(rev)[i], before[64];
    cc__key_t key = rev_key(rev, i), other = rev_key(like, j);
    int64_t word = rev->words[i];
    cr_assert(key.len == other.len && key.len <= sizeof before);
    memcpy(before, bytes, key.len);
    memcpy(bytes, other.data, key.len);
    rev->words[i] = key_word(key, key_head(key), rev->skip);
    expect_broken(map, damage);
    memcpy(bytes, before, key.len);
    rev->words[i] = word;
}

PLANT(wrong_key)
{
    cc__rev_t *rev = rev_in(some_span(map, 0)), *next = rev_in(rev->next);
    spoil_key(map, rev, 1, rev, 0, "two keys are equal");
    spoil_key(map, rev, 1, next, 0, "a key lies above its span");
    spoil_key(map, next, 0, rev, 0, "a key lies below its span");
}
