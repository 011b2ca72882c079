/* Tagged pointers. A link is a word: the address of an aligned node and, in bit 0, the mark.
 *
 *     63                                   1   0
 *     +-------------------------------------+---+
 *     | node address (64-byte aligned)      | M |   M = 1: the node that HOLDS this link is removed,
 *     +-------------------------------------+---+          and the link will never change again
 */
#ifndef CC_BASE_MARK_H
#define CC_BASE_MARK_H

#include "base/atomic.h"

typedef CC__ATOMIC(uintptr_t) cc__link_t;

#define CC__MARK ((uintptr_t)1)

static inline bool cc__is_marked(uintptr_t word)
{
    return (word & CC__MARK) != 0;
}

static inline void *cc__unmarked(uintptr_t word)
{
    return (void *)(word & ~CC__MARK); // NOLINT(performance-no-int-to-ptr)
}

#endif
