#include "base/fence.h"

#if CC_ASYMMETRIC_FENCES

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

bool cc__fence_asymmetric;

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0);
}

/* Runs when the library is loaded, so before any reader. The registration survives fork. */
__attribute__((constructor)) static void probe(void)
{
    long commands = membarrier(MEMBARRIER_CMD_QUERY);
    cc__fence_asymmetric = commands > 0 && (commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 &&
                           membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
                           membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
}

bool cc__fence_heavy(void)
{
    if (cc__fence_asymmetric)
        return membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0; /* [fence.heavy] pairs with [fence.light] */
    cc__fence_seq_cst(); /* [fence.heavy] pairs with [fence.light]: the symmetric variant */
    return true;
}

#else

bool cc__fence_heavy(void)
{
    cc__fence_seq_cst(); /* [fence.heavy] pairs with [fence.light]: the symmetric variant */
    return true;
}

#endif
