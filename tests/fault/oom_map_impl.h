/* The calls of a map under allocation failure; included once per kind of key, after
 *
 *   MAP(verb)            the public function; map_t: the handle; in_key_t: a key as it is passed
 *   out_key_t            where a key is copied out; OUT_KEY(k): as it is passed
 *   in_key(i)            the key number i, in ascending order; is_in_key(key, i), is_out_key(&key, i): this is it
 *   FROZEN(verb), frozen_t, LOAD(path, out)   its frozen copies
 *   CALLS                the name of the suite that is defined here
 *   IN_STOCK             defined: an insertion behind another one allocates nothing
 *   REMOVAL_ALLOCATES    defined: even behind another one */
#include "sweep.h"

#include <cc/alloc.h>
#include <cc/guard.h>
#include <cc/stats.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PRESENT = 20,  /* keys 0 to PRESENT - 1 are in the map */
    NEW = PRESENT, /* a key that is not */
    KEYS = NEW + 1,
    GONE = KEYS, /* and these were once, so that something waits in limbo */
    KEYS_EVER = GONE + 2,
    GUARDS = 4,       /* as many as need no memory */
    GUARD_VALUES = 8, /* likewise values in a guard */
    FROM = 3,
    TO = 12,                    /* a range */
    BOUND = 4,                  /* entries of the bounded map */
    OF_BOUNDED = 2 * KEYS_EVER, /* its values, and from TO_REFILL on as many for the end */
    TO_REFILL = OF_BOUNDED + BOUND + 1,
    VALUES = TO_REFILL + BOUND
};

typedef struct {
    atomic_uint reclaimed;
    unsigned due; /* how often it has left the map to its reclaimer: once at most */
} value_t;

typedef struct {
    cc_domain_t *domain;
    map_t *map;
    map_t *bounded;            /* NULL: none */
    value_t value[VALUES];     /* [i]: what key i has at first; [KEYS_EVER + i]: what the call gives it */
    value_t *model[KEYS_EVER]; /* what must be in the map */
    cc_guard_t *guard[GUARDS];
    unsigned guards;
    void *old, *got; /* out parameters */
    out_key_t key;
    unsigned made; /* values, by get_or_insert */
    char *file;    /* of a frozen copy; NULL: none */
    bool may_leak; /* the call retires without a reserve, so without memory the object is given up */
} world_t;

static void reclaim(void *ptr, void *ctx)
{
    value_t *value = ptr;
    atomic_fetch_add(&value->reclaimed, 1);
}

/* ---- the world */

static void set_up(void *world, cc_smr_scheme_t scheme)
{
    world_t *w = world;
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    domain_opts.scheme = scheme;
    map_opts.value_reclaim = reclaim;
    map_opts.value_size = sizeof(value_t);
    CHECK(cc_domain_create(&domain_opts, &w->domain) == 0);
    CHECK(MAP(create)(w->domain, &map_opts, &w->map) == 0);
    for (unsigned i = 0; i < KEYS_EVER; i++) {
        if (i == NEW)
            continue;
        CHECK(MAP(insert)(w->map, in_key(i), &w->value[i]) == 0);
        w->model[i] = &w->value[i];
    }
    for (unsigned i = GONE; i < KEYS_EVER; i++) {
        CHECK(MAP(remove)(w->map, in_key(i), NULL) == 0);
        w->model[i] = NULL;
        w->value[i].due = 1;
    }
    w->old = w->got = SWEEP_UNTOUCHED;
}

static cc_domain_t *domain_of(void *world)
{
    return ((world_t *)world)->domain;
}

static void check(void *world)
{
    world_t *w = world;
    size_t present = 0;
    for (unsigned i = 0; w->map != NULL && i < KEYS_EVER; i++) {
        void *value = NULL;
        CHECK(MAP(get)(w->map, in_key(i), &value) == (w->model[i] != NULL ? 0 : -ENOENT), "key %u", i);
        CHECK(value == w->model[i], "key %u", i);
        present += w->model[i] != NULL;
    }
    if (w->map != NULL) {
        CHECK(MAP(count)(w->map) == present, "%zu, not %zu", MAP(count)(w->map), present);
        CHECK(MAP(validate)(w->map) == 0);
    }
    for (unsigned i = 0; i < VALUES; i++)
        CHECK(atomic_load(&w->value[i].reclaimed) <= w->value[i].due, "value %u", i);
}

