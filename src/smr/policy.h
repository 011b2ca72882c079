/* The one file that knows which reclamation scheme a structure is being compiled for.
 *
 * A structure is written once, as a *_tmpl.c, and compiled per scheme with -DCC_SCHEME=...; each scheme's
 * header defines the verbs below as static inline functions, so that nothing on the read path is an indirect
 * call.
 *
 *   smr_begin(rec)            the operation begins; from here to smr_end nothing that it reaches is freed
 *   SMR_SEARCH step(void *op) defines a SEARCH: a function of the operation, restartable at any instruction
 *   smr_search(rec, step, op) runs it
 *   smr_enter(rec, foreign)   its first statement; foreign: it may call a function of the user (a comparator). What it
 *                             returns, a smr_hold_t, stays in registers
 *   smr_read(&hold, link)     reads a link of a node
 *   smr_commit(rec, ...)      its last statement: names the objects (or NULL), CC_COMMIT_SLOTS at most, that the WRITE which
 *                             follows will touch, and at which the next SEARCH may begin
 *   smr_leave(rec)            its last statement if there is none
 *   smr_birth(rec)            the birth epoch of a node about to be allocated
 *   SMR_SLOTS                 a value given to a guard must be stored in one of its slots
 *   smr_end(rec)              the operation ends
 *
 * The discipline that makes one source right under every scheme:
 *
 *   prepare   may allocate; nothing is held
 *   begin
 *   SEARCH    reads only, through smr_read. It can be thrown back to its beginning at any instruction, so it
 *             changes none of its inputs, and writes nothing but its results, its own stack and its guard's
 *             slots; no allocation, no lock, no system call, no call of a function that is not inlined
 *   commit    names what WRITE will touch
 *   WRITE     touches committed objects only; copies pointers found in them, never follows them. It may be followed
 *             by another SEARCH, which begins at the head or at an object committed last: what was linked then is
 *             still linked if its own link is not marked
 *   end       then retires, frees, calls back
 *
 * The read rule (IBR): a node reached by a link is safe only if the node that holds the link was still linked
 * when the link was last read. So: advance only over unmarked links; on a mark, unlink, or begin again.
 * docs/smr-ibr.md has the schedule that breaks anything less. */
#ifndef CC_SMR_POLICY_H
#define CC_SMR_POLICY_H

#include "smr/checkpoint.h"

/* What a SEARCH calls: it must lie in the SEARCH's section. Under a sanitizer no thread is thrown out of one by the kernel's word,
 * and the compiler has half the work. */
#if CC__SANITIZED
#define SMR_INLINE static inline
#else
#define SMR_INLINE static inline __attribute__((always_inline))
#endif

#define CC__SCHEME_IBR   1
#define CC__SCHEME_EPOCH 2
#define CC__SCHEME_LEAK  3
#define CC__SCHEME_DEBRA 4
#define CC__SCHEME_URCU  5 /* this and the next: grace periods of another library, where it was found */
#define CC__SCHEME_CK    6

#if CC_SCHEME == CC__SCHEME_IBR
#include "smr/ibr.h"
#define SMR_NAME ibr
#elif CC_SCHEME == CC__SCHEME_DEBRA
#include "smr/debra.h"
#define SMR_NAME debra
#elif CC_SCHEME == CC__SCHEME_EPOCH
#include "smr/epoch.h"
#define SMR_NAME epoch
#elif CC_SCHEME == CC__SCHEME_LEAK
#include "smr/leak.h"
#define SMR_NAME leak
#elif CC_SCHEME == CC__SCHEME_URCU
#include "smr/urcu.h"
#define SMR_NAME urcu
#elif CC_SCHEME == CC__SCHEME_CK
#include "smr/ck.h"
#define SMR_NAME ck
#else
#error "CC_SCHEME must name a reclamation scheme"
#endif

#endif
