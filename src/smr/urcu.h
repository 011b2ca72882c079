/* Grace periods of liburcu, the memb flavour: the fast path. An operation is a read-side critical section, and so is a
 * guard, so that a program which uses liburcu already has one kind of grace period. The rest is in urcu.c. */
#ifndef CC_SMR_URCU_H
#define CC_SMR_URCU_H

#include "smr/read_plain.h"
#include "smr/search_inline.h"

#include <urcu/urcu-memb.h>

#define SMR_SLOTS 0

/* Sections nest. */
#define smr_begin(rec)          ((void)(rec), urcu_memb_read_lock())
#define smr_end(rec)            ((void)(rec), urcu_memb_read_unlock())
#define smr_enter(rec, foreign) (rec)

#endif
