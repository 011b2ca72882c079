#include "smr/checkpoint.h"

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

/* Saves what a called function must preserve, and the stack pointer in *at; then calls. A restart finds on that stack
 * all that it needs. Outside the section: a thread that runs this is quiescent. */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl cc__checkpoint_run\n"
        ".hidden cc__checkpoint_run\n"
        ".type cc__checkpoint_run, @function\n"
        "cc__checkpoint_run:\n"
        "    .cfi_startproc\n"
        "    push %rbp\n"
        "    .cfi_def_cfa_offset 16\n"
        "    .cfi_offset %rbp, -16\n"
        "    mov %rsp, %rbp\n"
        "    .cfi_def_cfa_register %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    .cfi_offset %rbx, -24\n"
        "    .cfi_offset %r12, -32\n"
        "    .cfi_offset %r13, -40\n"
        "    .cfi_offset %r14, -48\n"
        "    .cfi_offset %r15, -56\n"
        "    push %rsi\n"
        "    push %rdx\n"
        "    sub $8, %rsp\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rdx, %rdi\n"
        "    call *%rsi\n"
        "0:  mov -8(%rbp), %rbx\n"
        "    mov -16(%rbp), %r12\n"
        "    mov -24(%rbp), %r13\n"
        "    mov -32(%rbp), %r14\n"
        "    mov -40(%rbp), %r15\n"
        "    leave\n"
        "    .cfi_def_cfa %rsp, 8\n"
        "    ret\n"
        "    .cfi_def_cfa %rbp, 16\n"
        ".globl cc__checkpoint_again\n"
        ".hidden cc__checkpoint_again\n"
        "cc__checkpoint_again:\n"
        "    lea 64(%rsp), %rbp\n"
        "    mov 8(%rsp), %rdi\n"
        "    call *16(%rsp)\n"
        "    jmp 0b\n"
        "    .cfi_endproc\n"
        ".size cc__checkpoint_run, . - cc__checkpoint_run\n");

extern const char cc__checkpoint_again[] __attribute__((visibility("hidden")));

void cc__checkpoint_restart(cc__checkpoint_t *at, ucontext_t *context)
{
    context->uc_mcontext.gregs[REG_RSP] = (greg_t)(uintptr_t)at->stack;
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)cc__checkpoint_again;
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
