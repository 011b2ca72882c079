/* The contract of cc/bst.h: see bytes_contract.h. */
#include <cc/bst.h>

#define SUITE      bst
#define VERB(name) cc_bst_##name

typedef cc_bst_t map_t;
typedef cc_bst_cursor_t cursor_t;

#include "bytes_contract.h"
