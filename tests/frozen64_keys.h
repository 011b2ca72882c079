/* Frozen copies with uint64 keys, for frozen_contract.h and frozen_damage.h. */
#ifndef CC_TEST_FROZEN64_KEYS_H
#define CC_TEST_FROZEN64_KEYS_H

#include <cc/cc.h>

#define SUITE                 frozen64
#define FROZEN(verb)          cc_frozen64_##verb
#define MAP(verb)             cc_skiplist64_##verb
#define KEY(n)                ((uint64_t)(n))
#define key_number(key)       (key)
#define LOAD(path, out)       cc_frozen64_load(path, out)
#define LOAD_OTHER(path, out) cc_frozen_load(path, NULL, NULL, out)

typedef cc_frozen64_t frozen_t;
typedef cc_frozen_t other_frozen_t;
typedef cc_skiplist64_t map_t;
typedef uint64_t a_key_t;

#endif
