/* The calls in the middle of which a thread stops, all on one small world and a few of its keys. */
#ifndef FAULT_STEP_CALLS_H
#define FAULT_STEP_CALLS_H

#include "small_world.h"

enum { STEP_FIRST = SMALL_KEYS / 2, STEP_KEYS = 4, STEP_OWN = 3 };

typedef struct {
    const char *name;
    void (*call)(void); /* does its work whatever others do to the keys */
    bool holds_up;      /* a drain that stands still with a limbo in hand keeps its owner from reclaiming */
} step_call_t;

extern small_world_t step_world;
extern const step_call_t step_calls[];
extern const size_t step_call_count;

/* For step_start; arg: the address of a const step_call_t *. Before it counts, the thread attaches and retires STEP_OWN objects. */
void step_make_call(void *arg);

/* For ranges: each value that is visited is alive. */
bool step_visit(uint64_t key, void *value, void *ctx);

#endif