static void all_due(world_t *w)
{
    for (unsigned i = 0; i < KEYS_EVER; i++) {
        if (w->model[i] != NULL)
            w->model[i]->due++;
        w->model[i] = NULL;
    }
}

/* A call that failed has kept no room: as many come in as at first, and none has to go for them. */
static void destroy_bounded(world_t *w)
{
    uint64_t evicted = MAP(evicted)(w->bounded);
    for (unsigned i = 0; i <= BOUND; i++)
        w->value[OF_BOUNDED + i].due += MAP(contains)(w->bounded, in_key(i));
    CHECK(MAP(clear)(w->bounded) >= BOUND - 1);
    for (unsigned i = 0; i < BOUND; i++) {
        CHECK(MAP(insert)(w->bounded, in_key(i), &w->value[TO_REFILL + i]) == 0);
        w->value[TO_REFILL + i].due++;
    }
    CHECK(MAP(evicted)(w->bounded) == evicted && MAP(validate)(w->bounded) == 0);
    CHECK(MAP(destroy)(w->bounded) == 0);
}

/* Everything due is reclaimed, but for what the snapshot counts as leaked. */
static void tear_down(void *world)
{
    world_t *w = world;
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    while (w->guards > 0)
        cc_guard_leave(w->guard[--w->guards]);
    if (w->bounded != NULL)
        destroy_bounded(w);
    if (w->map != NULL) {
        all_due(w);
        CHECK(MAP(destroy)(w->map) == 0);
    }
    CHECK(w->file == NULL || unlink(w->file) == 0);
    free(w->file);
    CHECK(cc_smr_stats_snapshot(w->domain, &snapshot) == 0);
    CHECK(w->may_leak || snapshot.leaked == 0);
    CHECK(cc_domain_destroy(w->domain) == 0);
    uint64_t missing = 0;
    for (unsigned i = 0; i < VALUES; i++)
        missing += w->value[i].due - atomic_load(&w->value[i].reclaimed);
    CHECK(missing == snapshot.leaked);
}

/* ---- preparations */

static void enter_guards(world_t *w, unsigned count)
{
    while (w->guards < count) {
        w->guard[w->guards] = cc_guard_enter(w->domain);
        CHECK(w->guard[w->guards++] != NULL);
    }
}

static void enter_all_guards(void *world)
{
    enter_guards(world, GUARDS);
}

/* A guard that holds as many values as it can without memory. */
static void fill_guard(void *world)
{
    world_t *w = world;
    enter_guards(w, 1);
    for (unsigned i = 0; i < GUARD_VALUES; i++) {
        void *value;
        CHECK(MAP(get)(w->map, in_key(i), &value) == 0);
    }
}

/* ---- the calls: what they do, and what that changes */

static int64_t insert_new(void *world)
{
    world_t *w = world;
    return MAP(insert)(w->map, in_key(NEW), &w->value[KEYS_EVER + NEW]);
}

static int64_t insert_present(void *world)
{
    world_t *w = world;
    return MAP(insert)(w->map, in_key(5), &w->value[KEYS_EVER + 5]);
}

static int64_t put_new(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(put)(w->map, in_key(NEW), &w->value[KEYS_EVER + NEW], &w->old);
    CHECK(w->old == (rc == 0 ? NULL : SWEEP_UNTOUCHED));
    return rc;
}

static void new_is_there(void *world)
{
    world_t *w = world;
    w->model[NEW] = &w->value[KEYS_EVER + NEW];
}

static int64_t put_over(void *world)
{
    world_t *w = world;
    return MAP(put)(w->map, in_key(5), &w->value[KEYS_EVER + 5], NULL);
}

static int64_t replace(void *world)
{
    world_t *w = world;
    return MAP(replace)(w->map, in_key(5), &w->value[5], &w->value[KEYS_EVER + 5]);
}

static void five_is_replaced(void *world)
{
    world_t *w = world;
    w->model[5] = &w->value[KEYS_EVER + 5];
    w->value[5].due = 1;
}

static int64_t put_over_and_take(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(put)(w->map, in_key(5), &w->value[KEYS_EVER + 5], &w->old);
    CHECK(w->old == (rc == 1 ? (void *)&w->value[5] : SWEEP_UNTOUCHED));
    return rc;
}

