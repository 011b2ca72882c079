/* phase_order.c: min, max, floor, ceil and range while other threads change the map.
 *
 * Each of them promises little: what was there all along must not be missed, and nothing that was never there may
 * come out. To hold them to exactly that, every key has a class by its number modulo 16:
 *
 *     0        stable   in the map from the beginning to the end (its value changes)
 *     1 - 7    owned    inserted and removed by one thread only, which therefore knows during its own calls whether
 *                       the key is there throughout or not at all
 *     8 - 11   wild     inserted and removed by anybody
 *     12 - 15  never    not inserted by anybody */
#include "cycle.h"
#include "hold.h"
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { RANGE_MAX = 8192, CLASSES = 16, VISITS_MAX = 512 };

typedef enum { STABLE, OWNED, WILD, NEVER } class_t;

typedef struct {
    cycle_t *cycle;
    cycle_map_t map;
    uint64_t range; /* keys 0 .. range - 1, a multiple of CLASSES */
    bool *present;  /* of owned keys: written and read by their owner only */
    hold_t *holds;  /* one per thread */
} order_t;

typedef struct {
    order_t *o;
    worker_t *worker;
    hold_t *hold;
} actor_t;

static class_t class_of(uint64_t key)
{
    unsigned n = key % CLASSES;
    return n == 0 ? STABLE : n < 8 ? OWNED : n < 12 ? WILD : NEVER;
}

static bool is_own(const actor_t *a, uint64_t key)
{
    return class_of(key) == OWNED && key / CLASSES % a->o->cycle->threads == a->worker->index;
}

/* There throughout a call that this thread makes now. */
static bool surely_present(const actor_t *a, uint64_t key)
{
    return class_of(key) == STABLE || (is_own(a, key) && a->o->present[key]);
}

static void check_possible(const actor_t *a, uint64_t key, const char *verb)
{
    if (key >= a->o->range || class_of(key) == NEVER)
        finding("%s gave key %" PRIu64 ", which was never inserted", verb, key);
    if (is_own(a, key) && !a->o->present[key])
        finding("%s gave key %" PRIu64 ", which was absent throughout", verb, key);
    a->worker->checks++;
}

/* ---- changes */

static value_t *new_value(actor_t *a, uint64_t key)
{
    return value_new(key, worker_sequence(a->worker));
}

static void insert_key(actor_t *a, uint64_t key)
{
    value_t *value = new_value(a, key);
    int rc = a->o->map.kind->insert(a->o->map.handle, key, value);
    if (rc == -EEXIST)
        value_discard(value);
    if ((rc != 0 && rc != -EEXIST) || (is_own(a, key) && (rc == 0) == a->o->present[key]))
        finding("insert of key %" PRIu64 " returned %d", key, rc);
    if (is_own(a, key))
        a->o->present[key] = true;
}

static void remove_key(actor_t *a, uint64_t key)
{
    void *old = NULL;
    int rc = a->o->map.kind->remove(a->o->map.handle, key, &old);
    if ((rc != 0 && rc != -ENOENT) || (is_own(a, key) && (rc == 0) != a->o->present[key]))
        finding("remove of key %" PRIu64 " returned %d", key, rc);
    if (old)
        cycle_retire(a->o->map.domain, old);
    if (is_own(a, key))
        a->o->present[key] = false;
}

static void put_stable(actor_t *a, uint64_t key)
{
    void *old = NULL;
    int rc = a->o->map.kind->put(a->o->map.handle, key, new_value(a, key), &old);
    if (rc != 1 || !old)
        finding("put over key %" PRIu64 ", which is never removed, returned %d", key, rc);
    value_check(old, key, "old value of put");
    cycle_retire(a->o->map.domain, old);
}

/* Changes a random key that this thread may change. */
static void change(actor_t *a)
{
    uint64_t key = rnd_below(&a->worker->rnd, (uint32_t)a->o->range);
    if (class_of(key) == STABLE)
        put_stable(a, key);
    else if (class_of(key) == WILD || is_own(a, key)) {
        if (rnd_once_in(&a->worker->rnd, 2))
            insert_key(a, key);
        else
            remove_key(a, key);
    }
}

