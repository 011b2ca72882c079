/* Hints to the processor. They change no value and order nothing. */
#ifndef CC_BASE_PREFETCH_H
#define CC_BASE_PREFETCH_H

#include <stdint.h>

/* The line will be read soon, by then unchanged. */
static inline void cc__prefetch_read(const volatile void *p)
{
    __builtin_prefetch((const void *)(uintptr_t)p);
}

/* The line will be written soon: fetches it for that at once. A load followed by a read-modify-write of a contended line
 * otherwise moves the line twice. */
static inline void cc__prefetch_write(const volatile void *p)
{
#if defined(__x86_64__)
    __asm__ volatile("prefetchw %0" : : "m"(*(const volatile char *)p)); /* no operation where it is missing */
#else
    __builtin_prefetch((const void *)(uintptr_t)p, 1);
#endif
}

#endif
