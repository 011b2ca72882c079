/* mimalloc behind the glue. Written for 2.0.9, whose traps are named where they are stepped round. */
#include "alloc/backend.h"
#include "base/atomic.h"

#include <mimalloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

enum {
    NATURAL_ALIGNMENT = 64, /* what size classes of multiples of 64 have by themselves, up to NATURAL_MAX */
    NATURAL_MAX = 32 * 1024,
    ALIGNED_CALL_MAX = 128, /* mi_malloc_aligned(256..1024, 256..1024) returns misaligned blocks */
};

/* Until a block is seen that denies it. Relaxed: a stale `true` costs one block tried in vain. */
static CC__ATOMIC(bool) naturally_aligned = true;

static bool is_aligned(const void *ptr, size_t alignment)
{
    return ((uintptr_t)ptr & (alignment - 1)) == 0;
}

void *cc__backend_alloc(size_t size)
{
    return mi_malloc(size);
}

void *cc__backend_calloc(size_t size)
{
    return mi_zalloc(size);
}

static void *alloc_aligned_call(size_t size, size_t alignment)
{
    return alignment <= ALIGNED_CALL_MAX ? mi_malloc_aligned(size, alignment)
                                         : mi_malloc_aligned_at(size, alignment, 0);
}

/* Nodes come here. The aligned call would take twice the time at 192 bytes, and 25 % more memory from 2 KiB on; that
 * the plain one is aligned is not documented, so each block is looked at. */
void *cc__backend_alloc_aligned(size_t size, size_t alignment)
{
    bool natural = alignment <= NATURAL_ALIGNMENT && size % NATURAL_ALIGNMENT == 0 && size <= NATURAL_MAX;
    if (!natural || !cc__load_relaxed(&naturally_aligned))
        return alloc_aligned_call(size, alignment);
    void *ptr = mi_malloc(size);
    if (__builtin_expect(is_aligned(ptr, alignment), 1))
        return ptr;
    mi_free(ptr);
    cc__store_relaxed(&naturally_aligned, false);
    return alloc_aligned_call(size, alignment);
}

void cc__backend_free(void *ptr)
{
    mi_free(ptr);
}

size_t cc__backend_usable_size(const void *ptr)
{
    return mi_usable_size(ptr);
}

/* An answer of yes is worth something only if the same question about our own stack is answered no. */
bool cc__backend_owns(const void *ptr)
{
    char on_the_stack = 0;
    return mi_is_in_heap_region(ptr) && !mi_is_in_heap_region(&on_the_stack);
}

const char *cc__backend_name(void)
{
    return "mimalloc";
}

static char version[32];

/* 209 is 2.0.9; from 10000 on there are two digits each for minor and patch. */
static void format_version(void)
{
    int v = mi_version();
    int base = v >= 10000 ? 100 : 10;
    snprintf(version, sizeof version, "%d.%d.%d", v / (base * base), v / base % base, v % base);
}

const char *cc__backend_version(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, format_version);
    return version;
}
