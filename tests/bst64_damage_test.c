/* cc_bst64_validate, see bst_damage.h. */
#define CC_MAP CC__MAP_BST
#define CC_KEY CC__KEY_U64

#include "ds/map.h"

#define SUITE      bst64_validate
#define VERB(name) cc_bst64_##name
#define KEY(n)     ((uint64_t)(n))

typedef cc_bst64_t map_t;
typedef uint64_t sorted_key_t;

#include "bst_damage.h"