/* ---- single keys */

static void check_value(actor_t *a, uint64_t key, void *value, const char *verb)
{
    if (a->hold->depth > 0)
        hold_value(a->hold, value, key, verb);
}

static void ask_below(actor_t *a, bool max)
{
    order_t *o = a->o;
    uint64_t limit = max ? UINT64_MAX : rnd_below(&a->worker->rnd, (uint32_t)o->range + 100);
    uint64_t best = limit < o->range ? limit : o->range - 1, key = 0;
    void *value = NULL;
    const char *verb = max ? "max" : "floor";
    while (!surely_present(a, best)) /* key 0 is stable */
        best--;
    int rc =
        max ? o->map.kind->max(o->map.handle, &key, &value) : o->map.kind->floor(o->map.handle, limit, &key, &value);
    if (rc != 0 || key > limit || key < best)
        finding("%s(%" PRIu64 ") returned %d, key %" PRIu64 "; %" PRIu64 " was there throughout", verb, limit, rc, key,
                best);
    check_possible(a, key, verb);
    check_value(a, key, value, verb);
}

static void ask_above(actor_t *a, bool min)
{
    order_t *o = a->o;
    uint64_t limit = min ? 0 : rnd_below(&a->worker->rnd, (uint32_t)o->range + 100);
    uint64_t best = limit, key = UINT64_MAX;
    void *value = NULL;
    const char *verb = min ? "min" : "ceil";
    while (best < o->range && !surely_present(a, best))
        best++;
    int rc =
        min ? o->map.kind->min(o->map.handle, &key, &value) : o->map.kind->ceil(o->map.handle, limit, &key, &value);
    bool may_be_none = best >= o->range;
    if (rc != 0 ? rc != -ENOENT || !may_be_none : key < limit || key > best)
        finding("%s(%" PRIu64 ") returned %d, key %" PRIu64 "; %" PRIu64 " was there throughout", verb, limit, rc, key,
                best);
    if (rc == 0) {
        check_possible(a, key, verb);
        check_value(a, key, value, verb);
    }
}

/* ---- ranges */

typedef struct {
    actor_t *actor;
    uint64_t from, to;
    uint64_t next; /* the smallest key that may come now */
    uint64_t visited;
    uint64_t stop_after;
    unsigned nesting;
} walk_t;

static void walk(actor_t *a, unsigned nesting);

/* Everything from `next` up to, not including, `key` was passed over: none of it may have been there throughout. */
static void check_gap(const walk_t *w, uint64_t key)
{
    for (uint64_t k = w->next; k < key && k < w->actor->o->range; k++)
        if (surely_present(w->actor, k))
            finding("range from %" PRIu64 " to %" PRIu64 " left out key %" PRIu64 ", which was there throughout",
                    w->from, w->to, k);
}

/* What a visitor may do. Own keys must not change during the walk, or we would know nothing about them. */
static void act_in_visitor(walk_t *w, uint64_t key)
{
    actor_t *a = w->actor;
    void *value = NULL;
    switch (rnd_below(&a->worker->rnd, 64)) {
    case 0:
        put_stable(a, key - key % CLASSES);
        break;
    case 1:
        insert_key(a, key - key % CLASSES + 8 + rnd_below(&a->worker->rnd, 4));
        break;
    case 2:
        remove_key(a, key - key % CLASSES + 8 + rnd_below(&a->worker->rnd, 4));
        break;
    case 3:
        if (a->o->map.kind->get(a->o->map.handle, key, &value) != 0 && surely_present(a, key))
            finding("get inside a visitor misses key %" PRIu64, key);
        break;
    case 4:
        if (w->nesting == 0)
            walk(a, 1);
        break;
    case 5:
        if (rnd_once_in(&a->worker->rnd, 32) &&
            cc_domain_flush(a->o->map.domain) < 0) /* it costs thousands of visits */
            finding("cc_domain_flush inside a visitor failed");
        break;
    default:
        break;
    }
}

