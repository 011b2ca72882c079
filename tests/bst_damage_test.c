/* cc_bst_validate, see bst_damage.h. */
#define CC_MAP CC__MAP_BST
#define CC_KEY CC__KEY_BYTES

#include "ds/map.h"
#include "support/number_keys.h"

#define SUITE      bst_validate
#define VERB(name) cc_bst_##name
#define KEY(n)     number_key(1000 + (n)) /* all of one length */

typedef cc_bst_t map_t;
typedef cc_bytes_t sorted_key_t;

#include "bst_damage.h"
