#define TITLE         "cc_ring-batches"
#define OPTIONS(opts) ((void)opts)
#define PIPE          false
#define BATCHED
#include "ring.h"
