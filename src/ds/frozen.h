/* What a frozen copy is, per kind of key: the names that -DCC_KEY=... picks. */
#ifndef CC_DS_FROZEN_H
#define CC_DS_FROZEN_H

#include "ds/frozen_image.h"
#include "ds/key.h"

#if CC_KEY == CC__KEY_U64
#include "cc/frozen64.h"
#define CC__FROZEN_TAG  cc_frozen64
#define CC__FROZEN_KIND CC__FROZEN_U64
#define FROZEN(verb)    cc_frozen64_##verb
typedef uint64_t *cc__frozen_key_out_t;
typedef cc_frozen64_visit_fn cc__frozen_visit_fn;
#else
#include "cc/frozen.h"
#define CC__FROZEN_TAG  cc_frozen
#define CC__FROZEN_KIND CC__FROZEN_BYTES
#define FROZEN(verb)    cc_frozen_##verb
typedef cc_bytes_t *cc__frozen_key_out_t;
typedef cc_frozen_visit_fn cc__frozen_visit_fn;
#endif

struct CC__FROZEN_TAG {
    cc__frozen_t common;
};
typedef struct CC__FROZEN_TAG cc__frozen_map_t;

#endif
