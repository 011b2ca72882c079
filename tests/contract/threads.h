/* Several threads at once: what they agree on when they are done. (The stress programs look at every answer.) Part of
 * map_contract.h. */
#ifndef CC_TEST_CONTRACT_THREADS_H
#define CC_TEST_CONTRACT_THREADS_H

enum { CROWD = 4, CROWD_KEYS = 64, CROWD_STEPS = 20000 };

typedef struct {
    map_t *map;
    cc_domain_t *domain;
    uint64_t number;
    int64_t made, added; /* values, entries */
    atomic_llong *reclaimed;
    int wrong;
} crowd_step_t;

static void reclaim_one(void *ptr, void *ctx)
{
    free(ptr);
    atomic_fetch_add((atomic_llong *)ctx, 1);
}

static void crowd_add(crowd_step_t *s, uint64_t n, bool put)
{
    uint64_t *value = malloc(16);
    *value = n;
    s->made++;
    int err = put ? VERB(put)(s->map, KEY(n), value, NULL) : VERB(insert)(s->map, KEY(n), value);
    s->added += err == 0;
    s->wrong += err < 0 && err != -EEXIST;
    if (err == -EEXIST)
        s->wrong += cc_retire(s->domain, value, 16, reclaim_one, s->reclaimed) != 0;
}

/* A value that is held can be read, and belongs to its key. */
static void crowd_look(crowd_step_t *s, uint64_t n)
{
    void *value;
    cc_guard_t *guard = cc_guard_enter(s->domain);
    if (VERB(get)(s->map, KEY(n), &value) == 0)
        s->wrong += *(const uint64_t *)value != n;
    cc_guard_leave(guard);
}

static void crowd_remove(crowd_step_t *s, uint64_t n)
{
    void *old = NULL;
    bool ask = n % 2 == 0;
    int err = VERB(remove)(s->map, KEY(n), ask ? &old : NULL);
    s->added -= err == 0;
    s->wrong += err != 0 && err != -ENOENT;
    if (old != NULL)
        s->wrong += *(const uint64_t *)old != n || cc_retire(s->domain, old, 16, reclaim_one, s->reclaimed) != 0;
}

static void step_join_crowd(void *arg)
{
    crowd_step_t *s = arg;
    random_t random = random_start(s->number);
    for (int i = 0; i < CROWD_STEPS; i++) {
        uint64_t n = random_below(&random, CROWD_KEYS);
        switch (random_below(&random, 4)) {
        case 0:
            crowd_add(s, n, i % 2 == 0);
            break;
        case 1:
            crowd_remove(s, n);
            break;
        default:
            crowd_look(s, n);
        }
    }
}

typedef struct {
    map_t *map;
    atomic_bool *stop;
    int wrong;
} toggle_step_t;

static void step_toggle(void *arg)
{
    toggle_step_t *s = arg;
    while (!atomic_load(s->stop))
        s->wrong += VERB(insert)(s->map, KEY(1000), s) != 0 || VERB(remove)(s->map, KEY(1000), NULL) != 0;
}

/* Never wrong by more than the calls in flight: one. */
MAP_SCHEME_TEST(count_is_near_while_others_work, domain)
{
    enum { KEYS = 100 };
    atomic_bool stop = false;
    map_t *map = make_map(domain, NULL);
    toggle_step_t toggle = {map, &stop, 0};
    actor_t other;
    int wrong = 0;
    for (uint64_t n = 0; n < KEYS; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &toggle), 0);
    actor_start(&other);
    actor_begin(&other, step_toggle, &toggle);
    for (int i = 0; i < 20000; i++) {
        size_t count = VERB(count)(map);
        wrong += count < KEYS - 1 || count > KEYS + 2;
    }
    atomic_store(&stop, true);
    actor_wait(&other);
    actor_stop(&other);
    cr_assert_eq(wrong, 0);
    cr_assert_eq(toggle.wrong, 0);
    cr_assert_eq(VERB(count)(map), (size_t)KEYS);
    cr_assert_eq(VERB(destroy)(map), 0);
}

VISITOR(count_visits)
{
    (void)n;
    (void)value;
    ++*(int64_t *)ctx;
    return true;
}

MAP_TEST(threads_agree_in_the_end)
{
    for (int scheme = 0; scheme < SCHEMES; scheme++) {
        crowd_step_t steps[CROWD];
        atomic_llong reclaimed = 0;
        int64_t made = 0, entries = 0, visits = 0;
        cc_domain_t *domain = make_domain(every_scheme[scheme]);
        cc_map_opts_t opts = CC_MAP_OPTS_INIT;
        map_t *map;
        opts.value_reclaim = reclaim_one;
        opts.value_ctx = &reclaimed;
        cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
        random_seed();
        for (uint64_t i = 0; i < CROWD; i++)
            steps[i] = (crowd_step_t){map, domain, i, 0, 0, &reclaimed, 0};
        actors_run(CROWD, step_join_crowd, steps, sizeof steps[0]);
        for (int i = 0; i < CROWD; i++) {
            cr_assert_eq(steps[i].wrong, 0);
            made += steps[i].made;
            entries += steps[i].added;
        }
        cr_assert_eq(VERB(validate)(map), 0);
        cr_assert_eq((int64_t)VERB(count)(map), entries, "exact when quiet");
        cr_assert_eq(VERB(range)(map, KEY(0), KEY(UINT64_MAX), count_visits, &visits), entries);
        cr_assert_eq(visits, entries);
        cr_assert_eq(VERB(destroy)(map), 0);
        cr_assert_eq(cc_domain_destroy(domain), 0);
        cr_assert_eq(atomic_load(&reclaimed), made, "each value exactly once");
    }
}

#endif
