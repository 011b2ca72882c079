/* The calls of a map with inline values under allocation failure; included once per map, behind oom_map_impl.h, whose keys it
 * takes, with COPY_CALLS defined: the name of the suite that is defined here. */

typedef struct {
    unsigned key, version;
    char rest[40];
} copy_t;

typedef struct {
    cc_domain_t *domain;
    map_t *map;
    unsigned version[KEYS]; /* that the map must hold of each key; 0: none */
    cc_guard_t *guard[GUARDS];
    unsigned guards;
    copy_t out; /* where a value is copied to, */
    void *at;   /* and its address, as it is passed */
    out_key_t key;
} copies_t;

static copy_t copy_of(unsigned key, unsigned version)
{
    copy_t copy = {key, version, {0}};
    memset(copy.rest, 'a' + (int)(key + version) % 20, sizeof copy.rest);
    return copy;
}

static bool is_copy(const copy_t *copy, unsigned key, unsigned version)
{
    copy_t expected = copy_of(key, version);
    return memcmp(copy, &expected, sizeof expected) == 0;
}

/* ---- the world */

static cc_map_opts_t copy_opts(void)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_inline = true;
    opts.value_size = sizeof(copy_t);
    return opts;
}

static void set_up_copies(void *world, cc_smr_scheme_t scheme)
{
    copies_t *w = world;
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    const cc_map_opts_t opts = copy_opts();
    domain_opts.scheme = scheme;
    CHECK(cc_domain_create(&domain_opts, &w->domain) == 0);
    CHECK(MAP(create)(w->domain, &opts, &w->map) == 0);
    for (unsigned i = 0; i < PRESENT; i++) {
        copy_t copy = copy_of(i, 1);
        CHECK(MAP(insert)(w->map, in_key(i), &copy) == 0);
        w->version[i] = 1;
    }
}

static cc_domain_t *domain_of_copies(void *world)
{
    return ((copies_t *)world)->domain;
}

static void check_copies(void *world)
{
    copies_t *w = world;
    size_t present = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        copy_t copy;
        int rc = MAP(get)(w->map, in_key(i), CC_INTO(&copy));
        CHECK(rc == (w->version[i] != 0 ? 0 : -ENOENT), "key %u", i);
        CHECK(rc != 0 || is_copy(&copy, i, w->version[i]), "key %u", i);
        present += rc == 0;
    }
    CHECK(MAP(count)(w->map) == present && MAP(validate)(w->map) == 0);
}

static void tear_down_copies(void *world)
{
    copies_t *w = world;
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    while (w->guards > 0)
        cc_guard_leave(w->guard[--w->guards]);
    CHECK(MAP(destroy)(w->map) == 0);
    CHECK(cc_smr_stats_snapshot(w->domain, &snapshot) == 0 && snapshot.leaked == 0);
    CHECK(cc_domain_destroy(w->domain) == 0);
}

static void enter_guards_beside_copies(void *world)
{
    copies_t *w = world;
    for (; w->guards < GUARDS; w->guards++)
        CHECK((w->guard[w->guards] = cc_guard_enter(w->domain)) != NULL);
}

/* ---- the calls: what they do, and what that changes */

enum { NOBODY = KEYS }; /* whose copy stands in `out` before a call */

static void **into(copies_t *w)
{
    w->out = copy_of(NOBODY, 9);
    w->at = &w->out;
    return &w->at;
}

/* Written on success only. */
static int64_t copied(const copies_t *w, int64_t rc, int64_t success, unsigned key, unsigned version)
{
    CHECK(w->at == (const void *)&w->out);
    CHECK(rc == success ? is_copy(&w->out, key, version) : is_copy(&w->out, NOBODY, 9));
    return rc;
}

static int64_t copy_insert(void *world)
{
    copies_t *w = world;
    copy_t copy = copy_of(NEW, 2);
    return MAP(insert)(w->map, in_key(NEW), &copy);
}

static void copy_is_new(void *world)
{
    ((copies_t *)world)->version[NEW] = 2;
}

static int64_t copy_insert_present(void *world)
{
    copies_t *w = world;
    copy_t copy = copy_of(5, 2);
    return MAP(insert)(w->map, in_key(5), &copy);
}

static int64_t copy_put(void *world)
{
    copies_t *w = world;
    copy_t copy = copy_of(5, 2);
    return copied(w, MAP(put)(w->map, in_key(5), &copy, into(w)), 1, 5, 1);
}

static int64_t copy_replace(void *world)
{
    copies_t *w = world;
    copy_t expected = copy_of(5, 1), copy = copy_of(5, 2);
    return MAP(replace)(w->map, in_key(5), &expected, &copy);
}

