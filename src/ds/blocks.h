/* The blocked skip list's spans, revisions and map. The algorithm is explained in blocks_tmpl.c; what a span and a rev look
 * like depends on the kind of key.
 *
 *   span   a stretch of the keys, from its low on, as long as it lives
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
#define CC_BLOCK_ENTRIES 60 /* with uint64 keys a rev is then 1 KiB */
#endif

enum {
    CC__ENTRIES = CC_BLOCK_ENTRIES,
    CC__ROOM = (CC__ENTRIES + 8) / 8 * 8, /* for keys: whole vectors, and one key at least that is none */
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
typedef struct cc__rev cc__rev_t;

#if CC_KEY == CC__KEY_U64
#include "ds/blocks_u64.h"
#else
#include "ds/blocks_bytes.h"
#endif

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

/* cc__blocks_ops_u64_ibr_avx512 and so on. */
#define BLOCKS_OF__(key, scheme, isa) cc__blocks_ops_##key##_##scheme##_##isa
#define BLOCKS_OF_(key, scheme, isa)  BLOCKS_OF__(key, scheme, isa)
#define BLOCKS_OF(scheme, isa)        BLOCKS_OF_(KEY_NAME, scheme, isa)

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
