/* What stress_queue does with a queue. */
#ifndef STRESS_QUEUE_PHASES_H
#define STRESS_QUEUE_PHASES_H

#include "crew.h"
#include "queue_kind.h"

typedef struct {
    const queue_kind_t *kind;
    cc_domain_t *domain;
    crew_t crew;
    rnd_t rnd;
    double seconds;
    uint64_t checks; /* calls whose histories were found in order */
} queue_cycle_t;

typedef struct {
    const char *name;
    void (*run)(queue_cycle_t *cycle);
} queue_phase_t;

/* whole: many histories of a few dozen calls, each explained by one order of its calls.
 * long:  histories of many thousand calls, with batches, checked for what can be checked in them.
 * flow:  producers and consumers that sleep, an end by close; checksum, each producer's order, nothing lost or doubled. */
extern const queue_phase_t queue_phase_whole, queue_phase_long, queue_phase_flow;

#endif
