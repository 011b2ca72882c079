/* A domain with one map of canaries, and the questions that every scenario about threads ends with. */
#ifndef FAULT_SMALL_WORLD_H
#define FAULT_SMALL_WORLD_H

#include "canary.h"
#include "map.h"

#include <cc/guard.h>
#include <cc/stats.h>

#include <pthread.h>

enum { SMALL_KEYS = 100 };

typedef struct {
    cc_domain_t *domain;
    fault_map_t *map;
    canary_count_t live;
    uint64_t allocated; /* by the process, before it was created */
} small_world_t;

void small_world_create(small_world_t *world, cc_smr_scheme_t scheme); /* the keys 0 to SMALL_KEYS - 1 are there */

/* Nobody is in the way of anybody: the map is sound, a drain succeeds, no guard is open, `threads` are attached, all is
 * reclaimed but what is in the map. */
void small_world_check(small_world_t *world, uint64_t threads);

/* Everything is given back, to the last byte. Threads that were attached have exited, but for the caller. */
void small_world_destroy(small_world_t *world);

void small_world_put(small_world_t *world, uint64_t key);
void small_world_remove(small_world_t *world, uint64_t key);
void small_world_remove_all(small_world_t *world);

cc_smr_snapshot_t small_world_snapshot(const small_world_t *world);

/* A few calls of every kind, a guard around some of them; checks what it can. `random` is the caller's own. */
void small_world_use(small_world_t *world, uint64_t *random);

pthread_t start_thread(void *(*body)(void *), void *arg);
void *join_thread(pthread_t thread);

#endif
