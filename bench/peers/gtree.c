/* GLib's balanced tree behind a mutex, and behind a read-write lock. */
#include "../contender.h"

#include <glib.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct {
    GTree *tree;
    bool readers; /* the lock tells them from writers */
    pthread_rwlock_t lock;
    pthread_mutex_t mutex;
} it_t;

static gint compare(gconstpointer a, gconstpointer b)
{
    return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static void *make(bool readers)
{
    it_t *it = calloc(1, sizeof *it);
    it->tree = g_tree_new(compare);
    it->readers = readers;
    pthread_rwlock_init(&it->lock, NULL);
    pthread_mutex_init(&it->mutex, NULL);
    return it;
}

static void *create_mutex(const contender_opts_t *opts)
{
    (void)opts;
    return make(false);
}

static void *create_rwlock(const contender_opts_t *opts)
{
    (void)opts;
    return make(true);
}

static void destroy(void *what)
{
    it_t *it = what;
    g_tree_destroy(it->tree);
    free(it);
}

static void lock(it_t *it, bool writer)
{
    if (!it->readers)
        pthread_mutex_lock(&it->mutex);
    else if (writer)
        pthread_rwlock_wrlock(&it->lock);
    else
        pthread_rwlock_rdlock(&it->lock);
}

static void unlock(it_t *it)
{
    if (it->readers)
        pthread_rwlock_unlock(&it->lock);
    else
        pthread_mutex_unlock(&it->mutex);
}

static bool get(void *what, void *self, const bench_key_t *key)
{
    it_t *it = what;
    (void)self;
    lock(it, false);
    bool found = g_tree_lookup(it->tree, (gconstpointer)(uintptr_t)key->number) != NULL;
    unlock(it);
    return found;
}

static bool insert(void *what, void *self, const bench_key_t *key)
{
    it_t *it = what;
    gpointer number = (gpointer)(uintptr_t)key->number;
    (void)self;
    lock(it, true);
    bool absent = g_tree_lookup(it->tree, number) == NULL;
    if (absent)
        g_tree_insert(it->tree, number, it);
    unlock(it);
    return absent;
}

static bool take(void *what, void *self, const bench_key_t *key)
{
    it_t *it = what;
    (void)self;
    lock(it, true);
    bool found = g_tree_remove(it->tree, (gconstpointer)(uintptr_t)key->number);
    unlock(it);
    return found;
}

static size_t scan(void *what, void *self, const bench_key_t *from, size_t n)
{
    it_t *it = what;
    size_t seen = 0;
    (void)self;
    lock(it, false);
    GTreeNode *at = g_tree_lower_bound(it->tree, (gconstpointer)(uintptr_t)from->number);
    for (; at != NULL && seen < n; at = g_tree_node_next(at))
        seen++;
    unlock(it);
    return seen;
}

static contender_t mutex = {
    .name = "GTree+mutex",
    .kind = "map",
    .package = "libglib2.0-dev",
    .create = create_mutex,
    .destroy = destroy,
    .get = get,
    .insert = insert,
    .remove = take,
    .scan = scan,
};
static contender_t rwlock = {
    .name = "GTree+rwlock",
    .kind = "map",
    .package = "libglib2.0-dev",
    .create = create_rwlock,
    .destroy = destroy,
    .get = get,
    .insert = insert,
    .remove = take,
    .scan = scan,
};
BENCH_CONTENDER(mutex)
BENCH_CONTENDER(rwlock)
