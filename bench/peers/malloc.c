/* The malloc of the process: the C library's, or the one that is preloaded. */
#include "../contender.h"

#include <stdlib.h>

static void give_back(void *block, size_t size)
{
    (void)size;
    free(block);
}

#define MALLOC(name_, package_, preload_)                                                                              \
    {                                                                                                                  \
        .name = name_, .kind = "alloc", .package = package_, .preload = preload_, .allocate = malloc,                  \
        .give_back = give_back,                                                                                        \
    }
static contender_t glibc = MALLOC("glibc", "libc6", NULL);
BENCH_CONTENDER(glibc)
#ifdef BENCH_JEMALLOC
static contender_t jemalloc = MALLOC("jemalloc", "libjemalloc2", BENCH_JEMALLOC);
BENCH_CONTENDER(jemalloc)
#endif
#ifdef BENCH_TCMALLOC
static contender_t tcmalloc = MALLOC("tcmalloc", "libtcmalloc-minimal4", BENCH_TCMALLOC);
BENCH_CONTENDER(tcmalloc)
#endif
