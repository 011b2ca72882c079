/* Counting keys in a block (ds/blocks_count.h), beside a loop. Compiled once per instruction set; passes without a look where
 * the processor lacks it, since only one of them runs in the library on a machine. */
#include "ds/blocks_find_u64.h"

#include "test.h"

#include "support/random.h"

enum { BLOCKS = 300, RANGE = 4 * CC__ENTRIES };

static bool runs_here(void)
{
#if defined(__AVX512F__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("popcnt");
#elif defined(__AVX2__)
    return __builtin_cpu_supports("avx2");
#else
    return true;
#endif
}

/* Numbers from 0 on stand for keys all over the range, the greatest of all included. */
static uint64_t key_of_number(uint64_t n)
{
    return n == RANGE ? UINT64_MAX : n << 56 >> 1 | n << 63 | n;
}

/* Strictly ascending, behind them the greatest key of all. */
static void fill(cc__rev_t *rev, random_t *random, uint64_t count)
{
    uint64_t keys[RANGE + 1], n = 0;
    for (uint64_t i = 0; i <= RANGE; i++)
        keys[i] = key_of_number(i);
    for (uint64_t i = 1; i <= RANGE; i++) { /* by size */
        uint64_t key = keys[i], at = i;
        for (; at > 0 && keys[at - 1] > key; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
    for (uint64_t i = 0; i <= RANGE && n < count; i++) {
        if (RANGE - i < count - n || random_below(random, RANGE + 1 - i) < count - n)
            rev->keys[n++] = keys[i];
    }
    rev->count = n;
    for (; n < CC__ROOM; n++)
        rev->keys[n] = UINT64_MAX;
}

/* The same of signed numbers; what stands behind the first `count` is less, or not. */
static void check_words(const cc__rev_t *rev, uint64_t key, unsigned below)
{
    _Alignas(64) int64_t words[CC__ROOM];
    const uint64_t sign = (uint64_t)1 << 63;
    for (unsigned i = 0; i < CC__ROOM; i++)
        words[i] = (int64_t)(rev->keys[i] ^ sign);
    for (unsigned count = 0; count <= rev->count; count++)
        cr_assert_eq(words_below(words, count, (int64_t)(key ^ sign)), below < count ? below : count);
}

static void check(const cc__rev_t *rev, uint64_t key)
{
    unsigned below = 0, up_to = 0;
    bool there = false;
    for (uint64_t i = 0; i < rev->count; i++) {
        below += rev->keys[i] < key;
        up_to += rev->keys[i] <= key;
        there = there || rev->keys[i] == key;
    }
    cr_assert_eq(keys_below(rev->keys, key), below);
    unsigned at;
    cr_assert_eq(rev_up_to(NULL, rev, key), up_to);
    cr_assert_eq(rev_seek(NULL, rev, key, &at), there);
    cr_assert_eq(at, below);
    check_words(rev, key, below);
}

Test(blocks_count, agrees_with_a_loop)
{
    _Alignas(64) cc__rev_t rev;
    if (!runs_here())
        return;
    random_t random = random_start(random_seed());
    for (int block = 0; block < BLOCKS; block++) {
        fill(&rev, &random, (uint64_t)block % (CC__ENTRIES + 1));
        for (uint64_t n = 0; n <= RANGE; n++) {
            uint64_t key = key_of_number(n);
            check(&rev, key - 1);
            check(&rev, key);
            check(&rev, key + 1);
        }
    }
}
