/* Clients of maps as scripts: what is in the map, and what each thread does, in words of a verb and a key.
 *
 *     i5  insert          g5  get in a guard, and look at the value     m0  min         F0  flush the domain
 *     p5  put             c5  contains                                  M0  max         D0  drain it
 *     x5  replace the     r5  remove                                    f5  floor       S0  from here on the thread may
 *         value of before t5  remove, take the value and retire it      l5  ceil            fall asleep before any access
 *     s5  put that again, e5  likewise, if it is the                    b5  lower
 *         a copy of it        value of before                           a5  higher
 *                                                                       q0  pop_min
 *                                                                       Q0  pop_max
 *     o5  get_or_insert                                                 R0  range
 *         in a guard                                                    d0  range_desc
 *                                                                       w0  walk with a cursor
 *
 * Every execution is checked: the calls must be linearizable as history_check.h says, values in guards alive, all
 * invariants hold at the end, the count be right, and everything be reclaimed exactly once. */
#ifndef MODEL_MAP_SCRIPT_H
#define MODEL_MAP_SCRIPT_H

#include "clients.h"
#include "map_kinds.h"
#include "map_values.h"

typedef struct map_script {
    const char *name, *what; /* name NULL: the end of a table */
    const char
        *kind; /* the only kind of map that it is for, "blocks": both skip lists, "trees": the others; NULL: all */
    const char *before; /* keys in the map, inserted in this order; '?' behind one: there or not; '-' before: removed */
    const char *threads[4]; /* what they do */
    const char *points[4];  /* with the first set: where each is switched only (model_client_t). They attach in turn */
    unsigned bound; /* entries whose nodes a sleeper pins at most under IBR, beside those that came before it slept; 0:
                                not looked at */
    bool drawn;    /* `before`, and what each thread does behind the word given, are drawn anew each time: map_draw.h */
    unsigned leaf; /* entries of a tree's leaf; 0: 1, or drawn from 1 to 3 */
    unsigned max;  /* entries of a bounded map; 0: no bound */
    bool evicts;   /* it evicts the smallest: no history explains that, so entries are counted instead */
    values_t
        values; /* VALUES_KEPT: no round, and so no fence, comes behind a change. VALUES_COPIED: inline, no guard needed */
    bool rare;     /* rounds: no fence comes behind a change */
    bool complete; /* small enough for the exhaustive strategy at preemption bound 2 */
} map_script_t;

/* Adds the script for each scheme and each kind of map. */
void map_script_add(const map_script_t *script);

#endif
