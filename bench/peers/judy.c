/* JudySL: a radix tree for one thread, keys end in NUL. Behind a read-write lock, and alone as a mark. */
#include "../contender.h"

#include <Judy.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 1024 };

typedef struct {
    Pvoid_t array;
    bool alone;
    pthread_rwlock_t lock;
} it_t;

static void *make(bool alone)
{
    it_t *it = calloc(1, sizeof *it);
    it->alone = alone;
    pthread_rwlock_init(&it->lock, NULL);
    return it;
}

static void *create_locked(const contender_opts_t *opts)
{
    (void)opts;
    return make(false);
}

static void *create_alone(const contender_opts_t *opts)
{
    (void)opts;
    return make(true);
}

static void destroy(void *what)
{
    it_t *it = what;
    JudySLFreeArray(&it->array, NULL);
    free(it);
}

static void unlock(it_t *it)
{
    if (!it->alone)
        pthread_rwlock_unlock(&it->lock);
}

static void lock(it_t *it, bool writer)
{
    if (!it->alone)
        writer ? pthread_rwlock_wrlock(&it->lock) : pthread_rwlock_rdlock(&it->lock);
}

static const uint8_t *text(const bench_key_t *key)
{
    return (const uint8_t *)key->data;
}

static bool get(void *what, void *self, const bench_key_t *key)
{
    it_t *it = what;
    (void)self;
    lock(it, false);
    bool found = JudySLGet(it->array, text(key), NULL) != NULL;
    unlock(it);
    return found;
}

static bool insert(void *what, void *self, const bench_key_t *key)
{
    it_t *it = what;
    (void)self;
    lock(it, true);
    Word_t *value = (Word_t *)JudySLIns(&it->array, text(key), NULL);
    bool absent = *value == 0;
    *value = 1;
    unlock(it);
    return absent;
}

static bool take(void *what, void *self, const bench_key_t *key)
{
    it_t *it = what;
    (void)self;
    lock(it, true);
    bool found = JudySLDel(&it->array, text(key), NULL) == 1;
    unlock(it);
    return found;
}

static size_t scan(void *what, void *self, const bench_key_t *from, size_t n)
{
    it_t *it = what;
    uint8_t key[KEY_MAX];
    size_t seen = 0;
    (void)self;
    memcpy(key, from->data, from->len + 1);
    lock(it, false);
    for (void *at = JudySLFirst(it->array, key, NULL); at != NULL && seen < n; at = JudySLNext(it->array, key, NULL))
        seen++;
    unlock(it);
    return seen;
}

static contender_t locked = {
    .name = "JudySL+rwlock",
    .kind = "bytes",
    .package = "libjudy-dev",
    .note = "keys without NUL",
    .create = create_locked,
    .destroy = destroy,
    .get = get,
    .insert = insert,
    .remove = take,
    .scan = scan,
};
static contender_t alone = {
    .name = "JudySL",
    .kind = "bytes",
    .package = "libjudy-dev",
    .note = "one thread, no lock: a mark",
    .one_thread = true,
    .create = create_alone,
    .destroy = destroy,
    .get = get,
    .insert = insert,
    .remove = take,
    .scan = scan,
};
BENCH_CONTENDER(locked)
BENCH_CONTENDER(alone)
