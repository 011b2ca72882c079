/* CRC-64 of the XZ format (polynomial of ECMA-182, reflected): every damage within 64 consecutive bits is noticed, any other
 * but once in 2^64. */
#ifndef CC_BASE_CRC64_H
#define CC_BASE_CRC64_H

#include <stddef.h>
#include <stdint.h>

uint64_t cc__crc64(const void *data, size_t len);

#endif
