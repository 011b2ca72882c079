/* Descending ranges, for_each, clear; and that walks of all kinds meet what is there throughout once, in order. Part of
 * map_contract.h. */
#ifndef CC_TEST_CONTRACT_WALK_H
#define CC_TEST_CONTRACT_WALK_H

typedef struct {
    uint64_t next, step; /* the key that must come; added each time, modulo 2^64 */
    int64_t stop_after;  /* visits */
    int wrong;
} walk_visits_t;

VISITOR(see_next)
{
    walk_visits_t *w = ctx;
    w->wrong += n != w->next || value != &ordered_values[n % 8];
    w->next += w->step;
    return --w->stop_after != 0;
}

static void expect_desc(map_t *map, uint64_t from, uint64_t to, uint64_t first, int64_t visits)
{
    walk_visits_t w = {first, (uint64_t)-10, INT64_MAX, 0};
    cr_assert_eq(VERB(range_desc)(map, KEY(from), KEY(to), see_next, &w), visits);
    cr_assert_eq(w.wrong, 0);
}

MAP_SCHEME_TEST(range_desc_runs_from_the_greatest_down, domain)
{
    enum { KEYS = 200 };
    map_t *map = make_map(domain, NULL);
    walk_visits_t w = {0};
    cr_assert_eq(VERB(range_desc)(map, KEY(0), KEY(UINT64_MAX), see_next, &w), 0, "an empty map");
    for (uint64_t i = 0; i < KEYS; i++)
        add_entry(map, 10 + i * 7 % KEYS * 10);
    expect_desc(map, 0, UINT64_MAX, 10 * KEYS, KEYS);
    expect_desc(map, 10, 10 * KEYS, 10 * KEYS, KEYS);
    expect_desc(map, 11, 10 * KEYS - 1, 10 * KEYS - 10, KEYS - 2);
    expect_desc(map, 500, 500, 500, 1);
    expect_desc(map, 501, 509, 0, 0);
    expect_desc(map, 600, 500, 0, 0);
    expect_desc(map, 0, 9, 0, 0);
    expect_desc(map, 10 * KEYS + 1, UINT64_MAX, 0, 0);
    w = (walk_visits_t){10 * KEYS, (uint64_t)-10, 17, 0};
    cr_assert_eq(VERB(range_desc)(map, KEY(0), KEY(UINT64_MAX), see_next, &w), 17, "stopped by its visitor");
    cr_assert_eq(w.wrong, 0);
    cr_assert_eq(VERB(range_desc)(NULL, KEY(0), KEY(1), see_next, &w), -EINVAL);
    cr_assert_eq(VERB(range_desc)(map, KEY(0), KEY(1), NULL, &w), -EINVAL);
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(for_each_visits_all, domain)
{
    enum { KEYS = 150 };
    map_t *map = make_map(domain, NULL);
    walk_visits_t w = {0, 10, INT64_MAX, 0};
    cr_assert_eq(VERB(for_each)(map, see_next, &w), 0);
    for (uint64_t i = 0; i < KEYS; i++)
        add_entry(map, i * 7 % KEYS * 10);
    cr_assert_eq(VERB(for_each)(map, see_next, &w), KEYS);
    cr_assert_eq(w.wrong, 0);
    w = (walk_visits_t){0, 10, 3, 0};
    cr_assert_eq(VERB(for_each)(map, see_next, &w), 3);
    cr_assert_eq(VERB(for_each)(map, NULL, &w), -EINVAL);
    cr_assert_eq(VERB(for_each)(NULL, see_next, &w), -EINVAL);
    cr_assert_eq(VERB(destroy)(map), 0);
}

OWNERSHIP_TEST(clear_retires_all_values)
{
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(clear)(NULL), -EINVAL);
    cr_assert_eq(VERB(clear)(map), 0);
    for (uint64_t n = 0; n < 4; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n * n), &owned[n]), 0);
    cr_assert_eq(VERB(clear)(map), 4);
    expect_reclaimed(domain, 0xf);
    cr_assert_eq(VERB(count)(map), 0);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(insert)(map, KEY(1), &owned[4]), 0, "it goes on");
    cr_assert_eq(VERB(destroy)(map), 0);
    return 0x1f;
}

