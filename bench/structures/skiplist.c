#include <cc/skiplist.h>

#define MAP skiplist
#include "map_bytes.h"
