#include <cc/skiplist64.h>

#define MAP(verb) cc_skiplist64_##verb
#define KIND      map_kind_u64
#define KIND_NAME "u64"

typedef cc_skiplist64_t map_t;

#include "map_kind_u64.h"
