/* Makes the image of a frozen copy (frozen_image.h), one entry after the other, in ascending order. */
#ifndef CC_DS_FREEZER_H
#define CC_DS_FREEZER_H

#include "ds/frozen_image.h"

typedef struct {
    unsigned char *data;
    size_t len, cap;
} cc__bytes_buffer_t;

typedef struct {
    const cc_freeze_opts_t *opts;
    uint64_t count;
    cc__bytes_buffer_t words, value_ends, keys, values;
} cc__freezer_t;

void cc__freezer_init(cc__freezer_t *freezer, const cc_freeze_opts_t *opts);
void cc__freezer_fini(cc__freezer_t *freezer);

/* 0, -ENOMEM, or what the encoder says. */
int cc__freezer_add_u64(cc__freezer_t *freezer, uint64_t key, void *value);
int cc__freezer_add_bytes(cc__freezer_t *freezer, cc_bytes_t key, void *value);

/* Fills in `out` but for the comparator's ctx. 0, -ENOMEM. */
int cc__freezer_finish(const cc__freezer_t *freezer, cc__frozen_kind_t kind, cc_compare_fn *compare, cc__frozen_t *out);

#endif
