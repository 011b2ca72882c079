#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: stress_map [options]\n"
    "Runs the maps of libcc from many threads and checks everything that can be checked: linearizability per\n"
    "key, sums over keys, ordered verbs, thread churn; after every cycle that nothing is left unreclaimed.\n"
    "\n"
    "  --scheme NAME    ibr, epoch, ... or all (default all)\n"
    "  --seconds N      how long, in all (default 10)\n"
    "  --threads N      1 to 60 (default 4; more than there are processors finds more)\n"
    "  --keys N         most keys of a map in the linearizability phase, 1 to 64 (default 16; few find more)\n"
    "  --jolt-us N      mean microseconds between two stalls forced upon a thread in mid-call (default 250,\n"
    "                   0: none)\n"
    "  --seed N         what the threads do; how they interleave remains the machine's choice (default: random)\n"
    "  --first-cycle N  begin with this cycle of the seed (default 0)\n"
    "  --trace FILE     where a history that no order explains is kept, all of it (default: nowhere)\n"
    "  --help           this text\n"
    "\n"
    "Exit code: 0 nothing found, 1 a finding, 2 wrong usage or no memory, 3 no progress.\n";

static bool complain(const char *what, const char *arg, int *exit_code)
{
    fprintf(stderr, "stress_map: %s: %s (--help tells more)\n", what, arg);
    *exit_code = 2;
    return false;
}

static bool parse_number(const char *arg, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(arg, &end, 0);
    if (errno != 0 || end == arg || *end != '\0' || *arg == '-' || n < min || n > max)
        return false;
    *out = n;
    return true;
}

static bool parse_seconds(const char *arg, double *out)
{
    char *end;
    double n = strtod(arg, &end);
    if (end == arg || *end != '\0' || !(n > 0 && n < 1e7))
        return false;
    *out = n;
    return true;
}

static bool parse_scheme(const char *arg, options_t *out)
{
    out->scheme_arg = arg;
    out->scheme_count = 0;
    for (unsigned i = 0; i < SCHEMES; i++)
        if (strcmp(arg, "all") == 0 || strcmp(arg, cc_smr_scheme_name(every_scheme[i])) == 0)
            out->schemes[out->scheme_count++] = every_scheme[i];
    return out->scheme_count > 0;
}

static uint64_t random_seed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_nsec << 20 ^ (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 44) & 0xffffffffffff;
}

static bool parse_one(int option, const char *arg, options_t *out)
{
    uint64_t n = 0;
    switch (option) {
    case 's':
        return parse_scheme(arg, out);
    case 't':
        return parse_seconds(arg, &out->seconds);
    case 'n':
        if (!parse_number(arg, 1, OPTIONS_THREADS_MAX, &n))
            return false;
        out->threads = (unsigned)n;
        return true;
    case 'k':
        if (!parse_number(arg, 1, OPTIONS_KEYS_MAX, &n))
            return false;
        out->keys = (unsigned)n;
        return true;
    case 'j':
        if (!parse_number(arg, 0, 1000000, &n))
            return false;
        out->jolt_us = (unsigned)n;
        return true;
    case 'o':
        out->trace = arg;
        return true;
    case 'r':
        return parse_number(arg, 0, UINT64_MAX, &out->seed);
    default:
        return parse_number(arg, 0, UINT64_MAX, &out->first_cycle);
    }
}

bool options_parse(int argc, char **argv, options_t *out, int *exit_code)
{
    static const struct option known[] = {{"scheme", required_argument, NULL, 's'},
                                          {"seconds", required_argument, NULL, 't'},
                                          {"threads", required_argument, NULL, 'n'},
                                          {"keys", required_argument, NULL, 'k'},
                                          {"jolt-us", required_argument, NULL, 'j'},
                                          {"seed", required_argument, NULL, 'r'},
                                          {"first-cycle", required_argument, NULL, 'c'},
                                          {"trace", required_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *out = (options_t){.seconds = 10, .threads = 4, .keys = 16, .jolt_us = 250, .seed = random_seed()};
    parse_scheme("all", out);
    for (int option, which = 0; (option = getopt_long(argc, argv, "", known, &which)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            *exit_code = 0;
            return false;
        }
        if (option == '?') { /* getopt has said what is wrong */
            *exit_code = 2;
            return false;
        }
        if (!parse_one(option, optarg, out))
            return complain(known[which].name, optarg, exit_code);
    }
    if (optind < argc)
        return complain("unexpected argument", argv[optind], exit_code);
    return true;
}
