/* What a scheme adds to a look-up: cc_skiplist64_get beside the same get of a map that reclaims nothing, in one thread. A repeat
 * asks each scheme for the same keys, in an order of its own, once to warm up and once by the processor's clock; printed are
 * medians of the differences over all repeats, with their quartiles. So what moves all of them (frequency, other programs)
 * falls out. */
#include "numbers.h"
#include "random.h"

#include <cc/cc.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    SCHEMES = 4,
    MAPS = 16, /* per scheme, in turn: where their blocks happen to lie counts less */
    CALLS = 2000,
};

static const struct {
    const char *name;
    cc_smr_scheme_t id;
} schemes[SCHEMES] = {{"leak", CC_SMR_LEAK}, {"ibr", CC_SMR_IBR}, {"debra", CC_SMR_DEBRA}, {"epoch", CC_SMR_EPOCH}};

static cc_skiplist64_t *maps[SCHEMES][MAPS];
static uint64_t wanted[CALLS];

static void must(bool good)
{
    if (!good) {
        fprintf(stderr, "get_cost: a call of the library failed\n");
        exit(EXIT_FAILURE);
    }
}

static void make_maps(unsigned scheme, uint64_t keys)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    opts.scheme = schemes[scheme].id;
    must(cc_domain_create(&opts, &domain) == 0);
    for (unsigned i = 0; i < MAPS; i++) {
        must(cc_skiplist64_create(domain, NULL, &maps[scheme][i]) == 0);
        for (uint64_t key = 0; key < keys; key++)
            must(cc_skiplist64_put(maps[scheme][i], random_mix(key), maps, NULL) >= 0);
    }
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void get_all(cc_skiplist64_t *map)
{
    int missed = 0;
    void *value;
    for (unsigned i = 0; i < CALLS; i++)
        missed += cc_skiplist64_get(map, wanted[i], &value);
    must(missed == 0);
}

static double time_get(cc_skiplist64_t *map)
{
    get_all(map);
    double begin = now_ns();
    get_all(map);
    return (now_ns() - begin) / CALLS;
}

static void repeat(uint64_t *random, uint64_t keys, double ns[SCHEMES])
{
    unsigned order[SCHEMES] = {0, 1, 2, 3};
    for (unsigned i = SCHEMES - 1; i > 0; i--) {
        unsigned other = (unsigned)random_below(random, i + 1), moved = order[i];
        order[i] = order[other];
        order[other] = moved;
    }
    for (unsigned i = 0; i < CALLS; i++)
        wanted[i] = random_mix(random_below(random, keys));
    unsigned turn = (unsigned)random_below(random, MAPS);
    for (unsigned i = 0; i < SCHEMES; i++)
        ns[order[i]] = time_get(maps[order[i]][turn]);
}

static void print_row(const char *name, double *ns, unsigned repeats)
{
    double median = numbers_median(ns, repeats); /* sorts */
    printf("%-6s %8.2f   [%.2f, %.2f]\n", name, median, ns[repeats / 4], ns[repeats * 3 / 4]);
}

static void measure(uint64_t keys, unsigned repeats, uint64_t seed)
{
    double *ns[SCHEMES];
    for (unsigned s = 0; s < SCHEMES; s++) {
        make_maps(s, keys);
        ns[s] = calloc(repeats, sizeof *ns[s]);
        must(ns[s] != NULL);
    }
    for (unsigned r = 0; r < repeats; r++) {
        double one[SCHEMES];
        repeat(&seed, keys, one);
        ns[0][r] = one[0];
        for (unsigned s = 1; s < SCHEMES; s++)
            ns[s][r] = one[s] - one[0];
    }
    printf("get among %" PRIu64 " keys, ns of processor time; below leak: what is added; median [quartiles] of %u\n",
           keys, repeats);
    for (unsigned s = 0; s < SCHEMES; s++) {
        print_row(schemes[s].name, ns[s], repeats);
        free(ns[s]);
    }
}

static int usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [--keys N] [--repeats N] [--seed N]\n"
            "What each scheme of reclamation adds to a look-up, in nanoseconds.\n"
            "  --keys     in the map (default 1000)\n"
            "  --repeats  of 2000 look-ups per scheme, taking turns (default 400)\n"
            "  --seed     of keys and turns (default 1)\n",
            program);
    return to == stdout ? EXIT_SUCCESS : 2;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {
        {"keys", required_argument, NULL, 0},
        {"repeats", required_argument, NULL, 1},
        {"seed", required_argument, NULL, 2},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    uint64_t given[3] = {1000, 400, 1};
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        if (c == 'h')
            return usage(stdout, argv[0]);
        if (c > 2 || (given[c] = strtoull(optarg, NULL, 10)) == 0 || given[c] > 100000000)
            return usage(stderr, argv[0]);
    }
    if (optind != argc)
        return usage(stderr, argv[0]);
    measure(given[0], (unsigned)given[1], given[2]);
    return EXIT_SUCCESS;
}
