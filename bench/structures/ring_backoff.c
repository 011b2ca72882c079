#define TITLE         "cc_ring-backoff"
#define OPTIONS(opts) ((opts).backoff = true)
#define PIPE          false
#include "ring.h"
