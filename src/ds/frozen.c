/* Frozen copies, per kind of key: the public calls. Sorted arrays and a binary search; nothing is ever written to a copy that
 * others can see. Tests: frozen_test.h, contract/freeze.h. */
#include "ds/frozen.h"

#include "cc/alloc.h"
#include "ds/frozen_file.h"

#include <errno.h>

static cc__key_t key_at(const cc__frozen_t *f, size_t i)
{
#if CC_KEY == CC__KEY_U64
    return f->words[i];
#else
    uint64_t begin = i == 0 ? 0 : f->words[i - 1];
    return (cc_bytes_t){f->keys + begin, f->words[i] - begin};
#endif
}

static cc_bytes_t value_at(const cc__frozen_t *f, size_t i)
{
    uint64_t begin = cc__frozen_value_begin(f, i);
    return (cc_bytes_t){f->values + begin, f->value_ends[i] - begin};
}

static int order_of(const cc__frozen_t *f, cc__key_t a, cc__key_t b)
{
    return key_order(a, b, f->compare, f->compare_ctx);
}

/* Keys below `key`, */
static size_t rank_of(const cc__frozen_t *f, cc__key_t key)
{
    size_t first = 0, n = f->count;
    while (n != 0) {
        size_t half = n / 2;
        bool below = order_of(f, key_at(f, first + half), key) < 0;
        first = below ? first + half + 1 : first;
        n = below ? n - half - 1 : half;
    }
    return first;
}

/* and whether it stands there. */
static bool is_at(const cc__frozen_t *f, size_t i, cc__key_t key)
{
    return i < f->count && order_of(f, key_at(f, i), key) == 0;
}

static int give(const cc__frozen_t *f, size_t i, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    if (i >= f->count) /* what is before the first one, too: it has wrapped */
        return -ENOENT;
    if (k != NULL)
        *k = key_at(f, i);
    if (v != NULL)
        *v = value_at(f, i);
    return 0;
}

/* ---- files */

int FROZEN(save)(const cc__frozen_map_t *frozen, const char *path)
{
    return frozen != NULL && path != NULL ? cc__frozen_write(&frozen->common, path) : -EINVAL;
}

#if CC_KEY == CC__KEY_U64
static bool keys_valid(const cc__frozen_t *f, uint64_t key_bytes)
{
    (void)f;
    return key_bytes == 0;
}
#else
static bool keys_valid(const cc__frozen_t *f, uint64_t key_bytes)
{
    uint64_t end = 0;
    for (size_t i = 0; i < f->count; end = f->words[i++]) {
        if (f->words[i] < end || f->words[i] - end > CC_KEY_LEN_MAX || f->words[i] > key_bytes)
            return false;
    }
    return end == key_bytes;
}
#endif

static bool keys_ascend(const cc__frozen_t *f)
{
    for (size_t i = 1; i < f->count; i++) {
        if (order_of(f, key_at(f, i - 1), key_at(f, i)) >= 0)
            return false;
    }
    return true;
}

/* The file's sizes and checksum are right. Is it such a map, in such an order? */
static int frozen_valid(const cc__frozen_t *f)
{
    const cc__frozen_head_t *head = (const void *)f->image;
    if (head->kind != CC__FROZEN_KIND || head->by_compare != (f->compare != NULL))
        return -EINVAL;
    if (!keys_valid(f, head->key_bytes))
        return -EBADMSG;
    if (!keys_ascend(f))
        return f->compare != NULL ? -EINVAL : -EBADMSG;
    return 0;
}

static int load(const char *path, cc_compare_fn *compare, void *compare_ctx, cc__frozen_map_t **out)
{
    if (path == NULL || out == NULL)
        return -EINVAL;
    cc__frozen_map_t *frozen = cc_alloc(sizeof *frozen);
    if (frozen == NULL)
        return -ENOMEM;
    cc__frozen_t *f = &frozen->common;
    int err = cc__frozen_read(path, f);
    if (err == 0) {
        f->compare = compare;
        f->compare_ctx = compare_ctx;
        err = frozen_valid(f);
        if (err != 0)
            cc_free(f->image, f->size);
    }
    if (err == 0)
        *out = frozen;
    else
        cc_free(frozen, sizeof *frozen);
    return err;
}

