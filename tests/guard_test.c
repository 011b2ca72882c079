/* The contract of cc/guard.h: what a guard holds, and for how long. Holding is tried hard: another thread flushes and
 * drains while the guard is open; it must get nothing that is held, and everything once it is let go.
 *
 * Slots in numbers: guard_slots_test.c; structures of one's own: guard_own_test.c; each way by which a map gives out
 * values: map_guard.h in the tests of the maps. */
#include "test.h"

#include "support/actor.h"
#include "support/child.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <string.h>

enum { VALUES = 16 };

/* Values in a map, and a thread that does all it can to have them reclaimed. */
typedef struct {
    cc_domain_t *domain;
    cc_skiplist64_t *map;
    bool slots;
    actor_t other;
    counted_t values[VALUES];
} scene_t;

static scene_t scene;

static void set_scene(cc_domain_t *domain)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = counted_reclaim;
    memset(&scene, 0, sizeof scene);
    scene.domain = domain;
    scene.slots = guards_are_slots(domain);
    actor_start(&scene.other);
    cr_assert_eq(cc_skiplist64_create(domain, &opts, &scene.map), 0);
    for (uint64_t i = 0; i < VALUES; i++)
        cr_assert_eq(cc_skiplist64_insert(scene.map, i, &scene.values[i]), 0);
}

static void end_scene(void)
{
    actor_stop(&scene.other);
    cr_assert_eq(cc_skiplist64_destroy(scene.map), 0);
    if (domain_is(scene.domain, "leak"))
        return;
    cr_assert_eq(cc_domain_drain(scene.domain, 0), 0);
    cr_assert_eq(counted_with(scene.values, VALUES, 1), (size_t)VALUES);
}

static void step_remove(void *arg)
{
    uint64_t *key = arg;
    cc_skiplist64_remove(scene.map, *key, NULL);
}

static void remove_elsewhere(uint64_t key)
{
    actor_do(&scene.other, step_remove, &key);
}

static int try_hard(void)
{
    reclaim_step_t s = {scene.domain, 1};
    actor_do(&scene.other, step_reclaim_hard, &s);
    return s.result;
}

static void hold(uint64_t key)
{
    void *value = NULL;
    cr_assert_eq(cc_skiplist64_get(scene.map, key, &value), 0);
    cr_assert_eq(value, (void *)&scene.values[key]);
}

static void expect_held(uint64_t key)
{
    cr_assert_eq(try_hard(), -ETIMEDOUT);
    cr_assert_eq(counted_times(&scene.values[key]), 0);
    cr_assert(counted_lives(&scene.values[key]));
}

static void expect_free(uint64_t key)
{
    cr_assert_eq(try_hard(), 0);
    cr_assert_eq(counted_times(&scene.values[key]), 1);
}

/* ---- bad arguments */

SCHEME_TEST(guard, null_is_refused_or_does_nothing, domain)
{
    static char nothing;
    CC_ATOMIC_PTR slot = &nothing;
    void *out = &nothing;
    cr_assert_null(cc_guard_enter(NULL));
    cc_guard_leave(NULL);
    cc_guard_refresh(NULL);
    cc_guard_release(NULL, &nothing);
    cr_assert_eq(cc_guard_protect(NULL, &slot, &out), -EINVAL);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_not_null(guard);
    cr_assert_eq(cc_guard_protect(guard, NULL, &out), -EINVAL);
    cr_assert_eq(cc_guard_protect(guard, &slot, NULL), -EINVAL);
    cr_assert_eq(out, (void *)&nothing);
    cc_guard_release(guard, NULL);
    cc_guard_release(guard, &nothing);
    cc_guard_leave(guard);
    cr_assert_eq(snapshot_of(domain).guards, 0);
}

/* ---- from get to leave */

RECLAIMING_SCHEME_TEST(guard, holds_until_leave, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    remove_elsewhere(3);
    expect_held(3);
    cc_guard_leave(guard);
    expect_free(3);
    end_scene();
}

RECLAIMING_SCHEME_TEST(guard, holds_what_its_own_thread_removes, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    cr_assert_eq(cc_skiplist64_remove(scene.map, 3, NULL), 0);
    cc_domain_flush(domain);
    expect_held(3);
    cc_guard_leave(guard);
    expect_free(3);
    end_scene();
}

