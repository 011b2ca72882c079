#include "demo.h"

static uint64_t hash(uint64_t word, uint64_t version)
{
    uint64_t h = (word + 1) * UINT64_C(0x9E3779B97F4A7C15) ^ version * UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ h >> 31;
}

value_t *value_create(uint64_t word, uint64_t version)
{
    value_t *value = cc_alloc(sizeof *value);
    if (value != NULL)
        *value = (value_t){word, version, hash(word, version)};
    return value;
}

void value_discard(value_t *value)
{
    value_reclaim(value, NULL);
}

/* Spoils it first: whoever still holds it must notice, even while the memory is not in use again. The store
 * is volatile, because a compiler may drop one to memory that is freed next. */
void value_reclaim(void *ptr, void *ctx)
{
    (void)ctx;
    value_t *value = ptr;
    *(volatile uint64_t *)&value->check = ~value->check;
    cc_free(value, sizeof *value);
}

bool value_intact(const value_t *value, uint64_t word)
{
    return value->word == word && value->check == hash(value->word, value->version);
}
