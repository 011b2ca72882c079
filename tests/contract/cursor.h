/* Cursors. Part of map_contract.h. */
#ifndef CC_TEST_CONTRACT_CURSOR_H
#define CC_TEST_CONTRACT_CURSOR_H

static void expect_at(const cursor_t *cursor, uint64_t n)
{
    cr_assert_eq(key_number(VERB(cursor_key)(cursor)), n);
    cr_assert_eq(VERB(cursor_value)(cursor), (void *)&ordered_values[n % 8]);
}

MAP_SCHEME_TEST(cursor_that_stands_nowhere, domain)
{
    cursor_t cursor;
    map_t *map = make_map(domain, NULL);
    cr_assert_eq(VERB(cursor_init)(NULL, map), -EINVAL);
    cr_assert_eq(VERB(cursor_init)(&cursor, NULL), -EINVAL);
    VERB(cursor_fini)(NULL);
    cr_assert_eq(VERB(cursor_init)(&cursor, map), 0);
    for (int round = 0; round < 2; round++) { /* an empty map, and searches beyond its only entry */
        cr_assert_eq(VERB(cursor_next)(&cursor), -EINVAL);
        cr_assert_eq(VERB(cursor_prev)(&cursor), -EINVAL);
        cr_assert_eq(VERB(cursor_seek)(&cursor, KEY(8)), -ENOENT);
        cr_assert_null(VERB(cursor_value)(&cursor));
        if (round == 0) {
            cr_assert_eq(VERB(cursor_first)(&cursor), -ENOENT);
            cr_assert_eq(VERB(cursor_last)(&cursor), -ENOENT);
            add_entry(map, 7);
        }
    }
    cr_assert_eq(VERB(cursor_first)(&cursor), 0);
    expect_at(&cursor, 7);
    cr_assert_eq(VERB(destroy)(map), -EBUSY);
    cr_assert(VERB(contains)(map, KEY(7)), "nothing changed");
    VERB(cursor_fini)(&cursor);
    VERB(cursor_fini)(&cursor);
    cr_assert_eq(VERB(cursor_first)(&cursor), -EINVAL);
    cr_assert_eq(VERB(cursor_seek)(&cursor, KEY(1)), -EINVAL);
    cr_assert_null(VERB(cursor_value)(&cursor));
    cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_SCHEME_TEST(cursor_walks_both_ways, domain)
{
    enum { KEYS = 200 };
    cursor_t cursor;
    map_t *map = make_map(domain, NULL);
    for (uint64_t i = 0; i < KEYS; i++)
        add_entry(map, 10 + i * 7 % KEYS * 10);
    cr_assert_eq(VERB(cursor_init)(&cursor, map), 0);
    cr_assert_eq(VERB(cursor_first)(&cursor), 0);
    for (uint64_t n = 10; n <= 10 * KEYS; n += 10) {
        expect_at(&cursor, n);
        cr_assert_eq(VERB(cursor_next)(&cursor), n < 10 * KEYS ? 0 : -ENOENT);
    }
    expect_at(&cursor, 10 * KEYS); /* at the end it stays */
    for (uint64_t n = 10 * KEYS; n >= 10; n -= 10) {
        expect_at(&cursor, n);
        cr_assert_eq(VERB(cursor_prev)(&cursor), n > 10 ? 0 : -ENOENT);
    }
    expect_at(&cursor, 10);
    cr_assert_eq(VERB(cursor_last)(&cursor), 0);
    expect_at(&cursor, 10 * KEYS);
    cr_assert_eq(VERB(cursor_seek)(&cursor, KEY(995)), 0);
    expect_at(&cursor, 1000);
    cr_assert_eq(VERB(cursor_seek)(&cursor, KEY(1000)), 0);
    expect_at(&cursor, 1000);
    cr_assert_eq(VERB(cursor_seek)(&cursor, KEY(10 * KEYS + 1)), -ENOENT);
    expect_at(&cursor, 1000);
    VERB(cursor_fini)(&cursor);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* Where it stands may be removed, and what it walks to may come and go. */
MAP_SCHEME_TEST(cursor_survives_changes, domain)
{
    cursor_t cursor;
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 1; n <= 5; n++)
        add_entry(map, 10 * n);
    cr_assert_eq(VERB(cursor_init)(&cursor, map), 0);
    cr_assert_eq(VERB(cursor_seek)(&cursor, KEY(30)), 0);
    cr_assert_eq(VERB(remove)(map, KEY(30), NULL), 0);
    expect_at(&cursor, 30);
    add_entry(map, 31);
    cr_assert_eq(VERB(cursor_next)(&cursor), 0);
    expect_at(&cursor, 31);
    cr_assert_eq(VERB(cursor_prev)(&cursor), 0);
    expect_at(&cursor, 20);
    cr_assert_eq(VERB(clear)(map), 5);
    expect_at(&cursor, 20);
    cr_assert_eq(VERB(cursor_prev)(&cursor), -ENOENT);
    cr_assert_eq(VERB(cursor_next)(&cursor), -ENOENT);
    expect_at(&cursor, 20);
    VERB(cursor_fini)(&cursor);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* Any words: what differs in the low bits only, or is as good as NULL to a guard. */
MAP_SCHEME_TEST(cursor_takes_values_that_are_no_pointers, domain)
{
    enum { KEYS = 300 };
    cursor_t cursor;
    int wrong = 0;
    map_t *map = make_map(domain, NULL);
    for (uintptr_t n = 1; n <= KEYS; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), (void *)n), 0);
    cr_assert_eq(VERB(cursor_init)(&cursor, map), 0);
    size_t before = cc_alloc_stats_snapshot().current_allocated;
    cr_assert_eq(VERB(cursor_first)(&cursor), 0);
    for (uintptr_t n = 1; n <= KEYS; n++) {
        wrong += VERB(cursor_value)(&cursor) != (void *)n;
        wrong += VERB(cursor_next)(&cursor) != (n < KEYS ? 0 : -ENOENT);
    }
    cr_assert_eq(wrong, 0);
    cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, before, "a walk needs no more slots");
    VERB(cursor_fini)(&cursor);
    cr_assert_eq(VERB(destroy)(map), 0);
}

