/* The cast of stall_test: a map under churn, a thread asleep inside a guard, another asleep inside an operation. */
#ifndef FAULT_STALL_WORLD_H
#define FAULT_STALL_WORLD_H

#include "canary.h"
#include "map.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum {
    KEYS = 2000, /* of the map under churn, all there when the sleepers fall asleep */
    HELD = 1000, /* of their values, which the guard holds */
    CHURNERS = 2,
};

typedef struct world world_t;

typedef struct {
    world_t *world;
    pthread_t thread;
    uint64_t random;
    atomic_ullong ops;
} churner_t;

typedef struct {
    pthread_t thread;
    pid_t tid;
    sem_t asleep, wake;
} sleeper_t;

struct world {
    cc_domain_t *domain;
    fault_map_t *map;            /* churned */
    fault_bytes_map_t *compared; /* with the comparator in which the reader sleeps */
    canary_count_t values_live;
    sleeper_t holder; /* inside a guard that holds HELD values */
    sleeper_t reader; /* inside a get */
    void *held[HELD]; /* by the holder, key by key */
    churner_t churner[CHURNERS];
    atomic_bool stop;
};

void world_create(world_t *world, cc_smr_scheme_t scheme, uint64_t seed); /* all KEYS are in the map */
void world_destroy(world_t *world);

/* Both sleepers sleep when this returns. */
void world_fall_asleep(world_t *world);
void world_wake(world_t *world); /* checks what each of them had in hand */

/* How many of the held values are still in the map; the churners are gone. */
unsigned world_held_in_map(world_t *world);

void world_churn(world_t *world);
void world_calm(world_t *world); /* the churners are gone when this returns */
uint64_t world_ops(world_t *world);

#endif