/* Looking whether a key is there is no reason to hold its value. */
RECLAIMING_SCHEME_TEST(guard, does_not_hold_what_was_not_given_out, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(cc_skiplist64_get(scene.map, 3, NULL), 0);
    cr_assert(cc_skiplist64_contains(scene.map, 3));
    cr_assert_eq(cc_skiplist64_min(scene.map, NULL, NULL), 0);
    remove_elsewhere(3);
    remove_elsewhere(0);
    if (scene.slots) {
        expect_free(3);
        expect_free(0);
    }
    cc_guard_leave(guard);
    expect_free(3);
    expect_free(0);
    end_scene();
}

/* A value obtained before the guard was entered is a token, under IBR. */
RECLAIMING_SCHEME_TEST(guard, does_not_hold_what_was_got_before_it, domain)
{
    set_scene(domain);
    hold(3);
    cc_guard_t *guard = cc_guard_enter(domain);
    remove_elsewhere(3);
    if (scene.slots)
        expect_free(3);
    cc_guard_leave(guard);
    expect_free(3);
    end_scene();
}

RECLAIMING_SCHEME_TEST(guard, of_another_domain_protects_nothing, domain)
{
    set_scene(domain);
    cc_domain_t *another = make_domain(domain_is(domain, "ibr") ? CC_SMR_EPOCH : CC_SMR_IBR);
    cc_guard_t *guard = cc_guard_enter(another);
    hold(3);
    remove_elsewhere(3);
    expect_free(3);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_destroy(another), 0);
    end_scene();
}

/* A sleeper pins exactly what it holds; under epochs, all that is retired from then on. */
RECLAIMING_SCHEME_TEST(guard, asleep_pins_what_it_holds, domain)
{
    enum { RETIRED = 5000 };
    static counted_t objects[RETIRED];
    memset(objects, 0, sizeof objects);
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    hold(7);
    remove_elsewhere(3);
    remove_elsewhere(5);
    remove_elsewhere(7);
    retire_step_t retire = {domain, objects, RETIRED, 0};
    actor_do(&scene.other, step_retire, &retire);
    cr_assert_eq(retire.err, 0);
    expect_held(3);
    expect_held(7);
    cr_assert_eq(counted_with(objects, RETIRED, 1), scene.slots ? (size_t)RETIRED : 0);
    cr_assert_eq(counted_times(&scene.values[5]), scene.slots);
    if (scene.slots)
        cr_assert_eq(snapshot_of(domain).limbo_count, 2);
    cc_guard_leave(guard);
    expect_free(3);
    cr_assert_eq(counted_times(&scene.values[7]), 1);
    cr_assert_eq(counted_with(objects, RETIRED, 1), (size_t)RETIRED);
    end_scene();
}

/* ---- refresh, release */

/* Under epochs the object may have been retired in the epoch that the refresh announces: then the next one lets it
 * go, or the one after. */
RECLAIMING_SCHEME_TEST(guard, refresh_lets_go, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    hold(4);
    remove_elsewhere(3);
    expect_held(3);
    for (int i = 0; i < attempts_needed(domain); i++) {
        cc_guard_refresh(guard);
        try_hard();
    }
    expect_free(3);
    hold(5);
    remove_elsewhere(5);
    expect_held(5);
    cr_assert_eq(snapshot_of(domain).guards, 1);
    cc_guard_leave(guard);
    expect_free(5);
    end_scene();
}

RECLAIMING_SCHEME_TEST(guard, refresh_inside_another_guard_leaves_that_alone, domain)
{
    set_scene(domain);
    cc_guard_t *outer = cc_guard_enter(domain);
    hold(3);
    cc_guard_t *inner = cc_guard_enter(domain);
    hold(4);
    remove_elsewhere(3);
    remove_elsewhere(4);
    for (int i = 0; i < 4; i++) {
        cc_guard_refresh(inner);
        expect_held(3);
    }
    cr_assert_eq(counted_times(&scene.values[4]), scene.slots);
    cc_guard_leave(inner);
    expect_held(3);
    cc_guard_leave(outer);
    expect_free(3);
    expect_free(4);
    end_scene();
}

