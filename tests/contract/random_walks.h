/* The verbs of the random run that walk: ranges, prefixes, cursors, for_each, clear, and those that make a copy of the map. Part of
 * random.h. */
#ifndef CC_TEST_CONTRACT_RANDOM_WALKS_H
#define CC_TEST_CONTRACT_RANDOM_WALKS_H

typedef struct {
    run_t *run;
    nearest_t way; /* the next one is HIGHER or LOWER than */
    size_t at;     /* this place; FIRST: than none */
    int64_t stop_after;
} random_walk_t;

#define FIRST SIZE_MAX

static size_t walk_next(const random_walk_t *w)
{
    if (w->at == FIRST)
        return nearest_place(w->run, w->way == HIGHER ? MIN : MAX, 0);
    return nearest_place(w->run, w->way, w->at);
}

VISITOR(follow)
{
    random_walk_t *w = ctx;
    run_t *r = w->run;
    w->at = walk_next(w);
    SAME(w->at < UNIVERSE && n == universe(w->at) && value == r->value[w->at]);
    SAME(*(const size_t *)value == w->at);
    return --w->stop_after != 0;
}

static random_walk_t begin_walk(run_t *r, nearest_t way, size_t at)
{
    int64_t stop_after = random_below(&r->random, 2) == 0 ? 1 + (int64_t)random_below(&r->random, 100) : INT64_MAX;
    return (random_walk_t){r, way, at, stop_after};
}

/* How many visits there are of so many entries. */
static int64_t visits_of(const random_walk_t *w, int64_t entries)
{
    return entries < w->stop_after ? entries : w->stop_after;
}

static int64_t entries_between(const run_t *r, size_t from, size_t to)
{
    int64_t entries = 0;
    for (size_t at = from; at <= to; at++)
        entries += r->value[at] != NULL;
    return entries;
}

/* In either direction. `i` and another place are the ends, in any order. */
static void random_range(run_t *r, size_t i)
{
    size_t to = random_below(&r->random, UNIVERSE);
    bool up = random_below(&r->random, 2) == 0;
    random_walk_t w = up ? begin_walk(r, HIGHER, i - 1) : begin_walk(r, LOWER, to + 1); /* 0 - 1: FIRST */
    int64_t expected = visits_of(&w, entries_between(r, i, to));
    SAME((up ? VERB(range) : VERB(range_desc))(r->map, KEY(universe(i)), KEY(universe(to)), follow, &w) == expected);
}

static void random_for_each(run_t *r)
{
    random_walk_t w = begin_walk(r, HIGHER, FIRST);
    int64_t expected = visits_of(&w, (int64_t)r->count);
    SAME(VERB(for_each)(r->map, follow, &w) == expected);
}

static void random_clear(run_t *r)
{
    SAME(VERB(clear)(r->map) == (int64_t)r->count);
    memset(r->value, 0, sizeof r->value);
    r->count = 0;
}

/* ---- prefixes */

#ifdef MAP_HAS_PREFIX
static bool begins_with(cc_bytes_t key, cc_bytes_t prefix)
{
    return key.len >= prefix.len && (prefix.len == 0 || memcmp(key.data, prefix.data, prefix.len) == 0);
}

/* The beginning of some key, or all of it. */
static void random_prefix(run_t *r, size_t i)
{
    cc_bytes_t prefix = KEY(universe(i));
    prefix.len = random_below(&r->random, (uint32_t)prefix.len + 1);
    size_t from = 0, to;
    while (!begins_with(KEY(universe(from)), prefix))
        from++;
    for (to = from; to < UNIVERSE && begins_with(KEY(universe(to)), prefix);)
        to++;
    random_walk_t w = begin_walk(r, HIGHER, from - 1);
    int64_t expected = visits_of(&w, entries_between(r, from, to - 1));
    SAME(VERB(prefix)(r->map, prefix, follow, &w) == expected);
}
#else
#define random_prefix random_range
#endif

