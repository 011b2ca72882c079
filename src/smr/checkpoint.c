#include "smr/checkpoint.h"

#include "base/assert.h"

#include <signal.h>

/* The linker's names for the bounds of the section in which every SEARCH lies (smr/debra.h). */
extern const char __start_cc_search[] __attribute__((visibility("hidden"), weak));
extern const char __stop_cc_search[] __attribute__((visibility("hidden"), weak));

#if defined(__x86_64__)
#define INTERRUPTED_AT(context) ((context)->uc_mcontext.gregs[REG_RIP])
#elif defined(__aarch64__)
#define INTERRUPTED_AT(context) ((context)->uc_mcontext.pc)
#endif

bool cc__checkpoint_in_search(const ucontext_t *context)
{
#if defined(__SANITIZE_THREAD__)
    /* It runs handlers late, in the middle of an access that it intercepts, never on top of another handler. */
    (void)context;
    return true;
#elif defined(INTERRUPTED_AT)
    const char *at = (const char *)(uintptr_t)INTERRUPTED_AT(context);
    return at >= __start_cc_search && at < __stop_cc_search;
#else
    (void)context;
    return false; /* such a thread is waited for */
#endif
}

#if CC__CHECKPOINT_NATIVE

/* As if it were called once more. Its return address stands below at->stack. */
void cc__checkpoint_restart(cc__checkpoint_t *at, ucontext_t *context)
{
    greg_t *registers = context->uc_mcontext.gregs;
    CC_ASSERT((uintptr_t)at->stack % 16 == 0);
    registers[REG_RSP] = (greg_t)((uintptr_t)at->stack - sizeof(void *));
    registers[REG_RBP] = (greg_t)(uintptr_t)at->frame;
    registers[REG_RDI] = (greg_t)(uintptr_t)at->op;
    registers[REG_RIP] = (greg_t)(uintptr_t)at->search;
}

#else

void cc__checkpoint_run(cc__checkpoint_t *at, cc__search_fn *search, void *op)
{
    (void)sigsetjmp(at->env, 0);
    search(op);
}

/* The mask is restored here, on the rare path, not saved by every sigsetjmp, which would be a system call each time. */
void cc__checkpoint_restart(cc__checkpoint_t *at, ucontext_t *context)
{
    pthread_sigmask(SIG_SETMASK, &context->uc_sigmask, NULL);
    siglongjmp(at->env, 1);
}

#endif
