#include <cc/bst64.h>

#define MAP bst64
#include "map64.h"
