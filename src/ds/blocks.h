/* The blocked skip list's spans, revisions and map. The algorithm is explained in blocks_tmpl.c.
 *
 *   span   a stretch [low, last] of the keys, as long as it lives; one cache line
 *   rev    what is in it: an immutable sorted block, replaced as a whole by a compare-and-swap of span.rev
 *
 *   span.rev   63                                 1   0
 *              +----------------------------------+-+-+
 *              | address of the rev               |D|F|   F: frozen, the word changes no more but for D;
 *              +----------------------------------+-+-+   D: dead, merged into its left neighbour
 */
#ifndef CC_DS_BLOCKS_H
#define CC_DS_BLOCKS_H

#include "base/mark.h"
#include "ds/map.h"
#include "smr/types.h"

#ifndef CC_BLOCK_ENTRIES
#define CC_BLOCK_ENTRIES 60 /* a rev is then 1 KiB */
#endif

enum {
    CC__ENTRIES = CC_BLOCK_ENTRIES,
    CC__ROOM = (CC__ENTRIES + 8) / 8 * 8, /* for keys: whole vectors, and one key at least that is none */
    CC__BLOCK_LEVELS = 16,                /* more than memory can hold */
};

#define CC__FROZEN ((uintptr_t)1)
#define CC__DEAD   ((uintptr_t)2)

/* A span's entry in the index above it: who takes a dead span out, and retires it. */
enum {
    CC__UNINDEXED = 0, /* it has none: found from the left */
    CC__LINKING = 1,   /* one thread is entering it, and will look here again */
    CC__INDEXED = 2,
    CC__UNLINK = 4, /* added when the span is dead */
};

typedef struct cc__span cc__span_t;

/* The keys come first, so that each vector of them is one cache line. */
typedef struct {
    uint64_t keys[CC__ROOM]; /* sorted; from count on UINT64_MAX */
    uint64_t birth;          /* epoch of its allocation (IBR) */
    uint64_t last;           /* the greatest key that belongs to the span */
    cc__span_t *next;
    uint64_t count;
    void *values[CC__ENTRIES]; /* on the bottom level the user's, above it spans of the level below */
} cc__rev_t;

struct cc__span {
    uint64_t birth;
    cc__link_t rev;
    uint64_t low; /* immutable, like level; 0: the leftmost of its level, which never dies */
    uint32_t level;
    CC__ATOMIC(uint32_t) entry;
    cc__span_t *later; /* see map.later */
};

struct CC__MAP_TAG {
    const cc__map_ops_t *ops;
    cc_domain_t *domain;
    CC__ATOMIC(cc__span_t *) root; /* the leftmost span of the highest level; levels are only added */
    cc_map_opts_t opts;
    CC__ATOMIC(cc__span_t *) later; /* dead spans that no memory was left for to take them out of the index */
    CC__ATOMIC(int64_t) cursors;    /* open ones */
    cc__map_count_t count[CC__MAP_STRIPES];
    cc__map_ops_t bounded;                                   /* with opts.max_entries, the verbs: map_bound.h */
    _Alignas(CC_CACHE_LINE_SIZE) CC__ATOMIC(uint64_t) taken; /* of these places */
    CC__ATOMIC(uint64_t) evicted;
};

static inline cc__rev_t *rev_of(uintptr_t word)
{
    return (cc__rev_t *)(word & ~(CC__FROZEN | CC__DEAD)); // NOLINT(performance-no-int-to-ptr)
}

/* cc__blocks_ops_ibr_avx512 and so on. */
#define BLOCKS_OF_(scheme, isa) cc__blocks_ops_##scheme##_##isa
#define BLOCKS_OF(scheme, isa)  BLOCKS_OF_(scheme, isa)

/* Defined once per variant. */
#define BLOCKS_DECLARE(isa)                                                                                            \
    extern const cc__map_ops_t BLOCKS_OF(ibr, isa) __attribute__((visibility("hidden")));                              \
    extern const cc__map_ops_t BLOCKS_OF(debra, isa) __attribute__((visibility("hidden")));                            \
    extern const cc__map_ops_t BLOCKS_OF(epoch, isa) __attribute__((visibility("hidden")));                            \
    extern const cc__map_ops_t BLOCKS_OF(leak, isa) __attribute__((visibility("hidden")));                             \
    extern const cc__map_ops_t BLOCKS_OF(urcu, isa) __attribute__((visibility("hidden")));                             \
    extern const cc__map_ops_t BLOCKS_OF(ck, isa) __attribute__((visibility("hidden")))
BLOCKS_DECLARE(plain);
BLOCKS_DECLARE(avx2);
BLOCKS_DECLARE(avx512);

#endif