/* As leave: callbacks, which do not run in a guard, run here. */
RECLAIMING_SCHEME_TEST(guard, refresh_runs_callbacks, domain)
{
    enum { OBJECTS = 30000 };
    static counted_t objects[OBJECTS];
    memset(objects, 0, sizeof objects);
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < OBJECTS; i++) {
        cr_assert_eq(counted_retire(domain, &objects[i]), 0);
        cc_guard_refresh(guard);
    }
    cr_assert(is_slow(domain) || snapshot_of(domain).limbo_count < OBJECTS / 2);
    cc_guard_t *inner = cc_guard_enter(domain);
    cr_assert_neq(inner, guard);
    cc_guard_leave(inner);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_drain(domain, 0), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
}

RECLAIMING_SCHEME_TEST(guard, release_lets_go_of_one, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    hold(4);
    hold(5);
    remove_elsewhere(3);
    remove_elsewhere(4);
    remove_elsewhere(5);
    cc_guard_release(guard, &scene.values[4]);
    expect_held(3);
    cr_assert_eq(counted_times(&scene.values[4]), scene.slots, "under epochs release does nothing");
    cr_assert_eq(counted_times(&scene.values[5]), 0);
    cc_guard_leave(guard);
    expect_free(3);
    end_scene();
}

RECLAIMING_SCHEME_TEST(guard, release_ignores_the_low_bits, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    remove_elsewhere(3);
    expect_held(3);
    cc_guard_release(guard, (char *)&scene.values[3] + 15);
    if (scene.slots)
        expect_free(3);
    cc_guard_leave(guard);
    expect_free(3);
    end_scene();
}

RECLAIMING_SCHEME_TEST(guard, what_was_got_twice_is_released_twice, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    hold(3);
    remove_elsewhere(3);
    cc_guard_release(guard, &scene.values[3]);
    expect_held(3);
    cc_guard_release(guard, &scene.values[3]);
    if (scene.slots)
        expect_free(3);
    cc_guard_release(guard, &scene.values[3]);
    cc_guard_leave(guard);
    expect_free(3);
    end_scene();
}

RECLAIMING_SCHEME_TEST(guard, release_of_what_is_not_held_does_nothing, domain)
{
    set_scene(domain);
    cc_guard_t *outer = cc_guard_enter(domain);
    hold(3);
    cc_guard_t *inner = cc_guard_enter(domain);
    hold(4);
    remove_elsewhere(3);
    remove_elsewhere(4);
    cc_guard_release(outer, &scene.values[4]);
    cc_guard_release(inner, &scene.values[3]);
    cc_guard_release(inner, &scene);
    expect_held(3);
    expect_held(4);
    cc_guard_leave(inner);
    cc_guard_leave(outer);
    expect_free(3);
    expect_free(4);
    end_scene();
}

/* ---- misuse */

static void *leave_guard(void *guard)
{
    cc_guard_leave(guard);
    return NULL;
}

CHILD(leaves_elsewhere)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, leave_guard, cc_guard_enter(cc_domain_default())) == 0)
        pthread_join(thread, NULL);
}

CHILD(leaves_out_of_order)
{
    cc_guard_t *outer = cc_guard_enter(cc_domain_default()), *inner = cc_guard_enter(cc_domain_default());
    cc_guard_leave(outer);
    cc_guard_leave(inner);
}

/* Rather than free what somebody holds. */
Test(guard, misuse_ends_the_process)
{
    child_t child = run_child("leaves_elsewhere", "CC_SMR=ibr");
    cr_assert_eq(child.status, -1);
    cr_assert_not_null(strstr(child.text, "libcc: cc_guard_leave: not the innermost guard"), "%s", child.text);
    child = run_child("leaves_out_of_order", "CC_SMR=ibr");
    cr_assert_eq(child.status, -1);
    cr_assert_not_null(strstr(child.text, "libcc: cc_guard_leave: not the innermost guard"), "%s", child.text);
}

/* ---- nesting */

