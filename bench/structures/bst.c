#include <cc/bst.h>

#define MAP bst
#include "map_bytes.h"
