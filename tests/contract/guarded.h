/* Each verb that gives out a value inside a guard, against each one by which it leaves the map. Part of
 * map_contract.h. */
#ifndef CC_TEST_CONTRACT_GUARDED_H
#define CC_TEST_CONTRACT_GUARDED_H

enum { GUARDED = 3 };
static counted_t guarded[GUARDED + 1]; /* of the keys 1, 2, 3; and one more */

typedef enum { GIVEN_BY_GET, GIVEN_BY_MIN, GIVEN_BY_MAX, GIVEN_BY_FLOOR, GIVEN_BY_CEIL, GIVERS } giver_t;
typedef enum { GONE_BY_REMOVE, GONE_BY_PUT, GONE_BY_REPLACE, GONE_BY_DESTROY, LEAVERS } leaver_t;

/* Returns the key whose value was given out. */
static uint64_t give_out(map_t *map, giver_t giver)
{
    static const uint64_t keys[] = {2, 1, 3, 2, 2};
    uint64_t n = keys[giver];
    void *value = NULL;
    out_t k;
    int err = giver == GIVEN_BY_GET ? VERB(get)(map, KEY(n), &value)
                                    : nearest(map, (nearest_t)(giver - GIVEN_BY_MIN), n, &k, &value);
    cr_assert_eq(err, 0);
    cr_assert_eq(value, (void *)&guarded[n - 1]);
    return n;
}

typedef struct {
    map_t *map;
    uint64_t n;
    leaver_t leaver;
    int err;
} leave_step_t;

static void step_take_out(void *arg)
{
    leave_step_t *s = arg;
    switch (s->leaver) {
    case GONE_BY_REMOVE:
        s->err = VERB(remove)(s->map, KEY(s->n), NULL);
        break;
    case GONE_BY_PUT:
        s->err = VERB(put)(s->map, KEY(s->n), &guarded[GUARDED], NULL) - 1;
        break;
    case GONE_BY_REPLACE:
        s->err = VERB(replace)(s->map, KEY(s->n), &guarded[s->n - 1], &guarded[GUARDED]);
        break;
    default:
        s->err = VERB(destroy)(s->map);
    }
}

static void check_held(cc_domain_t *domain, actor_t *other, giver_t giver, leaver_t leaver)
{
    memset(guarded, 0, sizeof guarded);
    map_t *map = make_map(domain, counted_reclaim);
    for (uint64_t n = 1; n <= GUARDED; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &guarded[n - 1]), 0);

    cc_guard_t *guard = cc_guard_enter(domain);
    leave_step_t leave = {map, give_out(map, giver), leaver, 1};
    counted_t *value = &guarded[leave.n - 1];
    actor_do(other, step_take_out, &leave);
    cr_assert_eq(leave.err, 0);
    reclaim_step_t reclaim = {domain, 1};
    actor_do(other, step_reclaim_hard, &reclaim);
    cr_assert_eq(reclaim.result, -ETIMEDOUT, "giver %d, leaver %d", giver, leaver);
    cr_assert_eq(counted_times(value), 0, "giver %d, leaver %d", giver, leaver);
    cr_assert(counted_lives(value));

    cc_guard_leave(guard);
    actor_do(other, step_reclaim_hard, &reclaim);
    cr_assert_eq(reclaim.result, 0);
    cr_assert_eq(counted_times(value), 1);
    if (leaver != GONE_BY_DESTROY)
        cr_assert_eq(VERB(destroy)(map), 0);
}

MAP_RECLAIMING_TEST(values_are_held_however_given_and_taken, domain)
{
    actor_t other;
    actor_start(&other);
    for (giver_t giver = 0; giver < GIVERS; giver++)
        for (leaver_t leaver = 0; leaver < LEAVERS; leaver++)
            check_held(domain, &other, giver, leaver);
    actor_stop(&other);
}

/* The guard goes on working after an answer that gave nothing out. */
MAP_RECLAIMING_TEST(errors_inside_a_guard_hold_nothing, domain)
{
    void *value = &nothing;
    out_t k;
    memset(guarded, 0, sizeof guarded);
    map_t *map = make_map(domain, counted_reclaim);
    cr_assert_eq(VERB(insert)(map, KEY(2), &guarded[0]), 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < 200; i++) {
        cr_assert_eq(VERB(get)(map, KEY(1), &value), -ENOENT);
        cr_assert_eq(nearest(map, CEIL, 3, &k, &value), -ENOENT);
        cr_assert_eq(nearest(map, FLOOR, 1, &k, &value), -ENOENT);
    }
    cr_assert_eq(value, (void *)&nothing);
    cr_assert_eq(VERB(remove)(map, KEY(2), NULL), 0);
    if (guards_are_slots(domain)) {
        cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
        cr_assert_eq(counted_times(&guarded[0]), 1);
    }
    cc_guard_leave(guard);
    cr_assert_eq(VERB(destroy)(map), 0);
}

#endif
