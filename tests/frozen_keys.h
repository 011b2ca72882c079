/* Frozen copies with byte-string keys, for frozen_contract.h and frozen_damage.h. */
#ifndef CC_TEST_FROZEN_KEYS_H
#define CC_TEST_FROZEN_KEYS_H

#include "support/number_keys.h"

#include <cc/cc.h>

#define SUITE                 frozen
#define FROZEN(verb)          cc_frozen_##verb
#define MAP(verb)             cc_skiplist_##verb
#define KEY(n)                number_key(n)
#define key_number(key)       number_of(key)
#define LOAD(path, out)       cc_frozen_load(path, NULL, NULL, out)
#define LOAD_OTHER(path, out) cc_frozen64_load(path, out)

typedef cc_frozen_t frozen_t;
typedef cc_frozen64_t other_frozen_t;
typedef cc_skiplist_t map_t;
typedef cc_bytes_t a_key_t;

#endif
