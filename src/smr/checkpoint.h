/* Where a thread goes on when it is thrown out of a SEARCH: at the beginning of that SEARCH.
 *
 * A SEARCH is a function of one argument, so going back means calling it again on the same stack. Natively the signal
 * handler does that by changing the interrupted thread's registers and returning: the kernel then restores its signal
 * mask as well, and no system call is made. Sanitizers have to be told (siglongjmp), and so has any processor that this
 * was not written for. */
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
    void *stack;
#else
    sigjmp_buf env;
#endif
} cc__checkpoint_t;

/* Calls search(op), again from the beginning after every cc__checkpoint_restart. */
void cc__checkpoint_run(cc__checkpoint_t *at, cc__search_fn *search, void *op) __attribute__((visibility("hidden")));

/* In the signal handler of a thread that is inside cc__checkpoint_run: it goes on at the beginning of the search, with
 * the signal mask of `context`. Need not return. */
void cc__checkpoint_restart(cc__checkpoint_t *at, ucontext_t *context);

/* Does the interrupted thread stand in the code of a SEARCH? */
bool cc__checkpoint_in_search(const ucontext_t *context);

#endif
