/* The contract of cc/alloc.h, statistics apart (alloc_stats_test.c): what is granted, how it is aligned, what is
 * refused. Runs over the library proper and over the mock allocator. */
#include "test.h"

#include <cc/alloc.h>

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

enum { ALIGNMENT_MAX = 4096, SMALL_MAX = 1024, SIZE_MAX_TESTED = 64 * 1024, AT_ONCE = 2 };

/* Every size up to 1 KiB, then powers of two with their neighbours, and steps between them. */
static size_t next_size(size_t size)
{
    if (size < SMALL_MAX)
        return size + 1;
    size_t power = SMALL_MAX;
    while (power * 2 <= size + 1)
        power *= 2;
    size_t candidates[] = {power, power + 1, power + power / 4, power + power / 2, power * 2 - 1, power * 2};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        if (candidates[i] > size)
            return candidates[i];
    return power * 2 + 1;
}

static bool is_aligned(const void *ptr, size_t alignment)
{
    return ((uintptr_t)ptr & (alignment - 1)) == 0;
}

static bool is_filled(const unsigned char *ptr, size_t size, unsigned char byte)
{
    for (size_t i = 0; i < size; i++)
        if (ptr[i] != byte)
            return false;
    return true;
}

/* What of a few blocks, live together, is not as promised? NULL: nothing. */
static const char *misbehaviour(void *const *blocks, size_t size, size_t alignment)
{
    for (int i = 0; i < AT_ONCE; i++) {
        if (blocks[i] == NULL)
            return "refused";
        if (!is_aligned(blocks[i], alignment))
            return "misaligned";
        memset(blocks[i], 'a' + i, size);
    }
    for (int i = 0; i < AT_ONCE; i++)
        if (!is_filled(blocks[i], size, (unsigned char)('a' + i)))
            return "overlapping";
    return NULL;
}

Test(alloc, every_size_and_alignment)
{
    for (size_t alignment = 1; alignment <= ALIGNMENT_MAX; alignment *= 2) {
        for (size_t size = 1; size <= SIZE_MAX_TESTED; size = next_size(size)) {
            void *blocks[AT_ONCE];
            for (int i = 0; i < AT_ONCE; i++)
                blocks[i] = cc_alloc_aligned(size, alignment);
            const char *wrong = misbehaviour(blocks, size, alignment);
            cr_assert(wrong == NULL, "%s: size %zu, alignment %zu", wrong, size, alignment);
            for (int i = 0; i < AT_ONCE; i++)
                cc_free(blocks[i], size);
        }
    }
}

static size_t natural_alignment(size_t size)
{
    size_t alignment = 1;
    while (alignment * 2 <= size && alignment < 16)
        alignment *= 2;
    return alignment;
}

Test(alloc, plain_blocks_suit_objects_of_their_size)
{
    for (size_t size = 1; size <= SIZE_MAX_TESTED; size = next_size(size)) {
        void *blocks[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++)
            blocks[i] = cc_alloc(size);
        const char *wrong = misbehaviour(blocks, size, natural_alignment(size));
        cr_assert(wrong == NULL, "%s: size %zu", wrong, size);
        for (int i = 0; i < AT_ONCE; i++)
            cc_free(blocks[i], size);
    }
}

Test(alloc, nodes_own_whole_cache_lines)
{
    for (size_t size = 1; size <= SIZE_MAX_TESTED; size = next_size(size)) {
        size_t rounded = (size + CC_CACHE_LINE_SIZE - 1) / CC_CACHE_LINE_SIZE * CC_CACHE_LINE_SIZE;
        void *blocks[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++)
            blocks[i] = cc_alloc_node(size);
        const char *wrong = misbehaviour(blocks, rounded, CC_CACHE_LINE_SIZE);
        cr_assert(wrong == NULL, "%s: size %zu", wrong, size);
        for (int i = 0; i < AT_ONCE; i++)
            cc_free(blocks[i], size);
    }
}

Test(alloc, calloc_zeroes_what_was_dirty)
{
    enum { BLOCKS = 16 };
    static const size_t sizes[] = {1, 8, 24, 64, 200, 1000, 4096, 40000, 300000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        unsigned char *blocks[BLOCKS];
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = cc_alloc(sizes[s]);
            cr_assert_not_null(blocks[i]);
            memset(blocks[i], 0xFF, sizes[s]);
        }
        for (int i = 0; i < BLOCKS; i++)
            cc_free(blocks[i], sizes[s]);
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = cc_calloc(1, sizes[s]);
            cr_assert_not_null(blocks[i]);
            cr_assert(is_filled(blocks[i], sizes[s], 0), "size %zu is not zeroed", sizes[s]);
        }
        for (int i = 0; i < BLOCKS; i++)
            cc_free(blocks[i], sizes[s]);
    }
    unsigned char *product = cc_calloc(30, 100);
    cr_assert_not_null(product);
    cr_assert(is_filled(product, 3000, 0));
    cc_free(product, 3000);
}

