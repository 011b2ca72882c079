#define _LGPL_SOURCE
#include <urcu/urcu-qsbr.h>

#define NAME      "urcu-qsbr"
#define RCU(call) urcu_qsbr_##call
#define QUIESCE() urcu_qsbr_quiescent_state()
#include "urcu_flavor.h"
