#include <cc/bst.h>

#define MAP(verb)    cc_bst_##verb
#define KIND         map_kind_bst
#define KIND_COMPARE map_kind_bst_compare
#define KIND_NAME    "bst"

typedef cc_bst_t map_t;

#include "map_kind_bytes.h"
