/* What frozen copies answer, and their files: compiled for both kinds of keys (frozen64_test.c, frozen_test.c). How they come
 * about is tested with the maps (contract/freeze.h).
 *
 * The including source defines, before it includes this:
 *   SUITE, FROZEN(verb), MAP(verb)  the suite's name; the functions of frozen copies, and of a map that can be frozen
 *   frozen_t, map_t, a_key_t         their handles; a key as it is passed and given out
 *   KEY(n), key_number(key)         the key that stands for a number; the number that it stands for
 *   LOAD(path, out)                 loads one in the default order; LOAD_OTHER: of the other kind of key */
#ifndef CC_TEST_FROZEN_CONTRACT_H
#define CC_TEST_FROZEN_CONTRACT_H

#include "frozen_file.h"
#include "test.h"

#include <cc/cc.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#define FROZEN_TEST(name)         FROZEN_TEST_(SUITE, name)
#define FROZEN_TEST_(suite, name) Test(suite, name)

static int nothing;

/* Keys 10, 20, ... n * 10; the value of key k is its number, k % 3 times. */
static int64_t encode_number(void *value, void *room, size_t cap, void *ctx)
{
    (void)ctx;
    uint64_t n = (uintptr_t)value, words[2] = {n, n};
    size_t len = n % 3 * sizeof n;
    if (len <= cap && len != 0)
        memcpy(room, words, len);
    return (int64_t)len;
}

static frozen_t *make_frozen(uint64_t n)
{
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    map_t *map = NULL;
    frozen_t *frozen = NULL;
    cr_assert_eq(MAP(create)(NULL, NULL, &map), 0);
    for (uint64_t k = 10; k <= 10 * n; k += 10)
        cr_assert_eq(MAP(insert)(map, KEY(k), (void *)(uintptr_t)k), 0);
    opts.encode = encode_number;
    cr_assert_eq(MAP(freeze)(map, &opts, &frozen), 0);
    cr_assert_eq(MAP(destroy)(map), 0);
    return frozen;
}

static void expect_value(uint64_t n, cc_bytes_t value)
{
    cr_assert_eq(value.len, n % 3 * sizeof n, "of %llu", (unsigned long long)n);
    for (size_t i = 0; i < n % 3; i++)
        cr_assert_eq(((const uint64_t *)value.data)[i], n);
}

/* ---- answers */

typedef int nearest_fn(const frozen_t *frozen, a_key_t key, a_key_t *k, cc_bytes_t *v);

/* `answer` 0: there is none. */
static void expect_answer(int err, uint64_t answer, const a_key_t *k, cc_bytes_t v)
{
    cr_assert_eq(err, answer != 0 ? 0 : -ENOENT);
    if (answer == 0)
        return;
    cr_assert_eq(key_number(*k), answer);
    expect_value(answer, v);
}

static void expect_nearest(const frozen_t *frozen, nearest_fn *verb, uint64_t n, uint64_t answer)
{
    a_key_t k;
    cc_bytes_t v;
    int err = verb(frozen, KEY(n), &k, &v);
    expect_answer(err, answer, &k, v);
    cr_assert_eq(verb(frozen, KEY(n), NULL, NULL), err);
}

static void expect_around(const frozen_t *frozen, uint64_t n, uint64_t last)
{
    uint64_t below = n > last ? last : n - n % 10, above = n % 10 == 0 ? n : n - n % 10 + 10;
    bool there = n != 0 && below == n;
    cc_bytes_t value = {&nothing, 77};
    if (n > last)
        above = 0;
    else if (above == 0)
        above = last != 0 ? 10 : 0;
    expect_nearest(frozen, FROZEN(floor), n, below);
    expect_nearest(frozen, FROZEN(ceil), n, above);
    expect_nearest(frozen, FROZEN(lower), n, there ? n - 10 : below);
    expect_nearest(frozen, FROZEN(higher), n, !there ? above : n == last ? 0 : n + 10);
    cr_assert_eq(FROZEN(rank)(frozen, KEY(n)), there ? n / 10 - 1 : below / 10);
    cr_assert_eq(FROZEN(contains)(frozen, KEY(n)), there);
    cr_assert_eq(FROZEN(get)(frozen, KEY(n), NULL), there ? 0 : -ENOENT);
    cr_assert_eq(FROZEN(get)(frozen, KEY(n), &value), there ? 0 : -ENOENT);
    if (there)
        expect_value(n, value);
    else
        cr_assert_eq(value.data, (void *)&nothing);
}

typedef struct {
    uint64_t next;
    int64_t stop_after;
} frozen_visits_t;

static bool visit_frozen(a_key_t key, cc_bytes_t value, void *ctx)
{
    frozen_visits_t *v = ctx;
    cr_assert_eq(key_number(key), v->next);
    expect_value(v->next, value);
    v->next += 10;
    return --v->stop_after != 0;
}

