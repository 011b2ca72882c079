#include "oom.h"

#include <cc/frozen64.h>
#include <cc/skiplist64.h>

#include <errno.h>

#define MAP(verb)       cc_skiplist64_##verb
#define FROZEN(verb)    cc_frozen64_##verb
#define LOAD(path, out) cc_frozen64_load(path, out)
#define OUT_KEY(k)      (k)
#define CALLS           oom_map_u64
#define COPY_CALLS      oom_copies_u64
#define IN_STOCK        /* a thread that has inserted keeps the memory for the next insertion ahead */

typedef cc_skiplist64_t map_t;
typedef cc_skiplist64_cursor_t cursor_t;
typedef cc_frozen64_t frozen_t;
typedef uint64_t in_key_t;
typedef uint64_t out_key_t;

static in_key_t in_key(unsigned i)
{
    return (uint64_t)i << 40;
}

static bool is_in_key(in_key_t key, unsigned i)
{
    return key == in_key(i);
}

static bool is_out_key(const out_key_t *key, unsigned i)
{
    return is_in_key(*key, i);
}

#include "oom_map_impl.h"

#include "oom_copies_impl.h"
