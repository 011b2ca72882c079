/* Spans and revs with byte-string keys. See blocks.h.
 *
 * A rev owns copies of its keys, so nothing that a search or a WRITE looks at lies outside of the span and the rev that it
 * holds, and no key has a life of its own. It is as large as it must be:
 *
 *   +--------+----------------+-----------------+---------------------+------------------------------------+
 *   | header | words[count]   | values[count]   | starts[count + 1]   | bytes: hi, key 0, key 1 ...        |
 *   +--------+----------------+-----------------+---------------------+------------------------------------+
 *
 * Words are counted as uint64 keys are (blocks_count.h), CC__ROOM at a time whatever the count: what follows them is
 * compared in vain, and a small rev is made as large as that. Only where two are equal the bytes are compared. All keys of the
 * span begin as low and hi both do, and word i is what key i has behind that: eight bytes, with zeros where it has no more.
 * With a comparator all words are equal. */
#ifndef CC_DS_BLOCKS_BYTES_H
#define CC_DS_BLOCKS_BYTES_H

#include "ds/blocks.h"

#ifndef CC_BLOCK_BYTES
#define CC_BLOCK_BYTES                                                                                                 \
    (64 * CC__ENTRIES) /* of keys in a block with more than one, about; so much is copied for a change */
#endif

#define CC__NO_WORDS UINT32_MAX /* as `skip`: no key is so long */

struct cc__rev {
    uint64_t birth; /* epoch of its allocation (IBR) */
    cc__span_t *next;
    uint64_t hi_head; /* of hi, so that most searches need not look at its bytes */
    uint32_t count;
    uint32_t size;   /* of the rev */
    uint32_t skip;   /* bytes that low, hi and all keys between them begin with */
    uint16_t hi_len; /* hi: the neighbour's low, above all keys of the span. The last one has none */
    bool first;      /* of an index, in the leftmost span: key 0 stands for less than any key */
    _Alignas(CC_CACHE_LINE_SIZE) int64_t words[]; /* sorted */
};

struct cc__span {
    uint64_t birth;
    cc__link_t rev;
    uint32_t level; /* immutable, like low and first */
    CC__ATOMIC(uint32_t) entry;
    cc__span_t *later; /* see map.later */
    uint32_t low_len;
    bool first; /* the leftmost of its level, which never dies */
    unsigned char low[];
};

static inline size_t rev_size(const cc__rev_t *rev)
{
    return rev->size;
}

/* On the bottom level the user's, above it spans of the level below. Written, like what follows, only while the rev is private. */
static inline void **rev_values(const cc__rev_t *rev)
{
    return (void **)(uintptr_t)(rev->words + rev->count);
}

/* Where each key begins, and the last one ends. */
static inline uint32_t *rev_starts(const cc__rev_t *rev)
{
    return (uint32_t *)(rev_values(rev) + rev->count);
}

static inline unsigned char *rev_bytes(const cc__rev_t *rev)
{
    return (unsigned char *)(rev_starts(rev) + rev->count + 1);
}

static inline cc__key_t rev_key(const cc__rev_t *rev, uint64_t i)
{
    return key_run_get(rev_bytes(rev), rev_starts(rev), (unsigned)i);
}

static inline cc__key_t rev_hi(const cc__rev_t *rev)
{
    return (cc__key_t){rev_bytes(rev), rev->hi_len};
}

/* Bytes of all its keys. */
static inline size_t rev_key_bytes(const cc__rev_t *rev)
{
    return rev_starts(rev)[rev->count] - rev->hi_len;
}

static inline size_t span_size(const cc__span_t *span)
{
    return sizeof *span + span->low_len;
}

static inline cc__key_t span_low(const cc__span_t *span)
{
    return (cc__key_t){span->low, span->low_len};
}

static inline bool span_is_first(const cc__span_t *span)
{
    return span->first;
}

/* The eight bytes behind the first `skip`, of a key that begins with `head`. On each level, so with few branches. */
static inline uint64_t eight_bytes(cc__key_t key, uint64_t head, size_t skip)
{
    if (key.len <= skip)
        return 0;
    if (key.len < 8)
        return head << 8 * skip;
    size_t behind = key.len - skip, n = behind < 8 ? behind : 8;
    const unsigned char *end = (const unsigned char *)key.data + skip + n;
    return load_big_endian(end - 8) << (64 - 8 * n); /* what comes before is pushed out */
}

