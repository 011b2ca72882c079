/* What an allocator must offer to serve the glue. Exactly one of backend_mimalloc.c, backend_system.c and
 * backend_mock.c (tests: fails the k-th call, poisons what is freed) is linked. */
#ifndef CC_ALLOC_BACKEND_H
#define CC_ALLOC_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

/* Arguments were checked by the glue: size is not 0, alignment is a power of two, nothing overflows. */
void *cc__backend_alloc(size_t size);
void *cc__backend_calloc(size_t size);
void *cc__backend_alloc_aligned(size_t size, size_t alignment);
void cc__backend_free(void *ptr);
size_t cc__backend_usable_size(const void *ptr); /* what the block really occupies; the same until it is freed */

/* Does this live block belong to this allocator, as far as the allocator itself can say? */
bool cc__backend_owns(const void *ptr);
const char *cc__backend_name(void);
const char *cc__backend_version(void);

#endif
