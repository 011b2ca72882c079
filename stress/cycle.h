/* One cycle: a fresh domain, a crew, one phase, and the accounts at the end. */
#ifndef STRESS_CYCLE_H
#define STRESS_CYCLE_H

#include "crew.h"
#include "map_kind.h"
#include "value.h"

#include <cc/domain.h>

typedef struct {
    cc_smr_scheme_t scheme;
    const map_kind_t *kind;
    unsigned threads;
    unsigned keys_max; /* for the linearizability phase */
    unsigned jolt_us;
    uint64_t seed;
    double seconds;       /* what the phase should take */
    bool map_owns_always; /* no map leaves its values to the caller (a canary needs that) */

    cc_domain_t *domain;
    crew_t crew;
    rnd_t rnd;       /* main thread's */
    uint64_t checks; /* main thread's */
} cycle_t;

typedef struct {
    const char *name;
    void (*run)(cycle_t *cycle); /* leaves no map behind */
} phase_t;

extern const phase_t phase_linear, phase_whole, phase_sums, phase_order, phase_threads, phase_values;

typedef struct {
    uint64_t ops, checks, limbo_peak;
    double seconds;
} cycle_result_t;

/* Creates domain and crew, runs the phase, takes all down and checks that nothing is left. */
cycle_result_t cycle_run(cycle_t *cycle, const phase_t *phase);

/* No thread works on the domain: drains it, as far as the scheme can. */
void cycle_drain(cc_domain_t *domain, cc_smr_scheme_t scheme);

/* Drains, then checks the domain's numbers: nothing may be left. What reclaim callbacks retire during a drain is not
 * part of it; where there are such, cycle_drain goes first. Returns the peak of limbo_bytes. */
uint64_t cycle_settle(cc_domain_t *domain, cc_smr_scheme_t scheme);

/* A map of the cycle's kind. Its values are reclaimed by the map, or else by whoever removes them. */
typedef struct {
    const map_kind_t *kind;
    cc_domain_t *domain;
    void *handle;
    bool owns_values;
} cycle_map_t;

cycle_map_t cycle_map_create(const map_kind_t *kind, cc_domain_t *domain, bool owns_values);

/* Retires what is left in it, if that is the caller's duty, then destroys it. */
void cycle_map_destroy(cycle_map_t *map);

/* Hands a value that has left the map to the domain. */
void cycle_retire(cc_domain_t *domain, value_t *value);

/* Checks count, validate and, with `live`, that exactly the values in the map are left (plus `others`). The map and
 * the domain are quiet; the domain is drained. Returns the number of entries. */
size_t cycle_map_check(cycle_t *cycle, const cycle_map_t *map, bool live, size_t others);

#endif
