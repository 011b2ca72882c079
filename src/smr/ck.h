/* Grace periods of ck_epoch (Concurrency Kit): the fast path. An operation is a section of ck_epoch, and so is a guard. The
 * rest is in ck.c. */
#ifndef CC_SMR_CK_H
#define CC_SMR_CK_H

#include "smr/read_plain.h"
#include "smr/search_inline.h"

#include <ck_epoch.h>

#define SMR_SLOTS 0

/* Sections nest. */
#define smr_begin(rec)          ck_epoch_begin((rec)->foreign, NULL)
#define smr_end(rec)            ((void)ck_epoch_end((rec)->foreign, NULL))
#define smr_enter(rec, foreign) (rec)

#endif
