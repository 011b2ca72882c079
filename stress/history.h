/* A history: what every thread called, when, and what came back.
 *
 * Each thread writes its own preallocated array, so recording costs two clock reads and one store of 40 bytes,
 * and adds no synchronization that could hide a bug of the structure under test.
 *
 * What the map holds under a key is recorded as one word, the token: the address of the value object and 16 bits
 * of its sequence number, because addresses come back after reclamation.
 *
 *     63            48 47                              0
 *     +---------------+--------------------------------+
 *     | sequence      | address of the value object    |      0: the key is absent
 *     +---------------+--------------------------------+
 *
 * A thread that may not dereference the pointer (no guard) knows only the address; one that passed `old` as NULL
 * knows nothing about it. hist_known_t says how much of `seen` is to be compared. */
#ifndef STRESS_HISTORY_H
#define STRESS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

typedef enum { HIST_GET, HIST_CONTAINS, HIST_INSERT, HIST_PUT, HIST_REPLACE, HIST_REMOVE } hist_verb_t;

/* The verbs of a history of queues: `key` is then the number of the queue, and items are tokens (linearize_queue.h). */
typedef enum { HIST_PUSH, HIST_POP } hist_queue_verb_t;

typedef enum { HIST_KNOWN_NOTHING, HIST_KNOWN_ADDRESS, HIST_KNOWN_WHOLE } hist_known_t;

enum { HIST_THREADS_MAX = 64 }; /* the checker keeps one bit per pending call */

#define HIST_ABSENT       UINT64_C(0)
#define HIST_ADDRESS_MASK UINT64_C(0x0000ffffffffffff)

/* One call. */
typedef struct {
    uint64_t call;  /* clock before the call */
    uint64_t ret;   /* clock after it */
    uint64_t arg;   /* token given: insert, put, replace (desired), push */
    uint64_t seen;  /* token that came out: get, put (old), remove (old), pop; for replace: expected */
    uint16_t key;   /* number of the key */
    int16_t result; /* what the call returned */
    uint8_t thread; /* who called */
    uint8_t verb;   /* hist_verb_t or hist_queue_verb_t */
    uint8_t known;  /* hist_known_t: how much of `seen` counts */
} hist_op_t;

typedef struct {
    hist_op_t *ops;
    size_t count;
    size_t room;
} hist_lane_t;

typedef struct {
    unsigned threads;
    hist_lane_t *lanes; /* one per thread, each in its own allocation */
} hist_t;

/* Room for `ops` calls of each of `threads` threads, touched in advance. False: no memory, or too many threads. */
bool hist_create(hist_t *hist, unsigned threads, size_t ops);
void hist_destroy(hist_t *hist);
void hist_clear(hist_t *hist);
size_t hist_count(const hist_t *hist);

/* The next record of the thread; NULL: its array is full. The record counts once hist_commit was called. */
hist_op_t *hist_next(hist_t *hist, unsigned thread);

static inline void hist_commit(hist_t *hist, unsigned thread)
{
    hist->lanes[thread].count++;
}

static inline uint64_t hist_token(const void *value, uint64_t sequence)
{
    return (sequence << 48) | ((uint64_t)(uintptr_t)value & HIST_ADDRESS_MASK);
}

/* ---- the clock */

/* True: the time stamp counter runs at one rate on all processors. Decided once, by hist_clock_init. */
extern bool hist_clock_tsc;
void hist_clock_init(void);
const char *hist_clock_name(void);

static inline uint64_t hist_clock_raw(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* An interval may be recorded too wide (that only weakens the check) but never too narrow, hence the fences: the
 * first stamp is taken before anything of the call is executed, the second after its last store is visible. */
static inline uint64_t hist_clock_before(void)
{
#ifdef __x86_64__
    if (hist_clock_tsc) {
        uint32_t low, high;
        __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
        return (uint64_t)high << 32 | low;
    }
#endif
    return hist_clock_raw();
}

static inline uint64_t hist_clock_after(void)
{
#ifdef __x86_64__
    if (hist_clock_tsc) {
        uint32_t low, high;
        __asm__ volatile("mfence\n\trdtscp\n\tlfence" : "=a"(low), "=d"(high) : : "rcx", "memory");
        return (uint64_t)high << 32 | low;
    }
#endif
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return hist_clock_raw();
}

#endif
