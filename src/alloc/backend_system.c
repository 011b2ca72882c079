/* The C library's malloc behind the glue: sanitizer builds, and -Dallocator=system. Whatever replaces malloc in the
 * process (a sanitizer, a preloaded allocator) is served as well. */
#include "alloc/backend.h"
#include "alloc/provider.h"

#include <gnu/libc-version.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *cc__backend_alloc(size_t size)
{
    return malloc(size);
}

void *cc__backend_calloc(size_t size)
{
    return calloc(1, size);
}

/* Not aligned_alloc: AddressSanitizer insists on a size that is a multiple of the alignment. */
void *cc__backend_alloc_aligned(size_t size, size_t alignment)
{
    void *ptr;
    if (alignment < sizeof(void *))
        alignment = sizeof(void *);
    return posix_memalign(&ptr, alignment, size) == 0 ? ptr : NULL;
}

void cc__backend_free(void *ptr)
{
    free(ptr);
}

size_t cc__backend_usable_size(const void *ptr)
{
    return malloc_usable_size((void *)(uintptr_t)ptr); /* reads only; the parameter is historical */
}

/* Present when a sanitizer serves malloc: it keeps a record of each block. */
extern int __sanitizer_get_ownership(const volatile void *ptr) __attribute__((weak));

static bool same_provider(const char *a, const char *b)
{
    const char *file_a = cc__provider_of(a);
    const char *file_b = cc__provider_of(b);
    return file_a != NULL && file_b != NULL && strcmp(file_a, file_b) == 0;
}

static bool is_glibc_malloc(void)
{
    return same_provider("malloc", "gnu_get_libc_version") && same_provider("malloc", "free") &&
           same_provider("malloc", "malloc_usable_size");
}

static size_t in_use(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* Does glibc's own count follow a block that is too big for its caches? Other threads may hide it: try again. */
static bool glibc_count_follows(void)
{
    enum { PROBE = 256 * 1024, SLACK = 2 * 4096, TRIES = 16 };
    for (int i = 0; i < TRIES; i++) {
        size_t before = in_use();
        void *volatile probe = malloc(PROBE); /* volatile: compilers remove a malloc that nobody looks at */
        size_t moved = in_use() - before;
        free(probe);
        if (probe != NULL && moved >= PROBE && moved <= PROBE + SLACK)
            return true;
    }
    return false;
}

/* glibc keeps no public record of blocks, and a pointer of this file is malloc's by construction: what remains to be
 * shown is that malloc is glibc's, whole, and alive. */
bool cc__backend_owns(const void *ptr)
{
    if (__sanitizer_get_ownership != NULL)
        return __sanitizer_get_ownership(ptr) != 0;
    return is_glibc_malloc() && glibc_count_follows() && cc__backend_usable_size(ptr) != 0;
}

const char *cc__backend_name(void)
{
    return "system";
}

const char *cc__backend_version(void)
{
    return is_glibc_malloc() ? gnu_get_libc_version() : "unknown";
}
