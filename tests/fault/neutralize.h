/* The parts of fault/neutralize and fault/neutralize-real. */
#ifndef FAULT_NEUTRALIZE_H
#define FAULT_NEUTRALIZE_H

#include "canary.h"
#include "stopper.h"

#include "smr/types.h"

#include <cc/guard.h>
#include <cc/skiplist64.h>
#include <cc/stats.h>

/* ---- neutralize_world.c: a map that is changed all the time, and a thread that reads it */

enum { KEYS = 64, CHURNERS = 2, HELD = KEYS / 2 };

typedef struct {
    cc_domain_t *domain;
    cc_skiplist64_t *map;
    canary_count_t live;
} neutralize_world_t;
extern neutralize_world_t world;

typedef struct {
    pthread_t thread;
    atomic_int tid;
    _Atomic(cc__rec_t *) rec;
    atomic_llong calls;
    atomic_bool stop;
    bool block_signals, idle; /* every signal; under SCHED_IDLE */
    bool opens_them;          /* again, when it has attached */
    bool blocks_late;         /* every signal, when it has attached */
    bool holds_nothing;       /* no guard */
} neutralize_reader_t;
extern neutralize_reader_t reader;

void world_set_up(cc_neutralize_t neutralize);
void world_tear_down(void);
cc_smr_snapshot_t world_snapshot(void);
bool world_is_strong(void);
void world_remove_all(void);

void churn(unsigned turns, uint64_t *random);
void churn_for(double seconds);
void read_all(void);

void start_reader(void);
void stop_reader(void);

/* Sets the world up, starts the reader, and stops it in the middle of a SEARCH. */
void stop_in_search(stopper_t *stopper, cc_neutralize_t neutralize);
void let_go(stopper_t *stopper); /* and tears all down */

void start_churners(void);
void stop_churners(void);

/* Values in a guard of this thread. */
typedef struct {
    cc_guard_t *guard;
    void *value[HELD];
} held_t;
void hold_some(held_t *held);
void let_go_of(held_t *held); /* they are intact */

/* The bound of smr/debra.c, in entries or bytes: `retiring` threads, their thresholds, and what stands in slots. */
uint64_t bound_of(uint64_t retiring, uint64_t suspect, uint64_t scan, uint64_t held);
uint64_t slots_of(uint64_t threads, uint64_t in_guards);

/* ---- neutralize_signals.c */
void storm(void);
void former_handler(void);
void put_off(void);
void cut_off(void);
void handlers(void);
void waiters(void);

/* ---- neutralize_stack.c */
void high_signal_stack(void);

/* ---- neutralize_crowd.c */
void starved(void);
void crowd(void);
void exits(void);

/* ---- neutralize_fork.c */
void forks(void);
void fork_in_handler(void);

/* ---- neutralize_litmus.c */
void litmus(void);
void litmus_long(void);
void litmus_control(void);
void litmus_control_long(void);

#endif
