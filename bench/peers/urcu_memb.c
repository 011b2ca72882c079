#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>

#define NAME      "urcu-memb"
#define RCU(call) urcu_memb_##call
#define QUIESCE() ((void)0)
#include "urcu_flavor.h"
