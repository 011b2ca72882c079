/* Tests: contract/freeze.h, frozen_test.h, fault/oom_map_impl.h. */
#include "ds/freezer.h"

#include "cc/alloc.h"

#include <errno.h>
#include <string.h>

/* ---- buffers that grow */

/* Room for so many bytes more. */
static bool reserve(cc__bytes_buffer_t *b, size_t more)
{
    const size_t least = 256;
    if (more <= b->cap - b->len)
        return true;
    if (more > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
        return false;
    size_t cap = b->cap * 2 > least ? b->cap * 2 : least;
    if (cap < b->len + more)
        cap = b->len + more;
    unsigned char *data = cc_alloc(cap);
    if (data == NULL)
        return false;
    if (b->len != 0)
        memcpy(data, b->data, b->len);
    cc_free(b->data, b->cap);
    b->data = data;
    b->cap = cap;
    return true;
}

static bool append(cc__bytes_buffer_t *b, const void *data, size_t len)
{
    if (!reserve(b, len))
        return false;
    if (len != 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    return true;
}

/* Zeros, up to a multiple of 8. */
static bool pad(cc__bytes_buffer_t *b)
{
    static const unsigned char zeros[8];
    return append(b, zeros, cc__frozen_pad(b->len) - b->len);
}

/* ---- entries */

void cc__freezer_init(cc__freezer_t *freezer, const cc_freeze_opts_t *opts)
{
    memset(freezer, 0, sizeof *freezer);
    freezer->opts = opts;
}

void cc__freezer_fini(cc__freezer_t *freezer)
{
    cc_free(freezer->words.data, freezer->words.cap);
    cc_free(freezer->value_ends.data, freezer->value_ends.cap);
    cc_free(freezer->keys.data, freezer->keys.cap);
    cc_free(freezer->values.data, freezer->values.cap);
}

/* Straight into the room that is left, and once more with what it needs. */
static int add_encoded(cc__freezer_t *freezer, void *value)
{
    cc__bytes_buffer_t *values = &freezer->values;
    for (;;) {
        size_t cap = values->cap - values->len;
        void *room = cap != 0 ? values->data + values->len : NULL;
        int64_t len = freezer->opts->encode(value, room, cap, freezer->opts->encode_ctx);
        if (len < 0)
            return (int)len;
        if ((uint64_t)len <= cap) {
            values->len += (size_t)len;
            return 0;
        }
        if (!reserve(values, (size_t)len))
            return -ENOMEM;
    }
}

static int add_value(cc__freezer_t *freezer, void *value)
{
    cc__bytes_buffer_t *values = &freezer->values;
    const cc_freeze_opts_t *opts = freezer->opts;
    int err = pad(values) ? 0 : -ENOMEM;
    if (err == 0 && opts->encode != NULL)
        err = add_encoded(freezer, value);
    else if (err == 0 &&
             !(opts->value_size != 0 ? append(values, value, opts->value_size) : append(values, &value, sizeof value)))
        err = -ENOMEM;
    uint64_t end = values->len;
    if (err == 0 && !append(&freezer->value_ends, &end, sizeof end))
        err = -ENOMEM;
    freezer->count++;
    return err;
}

int cc__freezer_add_u64(cc__freezer_t *freezer, uint64_t key, void *value)
{
    return append(&freezer->words, &key, sizeof key) ? add_value(freezer, value) : -ENOMEM;
}

int cc__freezer_add_bytes(cc__freezer_t *freezer, cc_bytes_t key, void *value)
{
    uint64_t end = freezer->keys.len + key.len;
    if (!append(&freezer->keys, key.data, key.len) || !append(&freezer->words, &end, sizeof end))
        return -ENOMEM;
    return add_value(freezer, value);
}

/* ---- the image */

static unsigned char *place(unsigned char *at, const cc__bytes_buffer_t *b)
{
    size_t padded = cc__frozen_pad(b->len);
    if (b->len != 0)
        memcpy(at, b->data, b->len);
    memset(at + b->len, 0, padded - b->len);
    return at + padded;
}

int cc__freezer_finish(const cc__freezer_t *freezer, cc__frozen_kind_t kind, cc_compare_fn *compare, cc__frozen_t *out)
{
    cc__frozen_head_t head = {.magic = CC__FROZEN_MAGIC,
                              .order = CC__FROZEN_ORDER,
                              .version = CC__FROZEN_VERSION,
                              .kind = kind,
                              .by_compare = compare != NULL,
                              .count = freezer->count,
                              .key_bytes = freezer->keys.len,
                              .value_bytes = freezer->values.len};
    size_t size = sizeof head + freezer->words.len + freezer->value_ends.len + cc__frozen_pad(head.key_bytes) +
                  cc__frozen_pad(head.value_bytes);
    head.file_bytes = size + CC__FROZEN_SUM;
    unsigned char *image = cc_alloc(size);
    if (image == NULL)
        return -ENOMEM;
    memcpy(image, &head, sizeof head);
    unsigned char *at = place(image + sizeof head, &freezer->words);
    at = place(at, &freezer->value_ends);
    at = place(at, &freezer->keys);
    (void)place(at, &freezer->values);
    *out = (cc__frozen_t){.image = image, .size = size, .compare = compare};
    cc__frozen_find(out);
    return 0;
}