/* ---- what it holds */

typedef struct {
    cc_domain_t *domain;
    map_t *map;
    uint64_t n;
} cursor_remove_t;

/* Removed and reclaimed as hard as can be by another thread. */
static void step_remove_hard(void *arg)
{
    cursor_remove_t *s = arg;
    reclaim_step_t reclaim = {s->domain, 1};
    (void)VERB(remove)(s->map, KEY(s->n), NULL);
    step_reclaim_hard(&reclaim);
}

static void remove_hard(actor_t *other, cc_domain_t *domain, map_t *map, uint64_t n)
{
    actor_do(other, step_remove_hard, &(cursor_remove_t){domain, map, n});
}

/* The value where it stands is held, through moves that fail; that of a place it has left is not, nor by guards around. */
MAP_RECLAIMING_TEST(cursor_holds_the_value_where_it_stands, domain)
{
    cursor_t cursor;
    actor_t other;
    memset(guarded, 0, sizeof guarded);
    actor_start(&other);
    map_t *map = make_map(domain, counted_reclaim);
    for (uint64_t n = 1; n <= GUARDED; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &guarded[n - 1]), 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(VERB(cursor_init)(&cursor, map), 0);
    cr_assert_eq(VERB(cursor_first)(&cursor), 0);
    remove_hard(&other, domain, map, 1);
    cr_assert_eq(counted_times(&guarded[0]), 0);
    cr_assert_eq(VERB(cursor_prev)(&cursor), -ENOENT);
    remove_hard(&other, domain, map, 1);
    cr_assert_eq(counted_times(&guarded[0]), 0);
    cr_assert(counted_lives(VERB(cursor_value)(&cursor)));
    cr_assert_eq(VERB(cursor_next)(&cursor), 0);
    remove_hard(&other, domain, map, 2);
    cr_assert_eq(counted_times(&guarded[1]), 0);
    if (guards_are_slots(domain))
        cr_assert_eq(counted_times(&guarded[0]), 1, "neither the cursor nor the guard around holds it");
    cc_guard_leave(guard);
    remove_hard(&other, domain, map, 2);
    cr_assert_eq(counted_times(&guarded[1]), 0, "the guard is left, the cursor is open");
    cr_assert_eq(cc_domain_drain(domain, 0), -EDEADLK);
    VERB(cursor_fini)(&cursor);
    remove_hard(&other, domain, map, 2);
    cr_assert_eq(counted_times(&guarded[1]), 1);
    cr_assert_eq(VERB(destroy)(map), 0);
    actor_stop(&other);
}

/* Two cursors and a guard, closed in an order that is no nesting. */
MAP_SCHEME_TEST(cursors_need_not_nest, domain)
{
    cursor_t a, b;
    void *value;
    map_t *map = make_map(domain, NULL);
    for (uint64_t n = 1; n <= 3; n++)
        add_entry(map, n);
    cr_assert_eq(VERB(cursor_init)(&a, map), 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(VERB(cursor_first)(&a), 0);
    cr_assert_eq(VERB(cursor_init)(&b, map), 0);
    cr_assert_eq(VERB(cursor_last)(&b), 0);
    cr_assert_eq(VERB(get)(map, KEY(2), &value), 0);
    VERB(cursor_fini)(&a);
    cr_assert_eq(VERB(cursor_prev)(&b), 0);
    expect_at(&b, 2);
    cc_guard_leave(guard);
    cr_assert_eq(VERB(cursor_prev)(&b), 0);
    expect_at(&b, 1);
    cr_assert_eq(VERB(destroy)(map), -EBUSY);
    VERB(cursor_fini)(&b);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
