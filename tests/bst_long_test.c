/* The contract of cc/bst.h with long keys: see bytes_long.h. */
#include <cc/bst.h>

#define VERB(name) cc_bst_##name

typedef cc_bst_t map_t;
typedef cc_bst_cursor_t cursor_t;

#include "bytes_long.h"
