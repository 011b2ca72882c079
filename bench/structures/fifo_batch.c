#include <cc/fifo.h>

#define QUEUE         fifo
#define TITLE         "cc_fifo-batches"
#define OPTS_INIT     CC_FIFO_OPTS_INIT
#define OPTIONS(opts) ((void)opts)
#define BATCHED
#include "queue.h"
