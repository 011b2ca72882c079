/* Clients of the skip list: pairs and triples of operations on one or two keys, towers linked late, values in guards. */
#include "../schemes.h"
#include "clients.h"

#include "cc/cc.h"

#include "base/atomic.h"

#include <errno.h>

static cc_domain_t *domain;
static cc_skiplist64_t *map;
static int made, reclaimed;

typedef struct {
    uint64_t key;
} value_t;

static value_t *make_value(uint64_t key)
{
    value_t *value = cc_alloc(sizeof *value);
    model_memset(value, 0, sizeof *value);
    value->key = key;
    made++;
    return value;
}

static void reclaim_value(void *ptr, void *ctx)
{
    (void)ctx;
    value_t *value = ptr;
    value->key = UINT64_MAX;
    reclaimed++;
    cc_free(ptr, sizeof *value);
}

static void drop_value(value_t *value)
{
    made--;
    cc_free(value, sizeof *value);
}

static bool insert(uint64_t key)
{
    value_t *value = make_value(key);
    int err = cc_skiplist64_insert(map, key, value);
    model_assert(err == 0 || err == -EEXIST);
    if (err != 0)
        drop_value(value);
    return err == 0;
}

static void put(uint64_t key)
{
    int err = cc_skiplist64_put(map, key, make_value(key), NULL);
    model_assert(err == 0 || err == 1);
}

static bool remove_key(uint64_t key)
{
    int err = cc_skiplist64_remove(map, key, NULL);
    model_assert(err == 0 || err == -ENOENT);
    return err == 0;
}

static bool get(uint64_t key)
{
    void *value;
    cc_guard_t *guard = cc_guard_enter(domain);
    int err = cc_skiplist64_get(map, key, &value);
    model_assert(err == 0 || err == -ENOENT);
    if (err == 0)
        model_assert(((value_t *)value)->key == key);
    cc_guard_leave(guard);
    return err == 0;
}

static void setup_scheme(cc_smr_scheme_t scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    opts.scheme = scheme;
    map_opts.value_reclaim = reclaim_value;
    map_opts.value_size = sizeof(value_t);
    made = reclaimed = 0;
    model_assert(cc_domain_create(&opts, &domain) == 0);
    model_assert(cc_skiplist64_create(domain, &map_opts, &map) == 0);
}

static void finish(void)
{
    model_assert(cc_skiplist64_validate(map) == 0);
    model_assert(cc_skiplist64_destroy(map) == 0);
    model_assert(cc_domain_drain(domain, 0) == 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.retired == s.reclaimed && s.leaked == 0);
    model_assert(made == reclaimed);
    model_assert(cc_domain_destroy(domain) == 0);
}

/* ---- one key --------------------------------------------------------------------------------------------------------- */

static bool won[MODEL_THREADS];

static void setup_key(cc_smr_scheme_t scheme, bool present, unsigned height)
{
    const unsigned heights[] = {height, height, height, height};
    setup_scheme(scheme);
    model_heights(heights, 4);
    if (present)
        insert(5);
    for (int i = 0; i < MODEL_THREADS; i++)
        won[i] = false;
}

static void insert_insert(int i)
{
    won[i] = insert(5);
}

static void one_insert_won(void)
{
    model_assert(won[1] != won[2]);
    model_assert(cc_skiplist64_count(map) == 1);
    finish();
}

static void insert_remove(int i)
{
    won[i] = i == 1 ? insert(5) : remove_key(5);
}

/* The key was absent: it is there at the end unless the removal came second. */
static void finish_insert_remove(void)
{
    model_assert(won[1]);
    model_assert(cc_skiplist64_contains(map, 5) == !won[2]);
    finish();
}

static void remove_remove(int i)
{
    won[i] = remove_key(5);
}

static void one_remove_won(void)
{
    model_assert(won[1] != won[2]);
    model_assert(!cc_skiplist64_contains(map, 5));
    finish();
}

static void remove_insert_get(int i)
{
    if (i == 1)
        won[1] = remove_key(5);
    else if (i == 2)
        won[2] = insert(5);
    else
        get(5);
}

static void finish_remove_insert(void)
{
    model_assert(won[1]); /* nobody else removes */
    model_assert(cc_skiplist64_contains(map, 5) == won[2]);
    finish();
}

static void put_remove_get(int i)
{
    if (i == 1)
        put(5);
    else if (i == 2)
        won[2] = remove_key(5);
    else
        get(5);
}

static void put_put_get(int i)
{
    if (i <= 2)
        put(5);
    else
        get(5);
}

/* ---- neighbours ------------------------------------------------------------------------------------------------------ */

