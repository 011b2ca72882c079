#include "demo.h"

#include "table.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cc_smr_scheme_t schemes[] = {CC_SMR_IBR, CC_SMR_DEBRA, CC_SMR_EPOCH};
enum { RUNS = sizeof schemes / sizeof *schemes, EXIT_USAGE = 2 };

static const char help[] =
    "usage: demo [options]\n"
    "Loads a word list into an ordered map, lets threads look up, scan, remove and put back words while "
    "another\n"
    "thread sleeps with values in its hands, and then accounts for every word and every byte: once under\n"
    "interval-based reclamation, once under DEBRA+, once under epochs.\n"
    "\n"
    "  --words FILE   one word per line (default " DEMO_WORDS ")\n"
    "  --threads N    threads that churn, 1 to 64 (default 4)\n"
    "  --seconds S    length of each churn, 0.1 to 3600 (default 3)\n"
    "  --seed N       repeats the random choices of an earlier run (default: from the clock)\n"
    "  --help         this text\n"
    "Exit code: 0, or 1 if a word or a byte was lost, or 2 if an option is wrong.\n";

/* ---- the command line */

static bool parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0' || strchr(text, '-') != NULL || n < min || n > max)
        return false;
    *out = n;
    return true;
}

static bool parse_seconds(const char *text, double *out)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0.1 && seconds <= 3600))
        return false;
    *out = seconds;
    return true;
}

/* -1: go on. Otherwise the exit code. */
static int parse_options(int argc, char **argv, demo_opts_t *opts, const char **path)
{
    enum { WORDS = 'w', THREADS = 't', SECONDS = 's', SEED = 'r', HELP = 'h' };
    static const struct option options[] = {{"words", required_argument, NULL, WORDS},
                                            {"threads", required_argument, NULL, THREADS},
                                            {"seconds", required_argument, NULL, SECONDS},
                                            {"seed", required_argument, NULL, SEED},
                                            {"help", no_argument, NULL, HELP},
                                            {NULL, 0, NULL, 0}};
    uint64_t number = opts->threads;
    bool good = true;
    for (int c; good && (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == HELP) {
            fputs(help, stdout);
            return EXIT_SUCCESS;
        }
        if (c == WORDS)
            *path = optarg;
        else if (c == THREADS)
            good = parse_u64(optarg, 1, DEMO_THREADS_MAX, &number);
        else if (c == SECONDS)
            good = parse_seconds(optarg, &opts->seconds);
        else
            good = c == SEED && parse_u64(optarg, 0, UINT64_MAX, &opts->seed);
        if (!good && c != '?')
            fprintf(stderr, "demo: %s: not a value for this option\n", optarg);
    }
    opts->threads = (unsigned)number;
    if (good && optind == argc)
        return -1;
    fprintf(stderr, "demo: wrong arguments, see demo --help\n");
    return EXIT_USAGE;
}

/* ---- the table */

/* One row whose cells are counts, or bytes, found at the same place in each run's result. */
#define COUNT_ROW(label, field)                                                                                        \
    do {                                                                                                               \
        for (size_t c_ = 0; c_ < RUNS; c_++)                                                                           \
            table_count(&table, c_, (uint64_t)result[c_].field);                                                       \
        table_row(&table, label);                                                                                      \
    } while (0)
#define BYTES_ROW(label, field)                                                                                        \
    do {                                                                                                               \
        for (size_t c_ = 0; c_ < RUNS; c_++)                                                                           \
            table_bytes(&table, c_, (uint64_t)result[c_].field);                                                       \
        table_row(&table, label);                                                                                      \
    } while (0)

static uint64_t total(const demo_calls_t *calls)
{
    return calls->lookups + calls->ranges + calls->removals + calls->insertions;
}

static void print_churn(const demo_result_t *result)
{
    table_t table = {.columns = RUNS};
    table_head("churn");
    for (size_t c = 0; c < RUNS; c++)
        table_count(&table, c, (uint64_t)((double)total(&result[c].calls) / result[c].churn_seconds));
    table_row(&table, "operations per second");
    COUNT_ROW("look-ups", calls.lookups);
    COUNT_ROW("prefix ranges", calls.ranges);
    COUNT_ROW("removals tried", calls.removals);
    COUNT_ROW("words put back", calls.insertions);
    COUNT_ROW("searches begun again", churned.restarts);
    COUNT_ROW("searches thrown back", churned.neutralize_taken);
}