Test(alloc, nothing_is_refused)
{
    cr_assert_null(cc_alloc(0));
    cr_assert_null(cc_calloc(0, 8));
    cr_assert_null(cc_calloc(8, 0));
    cr_assert_null(cc_alloc_aligned(0, 64));
    cr_assert_null(cc_alloc_node(0));
}

Test(alloc, too_much_is_refused)
{
    /* The last ones pass the checks of the glue: the allocator has to say no, without touching memory. */
    static const size_t sizes[] = {SIZE_MAX,
                                   SIZE_MAX - 63,
                                   (size_t)PTRDIFF_MAX + 1,
                                   PTRDIFF_MAX,
                                   (size_t)PTRDIFF_MAX - 63,
                                   (size_t)PTRDIFF_MAX - ALIGNMENT_MAX,
                                   (size_t)PTRDIFF_MAX - 65536,
                                   (size_t)PTRDIFF_MAX / 2};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cr_assert_null(cc_alloc(sizes[i]), "%zx", sizes[i]);
        cr_assert_null(cc_calloc(1, sizes[i]), "%zx", sizes[i]);
        cr_assert_null(cc_calloc(sizes[i], 1), "%zx", sizes[i]);
        cr_assert_null(cc_alloc_node(sizes[i]), "%zx", sizes[i]);
        for (size_t alignment = 1; alignment <= ALIGNMENT_MAX; alignment *= 64)
            cr_assert_null(cc_alloc_aligned(sizes[i], alignment), "%zx at %zu", sizes[i], alignment);
    }
    cr_assert_null(cc_calloc(SIZE_MAX / 2 + 1, 2), "the product wraps to 0");
    cr_assert_null(cc_calloc(SIZE_MAX / 2 + 2, 2), "the product wraps to 2");
    cr_assert_null(cc_calloc((size_t)1 << 32, ((size_t)1 << 32) + 1), "the product wraps to 4 GiB");
}

Test(alloc, alignment_must_be_a_power_of_two)
{
    static const size_t bad[] = {0, 3, 5, 6, 7, 12, 24, 63, 65, 96, 100, 4095, 4097, SIZE_MAX, SIZE_MAX - 1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_null(cc_alloc_aligned(64, bad[i]), "alignment %zu", bad[i]);
    cr_assert_null(cc_alloc_aligned(64, SIZE_MAX / 2 + 1), "a power of two, but beyond any address");
}

Test(alloc, free_takes_null)
{
    cc_free(NULL, 0);
    cc_free(NULL, 64);
    cc_free_unsized(NULL);
}

static void *free_all(void *arg)
{
    void **blocks = arg;
    for (int i = 0; blocks[i] != NULL; i += 2) {
        cc_free(blocks[i], (size_t)i + 1);
        cc_free_unsized(blocks[i + 1]);
    }
    return NULL;
}

Test(alloc, blocks_may_be_freed_by_another_thread)
{
    enum { BLOCKS = 2000, ROUNDS = 5 };
    static void *blocks[BLOCKS + 1];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = cc_alloc((size_t)i + 1);
            cr_assert_not_null(blocks[i]);
            memset(blocks[i], round, (size_t)i + 1);
        }
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, free_all, blocks), 0);
        cr_assert_eq(pthread_join(thread, NULL), 0);
    }
}

Test(alloc, info_shows_who_serves)
{
    cc_alloc_info_t info = CC_ALLOC_INFO_INIT;
    cr_assert_eq(cc_alloc_info(&info), 0);
    cr_assert_str_eq(info.name, CC_TEST_BACKEND);
    cr_assert_eq(info.owned_share, 1.0);
    cr_assert(info.verified);
    cr_assert_neq(info.host_malloc[0], '\0');
    cr_assert_eq(info.size, sizeof info);
    if (strcmp(info.name, "mimalloc") == 0) {
        cr_assert(isdigit((unsigned char)info.version[0]), "%s", info.version);
        cr_assert_eq(info.version[1], '.', "%s", info.version);
        cr_assert_null(strstr(info.host_malloc, "mimalloc"), "linking libcc has replaced malloc of the program");
    }
}

Test(alloc, info_of_an_older_caller_is_refused)
{
    const cc_alloc_info_t before = {sizeof before - 1, "name", "version", true, 0.5, "host"};
    cc_alloc_info_t info = before;
    cr_assert_eq(cc_alloc_info(NULL), -EINVAL);
    cr_assert_eq(cc_alloc_info(&info), -EINVAL);
    cr_assert_eq(memcmp(&info, &before, sizeof info), 0);
    info.size = 0;
    cr_assert_eq(cc_alloc_info(&info), -EINVAL);
}

Test(alloc, info_of_a_newer_caller_is_filled_as_far_as_known)
{
    struct {
        cc_alloc_info_t known;
        int added;
    } newer = {CC_ALLOC_INFO_INIT, 42};
    newer.known.size = sizeof newer;
    cr_assert_eq(cc_alloc_info(&newer.known), 0);
    cr_assert(newer.known.verified);
    cr_assert_eq(newer.added, 42);
}
