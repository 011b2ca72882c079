#include <cc/skiplist64.h>

#define MAP skiplist64
#include "map64.h"
