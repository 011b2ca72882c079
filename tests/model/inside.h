/* Between the parts of the model; clients and the shim need model.h only.
 *
 *     engine.c     executions, findings, replay          schedule.c   choices and strategies
 *     fibers.c     who is ready, switching                learn.c      which locations need scheduling points
 *     shadow.c     blocks, who touched what, races       history.c    atomic locations and the stores to be read
 *     views.c      what each thread has seen; fences      signal.c     signals
 *     env.c        mutexes, keys, clock                   trace.c      the last events
 *     plain.c      where the compiler's calls come in     start.c      where searches begin */
#ifndef MODEL_INSIDE_H
#define MODEL_INSIDE_H

#include "model.h"

typedef enum { MODEL_STRATEGY_RANDOM, MODEL_STRATEGY_PCT, MODEL_STRATEGY_EXHAUSTIVE } model_strategy_t;

typedef struct {
    model_strategy_t strategy;
    uint64_t seed;
    unsigned preemptions; /* exhaustive: preemptions per execution at most */
    unsigned stale;       /* stale reads per execution at most */
    unsigned depth;       /* PCT: priority changes */
    unsigned steps;       /* more than this is a livelock */
    bool asymmetric;      /* light fences cost readers nothing, heavy ones reach all threads */
    bool trace;
} model_config_t;

extern model_config_t model_config;

/* ---- schedule.c: an execution is a list of numbers, each out of n */

typedef enum {
    MODEL_SCHEDULE,
    MODEL_PREEMPT, /* the running fiber could go on */
    MODEL_READ,
    MODEL_PLACE,
    MODEL_SIGNAL,
    MODEL_STALL,
    MODEL_CLIENT
} model_choice_t;

void model_schedule_begin(uint64_t execution);
bool model_schedule_advance(void);                                 /* exhaustive: the next list; false: all were made */
void model_schedule_restart(void);                                 /* exhaustive: from the first list on */
void model_schedule_prescribe(const uint16_t *chosen, unsigned n); /* a replay */
unsigned model_schedule_made(const uint16_t **chosen);
unsigned model_pick(unsigned n, model_choice_t kind); /* 0 is the ordinary course */
int model_pick_fiber(const int *list, unsigned n, bool preempts);
bool model_stale_left(void);
void model_stale_used(void);

/* ---- fibers.c */

void model_fibers_begin(const model_client_t *client);
void model_fibers_run(void);  /* until none is ready */
void model_fibers_wake(void); /* the stalled ones go on */
bool model_fibers_stalled(void);
bool model_fibers_blocked(void);
bool model_finished(int fiber);
int model_fiber_count(void);
extern int model_current; /* the fiber that runs */
extern bool model_alone;  /* setup or finish: everything that happened is ordered before, nothing happens meanwhile */

void model_points_begin(void);
const char *model_point_unmet(int *thread); /* named by the client, not met since; NULL: none */
bool model_is_point(const char *text);      /* of the access: the client wants the running fiber switched there */
void model_reach(void);                     /* a point of the running fiber */
void model_step(void);                      /* a scheduling point */
void model_step_private(void);              /* an access that no other thread can notice: only signals arrive there */
void model_block(const void *on);           /* until model_wake(on) */
void model_wake(const void *on);
bool model_futex_expire(void);   /* all that sleep until a deadline wake up; false: nobody does */
void model_interrupt(int fiber); /* a blocked fiber looks again */

/* ---- learn.c */

bool model_learned(uint64_t key);
void model_learn(uint64_t key);
unsigned model_learn_count(void);
void model_learn_clear(void);
uint64_t model_learn_key(unsigned i); /* in the order in which they were learned */

/* ---- shadow.c, history.c, views.c */

typedef enum { MODEL_PLAIN_READ, MODEL_PLAIN_WRITE, MODEL_ATOMIC_READ, MODEL_ATOMIC_WRITE, MODEL_FREE } model_access_t;

void model_shadow_begin(void);
void model_shadow_end(void); /* finds leaks */
bool model_same_block(const void *a, const void *b);
void model_block_unnamed(const void *at); /* start.c: a thread that frees it is a finding */
void model_touch(const void *at, size_t size, model_access_t access, const model_site_t *site);
uint16_t *model_location_of(const void *at, unsigned size, const model_site_t *site); /* where the location's number is
                                                                                       * kept; NULL: not in a block */
uint64_t model_key(const void *at); /* names the place in all executions */

enum { MODEL_CLOCKS = 8 }; /* MODEL_THREADS, rounded up */

typedef struct {
    uint32_t read[MODEL_CLOCKS], wrote[MODEL_CLOCKS]; /* clocks of each thread's last atomic accesses */
} model_touched_t;

void model_history_begin(void);
model_touched_t *model_touched(uint16_t location);

void model_views_begin(void);
void model_views_join(int into, int from);
void model_sync_release(void *object); /* mutexes: what this thread did, the next one to acquire sees */
void model_sync_acquire(void *object);

void model_fence_here(void); /* a fence that is part of another step */

void *model_pool(size_t size); /* memory until the end of the execution */

/* ---- signal.c */

extern bool model_signals; /* one was sent in this execution */

void model_signal_begin(void);
void model_signal_take(bool here); /* the fiber is about to go on: takes what is due, chooses about what is pending */
void model_signal_fence(void);     /* the fiber ran the heavy fence */

/* ---- start.c */

extern unsigned model_fresh; /* one bit per fiber that has begun a SEARCH and read no link yet */

void model_start_begin(void);
void model_search_reads(const void *at, const model_site_t *site);

/* ---- env.c, trace.c */

void model_env_begin(void);
void model_env_thread_exit(void);

void model_trace_begin(void);
void model_trace_event(const char *format, ...) __attribute__((format(printf, 1, 2)));
void model_trace_print(void);

/* ---- engine.c */

/* Runs up to `executions` or `seconds`. True: the exhaustive strategy has tried everything. */
bool model_run(const model_client_t *client, uint64_t executions, double seconds, uint64_t *done);
uint64_t model_outcomes(unsigned long key);
void model_outcomes_clear(void);
void model_replay(const model_client_t *client, const char *path);

#endif
