/* The contract of all ordered maps, whose verbs differ in the type of the keys only: this body is compiled once for each
 * map with uint64 keys (skiplist64_test.c, bst64_test.c) and each with byte strings (bytes_contract.h).
 *
 * The including source defines, before it includes this:
 *   SUITE, VERB(name)          the suite's name; the public function, cc_skiplist64_get for VERB(get)
 *   map_t                      the type of the handle
 *   cursor_t                   the type of its cursors
 *   FROZEN(name), frozen_t     the functions of its frozen copies; their handle
 *   KEY(n)                     the key that stands for the number n; their orders are the same
 *   sorted_key_t, key_number    a key as it is passed; the number that it stands for
 *   MAP_HAS_PREFIX             if it has prefix ranges
 *   VISITOR(name)              head of a range visitor, with the parameters n, value, ctx
 *   out_t, OUT(o), out_number  room for a key that is given out; how to pass it; the number of what came out, or
 *                              OUT_UNTOUCHED if nothing did since OUT */
#ifndef CC_TEST_MAP_CONTRACT_H
#define CC_TEST_MAP_CONTRACT_H

#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Tests of this suite: with the domain of each scheme in turn, with those that reclaim, without. The detour expands
 * SUITE, which must not arrive as such where names are pasted. */
#define MAP_SCHEME_TEST(name, domain)             MAP_SCHEME_TEST_(SUITE, name, domain)
#define MAP_SCHEME_TEST_(suite, name, domain)     SCHEME_TEST(suite, name, domain)
#define MAP_RECLAIMING_TEST(name, domain)         MAP_RECLAIMING_TEST_(SUITE, name, domain)
#define MAP_RECLAIMING_TEST_(suite, name, domain) RECLAIMING_SCHEME_TEST(suite, name, domain)
#define MAP_TEST(name)                            MAP_TEST_(SUITE, name)
#define MAP_TEST_(suite, name)                    Test(suite, name)

static map_t *make_map(cc_domain_t *domain, cc_reclaim_fn *value_reclaim)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    map_t *map = NULL;
    opts.value_reclaim = value_reclaim;
    opts.value_size = sizeof(counted_t);
    cr_assert_eq(VERB(create)(domain, &opts, &map), 0);
    return map;
}

#include "contract/arguments.h"
#include "contract/verbs.h"

#include "contract/ordered.h"
#include "contract/ownership.h"
#include "contract/pop.h"
#include "contract/range.h"
#include "contract/shrink.h"

#include "contract/guarded.h"
#include "contract/random.h"

#include "contract/cursor.h"
#include "contract/walk.h"

#include "contract/make.h"
#include "contract/same_input.h"
#include "contract/threads.h"

#include "contract/bound.h"
#include "contract/freeze.h"
#include "contract/inline.h"

#endif
