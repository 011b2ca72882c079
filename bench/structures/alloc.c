#include "../contender.h"

#include <cc/alloc.h>

static contender_t sized = {
    .name = "cc_alloc",
    .kind = "alloc",
    .allocate = cc_alloc,
    .give_back = cc_free,
};
static contender_t node = {
    .name = "cc_alloc_node",
    .kind = "alloc",
    .note = "in cache lines of its own",
    .allocate = cc_alloc_node,
    .give_back = cc_free,
};
BENCH_CONTENDER(sized)
BENCH_CONTENDER(node)
