/* critnib: a radix tree, lock-free for readers; writers take a mutex. */
#include "../contender.h"

#include <critnib.h>

static void *create(const contender_opts_t *opts)
{
    (void)opts;
    return critnib_new();
}

static void destroy(void *it)
{
    critnib_delete(it);
}

static bool get(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    return critnib_get(it, key->number) != NULL;
}

static bool insert(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    return critnib_insert(it, key->number, it, 0) == 0;
}

static bool take(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    return critnib_remove(it, key->number) != NULL;
}

/* Step by step: critnib_iter holds the writers' mutex throughout. */
static size_t scan(void *it, void *self, const bench_key_t *from, size_t n)
{
    uintptr_t key = from->number;
    void *value;
    size_t seen = 0;
    (void)self;
    if (n > 0 && critnib_find(it, key, FIND_GE, &key, &value) != 0) {
        for (seen = 1; seen < n && critnib_find(it, key, FIND_G, &key, &value) != 0; seen++)
            ;
    }
    return seen;
}

static contender_t contender = {
    .name = "critnib",
    .kind = "map",
    .package = "libcritnib-dev",
    .note = "a radix tree: likes dense keys",
    .create = create,
    .destroy = destroy,
    .get = get,
    .insert = insert,
    .remove = take,
    .scan = scan,
};
BENCH_CONTENDER(contender)
