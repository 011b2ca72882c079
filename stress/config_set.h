/* The possibilities that the linearizability checker keeps: a set in order of insertion. */
#ifndef STRESS_CONFIG_SET_H
#define STRESS_CONFIG_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t done;  /* bit i: pending call i has taken effect */
    uint64_t state; /* token of the value that the key holds, or HIST_ABSENT */
} config_t;

typedef struct {
    uint32_t stamp; /* differs from the set's: free */
    uint32_t item;  /* index into items */
} config_slot_t;

typedef struct {
    config_t *items;
    size_t count;
    config_slot_t *slots; /* open addressing; emptied by changing the stamp */
    size_t slot_count;    /* a power of two, twice the room for items */
    uint32_t stamp;
} config_set_t;

/* False: no memory. To be freed in either case. */
bool config_set_init(config_set_t *set);
void config_set_free(config_set_t *set);
void config_set_clear(config_set_t *set);

/* False: no memory, or too many. */
bool config_set_add(config_set_t *set, config_t config);

static inline void config_set_swap(config_set_t *a, config_set_t *b)
{
    config_set_t old = *a;
    *a = *b;
    *b = old;
}

#endif
