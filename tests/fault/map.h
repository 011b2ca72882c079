/* The map of scenarios about threads: the skip list, or in programs that are compiled with FAULT_BST the tree. */
#ifndef FAULT_MAP_H
#define FAULT_MAP_H

#ifdef FAULT_BST
#include <cc/bst.h>
#include <cc/bst64.h>
#define MAP(verb)       cc_bst64_##verb
#define BYTES_MAP(verb) cc_bst_##verb
typedef cc_bst64_t fault_map_t;
typedef cc_bst_t fault_bytes_map_t;
#else
#include <cc/skiplist.h>
#include <cc/skiplist64.h>
#define MAP(verb)       cc_skiplist64_##verb
#define BYTES_MAP(verb) cc_skiplist_##verb
typedef cc_skiplist64_t fault_map_t;
typedef cc_skiplist_t fault_bytes_map_t;
#endif

/* Nodes of an entry (a block of the skip list holds one at least); and beyond these, how many more of those that were there may go while neighbouring keys are removed and
 * come again. In the tree there is an inner node for each gap between two neighbours, and a removal takes that on either side. */
#ifdef FAULT_BST
enum { ENTRY_NODES = 2, MORE_NODES = 1 };
#else
enum { ENTRY_NODES = 1, MORE_NODES = 0 };
#endif

#endif