static void five_is_taken(void *world)
{
    world_t *w = world;
    w->model[5] = &w->value[KEYS_EVER + 5];
}

static int64_t remove_key(void *world)
{
    world_t *w = world;
    return MAP(remove)(w->map, in_key(5), NULL);
}

static void five_is_gone(void *world)
{
    world_t *w = world;
    w->model[5] = NULL;
    w->value[5].due = 1;
}

static int64_t remove_if_it_is(void *world)
{
    world_t *w = world;
    return MAP(remove_if)(w->map, in_key(5), &w->value[5], NULL);
}

static int64_t remove_and_take(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(remove)(w->map, in_key(5), &w->old);
    CHECK(w->old == (rc == 0 ? (void *)&w->value[5] : SWEEP_UNTOUCHED));
    return rc;
}

static void five_is_taken_out(void *world)
{
    world_t *w = world;
    w->model[5] = NULL;
}

static int64_t remove_absent(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(remove)(w->map, in_key(NEW), &w->old);
    CHECK(w->old == SWEEP_UNTOUCHED);
    return rc;
}

static void got_is(const world_t *w, int64_t rc, unsigned i)
{
    CHECK(w->got == (rc == 0 ? (void *)w->model[i] : SWEEP_UNTOUCHED));
}

static int64_t get(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(get)(w->map, in_key(10), &w->got);
    got_is(w, rc, 10);
    return rc;
}

static int64_t get_absent(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(get)(w->map, in_key(NEW), &w->got);
    CHECK(w->got == SWEEP_UNTOUCHED);
    return rc;
}

static int64_t contains(void *world)
{
    world_t *w = world;
    return MAP(contains)(w->map, in_key(10)) && !MAP(contains)(w->map, in_key(NEW));
}

/* The four ordered verbs, one after the other; the first error counts. */
static int64_t nearest(void *world)
{
    world_t *w = world;
    static const unsigned answers[] = {0, PRESENT - 1, 10, 10};
    for (int i = 0; i < 4; i++) {
        w->got = SWEEP_UNTOUCHED;
        int rc = i == 0   ? MAP(min)(w->map, OUT_KEY(&w->key), &w->got)
                 : i == 1 ? MAP(max)(w->map, OUT_KEY(&w->key), &w->got)
                 : i == 2 ? MAP(floor)(w->map, in_key(10), OUT_KEY(&w->key), &w->got)
                          : MAP(ceil)(w->map, in_key(10), OUT_KEY(&w->key), &w->got);
        got_is(w, rc, answers[i]);
        if (rc != 0)
            return rc;
        CHECK(is_out_key(&w->key, answers[i]));
    }
    return 0;
}

/* A long key needs room while it is popped. */
static int64_t pop_min(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(pop_min)(w->map, OUT_KEY(&w->key), &w->old);
    CHECK(w->old == (rc == 0 ? (void *)&w->value[0] : SWEEP_UNTOUCHED));
    CHECK(rc != 0 || is_out_key(&w->key, 0));
    return rc;
}

static void first_is_taken_out(void *world)
{
    world_t *w = world;
    w->model[0] = NULL;
}

static int64_t pop_max(void *world)
{
    world_t *w = world;
    return MAP(pop_max)(w->map, NULL, NULL);
}

static void last_is_gone(void *world)
{
    world_t *w = world;
    w->model[PRESENT - 1] = NULL;
    w->value[PRESENT - 1].due = 1;
}

/* Through keys of which each next one may need more room. */
static int64_t cursor_walk(void *world)
{
    world_t *w = world;
    cursor_t cursor;
    unsigned i = FROM;
    int64_t rc = MAP(cursor_init)(&cursor, w->map);
    if (rc != 0)
        return rc;
    for (rc = MAP(cursor_seek)(&cursor, in_key(FROM)); rc == 0 && i < TO; i++) {
        CHECK(is_in_key(MAP(cursor_key)(&cursor), i) && MAP(cursor_value)(&cursor) == w->model[i]);
        rc = i % 2 == 0 ? MAP(cursor_next)(&cursor) : MAP(cursor_seek)(&cursor, in_key(i + 1));
    }
    MAP(cursor_fini)(&cursor);
    return rc;
}

