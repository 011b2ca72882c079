/* The values in the maps: heap objects that can tell whether they are alive and whose they are. */
#ifndef STRESS_VALUE_H
#define STRESS_VALUE_H

#include <cc/base.h>

typedef struct value {
    uint64_t magic;      /* VALUE_ALIVE; poisoned before the memory is freed */
    uint64_t key;        /* the key it was made for */
    uint64_t sequence;   /* no two values of a program run share it */
    struct value *chain; /* retired by the reclaim callback of this one; NULL: none */
} value_t;

/* A value of its own for `key`. Ends the program if there is no memory. */
value_t *value_new(uint64_t key, uint64_t sequence);

/* Frees a value that was never published. */
void value_discard(value_t *value);

/* For value_reclaim of a map and for cc_retire: poisons, then frees. `ctx` is the domain; a chained value is retired in
 * it. */
cc_reclaim_fn value_reclaim;

/* From now on value_reclaim is a finding on this thread for values of `domain`, because it is inside a guard of it: then
 * callbacks are left to other threads. NULL: it may come again. */
void value_forbid_reclaim(const void *domain);

/* A finding unless the value is alive and belongs to `key`. `how` says where the pointer came from. */
void value_check(const value_t *value, uint64_t key, const char *how);

/* Values made and neither reclaimed nor discarded. Exact when no thread makes or reclaims any. */
int64_t values_live(void);

/* Gives the memory of reclaimed values back; no other thread may be at work. */
void values_flush(void);

#endif
