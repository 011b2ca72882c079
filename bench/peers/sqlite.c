/* sqlite in memory: one connection behind a mutex, prepared statements, no journal, a table that is the index. */
#include "../contender.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum { GET, INSERT, REMOVE, SCAN, STATEMENTS };

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENTS];
    bool numbers;
    pthread_mutex_t mutex;
} it_t;

static bool prepare(it_t *it)
{
    static const char *const text[STATEMENTS] = {
        [GET] = "select v from t where k = ?",
        [INSERT] = "insert or ignore into t values (?, 1)",
        [REMOVE] = "delete from t where k = ?",
        [SCAN] = "select k, v from t where k >= ? order by k limit ?",
    };
    const char *table = it->numbers ? "create table t (k integer primary key, v)"
                                    : "create table t (k blob primary key, v) without rowid";
    bool good =
        sqlite3_exec(it->db, "pragma journal_mode = off; pragma locking_mode = exclusive", NULL, NULL, NULL) == 0 &&
        sqlite3_exec(it->db, table, NULL, NULL, NULL) == 0;
    for (int i = 0; good && i < STATEMENTS; i++)
        good = sqlite3_prepare_v3(it->db, text[i], -1, SQLITE_PREPARE_PERSISTENT, &it->statement[i], NULL) == 0;
    return good;
}

static void *make(bool numbers)
{
    it_t *it = calloc(1, sizeof *it);
    it->numbers = numbers;
    pthread_mutex_init(&it->mutex, NULL);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(":memory:", &it->db, flags, NULL) == 0 && prepare(it))
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
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(it->statement[i]);
    sqlite3_close(it->db);
    free(it);
}

/* Steps through at most n rows; returns how many there were. */
static size_t run(it_t *it, int which, const bench_key_t *key, size_t n)
{
    sqlite3_stmt *statement = it->statement[which];
    size_t rows = 0;
    if (it->numbers)
        sqlite3_bind_int64(statement, 1, (sqlite3_int64)key->number);
    else
        sqlite3_bind_blob(statement, 1, key->data, (int)key->len, SQLITE_STATIC);
    if (which == SCAN)
        sqlite3_bind_int64(statement, 2, (sqlite3_int64)n);
    while (sqlite3_step(statement) == SQLITE_ROW && ++rows < n)
        ;
    sqlite3_reset(statement);
    return rows;
}

static bool get(void *what, void *self, const bench_key_t *key)
{
    it_t *it = what;
    (void)self;
    pthread_mutex_lock(&it->mutex);
    bool found = run(it, GET, key, 1) == 1;
    pthread_mutex_unlock(&it->mutex);
    return found;
}

static bool change(it_t *it, int which, const bench_key_t *key)
{
    pthread_mutex_lock(&it->mutex);
    run(it, which, key, 1);
    bool done = sqlite3_changes(it->db) > 0;
    pthread_mutex_unlock(&it->mutex);
    return done;
}

static bool insert(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    (void)change(it, INSERT, key);
    return true;
}

static bool take(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    return change(it, REMOVE, key);
}

static size_t scan(void *what, void *self, const bench_key_t *from, size_t n)
{
    it_t *it = what;
    (void)self;
    pthread_mutex_lock(&it->mutex);
    size_t seen = run(it, SCAN, from, n);
    pthread_mutex_unlock(&it->mutex);
    return seen;
}

#define SQLITE(kind_, create_)                                                                                         \
    {                                                                                                                  \
        .name = "sqlite+mutex", .kind = kind_, .package = "libsqlite3-dev", .note = "in memory", .create = create_,    \
        .destroy = destroy, .get = get, .insert = insert, .remove = take, .scan = scan,                                \
    }
static contender_t numbers = SQLITE("map", create_numbers);
static contender_t bytes = SQLITE("bytes", create_bytes);
BENCH_CONTENDER(numbers)
BENCH_CONTENDER(bytes)
