/* Where a thread goes on when it is thrown out of a SEARCH: at the beginning of that SEARCH.
 *
 * A SEARCH is a function of one argument, so going back means entering it again on the same stack, where its return
 * address still stands. Natively the signal handler does that by changing the interrupted thread's registers and
 * returning: the kernel then restores its signal mask as well, and no system call is made. Sanitizers have to be told
 * (siglongjmp), and so has any processor that this was not written for. */
#ifndef CC_SMR_CHECKPOINT_H
#define CC_SMR_CHECKPOINT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CC__SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define CC__SANITIZED 1
#endif
#endif
#ifndef CC__SANITIZED
#define CC__SANITIZED 0
#endif

#if defined(__x86_64__) && !CC__SANITIZED
#define CC__CHECKPOINT_NATIVE 1
#else
#define CC__CHECKPOINT_NATIVE 0
#endif

typedef void cc__search_fn(void *op);

typedef struct {
#if CC__CHECKPOINT_NATIVE
    void *stack, *frame; /* at the call */
    cc__search_fn *search;
    void *op;
#else
    sigjmp_buf env;
#endif
} cc__checkpoint_t;

/* Calls search(op), again from the beginning after every cc__checkpoint_restart. */
#if CC__CHECKPOINT_NATIVE

#ifdef __AVX512F__
#define CC__CHECKPOINT_AVX512                                                                                          \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",      \
        "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define CC__CHECKPOINT_AVX512
#endif

/* Inline, because saving registers in a function of its own was most of what DEBRA+ cost a short search. All registers are
 * given up: thrown back, a SEARCH finds in none of them what it would have to preserve, but for the frame pointer, which
 * the handler restores. The call needs what every call needs, so:
 *   - nobody keeps anything below the stack pointer: the library is compiled without a red zone
 *   - the stack is aligned: who calls this calls an ordinary function as well, and goes on behind it (smr_search does), and
 *     compilers align the stack of such a function once. cc__checkpoint_restart looks. */
static inline __attribute__((always_inline)) void cc__checkpoint_run(cc__checkpoint_t *at, cc__search_fn *search,
                                                                     void *op)
{
    __asm__ volatile("mov %%rsp, 0(%[at])\n\t"
                     "mov %%rbp, 8(%[at])\n\t"
                     "mov %[search], 16(%[at])\n\t"
                     "mov %%rdi, 24(%[at])\n\t"
                     "call *%[search]"
                     : [at] "+a"(at), [search] "+S"(search), "+D"(op)
                     :
                     : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
                       "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
                       "xmm13", "xmm14", "xmm15" CC__CHECKPOINT_AVX512, "cc", "memory");
}

#else
void cc__checkpoint_run(cc__checkpoint_t *at, cc__search_fn *search, void *op) __attribute__((visibility("hidden")));
#endif

/* In the signal handler of a thread that is inside cc__checkpoint_run: it goes on at the beginning of the search, with
 * the signal mask of `context`. Need not return. */
void cc__checkpoint_restart(cc__checkpoint_t *at, ucontext_t *context);

/* Does the interrupted thread stand in the code of a SEARCH? */
bool cc__checkpoint_in_search(const ucontext_t *context);

#endif
