/* See frozen_damage.h. */
#include "frozen_keys.h"

#include "frozen_damage.h"
