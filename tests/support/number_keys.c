#include "number_keys.h"

#include <string.h>

static size_t encode(unsigned char *bytes, uint64_t n)
{
    unsigned length = 0;
    while (length < 8 && n >> 8 * length != 0)
        length++;
    bytes[0] = (unsigned char)length;
    for (unsigned i = 0; i < length; i++)
        bytes[1 + i] = (unsigned char)(n >> 8 * (length - 1 - i));
    return length + 1;
}

cc_bytes_t number_key(uint64_t n)
{
    enum { KEPT = 4096 };
    static _Thread_local unsigned char bytes[KEPT][9];
    static _Thread_local unsigned turn;
    unsigned char *mine = bytes[turn++ % KEPT];
    return (cc_bytes_t){mine, encode(mine, n)};
}

uint64_t number_of(cc_bytes_t key)
{
    const unsigned char *bytes = key.data;
    uint64_t n = 0;
    for (size_t i = 1; i < key.len; i++)
        n = n << 8 | bytes[i];
    return n;
}

cc_buf_t *number_out(number_out_t *out)
{
    size_t length = encode(out->room, NUMBER_UNTOUCHED);
    out->buf = (cc_buf_t){out->room, sizeof out->room, length};
    return &out->buf;
}

uint64_t number_of_out(const number_out_t *out)
{
    return number_of((cc_bytes_t){out->room, out->buf.len});
}
