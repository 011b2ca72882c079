/* Memory that a thread's record keeps ahead for the structures: an operation takes it in the middle of a step that must not
 * fail for want of memory.
 *
 * What a thread reclaims of the same kinds goes back on its stock, up to CC__STOCK_KEPT pieces: a thread that exchanges
 * blocks needs as many as it reclaims, and the allocator would pass them on to the threads that allocated them. Not where
 * freed memory is watched: there a piece that is used again would hide a use after free. */
#ifndef CC_SMR_STOCK_H
#define CC_SMR_STOCK_H

#include "smr/types.h"

/* CC_RECYCLE comes from the build: not for tests on the mock allocator, nor for the model checker. */
#if defined(CC_RECYCLE) && !CC__SANITIZED
#define CC__RECYCLES 1
#else
#define CC__RECYCLES 0
#endif

enum { CC__STOCK_KEPT = 64 };

/* Makes sure that `count` pieces of the kind lie ready. All pieces of a kind are of one size. False: no memory. */
bool cc__stock_fill_slowly(cc__stock_t *stock, uint32_t count, size_t size);
void cc__stock_free(cc__rec_t *rec);

static inline bool cc__stock_fill(cc__stock_t *stock, uint32_t count, size_t size)
{
    return __builtin_expect(stock->count >= count, 1) || cc__stock_fill_slowly(stock, count, size);
}

/* One that cc__stock_fill has made sure of. */
static inline void *cc__stock_take(cc__stock_t *stock)
{
    void **piece = stock->first;
    stock->first = *piece;
    stock->count--;
    return piece;
}

/* Gives back what was taken and not published. */
static inline void cc__stock_put(cc__stock_t *stock, void *piece)
{
    *(void **)piece = stock->first;
    stock->first = piece;
    stock->count++;
}

#endif
