/* Limbo blocks: lists of them, the reserve that a record keeps. */
#ifndef CC_SMR_BLOCK_H
#define CC_SMR_BLOCK_H

#include "smr/types.h"

enum { CC__BLOCK = CC_LIMBO_BLOCK_ENTRIES };

static inline void cc__block_push(cc__block_t **list, cc__block_t *block)
{
    block->next = *list;
    *list = block;
}

static inline cc__block_t *cc__block_pop(cc__block_t **list)
{
    cc__block_t *block = *list;
    if (block != NULL)
        *list = block->next;
    return block;
}

/* An empty block: from the reserve, else from memory. NULL: none. Owner only. */
cc__block_t *cc__block_get(cc__rec_t *rec);
void cc__block_put(cc__rec_t *rec, cc__block_t *block);

/* One more for the reserve. False: no memory. */
bool cc__block_add_spare(cc__rec_t *rec);

/* Full or no longer to be filled; the next round stamps it. */
void cc__block_seal(cc__block_t *block);

#endif
