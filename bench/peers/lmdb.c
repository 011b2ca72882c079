/* LMDB: a memory-mapped B+ tree, readers never wait, one writer at a time. As fast as it goes while each change is a
 * transaction of its own: the file in memory, no syncing, the map written directly, read transactions renewed. */
#include "../contender.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t map_size = (size_t)8 << 30; /* of addresses; the file grows as it is filled */

typedef struct {
    MDB_env *env;
    MDB_dbi dbi;
    bool numbers;
} it_t;

typedef struct {
    MDB_txn *read;
    MDB_cursor *cursor;
} self_t;

static bool open_in(it_t *it, const char *path)
{
    MDB_txn *txn;
    unsigned flags = MDB_CREATE | (it->numbers ? MDB_INTEGERKEY : 0u);
    return mdb_env_create(&it->env) == 0 && mdb_env_set_mapsize(it->env, map_size) == 0 &&
           mdb_env_set_maxreaders(it->env, 512) == 0 &&
           mdb_env_open(it->env, path, MDB_NOSYNC | MDB_WRITEMAP | MDB_NOTLS | MDB_NOSUBDIR, 0600) == 0 &&
           mdb_txn_begin(it->env, NULL, 0, &txn) == 0 && mdb_dbi_open(txn, NULL, flags, &it->dbi) == 0 &&
           mdb_txn_commit(txn) == 0;
}

static void *make(bool numbers)
{
    char path[64], lock[80];
    it_t *it = calloc(1, sizeof *it);
    it->numbers = numbers;
    snprintf(path, sizeof path, "/dev/shm/ccbench-lmdb-%d", (int)getpid());
    snprintf(lock, sizeof lock, "%s-lock", path);
    bool good = open_in(it, path);
    unlink(path); /* it lives as long as this process */
    unlink(lock);
    if (good)
        return it;
    free(it);
    return NULL;
}

static void *create_numbers(const contender_opts_t *opts)
{
    (void)opts;
    return make(true);
}

static void *create_bytes(const contender_opts_t *opts)
{
    (void)opts;
    return make(false);
}

static void destroy(void *what)
{
    it_t *it = what;
    mdb_env_close(it->env);
    free(it);
}

static void *thread_begin(void *what, unsigned number)
{
    it_t *it = what;
    self_t *self = calloc(1, sizeof *self);
    (void)number;
    if (mdb_txn_begin(it->env, NULL, MDB_RDONLY, &self->read) != 0 ||
        mdb_cursor_open(self->read, it->dbi, &self->cursor) != 0)
        abort();
    mdb_txn_reset(self->read);
    return self;
}

static void thread_end(void *it, void *what)
{
    self_t *self = what;
    (void)it;
    mdb_cursor_close(self->cursor);
    mdb_txn_abort(self->read);
    free(self);
}

static MDB_val key_of(const it_t *it, const bench_key_t *key)
{
    union {
        const void *in;
        void *out;
    } data = {it->numbers ? (const void *)&key->number : key->data};
    return (MDB_val){it->numbers ? sizeof key->number : key->len, data.out};
}

static bool get(void *it, void *what, const bench_key_t *key)
{
    self_t *self = what;
    MDB_val k = key_of(it, key), value;
    mdb_txn_renew(self->read);
    bool found = mdb_get(self->read, ((it_t *)it)->dbi, &k, &value) == 0;
    mdb_txn_reset(self->read);
    return found;
}

static bool change(it_t *it, const bench_key_t *key, bool insert)
{
    MDB_txn *txn;
    uint64_t number = 1;
    MDB_val k = key_of(it, key), value = {sizeof number, &number};
    if (mdb_txn_begin(it->env, NULL, 0, &txn) != 0)
        return false;
    int rc = insert ? mdb_put(txn, it->dbi, &k, &value, MDB_NOOVERWRITE) : mdb_del(txn, it->dbi, &k, NULL);
    if (rc == 0)
        return mdb_txn_commit(txn) == 0;
    mdb_txn_abort(txn);
    return false;
}

static bool insert(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    return change(it, key, true);
}

static bool take(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    return change(it, key, false);
}

static size_t scan(void *it, void *what, const bench_key_t *from, size_t n)
{
    self_t *self = what;
    MDB_val k = key_of(it, from), value;
    size_t seen = 0;
    mdb_txn_renew(self->read);
    mdb_cursor_renew(self->read, self->cursor);
    for (int rc = mdb_cursor_get(self->cursor, &k, &value, MDB_SET_RANGE); rc == 0 && seen < n;
         rc = mdb_cursor_get(self->cursor, &k, &value, MDB_NEXT))
        seen++;
    mdb_txn_reset(self->read);
    return seen;
}

#define LMDB(kind_, create_)                                                                                           \
    {                                                                                                                  \
        .name = "lmdb", .kind = kind_, .package = "liblmdb-dev", .note = "one writer at a time", .create = create_,    \
        .destroy = destroy, .thread_begin = thread_begin, .thread_end = thread_end, .get = get, .insert = insert,      \
        .remove = take, .scan = scan,                                                                                  \
    }
static contender_t numbers = LMDB("map", create_numbers);
static contender_t bytes = LMDB("bytes", create_bytes);
BENCH_CONTENDER(numbers)
BENCH_CONTENDER(bytes)
