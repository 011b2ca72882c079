#include "keys.h"

#include "random.h"
#include "words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS_MAX = 1 << 20, DRAWS_MIN = 1 << 10 }; /* powers of two */
enum { KEY_MIN = 16 };                             /* bytes that no two keys have in common */
static const double zipf_exponent = 0.99;

struct keys {
    uint64_t range;
    bool spread, bytes;
    size_t length; /* of byte strings: 0 for words */
    words_t words;
    enum { UNIFORM, ZIPF, SEQUENTIAL, HOT } distribution;
    size_t draws;    /* made beforehand, a power of two */
    uint32_t *drawn; /* as many numbers, or NULL */
    char *packed;    /* as many byte strings, each after its length and followed by NUL, or NULL */
    uint32_t *start; /* where each of them begins, in units of 8 bytes */
};

static void write_hex(char *out, size_t len, uint64_t i)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t at = 0; at < len; at++) {
        uint64_t hash = random_mix(i * 64 + at / 16);
        out[at] = digit[hash >> (at % 16 * 4) & 15];
    }
    out[len] = '\0';
}

void keys_at(const keys_t *keys, uint64_t i, char *room, bench_key_t *key)
{
    key->number = keys->spread ? random_mix(i) : i;
    if (!keys->bytes)
        return;
    if (keys->length == 0) {
        key->len = keys->words.word[i].len;
        memcpy(room, keys->words.word[i].data, key->len);
        room[key->len] = '\0';
    } else {
        key->len = keys->length;
        write_hex(room, key->len, i);
    }
    key->data = room;
}

/* ---- drawing */

/* Rank by inversion of the sum, approximated by its integral: exact enough for a load, and cheap. */
static uint64_t zipf(uint64_t *random, uint64_t range)
{
    double u = (double)(random_next(random) >> 11) * 0x1p-53, q = 1 - zipf_exponent;
    double most = pow((double)range + 1, q);
    uint64_t rank = (uint64_t)pow(1 + u * (most - 1), 1 / q) - 1;
    return rank < range ? rank : range - 1;
}

/* A hot set: nine of ten operations go to a hundredth of the keys. */
static uint64_t hot(uint64_t *random, uint64_t range)
{
    uint64_t few = range >= 100 ? range / 100 : 1;
    return random_below(random, 10) < 9 ? random_below(random, few) : random_below(random, range);
}

/* Frequent keys do not lie next to each other. */
static uint64_t scattered(uint64_t rank, uint64_t range)
{
    return random_mix(rank) % range;
}

static uint64_t draw(const keys_t *keys, uint64_t *random, uint64_t *next)
{
    switch (keys->distribution) {
    case ZIPF:
        return scattered(zipf(random, keys->range), keys->range);
    case HOT:
        return scattered(hot(random, keys->range), keys->range);
    case SEQUENTIAL:
        return (*next)++ % keys->range;
    default:
        return random_below(random, keys->range);
    }
}

static bool draw_numbers(keys_t *keys, uint64_t seed)
{
    uint64_t random = random_mix(seed) | 1, next = 0;
    keys->drawn = malloc(keys->draws * sizeof *keys->drawn);
    for (size_t i = 0; keys->drawn != NULL && i < keys->draws; i++)
        keys->drawn[i] = (uint32_t)draw(keys, &random, &next);
    return keys->drawn != NULL;
}

static size_t packed_size(size_t len)
{
    return (sizeof(uint32_t) + len + 1 + 7) / 8 * 8;
}

static bool pack(keys_t *keys)
{
    char room[KEY_MAX];
    bench_key_t key = {0};
    size_t total = 0;
    keys->start = malloc(keys->draws * sizeof *keys->start);
    for (size_t i = 0; keys->start != NULL && i < keys->draws; i++) {
        keys->start[i] = (uint32_t)(total / 8);
        keys_at(keys, keys->drawn[i], room, &key);
        total += packed_size(key.len);
    }
    keys->packed = keys->start != NULL ? malloc(total) : NULL;
    for (size_t i = 0; keys->packed != NULL && i < keys->draws; i++) {
        char *at = keys->packed + 8 * (size_t)keys->start[i];
        keys_at(keys, keys->drawn[i], room, &key);
        uint32_t len = (uint32_t)key.len;
        memcpy(at, &len, sizeof len);
        memcpy(at + sizeof len, key.data, key.len);
        at[sizeof len + key.len] = '\0';
    }
    return keys->packed != NULL;
}