/* Another value each time: what was made in vain is retired. */
static void *make_new(void *ctx)
{
    world_t *w = ctx;
    return &w->value[KEYS_EVER + NEW + w->made++];
}

static int64_t get_or_insert(void *world)
{
    world_t *w = world;
    unsigned before = w->made;
    w->may_leak = true;
    int64_t rc = MAP(get_or_insert)(w->map, in_key(NEW), make_new, w, &w->got);
    CHECK(w->made <= before + 1);
    CHECK(w->got == (rc >= 0 ? (void *)&w->value[KEYS_EVER + NEW + before] : SWEEP_UNTOUCHED));
    if (rc < 0 && w->made > before)
        w->value[KEYS_EVER + NEW + before].due++;
    return rc;
}

static void made_is_there(void *world)
{
    world_t *w = world;
    w->model[NEW] = &w->value[KEYS_EVER + NEW + w->made - 1];
}

static int64_t create_sorted(void *world)
{
    world_t *w = world;
    map_t *second = SWEEP_UNTOUCHED;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    in_key_t keys[PRESENT];
    void *values[PRESENT];
    map_opts.value_reclaim = reclaim;
    for (unsigned i = 0; i < PRESENT; i++) {
        keys[i] = in_key(i);
        values[i] = &w->value[KEYS_EVER + i];
    }
    int64_t rc = MAP(create_sorted)(w->domain, &map_opts, keys, values, PRESENT, &second);
    CHECK((rc == 0) == (second != SWEEP_UNTOUCHED));
    if (rc != 0)
        return rc; /* and no value is retired */
    w->may_leak = true;
    for (unsigned i = 0; i < PRESENT; i++)
        w->value[KEYS_EVER + i].due++;
    return MAP(destroy)(second);
}

static bool visit(in_key_t key, void *value, void *ctx)
{
    world_t *w = ctx;
    unsigned next = w->got == SWEEP_UNTOUCHED ? FROM : (unsigned)((value_t *)w->got - w->value) + 1;
    CHECK(value == w->model[next] && is_in_key(key, next), "visited something else than key %u", next);
    w->got = value;
    return true;
}

static int64_t range(void *world)
{
    world_t *w = world;
    w->got = SWEEP_UNTOUCHED;
    return MAP(range)(w->map, in_key(FROM), in_key(TO), visit, w);
}

static bool visit_down(in_key_t key, void *value, void *ctx)
{
    world_t *w = ctx;
    unsigned next = w->got == SWEEP_UNTOUCHED ? TO : (unsigned)((value_t *)w->got - w->value) - 1;
    CHECK(value == w->model[next] && is_in_key(key, next), "visited something else than key %u", next);
    w->got = value;
    return true;
}

static int64_t range_desc(void *world)
{
    world_t *w = world;
    w->got = SWEEP_UNTOUCHED;
    return MAP(range_desc)(w->map, in_key(FROM), in_key(TO), visit_down, w);
}

static bool count_visit(in_key_t key, void *value, void *ctx)
{
    return ++*(int *)ctx > 0;
}

static int64_t for_each(void *world)
{
    world_t *w = world;
    int visits = 0;
    int64_t rc = MAP(for_each)(w->map, count_visit, &visits);
    CHECK(rc < 0 || rc == visits);
    return rc;
}

/* Values are written down in more bytes than there is room for, again and again. */
static int64_t write_down(void *value, void *room, size_t cap, void *ctx)
{
    enum { BYTES = 300 };
    if (cap >= BYTES)
        memset(room, 'v', BYTES);
    return BYTES;
}

static int64_t freeze(void *world)
{
    world_t *w = world;
    frozen_t *frozen = SWEEP_UNTOUCHED;
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    opts.encode = write_down;
    int64_t rc = MAP(freeze)(w->map, &opts, &frozen);
    CHECK((rc == 0) == (frozen != SWEEP_UNTOUCHED));
    CHECK(rc != 0 || FROZEN(count)(frozen) == PRESENT);
    return rc == 0 ? FROZEN(destroy)(frozen) : rc;
}

/* A file from memory of the kernel's, not the library's. */
static void freeze_and_save(void *world)
{
    world_t *w = world;
    frozen_t *frozen = NULL;
    char temporary[] = "/tmp/cc-oom-XXXXXX";
    int fd = mkstemp(temporary);
    CHECK(MAP(freeze)(w->map, NULL, &frozen) == 0);
    CHECK(fd >= 0 && close(fd) == 0 && FROZEN(save)(frozen, temporary) == 0);
    CHECK(FROZEN(destroy)(frozen) == 0);
    w->file = strdup(temporary);
}

