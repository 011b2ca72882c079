/* A map of byte strings behind the table of verbs, in the default order and with a comparator. Included after MAP(verb),
 * map_t, KIND, KIND_COMPARE and KIND_NAME are defined.
 *
 *     default order   number, most significant byte first | tail
 *     comparator      number, least significant byte first | tail      (memcmp would order these wrongly)
 *
 * The tail has 0 to 12 bytes, a function of the number: keys of different lengths, across alignments. */
#ifndef STRESS_MAP_KIND_BYTES_H
#define STRESS_MAP_KIND_BYTES_H

#include "map_kind.h"

#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER = 8, TAIL_MAX = 12, TEXT_MAX = NUMBER + TAIL_MAX };

typedef struct {
    map_t *list;
    bool little_endian;
} bytes_map_t;

typedef struct {
    unsigned char bytes[TEXT_MAX];
} text_t;

static size_t tail_length(uint64_t key)
{
    return key % 5 * 3;
}

static cc_bytes_t encode(const bytes_map_t *map, uint64_t key, text_t *text)
{
    uint64_t number = map->little_endian ? htole64(key) : htobe64(key);
    memcpy(text->bytes, &number, NUMBER);
    memset(text->bytes + NUMBER, 'a' + (int)(key % 23), tail_length(key));
    return (cc_bytes_t){text->bytes, NUMBER + tail_length(key)};
}

static uint64_t decode_number(const void *data, bool little_endian)
{
    uint64_t number;
    memcpy(&number, data, NUMBER);
    return little_endian ? le64toh(number) : be64toh(number);
}

static uint64_t decode(const bytes_map_t *map, const void *data, size_t length)
{
    text_t text;
    if (length < NUMBER)
        finding("a key of %zu bytes came out of the map", length);
    uint64_t key = decode_number(data, map->little_endian);
    cc_bytes_t expected = encode(map, key, &text);
    if (length != expected.len || memcmp(data, expected.data, length) != 0)
        finding("key %" PRIu64 " came out of the map with other bytes than it went in", key);
    return key;
}

static int compare_little_endian(cc_bytes_t a, cc_bytes_t b, void *ctx)
{
    uint64_t x = decode_number(a.data, true), y = decode_number(b.data, true);
    return x < y ? -1 : x > y;
}

static int create(cc_domain_t *domain, const cc_map_opts_t *opts, bool little_endian, void **out)
{
    cc_map_opts_t all = CC_MAP_OPTS_INIT;
    bytes_map_t *map = malloc(sizeof *map);
    if (!map)
        give_up("no memory for a map's handle");
    if (opts)
        all = *opts;
    if (little_endian)
        all.compare = compare_little_endian;
    map->little_endian = little_endian;
    int rc = MAP(create)(domain, &all, &map->list);
    if (rc != 0)
        free(map);
    else
        *out = map;
    return rc;
}

static int bytes_create(cc_domain_t *domain, const cc_map_opts_t *opts, void **out)
{
    return create(domain, opts, false, out);
}

static int compare_create(cc_domain_t *domain, const cc_map_opts_t *opts, void **out)
{
    return create(domain, opts, true, out);
}

static int bytes_destroy(void *handle)
{
    bytes_map_t *map = handle;
    int rc = MAP(destroy)(map->list);
    if (rc == 0)
        free(map);
    return rc;
}

static int bytes_get(void *handle, uint64_t key, void **value)
{
    bytes_map_t *map = handle;
    text_t text;
    return MAP(get)(map->list, encode(map, key, &text), value);
}

static bool bytes_contains(void *handle, uint64_t key)
{
    bytes_map_t *map = handle;
    text_t text;
    return MAP(contains)(map->list, encode(map, key, &text));
}

static int bytes_insert(void *handle, uint64_t key, void *value)
{
    bytes_map_t *map = handle;
    text_t text;
    return MAP(insert)(map->list, encode(map, key, &text), value);
}

static int bytes_put(void *handle, uint64_t key, void *value, void **old)
{
    bytes_map_t *map = handle;
    text_t text;
    return MAP(put)(map->list, encode(map, key, &text), value, old);
}

