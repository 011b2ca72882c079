/* Is a history of map operations linearizable? */
#ifndef STRESS_LINEARIZE_H
#define STRESS_LINEARIZE_H

#include "history.h"

typedef enum {
    LIN_OK,       /* some order of the calls explains every result */
    LIN_VIOLATED, /* none does */
    LIN_UNDECIDED /* too many possibilities, or no memory to keep them */
} lin_verdict_t;

typedef struct {
    lin_verdict_t verdict;
    size_t failed;        /* LIN_VIOLATED: index of the first call whose return nothing explains */
    size_t final_states;  /* LIN_OK: how many states the key may be in at the end, */
    uint64_t final_state; /* and one of them */
    size_t configs_peak;  /* most possibilities held at once */
} lin_result_t;

/* Checks the calls on one key, sorted by `call`; `initial` is the key's state before all of them. */
lin_result_t lin_check_key(const hist_op_t *const *ops, size_t count, uint64_t initial);

/* ---- map_model.c: the sequential map */

/* May `op`, with its recorded result, take effect in `state`? If so, *next is the state after it. */
bool lin_apply(const hist_op_t *op, uint64_t state, uint64_t *next);

/* True if the recorded result says that the call changed nothing. */
bool lin_reads_only(const hist_op_t *op);

/* How much of the state the call could compare: true if what it saw may be `state`. */
bool lin_matches(const hist_op_t *op, uint64_t state);

/* ---- by_key.c */

/* The calls of a history, key by key, each key's in the order of their `call` stamps. */
typedef struct {
    unsigned keys;
    const hist_op_t **ops; /* all keys, one after the other */
    size_t *first;         /* key k: ops[first[k]] .. ops[first[k + 1]] */
} lin_index_t;

/* False: no memory, or a key number >= keys. */
bool lin_index_create(lin_index_t *index, const hist_t *hist, unsigned keys);
void lin_index_destroy(lin_index_t *index);

#endif
