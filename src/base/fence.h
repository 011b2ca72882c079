/* Asymmetric fences: readers pay nothing, whoever scans them pays for both.
 *
 *     reader                          scanner
 *     store reservation / slot        unlink the node
 *     cc__fence_light()               cc__fence_heavy()
 *     load link                       load reservation / slot
 *
 * The rule they give together, for any light fence L and heavy fence H that returned true: either everything
 * before L is visible to the loads after H, or everything before H is visible to the loads after L.
 * (If our L came first, the scanner sees our reservation; if its H came first, we see the unlink.)
 *
 * With membarrier the light fence only stops the compiler and the heavy one interrupts every processor that
 * runs this process. Without it (sanitizers, model checking, old kernels, seccomp at start) both are
 * sequentially consistent fences. Which is in force is decided once, before the first reader exists. */
#ifndef CC_BASE_FENCE_H
#define CC_BASE_FENCE_H

#include "base/atomic.h"

#if CC_ASYMMETRIC_FENCES
extern bool cc__fence_asymmetric __attribute__((visibility("hidden")));
#define cc__fence_is_asymmetric() cc__fence_asymmetric
#else
#define cc__fence_is_asymmetric() false
#endif

static inline void cc__fence_light(void)
{
    if (__builtin_expect(cc__fence_is_asymmetric(), 1))
        cc__compiler_fence(); /* [fence.light] pairs with [fence.heavy]: the scanner's membarrier is our fence */
    else
        cc__fence_seq_cst(); /* [fence.light] pairs with [fence.heavy]: a full fence on both sides */
}

/* False only if the kernel refuses membarrier after having granted it (a seccomp filter installed in
 * mid-run): then nothing was ordered and the caller must not reclaim on the strength of it. */
bool cc__fence_heavy(void);

#endif
