/* A workload: what a worker process sets up and runs. It travels as one line of key=value words, so that a peer in
 * another language can be driven by the same words.
 *
 *     setup kind=map contender=cc_skiplist64 scheme=ibr range=100000 keys=dense ...
 *     run threads=2 get=90 insert=5 remove=5 seconds=0.35 ...
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORD_MAX = 256, THREADS_MAX = 256 };

/* TEXT(name, default), NUMBER(name, default), REAL(name, default) */
#define WORKLOAD_FIELDS(TEXT, NUMBER, REAL)                                                                            \
    TEXT(kind, "map") /* map, queue, smr, alloc */                                                                     \
    TEXT(contender, "")                                                                                                \
    TEXT(scheme, "-")             /* of libcc's structures; "-" for peers */                                           \
    TEXT(keys, "dense")           /* dense, spread, words, hex, or a length in bytes */                                \
    TEXT(words, "")               /* file of the words */                                                              \
    TEXT(distribution, "uniform") /* uniform, zipf, sequential, hot */                                                 \
    TEXT(shape, "pairs")          /* of a queue's or a scheme's use */                                                 \
    NUMBER(range, 100000)         /* keys there are */                                                                 \
    REAL(prefill, 0.5)            /* share of them that is there at the start */                                       \
    NUMBER(seed, 1)                                                                                                    \
    NUMBER(threads, 1)                                                                                                 \
    NUMBER(get, 90) /* these four: percent of the operations */                                                        \
    NUMBER(insert, 5)                                                                                                  \
    NUMBER(remove, 5)                                                                                                  \
    NUMBER(scan, 0)                                                                                                    \
    NUMBER(length, 100)   /* entries of a scan */                                                                      \
    REAL(seconds, 0.35)   /* measured */                                                                               \
    REAL(warmup, 0.05)    /* before that */                                                                            \
    NUMBER(operations, 0) /* instead of seconds: so many by each thread, for counters of instructions */               \
    NUMBER(sample, 0)     /* every n-th operation is timed; 0: none */                                                 \
    NUMBER(pin, 0)        /* 1: thread i stays on processor i */                                                       \
    NUMBER(stall, 0)      /* 1: one more thread sleeps in a guard meanwhile */                                         \
    NUMBER(series, 0)     /* memory is looked at so many times in between */                                           \
    NUMBER(burden, 0)     /* useless rounds of a loop per operation: a slow-down, to see whether it is found */

#define WORKLOAD_TEXT_(name, value)   char name[WORD_MAX];
#define WORKLOAD_NUMBER_(name, value) uint64_t name;
#define WORKLOAD_REAL_(name, value)   double name;
typedef struct {
    WORKLOAD_FIELDS(WORKLOAD_TEXT_, WORKLOAD_NUMBER_, WORKLOAD_REAL_)
} workload_t;

/* All fields at their defaults. */
void workload_defaults(workload_t *workload);

/* Sets one field from text. False: no such field, or no such value. */
bool workload_set(workload_t *workload, const char *name, const char *value);

/* Takes the key=value words of `line` in; the line is cut up. False with *bad set to the word that is wrong. */
bool workload_parse(workload_t *workload, char *line, const char **bad);

/* The words of `workload`; what does not fit is an assertion failure. */
void workload_print(const workload_t *workload, char *line, size_t size);

/* The kind of contenders for it: maps of byte strings compete where the keys are byte strings. */
const char *workload_contender_kind(const workload_t *workload);

/* Calls text, number or real for every field: for output of other kinds. */
typedef struct {
    void (*text)(void *ctx, const char *name, const char *value);
    void (*number)(void *ctx, const char *name, uint64_t value);
    void (*real)(void *ctx, const char *name, double value);
} workload_visitor_t;
void workload_visit(const workload_t *workload, const workload_visitor_t *visitor, void *ctx);

#endif
