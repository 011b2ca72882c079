#define TITLE         "cc_ring-spsc"
#define OPTIONS(opts) ((opts).spsc = true)
#define PIPE          true
#include "ring.h"
