#include "base/crc64.h"

#include <string.h>

enum { SLICES = 8 };

/* table[s][b]: what byte b does to the sum when s more bytes follow. So eight bytes are looked up at once, and not one
 * after the other ("slicing by 8"). Made anew for each call, which is nothing beside a file: no state, no order of
 * initialization. */
typedef uint64_t table_t[SLICES][256];

static void fill(table_t table)
{
    const uint64_t polynomial = UINT64_C(0xC96C5795D7870F42);
    for (unsigned b = 0; b < 256; b++) {
        uint64_t sum = b;
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? polynomial : 0);
        table[0][b] = sum;
    }
    for (unsigned s = 1; s < SLICES; s++) {
        for (unsigned b = 0; b < 256; b++)
            table[s][b] = table[s - 1][b] >> 8 ^ table[0][table[s - 1][b] & 0xff];
    }
}

static uint64_t load_little_endian(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

uint64_t cc__crc64(const void *data, size_t len)
{
    table_t table;
    const unsigned char *p = data;
    uint64_t sum = ~UINT64_C(0);
    fill(table);
    for (; len >= SLICES; len -= SLICES, p += SLICES) {
        uint64_t word = sum ^ load_little_endian(p);
        sum = 0;
        for (unsigned i = 0; i < SLICES; i++)
            sum ^= table[SLICES - 1 - i][word >> 8 * i & 0xff];
    }
    for (; len > 0; len--, p++)
        sum = sum >> 8 ^ table[0][(sum ^ *p) & 0xff];
    return ~sum;
}
