/* A frozen copy of a map: how it lies in memory and in its file, which is the same but for the checksum at its end.
 *
 *   head         cc__frozen_head_t
 *   words        count x 8: u64 keys, ascending; of byte keys, where each ends in `keys`
 *   value_ends   count x 8: where each value ends in `values`; the next one begins at the next multiple of 8
 *   keys         byte keys one behind the other, in order; then zeros up to a multiple of 8
 *   values       then zeros up to a multiple of 8
 *   checksum     8, in the file only: cc__crc64 of all before it
 *
 * Nothing in it is an address, so it is written as it stands. It never changes once it is made, so reading needs no order
 * but the one by which the reader got the pointer. */
#ifndef CC_DS_FROZEN_IMAGE_H
#define CC_DS_FROZEN_IMAGE_H

#include "cc/map.h"

#define CC__FROZEN_MAGIC   "ccfrozen"
#define CC__FROZEN_VERSION 1
#define CC__FROZEN_ORDER   UINT32_C(0x01020304) /* another number where bytes have another order */

typedef enum { CC__FROZEN_U64 = 1, CC__FROZEN_BYTES = 2 } cc__frozen_kind_t;

typedef struct {
    char magic[8];
    uint32_t order, version;
    uint32_t kind;        /* cc__frozen_kind_t */
    uint32_t by_compare;  /* 1: keys are in the order of a comparator */
    uint64_t count;       /* entries */
    uint64_t key_bytes;   /* in `keys`, */
    uint64_t value_bytes; /* and in `values`, before the zeros */
    uint64_t file_bytes;
} cc__frozen_head_t;
_Static_assert(sizeof(cc__frozen_head_t) == 56, "part of the file's format: no hidden bytes");

enum { CC__FROZEN_SUM = sizeof(uint64_t) }; /* of the checksum */

static inline uint64_t cc__frozen_pad(uint64_t bytes)
{
    return (bytes + 7) & ~UINT64_C(7);
}

/* An image, and where its parts are. */
typedef struct {
    unsigned char *image;
    size_t size; /* without the checksum */
    cc_compare_fn *compare;
    void *compare_ctx;
    size_t count;
    const uint64_t *words, *value_ends;
    const unsigned char *keys, *values;
} cc__frozen_t;

/* Finds the parts, whose sizes are consistent. */
static inline void cc__frozen_find(cc__frozen_t *f)
{
    const cc__frozen_head_t *head = (const void *)f->image;
    f->count = head->count;
    f->words = (const void *)(f->image + sizeof *head);
    f->value_ends = f->words + f->count;
    f->keys = (const void *)(f->value_ends + f->count);
    f->values = f->keys + cc__frozen_pad(head->key_bytes);
}

static inline uint64_t cc__frozen_value_begin(const cc__frozen_t *f, size_t i)
{
    return i == 0 ? 0 : cc__frozen_pad(f->value_ends[i - 1]);
}

#endif
