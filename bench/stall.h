/* The cast of `stalls`: a map under churn, and one thread that falls asleep. */
#ifndef BENCH_STALL_H
#define BENCH_STALL_H

#include <cc/cc.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    STALL_KEYS = 2000,
    STALL_VALUE_BYTES = 64,
    STALL_THREADS_MAX = 256,
};

typedef enum { STALL_NOBODY, STALL_OPERATION, STALL_GUARD, STALL_SCAN, STALL_KINDS } stall_kind_t;

const char *stall_kind_name(stall_kind_t kind);

/* Who is asleep in an operation has been stopped there by another process, as if it had lost the processor for long. Both
 * see this. */
typedef enum { STOP_IDLE, STOP_WANTED, STOP_DONE, STOP_IMPOSSIBLE, STOP_LET_GO } stop_order_t;
typedef struct {
    atomic_int order; /* stop_order_t */
    pid_t tid;
    atomic_bool inside; /* the thread is in the middle of a get */
} stop_t;

/* By the tracer, the father of the process: obeys the order if there is one. */
void stop_obey(stop_t *stop);

typedef struct stall_world stall_world_t;

typedef struct {
    stall_world_t *world;
    uint64_t random;
    _Alignas(128) atomic_ullong ops;
} stall_churner_t;

struct stall_world {
    cc_domain_t *domain;
    cc_skiplist64_t *map;
    cc_smr_scheme_t scheme;
    unsigned threads;
    stall_churner_t churner[STALL_THREADS_MAX];
    atomic_bool stop;
};

/* All keys are in the map, and the churners run. False: no such scheme here. */
bool stall_begin(stall_world_t *world, cc_smr_scheme_t scheme, unsigned threads);

/* The sleeper sleeps when it returns. One at a time. False: no thread can be stopped here. */
bool stall_fall_asleep(stall_world_t *world, stall_kind_t kind, stop_t *stop);
void stall_wake(void);

/* The churners are gone when it returns. */
void stall_calm(stall_world_t *world);

/* What waits, and at most: it is taken for less than it is rather than for more. */
cc_smr_snapshot_t stall_snapshot(const stall_world_t *world);

uint64_t stall_ops(const stall_world_t *world);

/* Bytes that may wait, as documented, while one thread sleeps. 0: there is no bound, as under DEBRA+ where nothing is
 * proved: who loses the processor in an operation, be it a churner, then holds up everything until it runs. */
uint64_t stall_bound(const stall_world_t *world, stall_kind_t kind);

double stall_now(void);
void stall_nap(double seconds);

#endif