static void expect_range(const frozen_t *frozen, uint64_t from, uint64_t to, uint64_t first, int64_t visits)
{
    frozen_visits_t all = {first, INT64_MAX}, one = {first, 1};
    cr_assert_eq(FROZEN(range)(frozen, KEY(from), KEY(to), visit_frozen, &all), visits);
    cr_assert_eq(FROZEN(range)(frozen, KEY(from), KEY(to), visit_frozen, &one), visits != 0);
}

static void expect_all(const frozen_t *frozen, uint64_t n)
{
    const uint64_t last = n * 10;
    a_key_t k;
    cc_bytes_t v;
    cr_assert_eq(FROZEN(count)(frozen), n);
    for (uint64_t i = 0; i < n; i++)
        expect_answer(FROZEN(at)(frozen, i, &k, &v), (i + 1) * 10, &k, v);
    cr_assert_eq(FROZEN(at)(frozen, n, &k, &v), -ENOENT);
    cr_assert_eq(FROZEN(at)(frozen, SIZE_MAX, &k, &v), -ENOENT);
    expect_answer(FROZEN(min)(frozen, &k, &v), n != 0 ? 10 : 0, &k, v);
    expect_answer(FROZEN(max)(frozen, &k, &v), last, &k, v);
    for (uint64_t at = 0; at <= last + 11; at++)
        expect_around(frozen, at, last);
    expect_range(frozen, 0, UINT64_MAX, 10, (int64_t)n);
    expect_range(frozen, 10, last, 10, (int64_t)n);
    if (n >= 2)
        expect_range(frozen, 11, last - 1, 20, (int64_t)n - 2);
    expect_range(frozen, 20, 10, 0, 0);
    expect_range(frozen, last + 1, UINT64_MAX, 0, 0);
}

FROZEN_TEST(answers_as_a_sorted_array)
{
    const uint64_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 100};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        frozen_t *frozen = make_frozen(sizes[i]);
        expect_all(frozen, sizes[i]);
        cr_assert_eq(FROZEN(destroy)(frozen), 0);
    }
}

FROZEN_TEST(refuses_null)
{
    frozen_t *frozen = make_frozen(1);
    a_key_t k;
    cc_bytes_t v;
    frozen_visits_t visits = {0};
    cr_assert_eq(FROZEN(destroy)(NULL), -EINVAL);
    cr_assert_eq(FROZEN(get)(NULL, KEY(1), &v), -EINVAL);
    cr_assert_not(FROZEN(contains)(NULL, KEY(1)));
    cr_assert_eq(FROZEN(min)(NULL, &k, &v), -EINVAL);
    cr_assert_eq(FROZEN(max)(NULL, &k, &v), -EINVAL);
    cr_assert_eq(FROZEN(floor)(NULL, KEY(1), &k, &v), -EINVAL);
    cr_assert_eq(FROZEN(ceil)(NULL, KEY(1), &k, &v), -EINVAL);
    cr_assert_eq(FROZEN(lower)(NULL, KEY(1), &k, &v), -EINVAL);
    cr_assert_eq(FROZEN(higher)(NULL, KEY(1), &k, &v), -EINVAL);
    cr_assert_eq(FROZEN(at)(NULL, 0, &k, &v), -EINVAL);
    cr_assert_eq(FROZEN(rank)(NULL, KEY(1)), 0);
    cr_assert_eq(FROZEN(count)(NULL), 0);
    cr_assert_eq(FROZEN(range)(NULL, KEY(1), KEY(2), visit_frozen, &visits), -EINVAL);
    cr_assert_eq(FROZEN(range)(frozen, KEY(1), KEY(2), NULL, &visits), -EINVAL);
    cr_assert_eq(FROZEN(save)(NULL, "x"), -EINVAL);
    cr_assert_eq(FROZEN(save)(frozen, NULL), -EINVAL);
    cr_assert_eq(LOAD(NULL, &frozen), -EINVAL);
    cr_assert_eq(LOAD("x", NULL), -EINVAL);
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
}

/* ---- files */

static void expect_no_load(const char *path, int expected)
{
    frozen_t *frozen = (void *)&nothing;
    int err = LOAD(path, &frozen);
    cr_assert_eq(frozen, (void *)&nothing);
    if (expected != 0)
        cr_assert_eq(err, expected, "%d (%s)", err, cc_strerror(err));
    cr_assert_lt(err, 0);
}

static void save(const frozen_t *frozen, const char *path)
{
    cr_assert_eq(FROZEN(save)(frozen, path), 0);
}

/* Saves and forgets one of so many entries. */
static void save_some(uint64_t n, const char *path)
{
    frozen_t *frozen = make_frozen(n);
    save(frozen, path);
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
}