static bool visit(uint64_t key, void *value, void *ctx)
{
    walk_t *w = ctx;
    if (key < w->next || key > w->to)
        finding("range from %" PRIu64 " to %" PRIu64 " gave key %" PRIu64 " where %" PRIu64 " or more was due", w->from,
                w->to, key, w->next);
    check_gap(w, key);
    check_possible(w->actor, key, "range");
    value_check(value, key, "range");
    uint64_t sequence = ((value_t *)value)->sequence;
    w->next = key + 1;
    w->visited++;
    act_in_visitor(w, key);
    value_check(value, key, "range, at the end of the visit");
    if (((value_t *)value)->sequence != sequence)
        finding("value of key %" PRIu64 " became another one during its visit", key);
    return w->visited < w->stop_after;
}

static void walk(actor_t *a, unsigned nesting)
{
    order_t *o = a->o;
    uint32_t range = (uint32_t)o->range;
    walk_t w = {.actor = a, .nesting = nesting, .stop_after = UINT64_MAX};
    w.next = w.from = rnd_below(&a->worker->rnd, range);
    w.to = rnd_once_in(&a->worker->rnd, 4) ? UINT64_MAX : w.from + rnd_below(&a->worker->rnd, nesting ? 64 : range);
    if (rnd_once_in(&a->worker->rnd, 4))
        w.stop_after = 1 + rnd_below(&a->worker->rnd, VISITS_MAX);
    int64_t rc = o->map.kind->range(o->map.handle, w.from, w.to, visit, &w);
    if (rc < 0 || (uint64_t)rc != w.visited)
        finding("range returned %" PRId64 " after %" PRIu64 " visits", rc, w.visited);
    if (w.visited < w.stop_after)
        check_gap(&w, w.to == UINT64_MAX ? o->range : w.to + 1);
    a->worker->ops += w.visited / 16; /* a walk is worth some calls */
}

static void order_job(worker_t *worker, void *ctx)
{
    order_t *o = ctx;
    actor_t a = {o, worker, &o->holds[worker->index]};
    while (!crew_stopped(worker)) {
        hold_something(a.hold);
        uint32_t dice = rnd_below(&worker->rnd, 256);
        if (dice < 20)
            ask_below(&a, false);
        else if (dice < 40)
            ask_above(&a, false);
        else if (dice < 50)
            ask_below(&a, true);
        else if (dice < 60)
            ask_above(&a, true);
        else if (dice == 60)
            walk(&a, 0);
        else
            change(&a);
        worker->ops++;
    }
    hold_leave_all(a.hold);
}

static void fill(order_t *o)
{
    for (uint64_t key = 0; key < o->range; key += CLASSES) {
        int rc = o->map.kind->insert(o->map.handle, key, value_new(key, UINT64_MAX / 2 + key));
        if (rc != 0)
            finding("insert of key %" PRIu64 " into a quiet map returned %d", key, rc);
    }
}

static void order_run(cycle_t *cycle)
{
    order_t o = {.cycle = cycle, .range = CLASSES * (1 + rnd_below(&cycle->rnd, RANGE_MAX / CLASSES))};
    o.map = cycle_map_create(cycle->kind, cycle->domain, rnd_once_in(&cycle->rnd, 2));
    o.present = calloc(o.range, sizeof *o.present);
    o.holds = calloc(cycle->threads, sizeof *o.holds);
    if (!o.present || !o.holds)
        give_up("no memory for the keys");
    for (unsigned i = 0; i < cycle->threads; i++)
        hold_init(&o.holds[i], cycle->domain, &cycle->crew.workers[i]);
    fill(&o);
    crew_run_for(&cycle->crew, cycle->seconds, order_job, &o);
    cycle_settle(cycle->domain, cycle->scheme);
    cycle_map_check(cycle, &o.map, true, 0);
    cycle_map_destroy(&o.map);
    free(o.present);
    free(o.holds);
}

const phase_t phase_order = {"order", order_run};
