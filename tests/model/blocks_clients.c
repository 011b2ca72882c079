/* Clients of the blocked skip list. A block has room for two entries, so that each insertion beside two others splits; one
 * with a single entry is merged into its left neighbour if that has not more. Blocks are written [..] here. */
#include "map_script.h"

#define BLOCKS(name_, what_, before_, ...)                                                                             \
    {                                                                                                                  \
        .name = "blocks-" name_, .what = what_, .kind = "blocks", .before = before_, .threads = { __VA_ARGS__ }        \
    }

/* Threads are switched at these accesses only. */
#define THREADS(...)                                                                                                   \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define POINTS(name_, what_, before_, threads_, points_)                                                               \
    {                                                                                                                  \
        .name = "blocks-" name_, .what = what_, .kind = "blocks", .before = before_, .threads = threads_,              \
        .points = points_                                                                                              \
    }

static const map_script_t scripts[] = {
    BLOCKS("split-update", "[1 5] is split while it changes", "15", "i3", "p5"),
    BLOCKS("split-remove", "[1 5] is split while it shrinks", "15", "i3", "r1"),
    BLOCKS("split-split", "[1 5] is split twice", "15", "i3", "i7", "g5"),
    BLOCKS("split-get", "[1 5] is split under readers", "15", "i3", "g5", "g1"),
    BLOCKS("merge-insert", "[7] is merged while it grows", "157", "r7", "i9"),
    BLOCKS("merge-put", "[9] is merged while it changes", "159", "r9", "p9"),
    BLOCKS("merge-left", "[9] is merged into [1 5], which is split", "159", "r9", "i3"),
    BLOCKS("merge-overflow", "[7 9] shrinks and is merged into [1], which grows", "1579-5", "r9", "i2 i3", "g7"),
    BLOCKS("merge-get", "[7 9] shrinks and is merged under readers in guards", "1579-5", "r9", "g7", "p7 F0"),
    BLOCKS("merge-get-gone", "what a merged block held is removed and reclaimed under a reader", "1579-5", "g7",
           "r9 r7 F0 F0"),
    BLOCKS("merge-merge", "[5 7] and [9] are merged at the same time", "13579-3", "r5", "r9", "g7"),
    BLOCKS("merge-merge-insert", "and an insertion meets them", "13579-3", "r5", "r9", "i8"),
    BLOCKS("merge-merge-read", "and a reader behind them", "13579-3", "r5", "r9 F0", "c9 c7"),
    BLOCKS("merge-pair", "two removals in [7 9], which is merged once", "1579-5", "r7", "r9"),
    BLOCKS("anchor", "a reader behind a frozen block whose right neighbour is split off, merged and freed", "1357-3",
           "c7", "r5", "i6 r6 r7 F0 F0"),
    BLOCKS("anchor-alone", "the same, all by one thread that sleeps at last", "1357-3", "c7 c9", "i6 r5 r6 r7 F0 F0"),
    POINTS(
        "frozen-update", "updates meet a frozen block", "157", THREADS("r7", "i9 c9", "p7"),
        THREADS("cas_seq_cst &op->at.span->rev|&m->right->rev", "cas_seq_cst &op->at.span->rev", "load_seq_cst link")),
    POINTS("frozen-nearest", "ceil passes a frozen block that is empty, while its key and then the next come again",
           "012345-4-3", THREADS("r2", "i2 i4", "l2"),
           THREADS("cas_seq_cst &op->at.span->rev|&m->right->rev", "", "load_seq_cst link")),
    POINTS("merged-index", "what a merged block held is removed and looked for, before the block is dead", "1357-3",
           THREADS("r5", "r7 c7 g5", "c5"), THREADS("&m->right->rev", "load_seq_cst link", "load_seq_cst link")),
    POINTS("late-merge", "a merger meets a block that another one has changed, merged and freed", "1357-3",
           THREADS("r7 F0 F0", "r5"), THREADS("fetch_or_seq_cst &m->right->rev", "load_seq_cst link")),
    BLOCKS("separator", "the key at which a block began goes, and comes again", "1579", "r7 i7", "r9 i8", "g7"),
    BLOCKS("equal-words", "a block is split between keys that only their last byte tells apart", "89", "i7", "p9",
           "g8"),
    BLOCKS("index", "the index grows while a block is taken out of it", "13579-3", "i6 i8", "r9"),
    BLOCKS("index-split", "a block of the index is split while another entry leaves it", "0123456789", "r9 r8",
           "r5 r4"),
    BLOCKS("index-drain", "a block of the index shrinks and is merged, while another thread reclaims all that waits",
           "0123456789", "r9 r8", "D0 D0"),
    BLOCKS("late-linker", "a block is merged while it is entered into the index", "57", "i9", "r9"),
    BLOCKS("late-linker-again", "and one that begins at the same key comes meanwhile", "57", "i9", "r9 i9"),
    BLOCKS("late-linker-thrice", "and that one is merged as well", "57", "i9", "r9 i9", "r9"),
    BLOCKS("nearest", "ceil passes a block that is merged", "13579-7", "l5", "r5", "i5 i8"),
    BLOCKS("nearest-down", "floor passes a block that is merged", "13579-7", "f8", "r5", "i7 r3"),
    BLOCKS("nearest-ends", "min and max of blocks that become empty", "159", "m0 M0", "r1 r5", "r9"),
    BLOCKS("range", "a range over blocks that are merged and split", "13579-3", "R0", "r5 i6", "r9"),
    {.name = "blocks-sleeper",
     .what = "asleep anywhere in a search",
     .kind = "blocks",
     .before = "1579",
     .threads = {"c1 S0 c9", "r5 i5 r5 i5 r5 i5 r5 i5 r5"},
     .bound = 6},
    {.name = NULL},
};

void model_add_blocks_clients(void)
{
    for (const map_script_t *script = scripts; script->name != NULL; script++)
        map_script_add(script);
}
