/* Byte-string keys: too long for the room on the stack in which a range collects keys, and too many in the range for
 * one chunk, so that a range needs memory between two visits as well. */
#include "oom.h"

#include <cc/frozen.h>
#include <cc/skiplist.h>

#include <errno.h>
#include <string.h>

#define MAP(verb)       cc_skiplist_##verb
#define FROZEN(verb)    cc_frozen_##verb
#define LOAD(path, out) cc_frozen_load(path, NULL, NULL, out)
#define OUT_KEY(k)      out_key(k)
#define CALLS           oom_map_bytes
#define COPY_CALLS      oom_copies_bytes
#define REMOVAL_ALLOCATES

enum { KEY_LENGTH = 8000 };

typedef cc_skiplist_t map_t;
typedef cc_skiplist_cursor_t cursor_t;
typedef cc_frozen_t frozen_t;
typedef cc_bytes_t in_key_t;
typedef struct {
    cc_buf_t buf;
    unsigned char bytes[KEY_LENGTH];
} out_key_t;

static cc_bytes_t in_key(unsigned i)
{
    static unsigned char bytes[64][KEY_LENGTH]; /* written with the same bytes again and again */
    memset(bytes[i], 'a' + (int)i, KEY_LENGTH);
    return (cc_bytes_t){bytes[i], KEY_LENGTH};
}

static cc_buf_t *out_key(out_key_t *key)
{
    key->buf = (cc_buf_t){key->bytes, KEY_LENGTH, 0};
    return &key->buf;
}

static bool is_in_key(in_key_t key, unsigned i)
{
    return key.len == KEY_LENGTH && memcmp(key.data, in_key(i).data, KEY_LENGTH) == 0;
}

static bool is_out_key(const out_key_t *key, unsigned i)
{
    return is_in_key((cc_bytes_t){key->bytes, key->buf.len}, i);
}

#include "oom_map_impl.h"

#include "oom_copies_impl.h"
