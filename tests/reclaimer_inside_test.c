/* The contract of opts.reclaimer where only a look inside can tell. Linked with the library's hidden symbols. */
#include "smr/types.h"

#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

/* "However much" is more than any number of bytes, also when a quarter of what was left is added to it: with a limit that has
 * gone round the thread would have enough at once, and would not sleep any more. */
Test(reclaimer_inside, its_limit_does_not_overflow)
{
    enum { OBJECTS = 100, LOOKS = 5 };
    static counted_t objects[OBJECTS];
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain = NULL;
    opts.scheme = CC_SMR_EPOCH; /* where a guard holds all that is retired */
    opts.reclaimer = CC_RECLAIM_THREAD;
    opts.reclaim_bytes = UINT64_MAX;
    opts.reclaim_ns = MILLISECOND;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_not_null(guard);
    for (int i = 0; i < OBJECTS; i++)
        cr_assert_eq(counted_retire(domain, &objects[i]), 0);
    uint64_t before = snapshot_of(domain).scans;
    for (int i = 0; i < 10000 && snapshot_of(domain).scans < before + LOOKS; i++) {
        cr_assert_eq(atomic_load(&domain->wake_at), UINT64_MAX);
        sleep_ms(1);
    }
    cr_assert_geq(snapshot_of(domain).scans, before + LOOKS);
    cr_assert_eq(atomic_load(&domain->wake_at), UINT64_MAX);
    cc_guard_leave(guard);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    cr_assert_eq(counted_with(objects, OBJECTS, 1), (size_t)OBJECTS);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}