/* Changes the map while it is walked down. */
typedef struct {
    map_t *map;
    uint64_t last;
    int wrong;
} undermine_t;

VISITOR(undermine)
{
    undermine_t *u = ctx;
    u->wrong += u->last <= n;
    u->last = n;
    u->wrong += VERB(remove)(u->map, KEY(n), NULL) != 0;
    u->wrong += VERB(insert)(u->map, KEY(n + 1), value) != 0;
    return true;
}

MAP_SCHEME_TEST(range_desc_visitor_may_change_the_map, domain)
{
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 1; n <= 50; n++)
        add_entry(map, 10 * n);
    undermine_t u = {map, UINT64_MAX, 0};
    cr_assert_eq(VERB(range_desc)(map, KEY(0), KEY(1000), undermine, &u), 50);
    cr_assert_eq(u.wrong, 0);
    cr_assert_eq(VERB(count)(map), 50);
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- while others work ----
 *
 * Of 8 keys in a row the first is there throughout, the last never is; the others come and go. */

enum { WALKED = 480, WALK_ROUNDS = 40, WALK_WRITERS = 2 };

typedef struct {
    map_t *map;
    atomic_bool *stop;
    uint64_t number;
    int wrong;
} disturb_t;

static void step_disturb(void *arg)
{
    disturb_t *s = arg;
    random_t random = random_start(s->number);
    while (!atomic_load(s->stop)) {
        uint64_t n = random_below(&random, WALKED);
        if (n % 8 == 0) {
            s->wrong += VERB(put)(s->map, KEY(n), &ordered_values[random_below(&random, 8)], NULL) != 1;
        } else if (n % 8 < 7) {
            if (VERB(insert)(s->map, KEY(n), &ordered_values[0]) != 0)
                (void)VERB(remove)(s->map, KEY(n), NULL);
        }
    }
}

typedef struct {
    bool down;
    uint64_t stable; /* keys that are there throughout, met so far */
    uint64_t last;
    bool any;
    int wrong;
} steady_t;

static bool steady_see(steady_t *w, uint64_t n)
{
    w->wrong += n >= WALKED || n % 8 == 7;
    w->wrong += w->any && (w->down ? n >= w->last : n <= w->last);
    w->stable += n % 8 == 0;
    w->last = n;
    w->any = true;
    return true;
}

VISITOR(see_steady)
{
    (void)value;
    return steady_see(ctx, n);
}

static void walk_by_cursor(map_t *map, steady_t *w)
{
    cursor_t cursor;
    w->wrong += VERB(cursor_init)(&cursor, map) != 0;
    int err = w->down ? VERB(cursor_last)(&cursor) : VERB(cursor_first)(&cursor);
    while (err == 0) {
        steady_see(w, key_number(VERB(cursor_key)(&cursor)));
        err = w->down ? VERB(cursor_prev)(&cursor) : VERB(cursor_next)(&cursor);
    }
    w->wrong += err != -ENOENT;
    VERB(cursor_fini)(&cursor);
}

static void walk_each_way(map_t *map, int way)
{
    steady_t w = {.down = way % 2 != 0};
    int64_t visits = 0;
    if (way == 0)
        visits = VERB(range)(map, KEY(0), KEY(UINT64_MAX), see_steady, &w);
    else if (way == 1)
        visits = VERB(range_desc)(map, KEY(0), KEY(UINT64_MAX), see_steady, &w);
    else
        walk_by_cursor(map, &w);
    cr_assert_geq(visits, 0);
    cr_assert_eq(w.wrong, 0, "way %d: in order, none twice, none invented", way);
    cr_assert_eq(w.stable, WALKED / 8, "way %d: what is there throughout is met", way);
}

