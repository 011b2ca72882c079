/* Walks over a map that are made of single steps: descending range, for_each, clear. Included by map_public.h.
 *
 * What is present throughout is met once, in order: each step goes to the nearest key beyond the last one, and nearest
 * misses nothing that was present throughout it.
 *
 * Tests: contract/walk.h, fault/oom_map_impl.h. */
#ifndef CC_DS_MAP_WALK_H
#define CC_DS_MAP_WALK_H

#include "ds/map_cursor.h"

static int order_in(const cc__map_t *map, cc__key_t a, cc__key_t b)
{
    return key_order(a, b, map->opts.compare, map->opts.compare_ctx);
}

/* The value before is let go of first: a long walk pins one value, and under epochs is announced anew at each step. */
static int step_down(cc__cursor_t *cursor)
{
    cc__frame_clear(cursor->guard);
    cursor->value = NULL;
    return cursor_move(cursor, CC__LOWER, NULL);
}

static int64_t map_range_desc(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    cc__cursor_t cursor;
    int64_t visited = 0;
    int err = cursor_open(&cursor, map);
    if (err != 0)
        return err;
    err = key_is_max(to) ? cursor_move(&cursor, CC__MAX, NULL) : cursor_move(&cursor, CC__FLOOR, &to);
    while (err == 0 && order_in(map, key_hold_get(&cursor.key), from) >= 0) {
        visited++;
        if (!visit(key_hold_get(&cursor.key), cursor.value, ctx))
            break;
        err = step_down(&cursor);
    }
    cursor_close(&cursor);
    return err == 0 || err == -ENOENT ? visited : err;
}

/* From the first key there is: a comparator need not know what lies below every key. */
static int64_t map_for_each(cc__map_t *map, cc__visit_fn *visit, void *ctx)
{
    cc__key_hold_t first;
    key_hold_init(&first);
    int64_t visited = map_step(map, CC__MIN, NULL, &first, NULL);
    if (visited == 0)
        visited = map->ops->range(map, key_hold_get(&first), CC__KEY_END, visit, ctx);
    key_hold_free(&first);
    return visited == -ENOENT ? 0 : visited;
}

/* Ends at `last`, which no key that is present throughout is above: so others that insert cannot keep it going. */
static int64_t clear_up_to(cc__map_t *map, cc__key_t last)
{
    cc__key_hold_t at;
    key_hold_init(&at);
    int64_t removed = 0;
    int err = map_step(map, CC__MIN, NULL, &at, NULL);
    while (err == 0 && order_in(map, key_hold_get(&at), last) <= 0) {
        err = map->ops->remove(map, key_hold_get(&at), NULL, NULL);
        removed += err == 0;
        if (err == 0 || err == -ENOENT)
            err = map_step(map, CC__HIGHER, NULL, &at, NULL);
    }
    key_hold_free(&at);
    return removed != 0 || err == 0 || err == -ENOENT ? removed : err;
}

static int64_t map_clear(cc__map_t *map)
{
    cc__key_hold_t last;
    key_hold_init(&last);
    int64_t removed = map_step(map, CC__MAX, NULL, &last, NULL);
    if (removed == 0)
        removed = clear_up_to(map, key_hold_get(&last));
    key_hold_free(&last);
    return removed == -ENOENT ? 0 : removed;
}

/* ---- the public calls */

int64_t PUBLIC(range_desc)(cc__map_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    if (map == NULL || visit == NULL || !key_valid(from) || !key_valid_end(to))
        return -EINVAL;
    return map_range_desc(map, from, to, visit, ctx);
}

int64_t PUBLIC(for_each)(cc__map_t *map, cc__visit_fn *visit, void *ctx)
{
    return map != NULL && visit != NULL ? map_for_each(map, visit, ctx) : -EINVAL;
}

int64_t PUBLIC(clear)(cc__map_t *map)
{
    return map != NULL ? map_clear(map) : -EINVAL;
}

#if CC_KEY == CC__KEY_BYTES
typedef struct {
    cc_bytes_t prefix;
    cc__visit_fn *visit;
    void *ctx;
    bool beyond; /* met a key behind all that begin with the prefix */
} prefix_t;

static bool visit_prefixed(cc_bytes_t key, void *value, void *ctx)
{
    prefix_t *p = ctx;
    p->beyond = key.len < p->prefix.len || (p->prefix.len != 0 && memcmp(key.data, p->prefix.data, p->prefix.len) != 0);
    return !p->beyond && p->visit(key, value, p->ctx);
}

int64_t PUBLIC(prefix)(cc__map_t *map, cc_bytes_t prefix, cc__visit_fn *visit, void *ctx)
{
    if (map == NULL || visit == NULL || !key_valid(prefix) || map->opts.compare != NULL)
        return -EINVAL;
    prefix_t p = {prefix, visit, ctx, false};
    int64_t visited = map->ops->range(map, prefix, CC__KEY_END, visit_prefixed, &p);
    return p.beyond && visited > 0 ? visited - 1 : visited;
}
#endif

#endif