#if CC_KEY == CC__KEY_U64
int cc_frozen64_load(const char *path, cc_frozen64_t **out)
{
    return load(path, NULL, NULL, out);
}
#else
int cc_frozen_load(const char *path, cc_compare_fn *compare, void *compare_ctx, cc_frozen_t **out)
{
    return load(path, compare, compare_ctx, out);
}
#endif

int FROZEN(destroy)(cc__frozen_map_t *frozen)
{
    if (frozen == NULL)
        return -EINVAL;
    cc_free(frozen->common.image, frozen->common.size);
    cc_free(frozen, sizeof *frozen);
    return 0;
}

/* ---- look-ups */

static bool valid(const cc__frozen_map_t *frozen, cc__key_t key)
{
    return frozen != NULL && key_valid(key);
}

int FROZEN(get)(const cc__frozen_map_t *frozen, cc__key_t key, cc_bytes_t *value)
{
    if (!valid(frozen, key))
        return -EINVAL;
    size_t i = rank_of(&frozen->common, key);
    return is_at(&frozen->common, i, key) ? give(&frozen->common, i, NULL, value) : -ENOENT;
}

bool FROZEN(contains)(const cc__frozen_map_t *frozen, cc__key_t key)
{
    return FROZEN(get)(frozen, key, NULL) == 0;
}

int FROZEN(at)(const cc__frozen_map_t *frozen, size_t i, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    return frozen != NULL ? give(&frozen->common, i, k, v) : -EINVAL;
}

size_t FROZEN(rank)(const cc__frozen_map_t *frozen, cc__key_t key)
{
    return valid(frozen, key) ? rank_of(&frozen->common, key) : 0;
}

size_t FROZEN(count)(const cc__frozen_map_t *frozen)
{
    return frozen != NULL ? frozen->common.count : 0;
}

int FROZEN(min)(const cc__frozen_map_t *frozen, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    return FROZEN(at)(frozen, 0, k, v);
}

int FROZEN(max)(const cc__frozen_map_t *frozen, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    return FROZEN(at)(frozen, FROZEN(count)(frozen) - 1, k, v);
}

int FROZEN(floor)(const cc__frozen_map_t *frozen, cc__key_t key, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    if (!valid(frozen, key))
        return -EINVAL;
    size_t i = rank_of(&frozen->common, key);
    return give(&frozen->common, is_at(&frozen->common, i, key) ? i : i - 1, k, v);
}

int FROZEN(ceil)(const cc__frozen_map_t *frozen, cc__key_t key, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    return valid(frozen, key) ? give(&frozen->common, rank_of(&frozen->common, key), k, v) : -EINVAL;
}

int FROZEN(lower)(const cc__frozen_map_t *frozen, cc__key_t key, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    return valid(frozen, key) ? give(&frozen->common, rank_of(&frozen->common, key) - 1, k, v) : -EINVAL;
}

int FROZEN(higher)(const cc__frozen_map_t *frozen, cc__key_t key, cc__frozen_key_out_t k, cc_bytes_t *v)
{
    if (!valid(frozen, key))
        return -EINVAL;
    size_t i = rank_of(&frozen->common, key);
    return give(&frozen->common, is_at(&frozen->common, i, key) ? i + 1 : i, k, v);
}

int64_t FROZEN(range)(const cc__frozen_map_t *frozen, cc__key_t from, cc__key_t to, cc__frozen_visit_fn *visit,
                      void *ctx)
{
    if (!valid(frozen, from) || !key_valid_end(to) || visit == NULL)
        return -EINVAL;
    const cc__frozen_t *f = &frozen->common;
    int64_t visited = 0;
    for (size_t i = rank_of(f, from); i < f->count; i++) {
        if (!key_is_max(to) && order_of(f, key_at(f, i), to) > 0)
            break;
        visited++;
        if (!visit(key_at(f, i), value_at(f, i), ctx))
            break;
    }
    return visited;
}
