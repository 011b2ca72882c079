/* What cc/stats.h says of percentiles, by the library's own function. */
#include "test.h"

#include "smr/ages.h"

/* So many that took at most 1, 2, ... microseconds. */
static uint64_t at(uint64_t few, uint64_t more, uint64_t most, unsigned hundredths)
{
    const uint64_t buckets[CC_SMR_BUCKETS] = {few, more, 0, most};
    return cc__ages_percentile(buckets, hundredths);
}

Test(percentiles, are_those_of_all_that_were_counted)
{
    cr_assert_eq(at(0, 0, 0, 50), 0);
    cr_assert_eq(at(1, 0, 0, 50), 1000);
    cr_assert_eq(at(0, 0, 1, 99), 8000);
    cr_assert_eq(at(60, 0, 39, 50), 1000);
    cr_assert_eq(at(140, 0, 59, 50), 1000);
    cr_assert_eq(at(140, 0, 59, 99), 8000);
    cr_assert_eq(at(49, 100, 50, 50), 2000);
    cr_assert_eq(at(50, 0, 50, 50), 1000);
    cr_assert_eq(at(49, 0, 51, 50), 8000);
    cr_assert_eq(at(99, 0, 1, 99), 1000);
    cr_assert_eq(at(98, 0, 2, 99), 8000);
    cr_assert_eq(at(UINT64_C(1) << 62, 0, 1, 99), 1000);
    cr_assert_eq(at(1000, 0, 1, 100), 8000);
}
