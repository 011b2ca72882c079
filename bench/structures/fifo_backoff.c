#include <cc/fifo.h>

#define QUEUE         fifo
#define TITLE         "cc_fifo-backoff"
#define OPTS_INIT     CC_FIFO_OPTS_INIT
#define OPTIONS(opts) ((opts).backoff = true)
#include "queue.h"
