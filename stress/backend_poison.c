/* backend_poison.c: malloc behind the library's glue, for the jittery build: a freed node is poisoned, and stays so for
 * a while. A link read out of it leads nowhere and ends the process; with a sanitizer malloc does all that better. */
#include "alloc/backend.h"

#include "sanitizer.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { POISON = 0x02, RING = 4096 }; /* as a link: not marked, and no address; as a number: small */

#if !STRESS_SANITIZED
static _Atomic(void *) ring[RING];
static atomic_uint ring_at;
#endif

void *cc__backend_alloc(size_t size)
{
    return malloc(size);
}

void *cc__backend_calloc(size_t size)
{
    return calloc(1, size);
}

void *cc__backend_alloc_aligned(size_t size, size_t alignment)
{
    void *ptr;
    if (alignment < sizeof ptr)
        alignment = sizeof ptr;
    return posix_memalign(&ptr, alignment, size) == 0 ? ptr : NULL;
}

void cc__backend_free(void *ptr)
{
#if !STRESS_SANITIZED
    if (ptr != NULL) {
        memset(ptr, POISON, malloc_usable_size(ptr));
        unsigned at = atomic_fetch_add_explicit(&ring_at, 1, memory_order_relaxed) % RING;
        ptr = atomic_exchange_explicit(&ring[at], ptr, memory_order_acq_rel);
    }
#endif
    free(ptr);
}

size_t cc__backend_usable_size(const void *ptr)
{
    return malloc_usable_size((void *)(uintptr_t)ptr); /* reads only; the parameter is historical */
}

bool cc__backend_owns(const void *ptr)
{
    return cc__backend_usable_size(ptr) != 0;
}

const char *cc__backend_name(void)
{
    return STRESS_SANITIZED ? "system" : "malloc with poison";
}

const char *cc__backend_version(void)
{
    return "unknown";
}
