/* The public allocation calls: check the arguments, ask the back end, count. */
#include "cc/alloc.h"

#include "alloc/backend.h"
#include "alloc/stats.h"
#include "base/assert.h"

#define SIZE_LIMIT ((size_t)PTRDIFF_MAX)

static bool good_size(size_t size)
{
    return size - 1 < SIZE_LIMIT; /* 0 wraps round and fails too */
}

/* The block's own size, not the caller's: only the former is sure to be the same number when the block is freed. */
static void *counted(void *ptr)
{
#if CC_ALLOC_STATS
    if (ptr != NULL)
        cc__alloc_stats_count_alloc(cc__backend_usable_size(ptr));
#endif
    return ptr;
}

void *cc_alloc(size_t size)
{
    return good_size(size) ? counted(cc__backend_alloc(size)) : NULL;
}

void *cc_calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total) || !good_size(total))
        return NULL;
    return counted(cc__backend_calloc(total));
}

void *cc_alloc_aligned(size_t size, size_t alignment)
{
    bool power_of_two = alignment != 0 && (alignment & (alignment - 1)) == 0;
    if (!power_of_two || !good_size(size) || alignment > SIZE_LIMIT - size)
        return NULL;
    return counted(cc__backend_alloc_aligned(size, alignment));
}

void *cc_alloc_node(size_t size)
{
    const size_t line = CC_CACHE_LINE_SIZE;
    if (!good_size(size) || size > SIZE_LIMIT - (line - 1))
        return NULL;
    return counted(cc__backend_alloc_aligned((size + line - 1) & ~(line - 1), line));
}

void cc_free(void *ptr, size_t size)
{
    CC_DCHECK(ptr == NULL || (size != 0 && size <= cc__backend_usable_size(ptr)));
    cc_free_unsized(ptr);
}

void cc_free_unsized(void *ptr)
{
    if (ptr == NULL)
        return;
#if CC_ALLOC_STATS
    cc__alloc_stats_count_free(cc__backend_usable_size(ptr));
#endif
    cc__backend_free(ptr);
}

#if !CC_ALLOC_STATS

void cc_alloc_stats_enable(bool enable)
{
    (void)enable;
}

cc_alloc_snapshot_t cc_alloc_stats_snapshot(void)
{
    return (cc_alloc_snapshot_t){0};
}

void cc_alloc_stats_reset(void)
{
}

#endif
