/* The contract of cc/frozen64.h: see frozen_contract.h. */
#include "frozen64_keys.h"

#include "frozen_contract.h"
