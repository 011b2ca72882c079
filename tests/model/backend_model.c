/* The model checker's memory behind the allocation glue. */
#include "alloc/backend.h"
#include "model.h"

#include <string.h>

void *cc__backend_alloc(size_t size)
{
    return model_alloc(size, 16);
}

void *cc__backend_calloc(size_t size)
{
    return model_memset(model_alloc(size, 16), 0, size);
}

void *cc__backend_alloc_aligned(size_t size, size_t alignment)
{
    return model_alloc(size, alignment);
}

void cc__backend_free(void *ptr)
{
    model_free(ptr);
}

size_t cc__backend_usable_size(const void *ptr)
{
    return model_alloc_size(ptr);
}

bool cc__backend_owns(const void *ptr)
{
    (void)ptr;
    return true;
}

const char *cc__backend_name(void)
{
    return "model";
}

const char *cc__backend_version(void)
{
    return "";
}
