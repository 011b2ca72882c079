/* See frozen_damage.h. */
#include "frozen64_keys.h"

#include "frozen_damage.h"
