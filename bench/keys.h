/* Keys, and the order in which threads ask for them. */
#ifndef BENCH_KEYS_H
#define BENCH_KEYS_H

#include "contender.h"
#include "crew.h"

typedef struct keys keys_t;

/* The keys of a workload, and room for what is drawn beforehand: byte strings always are, packed in the order of their
 * use, so that fetching a key costs each contender the same sequential read; so are draws of a zipf distribution.
 * NULL: no such keys or distribution, or no memory; the message is on stderr. */
keys_t *keys_create(const workload_t *workload, bool bytes);
void keys_destroy(keys_t *keys);

uint64_t keys_range(const keys_t *keys); /* how many different ones */

/* The i-th of them; byte strings are written to `room` (KEY_MAX bytes). */
enum { KEY_MAX = 1024 };
void keys_at(const keys_t *keys, uint64_t i, char *room, bench_key_t *key);

/* What thread `me` asks for next. */
void keys_next(keys_t *keys, member_t *me, bench_key_t *key);

/* The numbers 0 to n - 1 in random order. The caller frees them. NULL: no memory. */
uint32_t *keys_shuffled(uint64_t n, uint64_t seed);

#endif
