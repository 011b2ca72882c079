/* Limbo blocks: where they come from. What they are for: limbo.c. */
#include "smr/block.h"

#include "base/clock.h"
#include "cc/alloc.h"
#include "smr/limbo.h"

enum { CC__SPARES_KEPT = 4 };

cc__block_t *cc__block_get(cc__rec_t *rec)
{
    cc__block_t *block = cc__block_pop(&rec->spares);
    if (block != NULL)
        rec->spare_count--;
    else
        block = cc_alloc(sizeof *block);
    if (block != NULL) {
        block->count = block->waiting = block->freed = 0;
        block->opened = cc__now_ns();
    }
    return block;
}

void cc__block_put(cc__rec_t *rec, cc__block_t *block)
{
    if (rec->spare_count < CC__SPARES_KEPT) {
        cc__block_push(&rec->spares, block);
        rec->spare_count++;
    } else {
        cc_free(block, sizeof *block);
    }
}

static void keep_spares(cc__rec_t *rec, uint32_t n)
{
    for (; rec->spare_count > n; rec->spare_count--)
        cc_free(cc__block_pop(&rec->spares), sizeof(cc__block_t));
}

bool cc__block_add_spare(cc__rec_t *rec)
{
    cc__block_t *block = cc_alloc(sizeof *block);
    if (block == NULL)
        return false;
    cc__block_push(&rec->spares, block);
    rec->spare_count++;
    return true;
}

bool cc__limbo_reserve_blocks(cc__rec_t *rec, size_t n)
{
    uint32_t had = rec->spare_count;
    if (n > UINT32_MAX) /* no machine has so much */
        return false;
    size_t need = 1 + (n + CC__BLOCK - 1) / CC__BLOCK;
    while (rec->spare_count < need) {
        if (!cc__block_add_spare(rec)) {
            keep_spares(rec, had); /* who asked for too much has not used the memory up */
            return false;
        }
    }
    return true;
}

void cc__limbo_free_spares(cc__rec_t *rec)
{
    keep_spares(rec, 0);
}

void cc__block_seal(cc__block_t *block)
{
    block->stamp = CC__UNSTAMPED;
    block->waiting = block->count;
}
