/* The allocator that tests link: the system's malloc under a layer that fails on request and remembers.
 *
 *   - The k-th allocation from now fails, once or for ever: sweep k over a script to reach every site that
 *     allocates.
 *   - A freed block is filled with CC__MOCK_POISON and kept, so that a late read sees the poison every time.
 *   - Fresh memory is filled with CC__MOCK_FRESH, so that nobody relies on zeros by luck.
 *   - A double free, and a free of a foreign pointer, stop the process with a message.
 *   - The usable size is exactly what was asked for.
 *
 * One mutex around everything: it orders threads that the real allocator would not, so races are to be looked
 * for with another back end. */
#ifndef CC_ALLOC_BACKEND_MOCK_H
#define CC_ALLOC_BACKEND_MOCK_H

#include "alloc/backend.h"

#include <stdint.h>

#define CC__MOCK_POISON 0xDD
#define CC__MOCK_FRESH  0xCD

/* The k-th allocation from now (1: the next) fails, and no other. 0: none does. */
void cc__mock_fail_at(uint64_t k);

/* The k-th allocation from now and all after it fail. 0: none does. */
void cc__mock_fail_from(uint64_t k);

/* Allocations asked for since the start, failed ones included. */
uint64_t cc__mock_calls(void);

typedef struct {
    uint64_t blocks;
    uint64_t bytes; /* as asked for */
} cc__mock_live_t;

/* Blocks that were allocated and not freed; thread records are among them. */
cc__mock_live_t cc__mock_live(void);

/* Really frees what was freed so far. */
void cc__mock_release_quarantine(void);

#endif
