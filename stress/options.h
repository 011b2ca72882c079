/* The command line of stress_map. */
#ifndef STRESS_OPTIONS_H
#define STRESS_OPTIONS_H

#include "../tests/schemes.h"

#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_KEYS_MAX = 64, OPTIONS_THREADS_MAX = 60 };

typedef struct {
    cc_smr_scheme_t schemes[SCHEMES];
    unsigned scheme_count;
    const char *scheme_arg; /* as given, for the replay line */
    double seconds;
    unsigned threads;
    unsigned keys;    /* most keys of a linearizability map */
    unsigned jolt_us; /* mean time between two stalls forced upon a thread; 0: none */
    uint64_t seed;
    uint64_t first_cycle; /* skip the cycles before this one */
    const char *trace;    /* file for a history that is found wrong; NULL: none */
} options_t;

/* Parses argv. True: go on. False: stop with *exit_code (help was printed, or what is wrong). */
bool options_parse(int argc, char **argv, options_t *out, int *exit_code);

#endif
