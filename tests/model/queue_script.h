/* Clients of queues as scripts: what each thread does, letter by letter.
 *
 *     1    push item 1           w-  w1  wait instead of answering -EAGAIN     #  count
 *     -    pop                   t-  t1  likewise, with a time limit           f  flush the domain
 *     (12) push a batch          e-      wait for the event fd                 D  drain it, without waiting: it sends signals
 *     {2}  pop up to two, w{2}   c       close                                 s  from here on the thread may fall asleep at
 *                                                                                 any step
 * Before the threads start: 1? pushes the item or not.
 *
 * All answers must fit one order of the calls (queue_check.h); nothing may be lost, doubled or leaked, and nobody may sleep
 * for ever. */
#ifndef MODEL_QUEUE_SCRIPT_H
#define MODEL_QUEUE_SCRIPT_H

#include "clients.h"
#include "queue_kinds.h"

typedef struct {
    const char *name;
    const queue_kind_t *kind;
    unsigned size;
    const char
        *before; /* played before the threads start; NULL: drawn, as size and what each thread does: queue_draw.h */
    const char *threads[MODEL_THREADS - 1];
} queue_script_t;

/* Adds the script, for each scheme if its kind is in a domain. Not copied. */
void queue_script_add(const queue_script_t *script);

#endif