static void setup_three(cc_smr_scheme_t scheme, unsigned height)
{
    const unsigned heights[] = {height, height, height, height, height};
    setup_scheme(scheme);
    model_heights(heights, 5);
    insert(1);
    insert(5);
    insert(9);
}

/* The counter-example to stepping over marks: a reader on its way to 9, two removals and an insertion in its way. */
static void read_past_removals(int i)
{
    if (i == 1) {
        model_assert(get(9));
    } else {
        remove_key(1);
        insert(6);
        remove_key(5);
        remove_key(6);
        cc_domain_flush(domain);
    }
}

/* The epoch moves between a reader's begin and the link that it reads, to a node that is born and removed meanwhile. */
static void read_newborn(int i)
{
    if (i == 1) {
        get(5);
    } else {
        insert(5);
        remove_key(5);
        cc_domain_flush(domain);
    }
}

static void remove_neighbours(int i)
{
    if (i == 1)
        model_assert(remove_key(1));
    else if (i == 2)
        model_assert(remove_key(5));
    else
        insert(3);
}

static bool visit(uint64_t key, void *value, void *ctx)
{
    uint64_t *last = ctx;
    model_assert(*last == 0 || key > *last);
    model_assert(((value_t *)value)->key == key);
    *last = key;
    return true;
}

static void range_against_removal(int i)
{
    if (i == 1) {
        uint64_t last = 0;
        int64_t n = cc_skiplist64_range(map, 1, 9, visit, &last);
        model_assert(n >= 2 && last == 9);
    } else {
        remove_key(5);
        insert(5);
    }
}

static void nearest_against_removal(int i)
{
    uint64_t key;
    if (i == 1) {
        model_assert(cc_skiplist64_min(map, &key, NULL) == 0 && (key == 1 || key == 5));
        model_assert(cc_skiplist64_floor(map, 8, &key, NULL) == 0 && (key == 5 || key == 6));
        model_assert(cc_skiplist64_max(map, &key, NULL) == 0 && key == 9);
    } else {
        remove_key(1);
        insert(6);
    }
}

#define SETUP(name, scheme, what, setup, ...)                                                                          \
    static void what##_##name(void)                                                                                    \
    {                                                                                                                  \
        setup(scheme, __VA_ARGS__);                                                                                    \
    }

EACH_RECLAIMING_SCHEME(SETUP, absent, setup_key, false, 1)
EACH_RECLAIMING_SCHEME(SETUP, present, setup_key, true, 1)
EACH_RECLAIMING_SCHEME(SETUP, tall_absent, setup_key, false, 2)
EACH_RECLAIMING_SCHEME(SETUP, tall_present, setup_key, true, 2)
EACH_RECLAIMING_SCHEME(SETUP, three, setup_three, 1)
EACH_RECLAIMING_SCHEME(SETUP, three_tall, setup_three, 2)

#define ROW(name_, scheme, n, text, t, before, f, end)                                                                 \
    {                                                                                                                  \
        .name = n "-" #name_, .what = text, .threads = t, .setup = before##_##name_, .thread = f, .finish = end        \
    }
#define CLIENT(...) LIST_RECLAIMING_SCHEMES(ROW, __VA_ARGS__)

const model_client_t model_skiplist_clients[] = {
    CLIENT("insert-insert", "one of two insertions wins", 2, absent, insert_insert, one_insert_won),
    CLIENT("insert-remove", "an insertion against a removal", 2, absent, insert_remove, finish_insert_remove),
    CLIENT("remove-remove", "one of two removals wins", 2, present, remove_remove, one_remove_won),
    CLIENT("late-link", "a tower is linked while it is removed", 2, tall_absent, insert_remove, finish_insert_remove),
    CLIENT("remove-insert-get", "a corpse against a new node of its key", 3, tall_present, remove_insert_get,
           finish_remove_insert),
    CLIENT("put-remove-get", "a value replaced, removed, read in a guard", 3, present, put_remove_get, finish),
    CLIENT("put-put-get", "a value replaced twice, read in a guard", 3, present, put_put_get, finish),
    CLIENT("read-rule", "a reader behind frozen links", 2, three, read_past_removals, finish),
    CLIENT("newborn", "a reader meets a node born after it began", 2, absent, read_newborn, finish),
    CLIENT("neighbours", "neighbours removed, a third inserted between", 3, three_tall, remove_neighbours, finish),
    CLIENT("range", "a range against removal and insertion", 2, three, range_against_removal, finish),
    CLIENT("nearest", "min, floor, max against removal", 2, three, nearest_against_removal, finish),
    {.name = NULL},
};
