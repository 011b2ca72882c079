/* A thread's open guards, and the values it holds in them: each is looked at again later, to see that it is still
 * the same and alive. */
#ifndef STRESS_HOLD_H
#define STRESS_HOLD_H

#include "crew.h"
#include "value.h"

#include <cc/guard.h>

enum { HOLD_DEPTH = 3, HOLD_VALUES = 96 /* more than a guard holds without growing */ };

typedef struct {
    value_t *value;
    uint64_t key, sequence;
} held_t;

typedef struct {
    cc_guard_t *guard;
    unsigned count;
    held_t held[HOLD_VALUES];
} hold_level_t;

typedef struct {
    cc_domain_t *domain;
    worker_t *worker;
    unsigned depth;
    hold_level_t levels[HOLD_DEPTH]; /* levels[depth - 1] is the innermost */
} hold_t;

void hold_init(hold_t *hold, cc_domain_t *domain, worker_t *worker);

void hold_enter(hold_t *hold); /* depth < HOLD_DEPTH */
void hold_leave(hold_t *hold); /* depth > 0; looks at everything the guard holds before it is left */
void hold_leave_all(hold_t *hold);

/* Maybe enters, leaves, refreshes, releases a value or looks at all of them. */
void hold_something(hold_t *hold);

/* Notes a value that a get inside the innermost guard gave out for `key`. */
void hold_value(hold_t *hold, value_t *value, uint64_t key, const char *how);

/* Some value held for `key` in any open guard, or NULL. */
value_t *hold_find(const hold_t *hold, uint64_t key);

#endif
