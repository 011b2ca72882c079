/* No reclamation: retired objects stay in limbo until the domain is destroyed. See leak.h. */
#include "smr/types.h"

const cc__scheme_t cc__scheme_leak = {
    .name = "leak",
    .ticks = false,
    .slots = false,
    .reclaims = false,
    .rounds = 0,
    .round_begin = NULL,
    .may_free = NULL,
};
