/* No reclamation before the domain is destroyed: what the other schemes are measured against. */
#ifndef CC_SMR_LEAK_H
#define CC_SMR_LEAK_H

#include "smr/read_plain.h"
#include "smr/search_inline.h"

#define SMR_SLOTS 0

#define smr_begin(rec)          ((void)(rec))
#define smr_end(rec)            ((void)(rec))
#define smr_enter(rec, foreign) (rec)

#endif
