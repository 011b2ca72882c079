#include "smr/stock.h"

#include "cc/alloc.h"

bool cc__stock_fill_slowly(cc__stock_t *stock, uint32_t count, size_t size)
{
    while (stock->count < count) {
        void *piece = cc_alloc_node(size);
        if (piece == NULL)
            return false;
        cc__stock_put(stock, piece);
    }
    return true;
}

void cc__stock_free(cc__rec_t *rec)
{
    for (int kind = 0; kind < CC__STOCK_KINDS; kind++) {
        cc__stock_t *stock = &rec->stock[kind];
        while (stock->count != 0)
            cc_free_unsized(cc__stock_take(stock));
    }
}
