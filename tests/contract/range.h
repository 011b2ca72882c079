/* range: which entries, in which order, and what its visitor may do. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_RANGE_H
#define CC_TEST_CONTRACT_RANGE_H

enum { RANGED = 1000 };
static counted_t ranged[RANGED]; /* of the keys 0, 10, 20, ... */

static map_t *make_ranged(cc_domain_t *domain, uint64_t keys)
{
    memset(ranged, 0, sizeof ranged);
    map_t *map = make_map(domain, counted_reclaim);
    for (uint64_t i = 0; i < keys; i++)
        cr_assert_eq(VERB(insert)(map, KEY(i * 10), &ranged[i]), 0);
    return map;
}

/* What a visitor saw. Entries of a ranged map have to come one after the other. */
typedef struct {
    map_t *map;
    cc_domain_t *domain;
    uint64_t first, next; /* number / 10 */
    uint64_t stop_after;
    int wrong;
} walk_t;

static bool walk(walk_t *w, uint64_t n, const void *value)
{
    w->wrong += n != w->next * 10 || value != &ranged[w->next] || !counted_lives(value);
    w->next++;
    return w->next - w->first != w->stop_after;
}

VISITOR(walk_on)
{
    return walk(ctx, n, value);
}

static int64_t walk_from(map_t *map, uint64_t from, uint64_t to, uint64_t expected_first, uint64_t stop_after)
{
    walk_t w = {map, NULL, expected_first, expected_first, stop_after, 0};
    int64_t visited = VERB(range)(map, KEY(from), KEY(to), walk_on, &w);
    cr_assert_eq(w.wrong, 0, "from %d to %d", (int)from, (int)to);
    cr_assert_eq(visited, (int64_t)(w.next - w.first));
    return visited;
}

