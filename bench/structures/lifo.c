#include <cc/lifo.h>

#define QUEUE         lifo
#define TITLE         "cc_lifo"
#define OPTS_INIT     CC_LIFO_OPTS_INIT
#define OPTIONS(opts) ((void)opts)
#include "queue.h"
