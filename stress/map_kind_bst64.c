#include <cc/bst64.h>

#define MAP(verb) cc_bst64_##verb
#define KIND      map_kind_bst64
#define KIND_NAME "bst64"

typedef cc_bst64_t map_t;

#include "map_kind_u64.h"