static int bytes_replace(void *handle, uint64_t key, void *expected, void *desired)
{
    bytes_map_t *map = handle;
    text_t text;
    return MAP(replace)(map->list, encode(map, key, &text), expected, desired);
}

static int bytes_remove(void *handle, uint64_t key, void **old)
{
    bytes_map_t *map = handle;
    text_t text;
    return MAP(remove)(map->list, encode(map, key, &text), old);
}

static int take_key(const bytes_map_t *map, int rc, const cc_buf_t *buf, uint64_t *k)
{
    if (rc == 0)
        *k = decode(map, buf->data, buf->len);
    return rc;
}

static int bytes_min(void *handle, uint64_t *k, void **v)
{
    bytes_map_t *map = handle;
    text_t out;
    cc_buf_t buf = {out.bytes, sizeof out.bytes, 0};
    return take_key(map, MAP(min)(map->list, &buf, v), &buf, k);
}

static int bytes_max(void *handle, uint64_t *k, void **v)
{
    bytes_map_t *map = handle;
    text_t out;
    cc_buf_t buf = {out.bytes, sizeof out.bytes, 0};
    return take_key(map, MAP(max)(map->list, &buf, v), &buf, k);
}

static int bytes_floor(void *handle, uint64_t key, uint64_t *k, void **v)
{
    bytes_map_t *map = handle;
    text_t text, out;
    cc_buf_t buf = {out.bytes, sizeof out.bytes, 0};
    return take_key(map, MAP(floor)(map->list, encode(map, key, &text), &buf, v), &buf, k);
}

static int bytes_ceil(void *handle, uint64_t key, uint64_t *k, void **v)
{
    bytes_map_t *map = handle;
    text_t text, out;
    cc_buf_t buf = {out.bytes, sizeof out.bytes, 0};
    return take_key(map, MAP(ceil)(map->list, encode(map, key, &text), &buf, v), &buf, k);
}

static int bytes_pop_min(void *handle, uint64_t *k, void **v)
{
    bytes_map_t *map = handle;
    text_t out;
    cc_buf_t buf = {out.bytes, sizeof out.bytes, 0};
    return take_key(map, MAP(pop_min)(map->list, &buf, v), &buf, k);
}

static int bytes_pop_max(void *handle, uint64_t *k, void **v)
{
    bytes_map_t *map = handle;
    text_t out;
    cc_buf_t buf = {out.bytes, sizeof out.bytes, 0};
    return take_key(map, MAP(pop_max)(map->list, &buf, v), &buf, k);
}

typedef struct {
    const bytes_map_t *map;
    cc_visit64_fn *visit;
    void *ctx;
} visit_t;

static bool visit_bytes(cc_bytes_t key, void *value, void *ctx)
{
    visit_t *v = ctx;
    return v->visit(decode(v->map, key.data, key.len), value, v->ctx);
}

static int64_t bytes_range(void *handle, uint64_t from, uint64_t to, cc_visit64_fn *visit, void *ctx)
{
    bytes_map_t *map = handle;
    text_t low, high;
    visit_t v = {map, visit, ctx};
    cc_bytes_t end = to == UINT64_MAX ? CC_BYTES_MAX : encode(map, to, &high);
    return MAP(range)(map->list, encode(map, from, &low), end, visit_bytes, &v);
}

static size_t bytes_count(void *handle)
{
    bytes_map_t *map = handle;
    return MAP(count)(map->list);
}

static int bytes_validate(void *handle)
{
    bytes_map_t *map = handle;
    return MAP(validate)(map->list);
}

#define BYTES_VERBS                                                                                                    \
    .destroy = bytes_destroy, .get = bytes_get, .contains = bytes_contains, .insert = bytes_insert, .put = bytes_put,  \
    .replace = bytes_replace, .remove = bytes_remove, .min = bytes_min, .max = bytes_max, .floor = bytes_floor,        \
    .ceil = bytes_ceil, .pop_min = bytes_pop_min, .pop_max = bytes_pop_max, .range = bytes_range,                      \
    .count = bytes_count, .validate = bytes_validate

const map_kind_t KIND = {.name = KIND_NAME, .create = bytes_create, BYTES_VERBS};
const map_kind_t KIND_COMPARE = {.name = KIND_NAME "-compare", .create = compare_create, BYTES_VERBS};

#endif