static void copy_is_replaced(void *world)
{
    ((copies_t *)world)->version[5] = 2;
}

static int64_t copy_replace_other(void *world)
{
    copies_t *w = world;
    copy_t expected = copy_of(5, 3), copy = copy_of(5, 2);
    return MAP(replace)(w->map, in_key(5), &expected, &copy);
}

static int64_t copy_remove(void *world)
{
    copies_t *w = world;
    return copied(w, MAP(remove)(w->map, in_key(5), into(w)), 0, 5, 1);
}

static int64_t copy_remove_if(void *world)
{
    copies_t *w = world;
    copy_t expected = copy_of(5, 1);
    return copied(w, MAP(remove_if)(w->map, in_key(5), &expected, into(w)), 0, 5, 1);
}

static void copy_is_gone(void *world)
{
    ((copies_t *)world)->version[5] = 0;
}

static int64_t copy_pop(void *world)
{
    copies_t *w = world;
    return copied(w, MAP(pop_min)(w->map, OUT_KEY(&w->key), into(w)), 0, 0, 1);
}

static void copy_is_popped(void *world)
{
    ((copies_t *)world)->version[0] = 0;
}

static int64_t copy_get(void *world)
{
    copies_t *w = world;
    return copied(w, MAP(get)(w->map, in_key(5), into(w)), 0, 5, 1);
}

static int64_t copy_ceil(void *world)
{
    copies_t *w = world;
    return copied(w, MAP(ceil)(w->map, in_key(5), OUT_KEY(&w->key), into(w)), 0, 5, 1);
}

static void *make_copy(void *ctx)
{
    copy_t *copy = ctx;
    *copy = copy_of(NEW, 2);
    return copy;
}

static int64_t copy_get_or_insert(void *world)
{
    copies_t *w = world;
    copy_t made;
    return copied(w, MAP(get_or_insert)(w->map, in_key(NEW), make_copy, &made, into(w)), 1, NEW, 2);
}

static int64_t copy_create_sorted(void *world)
{
    copies_t *w = world;
    const cc_map_opts_t opts = copy_opts();
    map_t *second = SWEEP_UNTOUCHED;
    in_key_t keys[PRESENT];
    copy_t copies[PRESENT];
    void *values[PRESENT];
    for (unsigned i = 0; i < PRESENT; i++) {
        keys[i] = in_key(i);
        copies[i] = copy_of(i, 1);
        values[i] = &copies[i];
    }
    int64_t rc = MAP(create_sorted)(w->domain, &opts, keys, values, PRESENT, &second);
    CHECK((rc == 0) == (second != SWEEP_UNTOUCHED));
    return rc == 0 ? MAP(destroy)(second) : rc;
}

static const sweep_call_t copy_calls[] = {
    {"insert of a copy", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, copy_insert, copy_is_new},
    {"insert of a copy, present", SWEEP_ALL, SWEEP_EVERY_SCHEME, -EEXIST, NULL, copy_insert_present, NULL},
    {"put of a copy, the old one taken", SWEEP_ALL, SWEEP_EVERY_SCHEME, 1, NULL, copy_put, copy_is_replaced},
    {"replace of a copy", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, copy_replace, copy_is_replaced},
    {"replace of another copy", SWEEP_ALL, SWEEP_EVERY_SCHEME, -ECANCELED, NULL, copy_replace_other, NULL},
    {"remove of a copy, taken", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, copy_remove, copy_is_gone},
    {"remove_if of a copy", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, copy_remove_if, copy_is_gone},
    {"pop_min of a copy, taken", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, copy_pop, copy_is_popped},
    {"get of a copy", SWEEP_READY, NEVER, 0, NULL, copy_get, NULL},
    {"get of a copy, by a new thread", SWEEP_NEW, SWEEP_EVERY_SCHEME, 0, NULL, copy_get, NULL},
    {"get of a copy in four guards", IN_GUARD, SWEEP_EVERY_SCHEME, 0, enter_guards_beside_copies, copy_get, NULL},
    {"ceil of a copy in four guards", IN_GUARD, SWEEP_EVERY_SCHEME, 0, enter_guards_beside_copies, copy_ceil, NULL},
    {"get_or_insert of a copy", SWEEP_ALL, SWEEP_EVERY_SCHEME, 1, NULL, copy_get_or_insert, copy_is_new},
    {"create_sorted of copies", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, copy_create_sorted, NULL},
};

const sweep_suite_t COPY_CALLS = {
    .world_size = sizeof(copies_t),
    .set_up = set_up_copies,
    .domain = domain_of_copies,
    .check = check_copies,
    .tear_down = tear_down_copies,
    .calls = copy_calls,
    .count = sizeof copy_calls / sizeof copy_calls[0],
};
