/* The parts of fault/neutralize. */
#ifndef FAULT_NEUTRALIZE_H
#define FAULT_NEUTRALIZE_H

#include "canary.h"

#include <cc/guard.h>
#include <cc/skiplist64.h>
#include <cc/stats.h>

/* neutralize_litmus.c */
void litmus(void);
void litmus_control(void);

#endif