static int64_t load_and_save(void *world)
{
    world_t *w = world;
    frozen_t *frozen = SWEEP_UNTOUCHED;
    int64_t rc = LOAD(w->file, &frozen);
    CHECK((rc == 0) == (frozen != SWEEP_UNTOUCHED));
    if (rc != 0)
        return rc;
    rc = FROZEN(save)(frozen, w->file);
    CHECK(FROZEN(count)(frozen) == PRESENT && FROZEN(destroy)(frozen) == 0);
    return rc;
}

/* It may end early, and says how many are gone: from the first on. Made again, it removes the rest. */
static int64_t clear(void *world)
{
    world_t *w = world;
    int64_t rc = MAP(clear)(w->map);
    for (int64_t i = 0, gone = 0; gone < rc && i < PRESENT; i++) {
        if (w->model[i] != NULL) {
            w->model[i]->due++;
            w->model[i] = NULL;
            gone++;
        }
    }
    return rc < 0 ? rc : MAP(count)(w->map) == 0 ? 0 : -ENOMEM;
}

static int64_t range_of_none(void *world)
{
    world_t *w = world;
    return MAP(range)(w->map, in_key(NEW), in_key(NEW), visit, w);
}

static int64_t create_second(void *world)
{
    world_t *w = world;
    map_t *second = SWEEP_UNTOUCHED;
    int64_t rc = MAP(create)(w->domain, NULL, &second);
    CHECK((rc == 0) == (second != SWEEP_UNTOUCHED));
    return rc == 0 ? MAP(destroy)(second) : rc;
}

/* Values are retired without a reserve. */
static int64_t destroy(void *world)
{
    world_t *w = world;
    w->may_leak = true;
    return MAP(destroy)(w->map);
}

static void map_is_gone(void *world)
{
    world_t *w = world;
    all_due(w);
    w->map = NULL;
}

/* A full map that evicts its smallest key. */
static void fill_bounded(void *world)
{
    world_t *w = world;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = reclaim;
    opts.value_size = sizeof(value_t);
    opts.max_entries = BOUND;
    opts.when_full = CC_FULL_EVICT_MIN;
    CHECK(MAP(create)(w->domain, &opts, &w->bounded) == 0);
    for (unsigned i = 0; i < BOUND; i++)
        CHECK(MAP(insert)(w->bounded, in_key(i), &w->value[OF_BOUNDED + i]) == 0);
}

/* The eviction is a step of its own: it stays if memory runs out after it, and is not made again. */
static int64_t evicted_for(world_t *w, int64_t rc)
{
    uint64_t evicted = MAP(evicted)(w->bounded);
    CHECK(evicted <= 1 && (rc != 0 || evicted == 1));
    CHECK(MAP(contains)(w->bounded, in_key(0)) == (evicted == 0));
    CHECK(MAP(contains)(w->bounded, in_key(BOUND)) == (rc == 0));
    CHECK(MAP(count)(w->bounded) == BOUND - evicted + (rc == 0));
    w->value[OF_BOUNDED].due = evicted != 0;
    return rc;
}

static int64_t insert_evicting(void *world)
{
    world_t *w = world;
    return evicted_for(w, MAP(insert)(w->bounded, in_key(BOUND), &w->value[OF_BOUNDED + BOUND]));
}

static int64_t put_evicting(void *world)
{
    world_t *w = world;
    return evicted_for(w, MAP(put)(w->bounded, in_key(BOUND), &w->value[OF_BOUNDED + BOUND], NULL));
}

/* The results of a call that waits for reclamation depend on what waits. */
static int64_t flush(void *world)
{
    world_t *w = world;
    return cc_domain_flush(w->domain) >= 0;
}

enum { IN_GUARD = SWEEP_READY, UNTIL_SLOTS = SWEEP_SLOTS, NEVER = 0 };
#ifdef IN_STOCK
enum { INSERTING = UNTIL_SLOTS };
#else
enum { INSERTING = SWEEP_EVERY_SCHEME };
#endif
#ifdef REMOVAL_ALLOCATES
enum { REMOVING = SWEEP_EVERY_SCHEME };
#else
enum { REMOVING = NEVER };
#endif

