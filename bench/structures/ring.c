#define TITLE         "cc_ring"
#define OPTIONS(opts) ((void)opts)
#define PIPE          false
#include "ring.h"
