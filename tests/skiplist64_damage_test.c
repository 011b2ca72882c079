/* cc_skiplist64_validate, see skiplist_damage.h. */
#define CC_MAP CC__MAP_SKIPLIST
#define CC_KEY CC__KEY_U64

#include "ds/map.h"

#define SUITE      skiplist64_validate
#define VERB(name) cc_skiplist64_##name
#define KEY(n)     ((uint64_t)(n))

typedef cc_skiplist64_t map_t;

#include "skiplist_damage.h"
