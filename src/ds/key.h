/* Which kind of key a structure is being compiled for: -DCC_KEY=... picks one of two headers with the same
 * names.
 *
 *   cc__key_t, cc__key_out_t   a key as it is passed in, and where one is copied out
 *   stored_key_t, key_room     what a node holds of it in its header, and the bytes behind that
 *   key_store, key_of          from key to node and back
 *   key_order                  node against key: negative, 0, positive
 *   key_below                  whether one comes before another, as a mask
 *   key_between                what parts two of them
 *   key_valid, key_copy_out    argument check; copy to the caller (key_fits: whether it has the room)
 *   cc__key_hold_t             a key copied out, and an argument of the next call
 *   cc__key_list_t             keys copied out in the middle of a range
 *   CC__KEY_END                an end of a range that no key is above
 *   KEY_NAME                   the name of the kind */
#ifndef CC_DS_KEY_H
#define CC_DS_KEY_H

#define CC__KEY_U64   1
#define CC__KEY_BYTES 2

#if CC_KEY == CC__KEY_U64
#include "ds/key_u64.h"
#elif CC_KEY == CC__KEY_BYTES
#include "ds/key_bytes.h"
#else
#error "CC_KEY must name a kind of key"
#endif

#endif
