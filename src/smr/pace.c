/* A crowd: threads that are in the midst of an operation, many to a processor. Then what a thread let wait is in no cache any more
 * when its turn comes again, and as much of it waits as there are threads. So rounds come sooner. They cost a heavy fence,
 * which interrupts processors, not threads; where each thread has a processor for itself, rounds are dearest, and nothing
 * changes. Threads that do nothing are no crowd. Epochs do not move faster for more rounds, so this is for the schemes that need
 * not wait for who lost the processor.
 *
 * All loads are relaxed: a stale count makes a round come a little sooner or later.
 *
 * Test: domain_look_test (a_crowd_waits_less). */
#include "smr/pace.h"

#include <sched.h>

enum { CROWD = 4, LARGE_CROWD = 16 }; /* to a processor */

uint32_t cc__pace_processors(void)
{
    cpu_set_t all;
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return CPU_SETSIZE; /* it has more than this knows of */
    return (uint32_t)CPU_COUNT(&all);
}

static bool is_inside(const cc__rec_t *rec)
{
    return cc__load_relaxed(&rec->lower) != CC__IDLE || cc__load_relaxed(&rec->announce) != CC__QUIESCENT;
}

uint32_t cc__pace_haste(cc_domain_t *domain)
{
    uint32_t crowd = CROWD * domain->processors, large = LARGE_CROWD * domain->processors, inside = 0;
    if (!domain->scheme->slots || cc__load_relaxed(&domain->threads) < crowd)
        return 0;
    /* [pace.recs] pairs with [registry.publish]: the record is initialized. */
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL && inside < large; rec = rec->next)
        inside += is_inside(rec);
    return inside >= large ? 2 : inside >= crowd;
}
