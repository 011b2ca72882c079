/* A batch of items as it comes from the caller. */
#ifndef CC_DS_QUEUE_ITEMS_H
#define CC_DS_QUEUE_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

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
