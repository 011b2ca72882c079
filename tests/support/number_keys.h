/* Byte strings that stand for numbers, in the same order, and of many lengths: how many bytes follow, then those bytes,
 * highest first. */
#ifndef CC_TEST_NUMBER_KEYS_H
#define CC_TEST_NUMBER_KEYS_H

#include <cc/base.h>

/* Good until the thread has asked for some thousands more: visitors may, while the range still needs its ends. */
cc_bytes_t number_key(uint64_t n);

uint64_t number_of(cc_bytes_t key);

/* Room for one that is given out. */
typedef struct {
    unsigned char room[9];
    cc_buf_t buf;
} number_out_t;

/* A number that no test asks for: what number_of_out says as long as nothing was given out. */
#define NUMBER_UNTOUCHED UINT64_C(0x5A5A5A5A5A5A5A5A)
cc_buf_t *number_out(number_out_t *out);
uint64_t number_of_out(const number_out_t *out);

#endif
