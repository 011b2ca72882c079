/* Sweeps: one call, with each of its allocations failing in turn.
 *
 * For k = 1, 2, ...: a world is set up, the k-th allocation of the call is made to fail (alone, or with all that
 * follow), the call is made, and judged: it has succeeded in spite of it, or has returned -ENOMEM and changed
 * nothing, and then succeeds when made again. The sweep ends with the first k that the call does not reach. After
 * each k nothing that was allocated is left. Callers of three kinds make the call, see sweep_caller_t. */
#ifndef FAULT_SWEEP_H
#define FAULT_SWEEP_H

#include "../schemes.h"
#include "scenario.h"

/* Who makes the call. */
typedef enum {
    SWEEP_READY = 1, /* the thread that set the world up: attached, with room for retirements left over */
    SWEEP_BARE = 2,  /* the same, detached before: it attaches anew, and has no room */
    SWEEP_NEW = 4,   /* a thread that the library has never seen */
    SWEEP_ALL = 7
} sweep_caller_t;

/* Sets of schemes: bit number i is the scheme i. */
#define SWEEP_BIT_(name, scheme, ...) | 1 << (scheme)
enum {
    SWEEP_SLOTS = 0 EACH_SLOT_SCHEME(SWEEP_BIT_),
    SWEEP_RECLAIMING = 0 EACH_RECLAIMING_SCHEME(SWEEP_BIT_),
    SWEEP_EVERY_SCHEME = 0 EACH_SCHEME(SWEEP_BIT_)
};

typedef struct {
    const char *name;
    unsigned callers;             /* sweep_caller_t, or-ed */
    unsigned enomem_under;        /* the schemes under which some k must make it fail; under others none may */
    int64_t success;              /* what it returns otherwise */
    void (*prepare)(void *world); /* NULL: nothing */
    int64_t (*call)(void *world);
    void (*effect)(void *world); /* notes what a successful call has changed. NULL: nothing */
} sweep_call_t;

typedef struct {
    size_t world_size;
    void (*set_up)(void *world, cc_smr_scheme_t scheme); /* of zeroed memory; the domain is left to the suite */
    cc_domain_t *(*domain)(void *world);                 /* the one a SWEEP_BARE caller is detached from */
    void (*check)(void *world);                          /* all is as noted */
    void (*tear_down)(void *world);
    const sweep_call_t *calls;
    size_t count;
} sweep_suite_t;

void sweep_run(const sweep_suite_t *suite, cc_smr_scheme_t scheme);

/* Out parameters hold this before the call. */
#define SWEEP_UNTOUCHED ((void *)0x5EE9)

#endif