RECLAIMING_SCHEME_TEST(guard, value_belongs_to_the_innermost, domain)
{
    set_scene(domain);
    cc_guard_t *outer = cc_guard_enter(domain);
    hold(3);
    cc_guard_t *inner = cc_guard_enter(domain);
    hold(4);
    cc_guard_leave(inner);
    hold(5);
    remove_elsewhere(3);
    remove_elsewhere(4);
    remove_elsewhere(5);
    expect_held(3);
    expect_held(5);
    cr_assert_eq(counted_times(&scene.values[4]), scene.slots);
    cc_guard_leave(outer);
    expect_free(3);
    expect_free(4);
    expect_free(5);
    end_scene();
}

/* The innermost of the map's domain: those of other domains between them do not count. */
RECLAIMING_SCHEME_TEST(guard, nests_per_domain, domain)
{
    cc_domain_t *another = make_domain(CC_SMR_IBR);
    set_scene(domain);
    cc_guard_t *ours = cc_guard_enter(domain);
    cc_guard_t *theirs = cc_guard_enter(another);
    hold(3);
    cc_guard_leave(theirs);
    remove_elsewhere(3);
    expect_held(3);
    theirs = cc_guard_enter(another);
    cc_guard_leave(ours);
    expect_free(3);
    cc_guard_leave(theirs);
    cr_assert_eq(cc_domain_destroy(another), 0);
    end_scene();
}

/* More than a record has frames of its own; twice, so that the added ones are used again. */
RECLAIMING_SCHEME_TEST(guard, nests_as_deep_as_one_likes, domain)
{
    cc_guard_t *guards[VALUES];
    set_scene(domain);
    for (int i = 0; i < VALUES; i++)
        guards[i] = cc_guard_enter(domain);
    cr_assert_eq(snapshot_of(domain).guards, (uint64_t)VALUES);
    for (int i = VALUES - 1; i >= 0; i--)
        cc_guard_leave(guards[i]);
    for (uint64_t i = 0; i < VALUES; i++) {
        guards[i] = cc_guard_enter(domain);
        cr_assert_not_null(guards[i]);
        hold(i);
    }
    for (uint64_t i = 0; i < VALUES; i++)
        remove_elsewhere(i);
    for (int i = VALUES - 1; i >= 0; i--) {
        cr_assert_eq(try_hard(), -ETIMEDOUT);
        size_t held = scene.slots ? (size_t)i + 1 : VALUES;
        cr_assert_eq(counted_with(scene.values, held, 0), held, "%d guards are open", i + 1);
        cr_assert_eq(counted_with(scene.values, VALUES, 1), VALUES - held);
        cc_guard_leave(guards[i]);
    }
    expect_free(0);
    end_scene();
}

/* ---- destroyed maps */

/* A guard outlives the map that the value came from. */
RECLAIMING_SCHEME_TEST(guard, holds_beyond_the_end_of_the_map, domain)
{
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    cr_assert_eq(cc_skiplist64_destroy(scene.map), 0);
    expect_held(3);
    if (scene.slots)
        cr_assert_eq(counted_with(scene.values, VALUES, 1), (size_t)VALUES - 1);
    cc_guard_leave(guard);
    cr_assert_eq(try_hard(), 0);
    cr_assert_eq(counted_with(scene.values, VALUES, 1), (size_t)VALUES);
    actor_stop(&scene.other);
}

#ifndef CC_TEST_ADAPTERS
Test(guard, leaking_holds_everything_until_the_domain_ends)
{
    cc_domain_t *domain = make_domain(CC_SMR_LEAK);
    set_scene(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    hold(3);
    remove_elsewhere(3);
    remove_elsewhere(4);
    cr_assert_eq(try_hard(), -ENOTSUP);
    cc_guard_refresh(guard);
    cc_guard_release(guard, &scene.values[3]);
    cc_guard_leave(guard);
    cr_assert_eq(try_hard(), -ENOTSUP);
    cr_assert_eq(counted_with(scene.values, VALUES, 0), (size_t)VALUES);
    end_scene();
    cr_assert_eq(cc_domain_destroy(domain), 0);
    cr_assert_eq(counted_with(scene.values, VALUES, 1), (size_t)VALUES);
}
#endif