static void expect_saved(uint64_t n, const char *path)
{
    frozen_t *frozen = NULL;
    cr_assert_eq(LOAD(path, &frozen), 0);
    expect_all(frozen, n);
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
}

FROZEN_TEST(what_is_saved_can_be_loaded)
{
    folder_t folder = folder_make();
    for (uint64_t n = 0; n < 20; n += 3) { /* over the one before */
        save_some(n, folder.file);
        expect_saved(n, folder.file);
        cr_assert_eq(folder_count(&folder), 1, "and nothing else in the folder");
    }
    folder_remove(&folder);
}

/* Its temporary file has a name that is no longer. */
FROZEN_TEST(a_file_may_have_the_longest_name)
{
    folder_t folder = folder_make();
    size_t room = strlen(folder.name) + 1;
    memset(folder.file + room, 'n', NAME_MAX);
    folder.file[room + NAME_MAX] = 0;
    save_some(5, folder.file);
    expect_saved(5, folder.file);
    folder_remove(&folder);
}

FROZEN_TEST(a_loaded_copy_can_be_saved)
{
    folder_t folder = folder_make();
    contents_t first, second;
    save_some(5, folder.file);
    first = contents_of(folder.file);
    frozen_t *frozen = NULL;
    cr_assert_eq(LOAD(folder.file, &frozen), 0);
    folder_clear(&folder);
    save(frozen, folder.file);
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
    second = contents_of(folder.file);
    cr_assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
    folder_remove(&folder);
}

FROZEN_TEST(a_truncated_file_is_no_map)
{
    folder_t folder = folder_make();
    save_some(4, folder.file);
    contents_t c = contents_of(folder.file);
    for (size_t len = 0; len < c.len; len++) {
        contents_write(&c, len, folder.file);
        expect_no_load(folder.file, -EBADMSG);
    }
    contents_write(&c, c.len + 1, folder.file); /* a byte too long */
    expect_no_load(folder.file, -EBADMSG);
    contents_write(&c, c.len, folder.file);
    expect_saved(4, folder.file);
    folder_remove(&folder);
}

FROZEN_TEST(a_damaged_file_is_no_map)
{
    folder_t folder = folder_make();
    save_some(4, folder.file);
    contents_t c = contents_of(folder.file);
    for (size_t at = 0; at < c.len; at++) {
        for (unsigned bit = 0; bit <= 8; bit++) {
            unsigned char before = c.bytes[at];
            c.bytes[at] ^= bit < 8 ? (unsigned char)(1u << bit) : 0xff;
            contents_write(&c, c.len, folder.file);
            expect_no_load(folder.file, at >= 8 && at < 16 ? -ENOTSUP : -EBADMSG);
            c.bytes[at] = before;
        }
    }
    folder_remove(&folder);
}

FROZEN_TEST(other_things_are_no_map)
{
    folder_t folder = folder_make();
    contents_t other = {.bytes = "#!/bin/sh\necho it is a text that is as long as a head, and then a little longer\n"};
    expect_no_load(folder.file, -ENOENT);
    expect_no_load(folder.name, -EINVAL);
    expect_no_load("/dev/zero", -EINVAL);
    contents_write(&other, strlen((char *)other.bytes), folder.file);
    expect_no_load(folder.file, -EBADMSG);
    folder_clear(&folder);
    cr_assert_eq(mkfifo(folder.file, 0600), 0);
    expect_no_load(folder.file, -EINVAL);
    save_some(3, folder.file); /* in its place */
    other_frozen_t *frozen = (void *)&nothing;
    cr_assert_eq(LOAD_OTHER(folder.file, &frozen), -EINVAL, "another kind of key");
    cr_assert_eq(frozen, (void *)&nothing);
    folder_remove(&folder);
}

FROZEN_TEST(a_failed_save_changes_nothing)
{
    folder_t folder = folder_make();
    frozen_t *frozen = make_frozen(100);
    char absent[sizeof folder.file + 8];
    snprintf(absent, sizeof absent, "%s/x", folder.file);
    cr_assert_eq(FROZEN(save)(frozen, absent), -ENOENT, "no such folder");
    cr_assert_eq(FROZEN(save)(frozen, folder.name), -EISDIR);
    cr_assert_eq(folder_count(&folder), 0);
    save_some(3, folder.file);

    struct rlimit limit, small; /* a disk that is full after some hundred bytes */
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    for (small.rlim_cur = 0; small.rlim_cur < 1000; small.rlim_cur += 333) {
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        int err = FROZEN(save)(frozen, folder.file);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        cr_assert_eq(err, -EFBIG);
    }
    signal(SIGXFSZ, before);
    cr_assert_eq(folder_count(&folder), 1, "no temporary file is left");
    expect_saved(3, folder.file);
    cr_assert_eq(FROZEN(destroy)(frozen), 0);
    folder_remove(&folder);
}

#endif
