/* The one file that knows which reclamation scheme a structure is being compiled for.
 *
 * A structure is written once, as a *_tmpl.c, and compiled per scheme with -DCC_SCHEME=...; each scheme's
 * header defines the verbs below as static inline functions, so that nothing on the read path is an indirect
 * call.
 *
 *   smr_begin(rec)            the operation begins; from here to smr_end nothing that it reaches is freed
 *   smr_search(rec)           a SEARCH begins, or begins again (empty where a search is never thrown back)
 *   smr_read(rec, link)       reads a link of a node
 *   smr_commit(rec, ...)      names the at most 8 objects that the WRITE which follows will touch
 *   smr_birth(rec)            the birth epoch of a node about to be allocated
 *   SMR_SLOTS                 a value given to a guard must be stored in one of its slots
 *   smr_end(rec)              the operation ends
 *
 * The discipline that makes one source right under every scheme:
 *
 *   prepare   may allocate; nothing is held
 *   begin
 *   SEARCH    reads only, through smr_read; restartable at any instruction: no store to shared memory but a
 *             guard's own slot, no allocation, no lock, no system call
 *   commit    names what WRITE will touch
 *   WRITE     touches committed objects only; copies pointers found in them, never follows them
 *   end       then retires, frees, calls back
 *
 * The read rule (IBR): a node reached by a link is safe only if the node that holds the link was still linked
 * when the link was last read. So: advance only over unmarked links; on a mark, unlink, or begin again.
 * docs/smr-ibr.md has the schedule that breaks anything less. */
#ifndef CC_SMR_POLICY_H
#define CC_SMR_POLICY_H

#define CC__SCHEME_IBR   1
#define CC__SCHEME_EPOCH 2
#define CC__SCHEME_LEAK  3

#if CC_SCHEME == CC__SCHEME_IBR
#include "smr/ibr.h"
#define SMR_NAME ibr
#elif CC_SCHEME == CC__SCHEME_EPOCH
#include "smr/epoch.h"
#define SMR_NAME epoch
#elif CC_SCHEME == CC__SCHEME_LEAK
#include "smr/leak.h"
#define SMR_NAME leak
#else
#error "CC_SCHEME must name a reclamation scheme"
#endif

#endif
