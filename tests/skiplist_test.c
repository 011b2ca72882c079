/* The contract of cc/skiplist.h: see bytes_contract.h. */
#include <cc/skiplist.h>

#define SUITE      skiplist
#define VERB(name) cc_skiplist_##name

typedef cc_skiplist_t map_t;
typedef cc_skiplist_cursor_t cursor_t;

#include "bytes_contract.h"