MAP_SCHEME_TEST(walks_meet_what_is_there_throughout, domain)
{
    atomic_bool stop = false;
    actor_t actors[WALK_WRITERS];
    disturb_t disturb[WALK_WRITERS];
    map_t *map = make_map(domain, NULL);
    random_seed();
    for (uint64_t i = 0; i < WALKED; i += 8)
        add_entry(map, i * 7 % WALKED);
    cr_assert_eq(VERB(count)(map), WALKED / 8);
    for (uint64_t i = 0; i < WALK_WRITERS; i++) {
        disturb[i] = (disturb_t){map, &stop, i, 0};
        actor_start(&actors[i]);
        actor_begin(&actors[i], step_disturb, &disturb[i]);
    }
    for (int round = 0; round < WALK_ROUNDS; round++)
        walk_each_way(map, round % 4);
    atomic_store(&stop, true);
    for (int i = 0; i < WALK_WRITERS; i++) {
        actor_wait(&actors[i]);
        actor_stop(&actors[i]);
        cr_assert_eq(disturb[i].wrong, 0);
    }
    cr_assert_eq(VERB(validate)(map), 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- clear while others remove */

enum { SHARED_KEYS = 400, SHARED_ROUNDS = 50 };

typedef struct {
    map_t *map;
    int wrong;
} odd_step_t;

static void step_remove_odd(void *arg)
{
    odd_step_t *s = arg;
    for (uint64_t n = 1; n < SHARED_KEYS; n += 2) {
        int err = VERB(remove)(s->map, KEY(n), NULL);
        s->wrong += err != 0 && err != -ENOENT;
    }
}

/* Keys that another one takes from under it do not stop it: what nobody else removes is gone. */
MAP_SCHEME_TEST(clear_goes_on_where_others_remove, domain)
{
    map_t *map = make_map(domain, NULL);
    odd_step_t odd = {map, 0};
    actor_t other;
    actor_start(&other);
    for (int round = 0; round < SHARED_ROUNDS; round++) {
        for (uint64_t i = 0; i < SHARED_KEYS; i++)
            add_entry(map, i * 7 % SHARED_KEYS);
        actor_begin(&other, step_remove_odd, &odd);
        cr_assert_geq(VERB(clear)(map), SHARED_KEYS / 2);
        actor_wait(&other);
        cr_assert_eq(VERB(count)(map), 0);
    }
    actor_stop(&other);
    cr_assert_eq(odd.wrong, 0);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* A reclaimed value brings the next one, behind all: as if others inserted for ever. */
enum { CLEARED = 100, BEHIND_MAX = 1000 };

typedef struct {
    map_t *map;
    uint64_t next;
    _Alignas(16) char values[BEHIND_MAX][16];
    bool over;
} behind_t;

static void insert_behind(void *ptr, void *ctx)
{
    behind_t *b = ctx;
    (void)ptr;
    if (!b->over && b->next < BEHIND_MAX) {
        cr_assert_eq(VERB(insert)(b->map, KEY(b->next), b->values[b->next]), 0);
        b->next++;
    }
}

MAP_SCHEME_TEST(clear_ends_whatever_is_inserted, domain)
{
    static behind_t behind;
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    memset(&behind, 0, sizeof behind);
    opts.value_reclaim = insert_behind;
    opts.value_ctx = &behind;
    cr_assert_eq(VERB(create)(domain, &opts, &behind.map), 0);
    for (; behind.next < CLEARED; behind.next++)
        cr_assert_eq(VERB(insert)(behind.map, KEY(behind.next), behind.values[behind.next]), 0);
    cr_assert_eq(VERB(clear)(behind.map), CLEARED, "what was there, and no more");
    cr_assert_eq(VERB(count)(behind.map), behind.next - CLEARED);
    behind.over = true;
    cr_assert_eq(VERB(destroy)(behind.map), 0);
}

#endif
