/* Files of frozen copies that somebody made wrong on purpose: the checksum is right, a word of the file is not. Loading says
 * so, or what is loaded can be read from end to end (AddressSanitizer looks on).
 *
 * Included after frozen64_keys.h or frozen_keys.h. Links hidden symbols: the checksum. */
#ifndef CC_TEST_FROZEN_DAMAGE_H
#define CC_TEST_FROZEN_DAMAGE_H

#include "frozen_file.h"

#include "base/crc64.h"
#include "support/random.h"

#include <errno.h>

#define DAMAGE_TEST(name)         DAMAGE_TEST_(SUITE, name)
#define DAMAGE_TEST_(suite, name) Test(suite, name)

static void save_crafted(contents_t *c, const char *path)
{
    uint64_t sum = cc__crc64(c->bytes, c->len - sizeof sum);
    memcpy(c->bytes + c->len - sizeof sum, &sum, sizeof sum);
    contents_write(c, c->len, path);
}

/* 1: it was a map all the same. */
static int try_crafted(contents_t *c, const char *path)
{
    frozen_t *frozen = NULL;
    a_key_t key;
    cc_bytes_t value;
    uint64_t allocated = cc_alloc_stats_snapshot().current_allocated;
    save_crafted(c, path);
    int err = LOAD(path, &frozen);
    if (err != 0) {
        cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, allocated);
        cr_assert(err == -EBADMSG || err == -ENOTSUP || err == -EINVAL, "%d", err);
        return 0;
    }
    for (size_t i = 0; FROZEN(at)(frozen, i, &key, &value) == 0; i++) {
        (void)cc__crc64(value.data, value.len); /* reads it */
        cr_assert_eq(FROZEN(rank)(frozen, key), i);
    }
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
    return 1;
}

static contents_t make_contents(const char *path)
{
    map_t *map = NULL;
    frozen_t *frozen = NULL;
    cr_assert_eq(MAP(create)(NULL, NULL, &map), 0);
    for (uint64_t n = 300; n < 304; n++)
        cr_assert_eq(MAP(insert)(map, KEY(n), map), 0);
    cr_assert_eq(MAP(freeze)(map, NULL, &frozen), 0);
    cr_assert_eq(FROZEN(save)(frozen, path), 0);
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
    cr_assert_eq(MAP(destroy)(map), 0);
    return contents_of(path);
}

DAMAGE_TEST(the_checksum_is_what_it_is_called)
{
    cr_assert_eq(cc__crc64("123456789", 9), UINT64_C(0x995DC9BBDF1939FA));
    cr_assert_eq(cc__crc64("", 0), 0);
}

/* Each word of the file with values that are wrong in each way: a little, much, and round the end of all numbers, also if they are
 * multiplied by the 16 bytes that an entry takes. */
DAMAGE_TEST(crafted_words_do_no_harm)
{
    const uint64_t top = UINT64_C(1) << 63;
    const uint64_t deltas[] = {1,         7,       8,   16,           64,           UINT32_MAX,
                               INT64_MAX, top / 8, top, (uint64_t)-1, (uint64_t)-8, (uint64_t)-64};
    const uint64_t words[] = {0, 1, 8, UINT64_MAX, UINT64_MAX - 6, UINT64_MAX / 8, UINT64_MAX / 16 + 1, INT64_MAX};
    folder_t folder = folder_make();
    contents_t c = make_contents(folder.file);
    int maps = 0;
    for (size_t at = 0; at + 16 <= c.len; at += 8) {
        uint64_t before, word;
        memcpy(&before, c.bytes + at, 8);
        for (size_t i = 0; i < sizeof deltas / sizeof *deltas + sizeof words / sizeof *words; i++) {
            word = i < sizeof words / sizeof *words ? words[i] : before + deltas[i - sizeof words / sizeof *words];
            memcpy(c.bytes + at, &word, 8);
            maps += try_crafted(&c, folder.file);
        }
        memcpy(c.bytes + at, &before, 8);
    }
    cr_assert_gt(maps, 0, "a value's bytes are free");
    cr_assert_eq(try_crafted(&c, folder.file), 1);
    folder_remove(&folder);
}

DAMAGE_TEST(crafted_bytes_do_no_harm)
{
    enum { TRIES = 3000 };
    folder_t folder = folder_make();
    contents_t whole = make_contents(folder.file);
    random_t random = random_start(1);
    for (int i = 0; i < TRIES; i++) {
        contents_t c = whole;
        for (unsigned n = 1 + random_below(&random, 3); n > 0; n--)
            c.bytes[24 + random_below(&random, (uint32_t)c.len - 24)] = (unsigned char)random_below(&random, 256);
        (void)try_crafted(&c, folder.file);
    }
    folder_remove(&folder);
}

#endif
