/* Which object file does a symbol of this process come from? */
#ifndef CC_ALLOC_PROVIDER_H
#define CC_ALLOC_PROVIDER_H

#include <dlfcn.h>
#include <stddef.h>

/* NULL: not found. Looks the name up instead of taking the function's address, which in some executables is that of a
 * stub of their own. */
static inline const char *cc__provider_of(const char *symbol)
{
    Dl_info info;
    void *address = dlsym(RTLD_DEFAULT, symbol);
    return address != NULL && dladdr(address, &info) != 0 ? info.dli_fname : NULL;
}

#endif
