/* The contract of cc/skiplist.h with long keys: see bytes_long.h. */
#include <cc/skiplist.h>

#define VERB(name) cc_skiplist_##name

typedef cc_skiplist_t map_t;
typedef cc_skiplist_cursor_t cursor_t;

#include "bytes_long.h"
