/* cc_alloc_info: which allocator serves, shown on live blocks and not by a version string. */
#include "cc/alloc.h"

#include "alloc/backend.h"
#include "alloc/provider.h"
#include "base/thread.h"

#include <errno.h>

/* From the smallest class to a block with a mapping of its own. */
static const size_t sample_sizes[] = {1, 64, 200, 1024, 4096, 32768, 100000, 1 << 20};

enum { SAMPLES = sizeof sample_sizes / sizeof sample_sizes[0] };

typedef struct {
    int64_t alloc_bytes;
    int64_t free_bytes;
} counters_t;

#if CC_ALLOC_STATS
/* This thread's shard only: other threads do not move it, so it can be compared exactly. */
static counters_t own_counters(void)
{
    const cc__thread_t *t = cc__thread_self();
    if (t == NULL) /* no memory: the numbers will not move, and nothing is verified */
        return (counters_t){0};
    /* Relaxed: written by this thread. */
    return (counters_t){cc__load_relaxed(&t->alloc.alloc_bytes), cc__load_relaxed(&t->alloc.free_bytes)};
}

static bool moved_by(counters_t before, int64_t bytes)
{
    counters_t now = own_counters();
    return now.alloc_bytes - before.alloc_bytes == bytes && now.free_bytes - before.free_bytes == bytes;
}
#else
static counters_t own_counters(void)
{
    return (counters_t){0};
}

static bool moved_by(counters_t before, int64_t bytes)
{
    return true;
}
#endif

static void give_back(void **samples)
{
    for (int i = 0; i < SAMPLES; i++)
        cc_free(samples[i], sample_sizes[i]);
}

/* All or none. */
static bool take(void **samples)
{
    bool complete = true;
    for (int i = 0; i < SAMPLES; i++) {
        samples[i] = cc_alloc(sample_sizes[i]);
        complete = complete && samples[i] != NULL;
    }
    if (!complete)
        give_back(samples);
    return complete;
}

int cc_alloc_info(cc_alloc_info_t *out)
{
    if (out == NULL || out->size < sizeof *out)
        return -EINVAL;

    void *samples[SAMPLES];
    counters_t before = own_counters();
    if (!take(samples))
        return -ENOMEM;
    int owned = 0;
    int64_t bytes = 0;
    for (int i = 0; i < SAMPLES; i++) {
        owned += cc__backend_owns(samples[i]);
        bytes += (int64_t)cc__backend_usable_size(samples[i]);
    }
    give_back(samples);
    const char *host = cc__provider_of("malloc");

    out->name = cc__backend_name();
    out->version = cc__backend_version();
    out->verified = owned == SAMPLES && moved_by(before, bytes);
    out->owned_share = (double)owned / SAMPLES;
    out->host_malloc = host != NULL ? host : "unknown";
    return 0;
}
