#define TITLE         "cc_ring-wait-free"
#define OPTIONS(opts) ((opts).wait_free = true)
#define PIPE          false
#include "ring.h"
