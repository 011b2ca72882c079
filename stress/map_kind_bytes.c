#include <cc/skiplist.h>

#define MAP(verb)    cc_skiplist_##verb
#define KIND         map_kind_bytes
#define KIND_COMPARE map_kind_compare
#define KIND_NAME    "bytes"

typedef cc_skiplist_t map_t;

#include "map_kind_bytes.h"
