/* The model checker: runs a client's threads as fibers of one OS thread, under every schedule that a strategy tries and
 * with the stale reads that C11 allows. docs/testing.md says how to write a client.
 *
 * The library's sources are compiled a second time with shim/ in front of src/: every atomic access then comes here.
 * Plain accesses come here too: the sources are compiled with -fsanitize=thread, whose calls plain.c answers. inside.h
 * says what is in which file. */
#ifndef MODEL_H
#define MODEL_H

#include "cc/domain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_THREADS = 6 }; /* the main fiber (0) and at most five of the client */

typedef struct {
    const char *name;
    const char *what;      /* one line for --list */
    int threads;           /* 1 ... MODEL_THREADS - 1 */
    void (*setup)(void);   /* runs alone, first */
    void (*thread)(int i); /* 1 ... threads */
    void (*asleep)(void);  /* runs when a thread falls asleep, before it does: plain notes of the client; may be NULL */
    void (*stalled)(void); /* runs when only stalled threads are left, before they are let go on; may be NULL */
    void (*finish)(void);  /* runs alone, last: asserts, frees */
    const void *arg;       /* the client's own */
    cc_smr_scheme_t scheme;
    const char *structure; /* what it is a client of */
    /* NULL: threads are switched before any access. Of each thread, from 1: only before those whose text (as traces print
     * it) contains this, or one of these with | between; NULL: none. Signals arrive there only. Deep schedules become likely
     * that way; learn.c's argument does not hold then. */
    const char *const *points;
    void (*at_point)(
        int i); /* thread i has come to a point of its own, and may wait there by plain counters; may be NULL */
    const char
        *stale; /* not NULL: the loads whose text contains this may read old stores as often as they like, no others */
    bool blocks_nobody; /* a thread that stalls holds no lock: `stalled` runs even if others are blocked */
    bool complete;      /* small enough for the exhaustive strategy at preemption bound 2 */
} model_client_t;

/* Called from clients. */
void model_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define model_assert(cond)                                                                                             \
    do {                                                                                                               \
        if (!(cond))                                                                                                   \
            model_fail("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond);                                      \
    } while (0)
void model_yield(void);                /* others first */
void model_stall(void);                /* this thread sleeps here until all others are done */
void model_may_stall(void);            /* from here on it may do so once, before any of its accesses */
void model_point(const char *what);    /* a scheduling point of the client's own */
unsigned model_choose(unsigned n);     /* a choice of the client's own, explored like a schedule */
void model_ticks(unsigned n);          /* IBR: allocations and retirements per epoch; default 1 */
void model_rounds(unsigned n);         /* waiting entries that start a round; default 1 */
void model_leaves(unsigned n);         /* entries of a search tree's leaf; default 1 */
void model_outcome(unsigned long key); /* litmus: counts this execution under the key */
int model_self(void);

/* Moments, as happens-before orders them: nothing else orders calls of different threads under C11. */
typedef struct {
    int thread;
    uint32_t clock, after[MODEL_THREADS];
} model_moment_t;
void model_now(model_moment_t *moment); /* a moment of this thread, after all that it has done */
bool model_before(const model_moment_t *a, const model_moment_t *b);

const model_client_t *model_client(void); /* that is being run */

/* Atomics, called from shim/base/atomic.h. */
typedef enum { MODEL_RELAXED, MODEL_ACQUIRE, MODEL_RELEASE, MODEL_ACQ_REL, MODEL_SEQ_CST } model_order_t;
typedef struct {
    const char *file, *text;
    int line;
} model_site_t;

uint64_t model_load(const void *at, unsigned size, model_order_t order, const model_site_t *site);
uint64_t model_load_quiet(const void *at, unsigned size); /* the newest store, no scheduling point */
void model_store(void *at, unsigned size, uint64_t value, model_order_t order, const model_site_t *site);
typedef enum { MODEL_EXCHANGE, MODEL_ADD, MODEL_OR } model_rmw_t;
uint64_t model_rmw(void *at, unsigned size, model_rmw_t how, uint64_t value, model_order_t order,
                   const model_site_t *site);
bool model_cas(void *at, unsigned size, uint64_t *expected, uint64_t value, model_order_t success,
               model_order_t failure, const model_site_t *site);

/* Two words that change together and are read by halves (0: low). The exchange is a full fence. */
typedef struct {
    uint64_t low, high;
} model_words_t;
uint64_t model_pair_load(const void *at, int half, model_order_t order, const model_site_t *site);
bool model_pair_cas(void *at, model_words_t *expected, model_words_t value, const model_site_t *site);

void model_counter_add(void *at, unsigned size, uint64_t value);
void model_fence(const model_site_t *site);
void model_fence_light(const model_site_t *site);
bool model_fence_heavy(const model_site_t *site);
bool model_is_asymmetric(void);

/* Memory of the library under test. */
void *model_alloc(size_t size, size_t alignment);
void model_free(void *ptr);
size_t model_alloc_size(const void *ptr);
void *model_memset(void *to, int byte, size_t n);
void *model_memcpy(void *to, const void *from, size_t n);
int model_memcmp(const void *a, const void *b, size_t n);

#endif
