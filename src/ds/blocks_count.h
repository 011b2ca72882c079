/* How many keys of a block are below a key: counted over all of its room, because a branch that is mispredicted once costs
 * more than comparing everything. Compiled per instruction set; tools/check-branches.py looks at the machine code. */
#ifndef CC_DS_BLOCKS_COUNT_H
#define CC_DS_BLOCKS_COUNT_H

#include "ds/blocks.h"
#include "smr/policy.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#define CC__ISA avx512

_Static_assert(CC__ROOM == 64, "eight vectors");

/* One bit for each of 64 comparisons. Joined in mask registers: moved to general ones, shifted and merged there, they take three times
 * the instructions, and a processor looks ahead over so many of them only. */
SMR_INLINE uint64_t all_bits(const __mmask8 m[8])
{
    __mmask32 low = _mm512_kunpackw(_mm512_kunpackb(m[3], m[2]), _mm512_kunpackb(m[1], m[0]));
    __mmask32 high = _mm512_kunpackw(_mm512_kunpackb(m[7], m[6]), _mm512_kunpackb(m[5], m[4]));
    return _mm512_kunpackd(high, low);
}

SMR_INLINE unsigned keys_below(const uint64_t keys[CC__ROOM], uint64_t key)
{
    __m512i sought = _mm512_set1_epi64((long long)key);
    __mmask8 below[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        below[i] = _mm512_cmplt_epu64_mask(_mm512_load_si512(keys + i * 8), sought);
    return (unsigned)__builtin_popcountll(all_bits(below));
}

SMR_INLINE unsigned keys_up_to(const uint64_t keys[CC__ROOM], uint64_t key)
{
    __m512i sought = _mm512_set1_epi64((long long)key);
    __mmask8 up_to[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        up_to[i] = _mm512_cmple_epu64_mask(_mm512_load_si512(keys + i * 8), sought);
    return (unsigned)__builtin_popcountll(all_bits(up_to));
}

/* One bit for each word. */
SMR_INLINE uint64_t which_below(const int64_t words[CC__ROOM], int64_t word)
{
    __m512i sought = _mm512_set1_epi64(word);
    __mmask8 below[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        below[i] = _mm512_cmplt_epi64_mask(_mm512_load_si512(words + i * 8), sought);
    return all_bits(below);
}

#elif defined(__AVX2__)
#include <immintrin.h>
#define CC__ISA avx2

SMR_INLINE unsigned keys_below(const uint64_t keys[CC__ROOM], uint64_t key)
{
    const __m256i sign = _mm256_set1_epi64x(INT64_MIN); /* there is only a signed comparison */
    __m256i sought = _mm256_xor_si256(_mm256_set1_epi64x((long long)key), sign);
    __m256i sum = _mm256_setzero_si256();
#pragma GCC unroll 16
    for (int i = 0; i < CC__ROOM; i += 4) {
        __m256i some = _mm256_xor_si256(_mm256_load_si256((const __m256i *)(keys + i)), sign);
        sum = _mm256_sub_epi64(sum, _mm256_cmpgt_epi64(sought, some));
    }
    __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    return (unsigned)(_mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1));
}

/* One bit for each word. */
SMR_INLINE uint64_t which_below(const int64_t words[CC__ROOM], int64_t word)
{
    __m256i sought = _mm256_set1_epi64x(word);
    uint64_t below = 0;
#pragma GCC unroll 16
    for (int i = 0; i < CC__ROOM; i += 4) {
        __m256i less = _mm256_cmpgt_epi64(sought, _mm256_load_si256((const __m256i *)(words + i)));
        below |= (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(less)) << i;
    }
    return below;
}

#else
#define CC__ISA plain

/* The last keys of every eight first: where all eight are below, and where the one that is not must be. */
SMR_INLINE unsigned keys_below(const uint64_t keys[CC__ROOM], uint64_t key)
{
    unsigned eights = 0, below = 0;
#pragma GCC unroll 8
    for (unsigned i = 7; i < CC__ROOM - 1; i += 8)
        eights += keys[i] < key;
    const uint64_t *eight = keys + (size_t)eights * 8;
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        below += eight[i] < key;
    return eights * 8 + below;
}

/* The same of words, of the first `count`; what stands behind them counts for nothing. */
SMR_INLINE unsigned words_below(const int64_t words[CC__ROOM], unsigned count, int64_t word)
{
    unsigned eights = 0, below = 0;
#pragma GCC unroll 8
    for (unsigned i = 7; i < CC__ROOM - 1; i += 8)
        eights += (i < count) & (words[i] < word);
    const int64_t *eight = words + (size_t)eights * 8;
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        below += (eights * 8 + i < count) & (eight[i] < word);
    return eights * 8 + below;
}

#endif

#if defined(__AVX2__) || defined(__AVX512F__)
/* How many of the first `count` words; what stands behind them counts for nothing. */
SMR_INLINE unsigned words_below(const int64_t words[CC__ROOM], unsigned count, int64_t word)
{
    return (unsigned)__builtin_popcountll(which_below(words, word) & (((uint64_t)1 << count) - 1));
}
#endif

#ifndef __AVX512F__
/* The greatest key of all never counts: it fills the room behind the keys. */
SMR_INLINE unsigned keys_up_to(const uint64_t keys[CC__ROOM], uint64_t key)
{
    unsigned below = keys_below(keys, key);
    return below + (unsigned)(keys[below] == key);
}
#endif

/* Keys that are not above it, of the `count` in the block. */
SMR_INLINE unsigned count_up_to(const uint64_t keys[CC__ROOM], unsigned count, uint64_t key)
{
    unsigned at = keys_up_to(keys, key);
    return at < count ? at : count;
}

#endif
