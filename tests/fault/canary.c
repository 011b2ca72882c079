#include "canary.h"

#include "scenario.h"

#include <cc/alloc.h>

enum { WORDS = CANARY_BYTES / 8 };

static uint64_t expected(uint64_t key, uint64_t index)
{
    return (key * 1000 + index) * UINT64_C(0x9e3779b97f4a7c15);
}

canary_t *canary_make(uint64_t key, canary_count_t *live)
{
    canary_t *canary = cc_alloc(sizeof *canary);
    CHECK(canary != NULL);
    for (uint64_t i = 0; i < WORDS; i++)
        canary->word[i] = expected(key, i);
    atomic_fetch_add_explicit(live, 1, memory_order_relaxed);
    return canary;
}

void canary_reclaim(void *ptr, void *ctx)
{
    canary_t *canary = ptr;
    canary_count_t *live = ctx;
    for (int i = 0; i < WORDS; i++)
        canary->word[i] = 0;
    cc_free(canary, sizeof *canary);
    atomic_fetch_sub_explicit(live, 1, memory_order_relaxed);
}

bool canary_intact(const canary_t *canary, uint64_t key)
{
    uint64_t i = 0;
    while (i < WORDS && canary->word[i] == expected(key, i))
        i++;
    return i == WORDS;
}
