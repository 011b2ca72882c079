/* Calls of a map as they were seen to begin and end, and the question whether they are linearizable. */
#ifndef MODEL_HISTORY_CHECK_H
#define MODEL_HISTORY_CHECK_H

#include "map_kinds.h"
#include "model.h"

enum { HISTORY_CALLS = 24 };

typedef enum {
    CALL_INSERT,
    CALL_PUT,
    CALL_REPLACE,
    CALL_REMOVE,
    CALL_GET,
    CALL_NEAREST,
    CALL_POP,
    CALL_RANGE
} call_verb_t;

typedef struct {
    call_verb_t verb;
    unsigned key;
    int result;
    void *value;         /* put, inserted, desired; got, removed (NULL: not asked for) */
    void *expected;      /* replace; remove, unless NULL */
    map_nearest_t which; /* nearest, pop */
    unsigned found;      /* the answer of both */
    unsigned seen;       /* range: one bit per key */
    model_moment_t invoked, ended;
} call_t;

typedef struct {
    unsigned count, max; /* max: entries of a bounded map, which may refuse to add one at any time; 0: no bound */
    call_t calls[HISTORY_CALLS];
} history_t;

/* Between begin and end the call is running; end is given what it returned, in the same call_t. */
call_t *history_begin(history_t *history, call_verb_t verb, unsigned key);
void history_end(call_t *call, int result);

/* From `before` (values by key; NULL: absent) some order of the calls, in which each comes after those that had ended before
 * it began (happens-before: another clock does not exist under C11), explains every result: insert, put, replace, remove
 * get and the nearest take effect at one moment between begin and end. A range is weaker: it answers with what was present
 * at a moment of the call, and misses nothing that was present throughout. A pop is both: it removes at one moment, and misses nothing better. */
bool history_explained(const history_t *history, void *const before[MAP_KEYS]);

void history_print(const history_t *history);

#endif
