/* value.c: values, their count, and the wait before their memory is used again.
 *
 * Without a sanitizer a value that is reclaimed too early would soon be another value at the same address, and look
 * healthy. A ring keeps reclaimed ones poisoned for a while. With a sanitizer the memory is freed at once: it knows. */
#include "value.h"

#include "report.h"
#include "sanitizer.h"

#include <cc/guard.h>

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#define VALUE_ALIVE UINT64_C(0xa11fe0a11fe0a11f)
#define VALUE_DEAD  UINT64_C(0xdeadbeefdeadbeef)

enum { SHARDS = 64, RING = 4096 };

/* Counters spread over cache lines; relaxed, because they are read when all is quiet. */
static struct {
    _Alignas(64) atomic_int_fast64_t live;
} shards[SHARDS];
static atomic_uint next_shard;
static _Thread_local unsigned own_shard; /* 1 + index; 0: none yet */

static _Thread_local bool in_callback;
static _Thread_local const void *guarded; /* the domain whose callbacks must not run on this thread */

static void count(int by)
{
    if (own_shard == 0)
        own_shard = 1 + atomic_fetch_add_explicit(&next_shard, 1, memory_order_relaxed) % SHARDS;
    atomic_fetch_add_explicit(&shards[own_shard - 1].live, by, memory_order_relaxed);
}

int64_t values_live(void)
{
    int64_t sum = 0;
    for (int i = 0; i < SHARDS; i++)
        sum += atomic_load_explicit(&shards[i].live, memory_order_relaxed);
    return sum;
}

#if STRESS_SANITIZED
static void release_memory(value_t *value)
{
    free(value);
}

void values_flush(void)
{
}
#else
static _Atomic(value_t *) ring[RING];
static atomic_uint ring_at;

static void release_memory(value_t *value)
{
    unsigned at = atomic_fetch_add_explicit(&ring_at, 1, memory_order_relaxed) % RING;
    free(atomic_exchange_explicit(&ring[at], value, memory_order_acq_rel));
}

void values_flush(void)
{
    for (int i = 0; i < RING; i++)
        free(atomic_exchange_explicit(&ring[i], NULL, memory_order_acq_rel));
}
#endif

value_t *value_new(uint64_t key, uint64_t sequence)
{
    value_t *value = malloc(sizeof *value);
    if (!value)
        give_up("no memory for a value");
    *value = (value_t){VALUE_ALIVE, key, sequence, NULL};
    count(1);
    return value;
}

void value_discard(value_t *value)
{
    value->magic = VALUE_DEAD;
    count(-1);
    free(value);
}

void value_forbid_reclaim(const void *domain)
{
    guarded = domain;
}

void value_reclaim(void *ptr, void *ctx)
{
    value_t *value = ptr;
    if (in_callback)
        finding("a reclaim callback runs inside another one");
    if (guarded && guarded == ctx)
        finding("a reclaim callback runs while its thread is inside a guard of the domain");
    in_callback = true;
    if (value->magic != VALUE_ALIVE)
        finding("value %p reclaimed twice, or not a value: magic %#" PRIx64, ptr, value->magic);
    value_t *chain = value->chain;
    value->magic = VALUE_DEAD;
    count(-1);
    if (chain && cc_retire(ctx, chain, sizeof *chain, value_reclaim, ctx) != 0)
        finding("cc_retire refused inside a reclaim callback");
    release_memory(value);
    in_callback = false;
}

void value_check(const value_t *value, uint64_t key, const char *how)
{
    uint64_t magic = value->magic;
    if (magic == VALUE_DEAD)
        finding("%s: value %p of key %" PRIu64 " is reclaimed already", how, (const void *)value, key);
    if (magic != VALUE_ALIVE)
        finding("%s: %p is no value: magic %#" PRIx64, how, (const void *)value, magic);
    if (value->key != key)
        finding("%s: value of key %" PRIu64 " under key %" PRIu64, how, value->key, key);
}