void keys_next(keys_t *keys, member_t *me, bench_key_t *key)
{
    if (keys->packed != NULL) {
        const char *at = keys->packed + 8 * (size_t)keys->start[me->next++ & (keys->draws - 1)];
        uint32_t len;
        memcpy(&len, at, sizeof len);
        key->data = at + sizeof len;
        key->len = len;
        return;
    }
    uint64_t i = keys->drawn != NULL ? keys->drawn[me->next++ & (keys->draws - 1)] : draw(keys, &me->random, &me->next);
    key->number = keys->spread ? random_mix(i) : i;
}

uint32_t *keys_shuffled(uint64_t n, uint64_t seed)
{
    uint64_t random = random_mix(seed) | 1;
    uint32_t *order = malloc((n + 1) * sizeof *order);
    for (uint64_t i = 0; order != NULL && i < n; i++) {
        uint64_t j = random_below(&random, i + 1);
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
    return order;
}

/* ---- the keys */

static bool words_fit(const words_t *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (words->word[i].len >= KEY_MAX) {
            fprintf(stderr, "ccbench: a word of %zu bytes: at most %d\n", words->word[i].len, KEY_MAX - 1);
            return false;
        }
    }
    return true;
}

static bool choose_kind(keys_t *keys, const workload_t *workload)
{
    const char *kind = workload->keys;
    char *end;
    if (!keys->bytes) {
        keys->spread = strcmp(kind, "spread") == 0;
        return keys->spread || strcmp(kind, "dense") == 0;
    }
    if (strcmp(kind, "words") == 0) {
        if (words_load(&keys->words, workload->words) != 0 || !words_fit(&keys->words))
            return false;
        if (keys->words.count < keys->range)
            keys->range = keys->words.count;
        return true;
    }
    keys->length = strcmp(kind, "hex") == 0 ? 32 : strtoul(kind, &end, 10);
    return keys->length >= KEY_MIN && keys->length < KEY_MAX && (keys->length == 32 || *end == '\0');
}

static bool choose_distribution(keys_t *keys, const char *name)
{
    static const char *const names[] = {"uniform", "zipf", "sequential", "hot"};
    for (unsigned i = 0; i < 4; i++) {
        keys->distribution = i;
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

keys_t *keys_create(const workload_t *workload, bool bytes)
{
    keys_t *keys = calloc(1, sizeof *keys);
    if (keys == NULL)
        return NULL;
    keys->bytes = bytes;
    keys->range = workload->range;
    keys->draws = DRAWS_MAX;
    while (workload->operations > 0 && keys->draws > DRAWS_MIN && keys->draws / 2 >= workload->operations)
        keys->draws /= 2;
    bool good = keys->range > 0 && keys->range < UINT32_MAX && choose_kind(keys, workload) &&
                choose_distribution(keys, workload->distribution);
    if (good && (bytes || keys->distribution == ZIPF))
        good = draw_numbers(keys, workload->seed) && (!bytes || pack(keys));
    if (!good) {
        fprintf(stderr, "ccbench: cannot make %" PRIu64 " keys of kind %s, drawn %s\n", workload->range, workload->keys,
                workload->distribution);
        keys_destroy(keys);
        return NULL;
    }
    return keys;
}

void keys_destroy(keys_t *keys)
{
    if (keys->words.word != NULL)
        words_free(&keys->words);
    free(keys->drawn);
    free(keys->packed);
    free(keys->start);
    free(keys);
}

uint64_t keys_range(const keys_t *keys)
{
    return keys->range;
}
