/* The demo: a word list in a map, churned by several threads while another one sleeps with values in its
 * hands; afterwards every word and every byte is accounted for.
 *
 *     demo.c         the command line, and the two runs side by side as a table
 *     demo_run.c     one run, from the creation of its domain to the balance of its memory
 *     demo_churn.c   the threads: loading, churning, sleeping
 *     demo_value.c   what the map's values are, and how anyone can tell that one is intact */
#ifndef BENCH_DEMO_H
#define BENCH_DEMO_H

#include "words.h"

#include <cc/cc.h>

#include <stdatomic.h>

/* ---- values */

typedef struct {
    uint64_t word;    /* index of the word that it stands under */
    uint64_t version; /* tells one value of a word from the next */
    uint64_t check;   /* a hash of the two; spoilt when the value is reclaimed */
} value_t;

/* NULL: no memory. */
value_t *value_create(uint64_t word, uint64_t version);

/* Of a value that never entered the map. */
void value_discard(value_t *value);

/* The map's value_reclaim. */
void value_reclaim(void *ptr, void *ctx);

/* Is it the live value of this word? */
bool value_intact(const value_t *value, uint64_t word);

/* ---- one run */

enum { DEMO_THREADS_MAX = 64, DEMO_SAMPLES = 4, DEMO_HELD_MAX = 256 };

typedef struct {
    const words_t *words;
    unsigned threads;
    double seconds; /* of churn */
    uint64_t seed;
} demo_opts_t;

/* How often each call was made. */
typedef struct {
    uint64_t lookups, hits, ranges, entries, removals, insertions;
} demo_calls_t;

/* What the sleeper had when it woke. */
typedef struct {
    size_t held;     /* values it obtained before it fell asleep */
    size_t replaced; /* of these, no longer in the map */
    size_t intact;   /* of all, still what they were */
} demo_sleep_t;

typedef struct {
    const char *scheme;
    double load_seconds, churn_seconds;
    demo_calls_t calls;
    uint64_t waiting[DEMO_SAMPLES]; /* bytes not yet reclaimed, at equal intervals of the churn */
    cc_smr_snapshot_t churned;      /* the churn is over, the sleeper still asleep */
    cc_smr_snapshot_t drained;      /* after it woke and the domain was drained */
    demo_sleep_t sleep;
    size_t found; /* words that stood in the map at the end, in order, with the right value */
    cc_alloc_snapshot_t before, loaded, after;
} demo_result_t;

/* What the threads of one run share. */
typedef struct {
    const demo_opts_t *opts;
    const words_t *words;
    size_t *order; /* the words' indices, shuffled */
    cc_smr_scheme_t scheme;
    cc_domain_t *domain;
    cc_skiplist_t *map;
    atomic_bool stop;
    atomic_bool failed; /* a line on stderr has said why */
} demo_t;

/* 0: every word was found again and every byte came back. 1: not so, said on stderr. The domain and the map
 * are left behind after a failure. */
int demo_run(const demo_opts_t *opts, cc_smr_scheme_t scheme, demo_result_t *result);

/* Prints the complaint, remembers the failure and stops the churn. */
void demo_fail(demo_t *demo, const char *format, ...) __attribute__((format(printf, 2, 3)));

double demo_now(void); /* seconds */

/* ---- its threads */

/* Puts every word into the map, each with a value. */
void demo_load(demo_t *demo);

/* Runs the churn with one more thread asleep, until `seconds` are over or something fails. Fills in result.
 */
void demo_churn(demo_t *demo, demo_result_t *result);

#endif