/* ---- a cursor that is open for a while */

/* Its value is good whatever became of the entry since. */
static void cursor_stands_right(run_t *r)
{
    const void *value = VERB(cursor_value)(&r->cursor);
    SAME((value != NULL) == (r->cursor_at != UNIVERSE));
    if (value == NULL)
        return;
    SAME(key_number(VERB(cursor_key)(&r->cursor)) == universe(r->cursor_at));
    SAME(*(const size_t *)value == r->cursor_at);
}

static int cursor_go(run_t *r, nearest_t way, size_t i)
{
    switch (way) {
    case MIN:
        return VERB(cursor_first)(&r->cursor);
    case MAX:
        return VERB(cursor_last)(&r->cursor);
    case HIGHER:
        return VERB(cursor_next)(&r->cursor);
    case LOWER:
        return VERB(cursor_prev)(&r->cursor);
    default:
        return VERB(cursor_seek)(&r->cursor, KEY(universe(i)));
    }
}

static void random_cursor_move(run_t *r, size_t i)
{
    static const nearest_t ways[] = {MIN, MAX, HIGHER, HIGHER, LOWER, LOWER, CEIL};
    nearest_t way = ways[random_below(&r->random, sizeof ways / sizeof *ways)];
    bool beyond = way == HIGHER || way == LOWER, nowhere = beyond && r->cursor_at == UNIVERSE;
    size_t at = nowhere ? UNIVERSE : nearest_place(r, way, beyond ? r->cursor_at : i);
    int err = cursor_go(r, way, i);
    SAME(err == (nowhere ? -EINVAL : at < UNIVERSE ? 0 : -ENOENT));
    if (err == 0) {
        r->cursor_at = at;
        SAME(VERB(cursor_value)(&r->cursor) == r->value[at]);
    }
    cursor_stands_right(r);
}

static void random_cursor(run_t *r, size_t i)
{
    if (!r->cursor_open) {
        SAME(VERB(cursor_init)(&r->cursor, r->map) == 0);
        r->cursor_open = true;
        r->cursor_at = UNIVERSE;
    } else if (random_below(&r->random, 16) == 0) {
        cursor_stands_right(r);
        VERB(cursor_fini)(&r->cursor);
        r->cursor_open = false;
    } else {
        random_cursor_move(r, i);
    }
}

/* ---- copies */

/* A second map of the same entries, which does not own their values. */
static void random_create_sorted(run_t *r)
{
    sorted_key_t keys[UNIVERSE];
    void *values[UNIVERSE];
    size_t n = 0;
    for (size_t i = 0; i < UNIVERSE; i++) {
        if (r->value[i] != NULL) {
            keys[n] = KEY(universe(i));
            values[n++] = r->value[i];
        }
    }
    map_t *second = NULL;
    random_walk_t w = {r, HIGHER, FIRST, INT64_MAX};
    SAME(VERB(create_sorted)(r->domain, NULL, keys, values, n, &second) == 0);
    SAME(VERB(count)(second) == n && VERB(validate)(second) == 0);
    SAME(VERB(for_each)(second, follow, &w) == (int64_t)n);
    SAME(VERB(destroy)(second) == 0);
}

static void random_freeze(run_t *r)
{
    frozen_t *frozen = NULL;
    sorted_key_t key;
    cc_bytes_t value;
    random_walk_t w = {r, HIGHER, FIRST, INT64_MAX};
    SAME(VERB(freeze)(r->map, NULL, &frozen) == 0);
    for (size_t i = 0; FROZEN(at)(frozen, i, &key, &value) == 0; i++) {
        w.at = walk_next(&w);
        SAME(w.at < UNIVERSE && key_number(key) == universe(w.at) && value.len == sizeof(void *) &&
             *(void *const *)value.data == r->value[w.at]);
    }
    SAME(FROZEN(count)(frozen) == r->count && walk_next(&w) == UNIVERSE);
    SAME(FROZEN(destroy)(frozen) == 0);
}

#endif
