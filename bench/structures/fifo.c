#include <cc/fifo.h>

#define QUEUE         fifo
#define TITLE         "cc_fifo"
#define OPTS_INIT     CC_FIFO_OPTS_INIT
#define OPTIONS(opts) ((void)opts)
#include "queue.h"
