/* cc_skiplist_validate, see skiplist_damage.h. */
#define CC_MAP CC__MAP_SKIPLIST
#define CC_KEY CC__KEY_BYTES

#include "ds/map.h"
#include "support/number_keys.h"

#define SUITE      skiplist_validate
#define VERB(name) cc_skiplist_##name
#define KEY(n)     number_key(1000 + (n)) /* all of one length */

typedef cc_skiplist_t map_t;

#include "skiplist_damage.h"
