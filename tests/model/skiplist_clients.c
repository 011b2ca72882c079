/* Clients of the maps: every pair of verbs on one key, and what is known to be hard. */
#include "map_script.h"

#include <stdio.h>
#include <stdlib.h>

static const map_script_t scripts[] = {
    {.name = "late-link",
     .what = "a tower is linked while it is removed",
     .before = "",
     .height = 2,
     .threads = {"i5", "r5"},
     .complete = true},
    {.name = "late-link-again",
     .what = "and a new node of its key comes meanwhile",
     .before = "",
     .height = 2,
     .threads = {"i5", "r5 i5"},
     .complete = true},
    {.name = "remove-insert-get",
     .what = "a corpse against a new node of its key",
     .before = "5",
     .height = 2,
     .threads = {"r5", "i5", "g5"}},
    {.name = "remove-remove-put",
     .what = "two removals against a new value",
     .before = "5",
     .height = 2,
     .threads = {"r5", "r5", "p5"}},
    {.name = "insert-insert-remove",
     .what = "two insertions against a removal",
     .before = "",
     .height = 2,
     .threads = {"i5", "i5", "r5"}},
    {.name = "put-remove-get",
     .what = "a value replaced, removed, read in a guard",
     .before = "5",
     .height = 1,
     .threads = {"p5", "r5", "g5"}},
    {.name = "put-put-get",
     .what = "a value replaced twice, read in a guard",
     .before = "5",
     .height = 1,
     .threads = {"p5", "p5", "g5"}},
    {.name = "get-again",
     .what = "two calls in a guard, the value replaced and reclaimed meanwhile",
     .before = "5",
     .height = 1,
     .threads = {"G5", "p5 F0 F0 F0"}},
    {.name = "replace-take-get",
     .what = "a value replaced, taken by its remover, read",
     .before = "5",
     .height = 1,
     .threads = {"x5", "t5", "g5"}},
    {.name = "read-rule",
     .what = "a reader behind frozen links",
     .before = "159",
     .height = 1,
     .threads = {"g9", "r1 i6 r5 r6 F0"},
     .complete = true},
    {.name = "read-rule-tall",
     .what = "a reader behind frozen links, at two levels",
     .before = "159",
     .height = 2,
     .threads = {"g9", "r1 i6 r5 r6 F0"},
     .complete = true},
    {.name = "read-again",
     .what = "a reader begins anew in the epoch after a removal",
     .before = "15",
     .height = 1,
     .threads = {"c5 c5", "r5 i6 F0"},
     .complete = true},
    {.name = "newborn",
     .what = "a reader meets a node born after it began",
     .before = "",
     .height = 1,
     .threads = {"g5", "i5 r5 F0"},
     .complete = true},
    {.name = "newborn-next",
     .what = "a reader on its way meets a node born after it began",
     .before = "1",
     .height = 1,
     .threads = {"c9", "i5 r5 F0 i6"},
     .complete = true},
    {.name = "neighbours",
     .what = "neighbours removed, a third inserted between",
     .before = "159",
     .height = 2,
     .threads = {"r1", "r5", "i3"}},
    {.name = "neighbours-get",
     .what = "neighbours removed, a reader behind them",
     .before = "159",
     .height = 2,
     .threads = {"r1", "r5", "g9"}},
    {.name = "range",
     .what = "a range against removal and insertion",
     .before = "159",
     .height = 1,
     .threads = {"R0", "r5 i5"}},
    {.name = "range-first",
     .what = "a range against removals at its begin and end",
     .before = "159",
     .height = 2,
     .threads = {"R0", "r1", "r9"}},
    {.name = "nearest",
     .what = "min, floor, max against removal",
     .before = "159",
     .height = 1,
     .threads = {"m0 f8 M0", "r1 i6"}},
    {.name = "nearest-ceil",
     .what = "ceil against removal and insertion",
     .before = "159",
     .height = 2,
     .threads = {"l2", "r5 i3", "r9"}},
    {.name = "nearest-moment",
     .what = "max while a greater key comes, and then the value of the one that was the greatest changes",
     .before = "5",
     .height = 1,
     .threads = {"M0", "i9 p5"}},
    {.name = "nearest-beside",
     .what = "lower and higher against removal and insertion of the key that they are asked for",
     .before = "159",
     .height = 2,
     .threads = {"b5 a5", "r5 i5", "r1"}},
    {.name = "exit-map",
     .what = "threads leave what they removed, another drains",
     .before = "159",
     .height = 1,
     .threads = {"r1", "r5", "r9 D0"}},
    {.name = "sleeper-map",
     .what = "asleep anywhere in a search",
     .before = "159",
     .height = 1,
     .threads = {"c1 S0 c9", "r5 i5 r5 i5 r5"},
     .bound = 2},
    {.name = "bst-frozen",
     .what = "a reader above a frozen edge",
     .before = "159",
     .height = 1,
     .threads = {"c6", "r5 i6 r9 F0", "r1"}},
    {.name = "bst-two",
     .what = "both leaves of a node removed",
     .before = "15",
     .height = 1,
     .threads = {"r1", "r5", "c5"}},
    {.name = "bst-replaced",
     .what = "a removed leaf replaced, by its key and by another",
     .before = "5",
     .height = 1,
     .threads = {"r5", "i5", "i6"}},
    {.name = "bst-write",
     .what = "an insertion beside a leaf that is removed and freed",
     .before = "159",
     .height = 1,
     .threads = {"i6", "r5 F0 F0 F0"}},
    {.name = NULL},
};

static const struct {
    const char *name, *word;
    bool writes;
} verbs[] = {
    {"insert", "i5", true}, {"put", "p5", true},    {"replace", "x5", true},   {"remove", "r5", true},
    {"take", "t5", true},   {"get", "g5", false},   {"contains", "c5", false}, {"min", "m0", false},
    {"max", "M0", false},   {"floor", "f5", false}, {"ceil", "l5", false},     {"range", "R0", false},
};

enum { VERBS = sizeof verbs / sizeof *verbs };

/* The key there or not, towers of one or two levels, neighbours on both sides. */
static void add_pair(unsigned a, unsigned b)
{
    map_script_t *pair = calloc(1, sizeof *pair);
    char *name;
    if (pair == NULL || asprintf(&name, "pair-%s-%s", verbs[a].name, verbs[b].name) < 0)
        abort();
    *pair = (map_script_t){.name = name,
                           .what = "two calls at a time",
                           .before = "15?9",
                           .threads = {verbs[a].word, verbs[b].word},
                           .complete = true};
    map_script_add(pair);
}

void model_add_skiplist_clients(void)
{
    for (const map_script_t *script = scripts; script->name != NULL; script++)
        map_script_add(script);
    for (unsigned a = 0; a < VERBS; a++) {
        for (unsigned b = a; b < VERBS; b++) {
            if (verbs[a].writes || verbs[b].writes)
                add_pair(a, b);
        }
    }
}