static const sweep_call_t calls[] = {
    {"insert", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, insert_new, new_is_there},
    {"insert of a present key", SWEEP_ALL, SWEEP_EVERY_SCHEME, -EEXIST, NULL, insert_present, NULL},
    {"put of a new key", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, put_new, new_is_there},
    {"put over a value", SWEEP_ALL, SWEEP_EVERY_SCHEME, 1, NULL, put_over, five_is_replaced},
    {"put over a value, taken", SWEEP_ALL, SWEEP_EVERY_SCHEME, 1, NULL, put_over_and_take, five_is_taken},
    {"replace", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, replace, five_is_replaced},
    {"remove", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, remove_key, five_is_gone},
    {"remove_if", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, remove_if_it_is, five_is_gone},
    {"remove, value taken", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, remove_and_take, five_is_taken_out},
    {"remove of an absent key", SWEEP_ALL, SWEEP_EVERY_SCHEME, -ENOENT, NULL, remove_absent, NULL},
    {"remove in four guards", IN_GUARD, REMOVING, 0, enter_all_guards, remove_key, five_is_gone},
    {"get", SWEEP_ALL, NEVER, 0, NULL, get, NULL},
    {"get of an absent key", SWEEP_ALL, NEVER, -ENOENT, NULL, get_absent, NULL},
    {"get in a full guard", IN_GUARD, UNTIL_SLOTS, 0, fill_guard, get, NULL},
    {"get of an absent key in a full guard", IN_GUARD, UNTIL_SLOTS, -ENOENT, fill_guard, get_absent, NULL},
    {"contains", SWEEP_ALL, NEVER, 1, NULL, contains, NULL},
    {"contains in a full guard", IN_GUARD, NEVER, 1, fill_guard, contains, NULL},
    {"min, max, floor, ceil", SWEEP_ALL, NEVER, 0, NULL, nearest, NULL},
    {"min, max, floor, ceil in a full guard", IN_GUARD, UNTIL_SLOTS, 0, fill_guard, nearest, NULL},
    {"pop_min, value taken", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, pop_min, first_is_taken_out},
    {"pop_max", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, pop_max, last_is_gone},
    {"range", SWEEP_ALL, SWEEP_EVERY_SCHEME, TO - FROM + 1, NULL, range, NULL},
    {"range that finds nothing", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, range_of_none, NULL},
    {"range in four guards", IN_GUARD, SWEEP_EVERY_SCHEME, TO - FROM + 1, enter_all_guards, range, NULL},
    {"range_desc", SWEEP_ALL, SWEEP_EVERY_SCHEME, TO - FROM + 1, NULL, range_desc, NULL},
    {"for_each", SWEEP_ALL, SWEEP_EVERY_SCHEME, PRESENT, NULL, for_each, NULL},
    {"clear", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, clear, NULL},
    {"freeze", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, freeze, NULL},
    {"load and save", SWEEP_READY, SWEEP_EVERY_SCHEME, 0, freeze_and_save, load_and_save, NULL},
    {"cursor", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, cursor_walk, NULL},
    {"cursor in four guards", IN_GUARD, SWEEP_EVERY_SCHEME, 0, enter_all_guards, cursor_walk, NULL},
    {"get_or_insert", SWEEP_ALL, SWEEP_EVERY_SCHEME, 1, NULL, get_or_insert, made_is_there},
    {"get_or_insert in a full guard", IN_GUARD, INSERTING, 1, fill_guard, get_or_insert, made_is_there},
    {"insert that evicts", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, fill_bounded, insert_evicting, NULL},
    {"put that evicts", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, fill_bounded, put_evicting, NULL},
    {"create_sorted", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, create_sorted, NULL},
    {"create", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, create_second, NULL},
    {"destroy", SWEEP_ALL, NEVER, 0, NULL, destroy, map_is_gone},
    {"flush", SWEEP_ALL, NEVER, 1, NULL, flush, NULL},
};

const sweep_suite_t CALLS = {
    .world_size = sizeof(world_t),
    .set_up = set_up,
    .domain = domain_of,
    .check = check,
    .tear_down = tear_down,
    .calls = calls,
    .count = sizeof calls / sizeof calls[0],
};
