/* The end of a call passes over the limbo while there is nothing to do in it; what makes work makes it look in time. Linked
 * with the library's hidden symbols, for its thresholds. */
#include "smr/limbo.h"
#include "smr/registry.h"

#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

static counted_t objects[2 * CC_SCAN_ENTRIES];

static void forget_objects(void)
{
    memset(objects, 0, sizeof objects);
}

static void call_idly(cc_domain_t *domain)
{
    cc_guard_leave(cc_guard_enter(domain));
}

/* A thread that looked, found nothing, and will not look for a while. */
static cc__rec_t *pass_over(cc_domain_t *domain)
{
    call_idly(domain);
    cc__rec_t *rec = cc__rec(domain);
    cr_assert_gt(rec->look_at, rec->credit + CC_SCAN_ENTRIES * (CC__CREDIT_RETIRED + 1));
    return rec;
}

static void retire_some(cc_domain_t *domain, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(counted_retire(domain, &objects[i]), 0);
}

RECLAIMING_SCHEME_TEST(look, a_round_begins_as_soon_as_enough_waits, domain)
{
    forget_objects();
    (void)pass_over(domain);
    retire_some(domain, CC_SCAN_ENTRIES - 1);
    cr_assert_eq(snapshot_of(domain).scans, 0);
    cr_assert_eq(counted_retire(domain, &objects[CC_SCAN_ENTRIES - 1]), 0);
    cr_assert_eq(snapshot_of(domain).scans, 1);
}

RECLAIMING_SCHEME_TEST(look, what_a_round_has_released_is_freed_by_the_next_call, domain)
{
    forget_objects();
    (void)pass_over(domain);
    for (int tries = 0; tries < 8 && counted_with(objects, CC_SCAN_ENTRIES, 0) == CC_SCAN_ENTRIES; tries++) {
        if (tries == 0)
            retire_some(domain, CC_SCAN_ENTRIES);
        else
            cc__limbo_scan(cc__rec(domain)); /* epochs: another move */
        call_idly(domain);
    }
    cr_assert_eq(counted_with(objects, CC_SCAN_ENTRIES, 1), CC_SCAN_ENTRIES);
}

/* Callbacks that may not run inside a guard. */
RECLAIMING_SCHEME_TEST(look, what_was_put_off_in_a_guard_runs_when_it_is_left, domain)
{
    forget_objects();
    if (!guards_are_slots(domain))
        return;
    (void)pass_over(domain);
    cc_guard_t *guard = cc_guard_enter(domain);
    retire_some(domain, CC_SCAN_ENTRIES);
    for (int round = 0; round < CC_SCAN_ENTRIES - 1; round++) {
        cc__limbo_scan(cc__rec(domain));
        cr_assert_eq(counted_retire(domain, &objects[CC_SCAN_ENTRIES + round]), 0);
    }
    cr_assert_eq(counted_with(objects, CC_SCAN_ENTRIES, 0), CC_SCAN_ENTRIES);
    cc_guard_leave(guard);
    for (int round = 0; round < 2; round++)
        call_idly(domain);
    cr_assert_eq(counted_with(objects, CC_SCAN_ENTRIES, 1), CC_SCAN_ENTRIES);
}

static void no_op(void *ptr, void *ctx)
{
    (void)ptr;
    (void)ctx;
}

Test(look, half_of_a_cap_begins_a_round)
{
    enum { LARGE = 60 * 1024 };
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = CC_SMR_IBR;
    opts.limbo_bytes_max = 5 * LARGE;
    cc_domain_t *domain = NULL;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    (void)pass_over(domain);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_retire(domain, &objects[i], LARGE, no_op, NULL), 0);
    cr_assert_eq(snapshot_of(domain).scans, 0);
    cr_assert_eq(cc_retire(domain, &objects[2], LARGE, no_op, NULL), 0);
    cr_assert_eq(snapshot_of(domain).scans, 1);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* Or rights would be heaped up while there is nothing to free, and used all at once. */
RECLAIMING_SCHEME_TEST(look, nothing_is_earned_where_nothing_waits, domain)
{
    for (int i = 0; i < 100 * CC__CREDIT_FULL; i++)
        call_idly(domain);
    cr_assert_lt(cc__rec(domain)->credit, 2 * CC__CREDIT_FULL);
}

/* ---- in a crowd */

enum { CROWD = 16 };

static void step_attach(void *domain)
{
    call_idly(domain);
}

/* As if so many of the threads had lost their processor in the midst of an operation. */
static void put_inside(cc_domain_t *domain, int n)
{
    for (cc__rec_t *rec = atomic_load(&domain->recs); rec != NULL; rec = rec->next) {
        if (rec->owner != NULL && rec != cc__rec(domain))
            atomic_store(&rec->lower, n-- > 0 ? 1 : CC__IDLE);
    }
}

static uint64_t room_after_a_round(cc_domain_t *domain)
{
    cc__rec_t *rec = cc__rec(domain);
    cc__limbo_scan(rec);
    return rec->scan_at_bytes;
}

RECLAIMING_SCHEME_TEST(look, a_crowd_waits_less, domain)
{
    actor_t crowd[CROWD];
    bool slots = guards_are_slots(domain);
    domain->processors = 1;
    (void)pass_over(domain);
    for (int i = 0; i < CROWD; i++) {
        actor_start(&crowd[i]);
        actor_do(&crowd[i], step_attach, domain);
    }
    cr_assert_eq(room_after_a_round(domain), CC_SCAN_BYTES, "threads that do nothing are no crowd");
    put_inside(domain, 3);
    cr_assert_eq(room_after_a_round(domain), CC_SCAN_BYTES);
    put_inside(domain, 4);
    cr_assert_eq(room_after_a_round(domain), slots ? CC_SCAN_BYTES / 2 : CC_SCAN_BYTES);
    put_inside(domain, CROWD);
    cr_assert_eq(room_after_a_round(domain), slots ? CC_SCAN_BYTES / 4 : CC_SCAN_BYTES);
    domain->processors = CROWD;
    cr_assert_eq(room_after_a_round(domain), CC_SCAN_BYTES, "each has a processor");
    put_inside(domain, 0);
    for (int i = 0; i < CROWD; i++)
        actor_stop(&crowd[i]);
}
