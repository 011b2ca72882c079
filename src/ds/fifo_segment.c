#include "ds/fifo.h"

#include <string.h>

char cc__fifo_taken;

cc__fifo_segment_t *cc__fifo_segment_create(cc_fifo_t *fifo)
{
    cc__fifo_segment_t *segment = cc_alloc_aligned(cc__fifo_segment_bytes(fifo), CC_NO_SHARING);
    if (segment != NULL)
        memset(segment, 0, cc__fifo_segment_bytes(fifo));
    return segment;
}