static void print_reclamation(const demo_result_t *result)
{
    table_t table = {.columns = RUNS};
    table_head("reclamation, at the end of the churn, with the sleeper still asleep");
    COUNT_ROW("objects retired", churned.retired);
    COUNT_ROW("objects reclaimed", churned.reclaimed);
    COUNT_ROW("objects waiting", churned.limbo_count);
    for (int sample = 0; sample < DEMO_SAMPLES; sample++) {
        char label[64];
        snprintf(label, sizeof label, "bytes waiting at %d %% of the time", (sample + 1) * 100 / DEMO_SAMPLES);
        BYTES_ROW(label, waiting[sample]);
    }
    BYTES_ROW("bytes waiting, the most ever", churned.limbo_bytes_peak);
    COUNT_ROW("epoch", churned.epoch);
    table_head("the sleeper, when it woke");
    COUNT_ROW("values in its hands", sleep.held);
    COUNT_ROW("of these, no longer in the map", sleep.replaced);
    COUNT_ROW("intact", sleep.intact);
}

static void print_balance(const demo_result_t *result)
{
    table_t table = {.columns = RUNS};
    table_head("balance");
    COUNT_ROW("words found again, all in order", found);
    COUNT_ROW("objects waiting after the drain", drained.limbo_count);
    COUNT_ROW("allocations", after.alloc_count - result[c_].before.alloc_count);
    COUNT_ROW("frees", after.free_count - result[c_].before.free_count);
    BYTES_ROW("allocated before the run", before.current_allocated);
    BYTES_ROW("allocated when loaded", loaded.current_allocated);
    BYTES_ROW("allocated after the run", after.current_allocated);
    if (result[0].after.alloc_count == 0)
        printf("  (built without allocation statistics: a byte that is lost would not be seen)\n");
}

static void print_allocator(void)
{
    cc_alloc_info_t info = CC_ALLOC_INFO_INIT;
    if (cc_alloc_info(&info) == 0)
        printf("allocator: %s %s, %s: %.0f %% of the blocks tried lie in its own heap\n"
               "           (malloc of this process comes from %s)\n",
               info.name, info.version, info.verified ? "proved" : "NOT proved", info.owned_share * 100,
               info.host_malloc);
}

static void print_table(const demo_opts_t *opts, const demo_result_t *result)
{
    table_t table = {.columns = RUNS};
    printf("%zu words, %u threads and a sleeper, %.1f s each\n\n", opts->words->count, opts->threads, opts->seconds);
    for (size_t c = 0; c < RUNS; c++)
        table_text(&table, c, "%s", result[c].scheme);
    table_row(&table, "");
    for (size_t c = 0; c < RUNS; c++)
        table_text(&table, c, "%.2f s", result[c].load_seconds);
    table_row(&table, "loading");
    print_churn(result);
    print_reclamation(result);
    print_balance(result);
    print_allocator();
    printf("\nLook at the bytes waiting: a thread asleep in a guard pins only the values in its hands under "
           "%s and\n"
           "%s, so they stay below a bound; under %s it pins everything retired since it fell asleep, so they grow.\n",
           result[0].scheme, result[1].scheme, result[2].scheme);
}

int main(int argc, char **argv)
{
    words_t words;
    demo_opts_t opts = {.words = &words, .threads = 4, .seconds = 3, .seed = (uint64_t)(demo_now() * 1e6)};
    const char *path = DEMO_WORDS;
    int code = parse_options(argc, argv, &opts, &path);
    if (code >= 0)
        return code;
    if (words_load(&words, path) != 0)
        return EXIT_USAGE;
    printf("seed %" PRIu64 "\n", opts.seed);
    fflush(stdout);

    demo_result_t result[RUNS];
    code = EXIT_SUCCESS;
    for (size_t c = 0; c < RUNS && code == EXIT_SUCCESS; c++)
        code = demo_run(&opts, schemes[c], &result[c]) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    if (code == EXIT_SUCCESS)
        print_table(&opts, result);
    words_free(&words);
    return code;
}
