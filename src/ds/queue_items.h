/* Batches of items. */
#ifndef CC_DS_QUEUE_ITEMS_H
#define CC_DS_QUEUE_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a waiting pop puts them. */
typedef struct {
    void **items;
    size_t n;
    int64_t popped;
} cc__batch_t;

/* The answer of an attempt to fill it, as cc__event_call_t has it. */
static inline int batch_popped(cc__batch_t *batch, int64_t popped)
{
    batch->popped = popped;
    return popped < 0 ? (int)popped : 0;
}

/* True: no item is `forbidden`. */
static inline bool queue_items_without(void *const *items, size_t n, const void *forbidden)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i] == forbidden)
            return false;
    }
    return true;
}

#endif