/* Signed, and in the same order: AVX2 has no other comparison. With a comparator the least, for all. */
static inline int64_t key_word(cc__key_t key, uint64_t head, size_t skip)
{
    return (int64_t)(eight_bytes(key, head, skip) ^ (uint64_t)1 << 63);
}

/* With room for so many keys of so many bytes. NULL: no memory. */
static inline cc__rev_t *rev_room(size_t count, cc__key_t hi, size_t bytes)
{
    const size_t each = sizeof(int64_t) + sizeof(void *) + sizeof(uint32_t), least = CC__ROOM * sizeof(int64_t);
    size_t behind = count * each + sizeof(uint32_t) + hi.len + bytes;
    size_t size = sizeof(cc__rev_t) + (behind < least ? least : behind);
    cc__rev_t *rev = cc_alloc_node(size);
    if (rev == NULL)
        return NULL;
    rev->size = (uint32_t)size;
    rev->count = (uint32_t)count;
    rev->hi_head = key_head(hi);
    rev->hi_len = (uint16_t)hi.len;
    rev_starts(rev)[0] = rev->hi_len;
    bytes_copy(rev_bytes(rev), hi);
    return rev;
}

/* Those of an empty map. NULL: no memory. */
static inline cc__rev_t *rev_first(const cc_map_opts_t *opts)
{
    cc__rev_t *rev = rev_room(0, (cc__key_t){NULL, 0}, 0);
    if (rev == NULL)
        return NULL;
    rev->birth = 0;
    rev->next = NULL;
    rev->skip = opts->compare != NULL ? CC__NO_WORDS : 0;
    rev->first = false;
    return rev;
}

static inline cc__span_t *span_first(void)
{
    cc__span_t *span = cc_alloc_node(sizeof *span);
    if (span == NULL)
        return NULL;
    span->low_len = 0;
    span->first = true;
    return span;
}

/* ---- validate */

/* The neighbour begins where the rev ends. */
static inline bool rev_meets_next(const cc__rev_t *rev)
{
    if (rev->hi_head != key_head(rev_hi(rev)))
        return false;
    return rev->next == NULL ? rev->hi_len == 0
                             : !rev->next->first && bytes_order(rev_hi(rev), span_low(rev->next)) == 0;
}

static inline bool rev_skip_right(const cc_map_opts_t *opts, const cc__span_t *span, const cc__rev_t *rev)
{
    if (opts->compare != NULL)
        return rev->skip == CC__NO_WORDS;
    return rev->skip == (rev->next == NULL ? 0 : bytes_common(span_low(span), rev_hi(rev)));
}

static inline int order_by(const cc_map_opts_t *opts, cc__key_t a, cc__key_t b)
{
    return key_order(a, b, opts->compare, opts->compare_ctx);
}

/* An entry of the index stands for this span. Other bytes may, of which the comparator says that they are the same key: those of a
 * span before it. */
static inline bool rev_leads_to(const cc_map_opts_t *opts, const cc__rev_t *rev, uint64_t i, const cc__span_t *child)
{
    if (rev->first && i == 0)
        return child->first;
    return !child->first && order_by(opts, rev_key(rev, i), span_low(child)) == 0;
}

/* What is wrong with the keys, or NULL. */
static inline const char *rev_fault(const cc_map_opts_t *opts, const cc__span_t *span, const cc__rev_t *rev)
{
    if (!rev_skip_right(opts, span, rev))
        return "its keys do not begin as they are said to";
    if (rev->first != (span->first && span->level > 0))
        return "the least key is elsewhere";
    for (uint64_t i = 0; i < rev->count; i++) {
        cc__key_t key = rev_key(rev, i);
        if (rev->words[i] != key_word(key, key_head(key), rev->skip))
            return "a word is not of its key";
    }
    for (uint64_t i = rev->first ? 1 : 0; i < rev->count; i++) {
        cc__key_t key = rev_key(rev, i);
        if ((!span->first && order_by(opts, key, span_low(span)) < 0) ||
            (rev->next != NULL && order_by(opts, key, rev_hi(rev)) >= 0))
            return "a key lies outside of its span";
        if (i > (rev->first ? 1 : 0) && order_by(opts, rev_key(rev, i - 1), key) >= 0)
            return "keys are out of order";
    }
    return NULL;
}

#endif
