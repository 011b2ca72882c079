/* CC_ASSERT: an invariant that is cheap to check and is checked always; its failure is a bug of the library,
 * so the process stops rather than free the wrong memory. CC_DCHECK: the same for debug builds only. CC_REQUIRE: its failure is
 * a bug of the caller, who is told what it did. */
#ifndef CC_BASE_ASSERT_H
#define CC_BASE_ASSERT_H

_Noreturn void cc__assert_failed(const char *what, const char *file, int line);

#define CC_ASSERT(cond)                                                                                                \
    do {                                                                                                               \
        if (__builtin_expect(!(cond), 0))                                                                              \
            cc__assert_failed(#cond, __FILE__, __LINE__);                                                              \
    } while (0)

_Noreturn void cc__misused(const char *what);

#define CC_REQUIRE(cond, what)                                                                                         \
    do {                                                                                                               \
        if (__builtin_expect(!(cond), 0))                                                                              \
            cc__misused(what);                                                                                         \
    } while (0)

#ifdef NDEBUG
#define CC_DCHECK(cond) ((void)sizeof(cond))
#else
#define CC_DCHECK(cond) CC_ASSERT(cond)
#endif

#endif
