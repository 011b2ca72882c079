/* Plain accesses of the library: what -fsanitize=thread makes the compiler call at each of them, whose own runtime is not
 * linked; and memset, memcpy and memcmp, which shim/model_env.h sends here. A signal may arrive at any of them. */
#include "inside.h"

#include <string.h>

static inline void plain(const void *at, size_t size, model_access_t access)
{
    if (model_signals)
        model_signal_take(model_client()->points == NULL);
    model_touch(at, size, access, NULL);
}

#define PLAIN(n)                                                                                                       \
    void __tsan_read##n(void *p);                                                                                      \
    void __tsan_write##n(void *p);                                                                                     \
    void __tsan_unaligned_read##n(void *p);                                                                            \
    void __tsan_unaligned_write##n(void *p);                                                                           \
    void __tsan_read##n(void *p)                                                                                       \
    {                                                                                                                  \
        plain(p, n, MODEL_PLAIN_READ);                                                                                 \
    }                                                                                                                  \
    void __tsan_write##n(void *p)                                                                                      \
    {                                                                                                                  \
        plain(p, n, MODEL_PLAIN_WRITE);                                                                                \
    }                                                                                                                  \
    void __tsan_unaligned_read##n(void *p)                                                                             \
    {                                                                                                                  \
        plain(p, n, MODEL_PLAIN_READ);                                                                                 \
    }                                                                                                                  \
    void __tsan_unaligned_write##n(void *p)                                                                            \
    {                                                                                                                  \
        plain(p, n, MODEL_PLAIN_WRITE);                                                                                \
    }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_read_range(void *p, size_t n);
void __tsan_write_range(void *p, size_t n);
void __tsan_init(void)
{
}
void __tsan_func_entry(void *pc)
{
    (void)pc;
}
void __tsan_func_exit(void)
{
}
void __tsan_read_range(void *p, size_t n)
{
    plain(p, n, MODEL_PLAIN_READ);
}
void __tsan_write_range(void *p, size_t n)
{
    plain(p, n, MODEL_PLAIN_WRITE);
}

void *model_memset(void *to, int byte, size_t n)
{
    plain(to, n, MODEL_PLAIN_WRITE);
    return memset(to, byte, n);
}

void *model_memcpy(void *to, const void *from, size_t n)
{
    plain(from, n, MODEL_PLAIN_READ);
    plain(to, n, MODEL_PLAIN_WRITE);
    return memcpy(to, from, n);
}

int model_memcmp(const void *a, const void *b, size_t n)
{
    plain(a, n, MODEL_PLAIN_READ);
    plain(b, n, MODEL_PLAIN_READ);
    return memcmp(a, b, n);
}