MAP_SCHEME_TEST(range_includes_both_ends, domain)
{
    map_t *map = make_ranged(domain, 20);
    cr_assert_eq(walk_from(map, 0, 190, 0, 0), 20);
    cr_assert_eq(walk_from(map, 0, UINT64_MAX, 0, 0), 20);
    cr_assert_eq(walk_from(map, 30, 60, 3, 0), 4);
    cr_assert_eq(walk_from(map, 29, 61, 3, 0), 4);
    cr_assert_eq(walk_from(map, 31, 59, 4, 0), 2);
    cr_assert_eq(walk_from(map, 30, 30, 3, 0), 1);
    cr_assert_eq(walk_from(map, 31, 39, 4, 0), 0);
    cr_assert_eq(walk_from(map, 191, UINT64_MAX, 0, 0), 0);
    cr_assert_eq(walk_from(map, 190, UINT64_MAX, 19, 0), 1);
    cr_assert_eq(walk_from(map, 0, 0, 0, 0), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(range_from_behind_its_end_is_empty, domain)
{
    map_t *map = make_ranged(domain, 20);
    cr_assert_eq(walk_from(map, 60, 30, 0, 0), 0);
    cr_assert_eq(walk_from(map, 31, 30, 0, 0), 0);
    cr_assert_eq(walk_from(map, UINT64_MAX, 0, 0, 0), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(range_of_an_empty_map_is_empty, domain)
{
    map_t *map = make_ranged(domain, 0);
    cr_assert_eq(walk_from(map, 0, UINT64_MAX, 0, 0), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(range_meets_the_ends_of_all_keys, domain)
{
    memset(ranged, 0, sizeof ranged);
    map_t *map = make_map(domain, NULL);
    bool called = false;
    cr_assert_eq(VERB(insert)(map, KEY(0), &ranged[0]), 0);
    cr_assert_eq(VERB(insert)(map, KEY(UINT64_MAX), &ranged[1]), 0);
    cr_assert_eq(VERB(range)(map, KEY(0), KEY(UINT64_MAX), never_called, &called), 2);
    cr_assert_eq(VERB(range)(map, KEY(UINT64_MAX), KEY(UINT64_MAX), never_called, &called), 1);
    cr_assert_eq(VERB(range)(map, KEY(1), KEY(UINT64_MAX - 1), never_called, &called), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* It works in chunks of 64: entries on both sides of every seam, and seams at the end. */
MAP_SCHEME_TEST(range_is_seamless, domain)
{
    static const uint64_t sizes[] = {1, 63, 64, 65, 127, 128, 129, 192, RANGED};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t size = sizes[i];
        map_t *map = make_ranged(domain, size);
        cr_assert_eq(walk_from(map, 0, UINT64_MAX, 0, 0), (int64_t)size);
        cr_assert_eq(walk_from(map, 0, (size - 1) * 10, 0, 0), (int64_t)size);
        cr_assert_eq(walk_from(map, 1, UINT64_MAX, 1, 0), (int64_t)size - 1);
        cr_assert_eq(walk_from(map, 10, 63 * 10, 1, 0), (int64_t)(size < 64 ? size - 1 : 63));
        cr_assert_eq(VERB(destroy)(map), 0);
        (void)cc_domain_drain(domain, -1); /* the values go into the next map; the leaking scheme cannot */
    }
}

MAP_SCHEME_TEST(range_stops_when_told, domain)
{
    static const uint64_t stops[] = {1, 2, 63, 64, 65, 128, 199, 200};
    map_t *map = make_ranged(domain, 200);
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        cr_assert_eq(walk_from(map, 0, UINT64_MAX, 0, stops[i]), (int64_t)stops[i]);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- visitors that use the library */

/* Removes what it is shown and the entry behind it, adds one that it has passed already, and looks around. */
VISITOR(change_on_the_way)
{
    walk_t *w = ctx;
    void *found = NULL;
    cc_guard_t *guard = cc_guard_enter(w->domain);
    int err = VERB(get)(w->map, KEY(n), &found);
    w->wrong += n <= w->next || value != &ranged[n / 10];
    w->wrong += err == 0 ? found != value : err != -ENOENT;
    w->wrong += VERB(remove)(w->map, KEY(n), NULL) != err;
    err = VERB(remove)(w->map, KEY(n + 10), NULL);
    w->wrong += err != 0 && err != -ENOENT;
    w->wrong += VERB(insert)(w->map, KEY(n - 5), &ranged[0]) != 0;
    cc_guard_leave(guard);
    w->next = n;
    return true;
}

/* Every entry that it finds there is removed before the next is: what was collected before may still be shown. */
MAP_SCHEME_TEST(visitor_may_change_the_map, domain)
{
    enum { KEYS = 500 };
    map_t *map = make_map(domain, NULL);
    for (uint64_t i = 1; i <= KEYS; i++)
        cr_assert_eq(VERB(insert)(map, KEY(i * 10), &ranged[i]), 0);
    walk_t w = {map, domain, 0, 0, 0, 0};
    int64_t visited = VERB(range)(map, KEY(1), KEY(UINT64_MAX), change_on_the_way, &w);
    cr_assert_eq(w.wrong, 0);
    cr_assert_geq(visited, KEYS / 2);
    cr_assert_leq(visited, KEYS);
    cr_assert_eq(VERB(count)(map), (size_t)visited, "one added for each visit, all others removed");
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

VISITOR(walk_inside)
{
    walk_t *outer = ctx;
    if (outer->next % 16 == 0) {
        walk_t inner = {outer->map, outer->domain, outer->next, outer->next, 100, 0};
        VERB(range)(outer->map, KEY(n), KEY(UINT64_MAX), walk_on, &inner);
        outer->wrong += inner.wrong;
    }
    return walk(outer, n, value);
}

MAP_SCHEME_TEST(visitor_may_walk_too, domain)
{
    map_t *map = make_ranged(domain, 300);
    walk_t w = {map, domain, 0, 0, 0, 0};
    cr_assert_eq(VERB(range)(map, KEY(0), KEY(UINT64_MAX), walk_inside, &w), 300);
    cr_assert_eq(w.wrong, 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

VISITOR(remove_and_flush)
{
    walk_t *w = ctx;
    w->wrong += VERB(remove)(w->map, KEY(n), NULL) != 0;
    for (int i = 0; i < 4; i++)
        cc_domain_flush(w->domain);
    return walk(w, n, value);
}

MAP_SCHEME_TEST(visitors_value_outlives_its_own_removal, domain)
{
    map_t *map = make_ranged(domain, 200);
    walk_t w = {map, domain, 0, 0, 0, 0};
    cr_assert_eq(VERB(range)(map, KEY(0), KEY(UINT64_MAX), remove_and_flush, &w), 200);
    cr_assert_eq(w.wrong, 0);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- visitors against another thread */

typedef struct {
    walk_t walk;
    actor_t other;
    size_t alive; /* values not reclaimed when all that can be was */
} raid_t;

static void step_remove_all(void *arg)
{
    raid_t *raid = arg;
    for (uint64_t i = 0; i < RANGED; i++)
        raid->walk.wrong += VERB(remove)(raid->walk.map, KEY(i * 10), NULL) != 0;
    raid->walk.wrong += reclaim_hard(raid->walk.domain) != -ETIMEDOUT;
    raid->alive = counted_with(ranged, RANGED, 0);
}

VISITOR(raided)
{
    raid_t *raid = ctx;
    if (n == 0)
        actor_do(&raid->other, step_remove_all, raid);
    return walk(&raid->walk, n, value);
}

/* While the visitor is at the first entry, all entries go, and every try is made to reclaim their values. */
MAP_RECLAIMING_TEST(visitors_values_outlive_removal_elsewhere, domain)
{
    map_t *map = make_ranged(domain, RANGED);
    static raid_t raid;
    raid = (raid_t){.walk = {map, domain, 0, 0, 0, 0}};
    actor_start(&raid.other);
    int64_t visited = VERB(range)(map, KEY(0), KEY(UINT64_MAX), raided, &raid);
    cr_assert_eq(raid.walk.wrong, 0);
    cr_assert_geq(visited, 1);
    cr_assert_geq((int64_t)raid.alive, visited);
    if (guards_are_slots(domain))
        cr_assert_leq(raid.alive, 64, "a visitor pins a chunk at most");
    cr_assert_eq(cc_domain_drain(domain, 0), 0, "nothing is held when it is over");
    cr_assert_eq(counted_with(ranged, RANGED, 1), (size_t)RANGED);
    actor_stop(&raid.other);
    cr_assert_eq(VERB(destroy)(map), 0);
}

typedef struct {
    map_t *map;
    atomic_bool *stop;
    int wrong;
} churn_step_t;

/* Odd entries come and go, even ones stay. */
static void step_churn(void *arg)
{
    churn_step_t *s = arg;
    for (uint64_t i = 1; !atomic_load(s->stop); i = (i + 2) % RANGED) {
        int err = VERB(remove)(s->map, KEY(i * 10), NULL);
        if (err == -ENOENT)
            err = VERB(insert)(s->map, KEY(i * 10), &ranged[i]);
        s->wrong += err != 0;
    }
}

typedef struct {
    uint64_t after; /* nothing below it may come any more */
    int even, wrong;
} census_t;

VISITOR(take_census)
{
    census_t *c = ctx;
    c->wrong += n < c->after || n % 10 != 0 || value != &ranged[n / 10];
    c->even += n % 20 == 0;
    c->after = n + 1;
    return true;
}

/* Every key that is there all the time is met once, in order, none twice. */
MAP_SCHEME_TEST(range_meets_all_that_stay, domain)
{
    map_t *map = make_map(domain, NULL);
    atomic_bool stop = false;
    churn_step_t churn = {map, &stop, 0};
    actor_t other;
    int wrong = 0;
    for (uint64_t i = 0; i < RANGED; i++)
        cr_assert_eq(VERB(insert)(map, KEY(i * 10), &ranged[i]), 0);
    actor_start(&other);
    actor_begin(&other, step_churn, &churn);
    for (int i = 0; i < 100; i++) {
        census_t c = {0, 0, 0};
        int64_t visited = VERB(range)(map, KEY(0), KEY(UINT64_MAX), take_census, &c);
        wrong += c.wrong != 0 || c.even != RANGED / 2 || visited < RANGED / 2 || visited > RANGED;
    }
    atomic_store(&stop, true);
    actor_wait(&other);
    actor_stop(&other);
    cr_assert_eq(wrong, 0);
    cr_assert_eq(churn.wrong, 0);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
