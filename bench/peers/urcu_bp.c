#define _LGPL_SOURCE
#include <urcu/urcu-bp.h>

#define NAME      "urcu-bp"
#define RCU(call) urcu_bp_##call
#define QUIESCE() ((void)0)
#include "urcu_flavor.h"
