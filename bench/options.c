#include "options.h"

#include "compare.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONTENDERS = 'c',
    SCHEMES = 's',
    THREADS = 't',
    RANGE = 'r',
    MIX = 'm',
    JSON = 'j',
    LIST = 'l',
    KEYS = 256,
    WORDS,
    DISTRIBUTION,
    SHAPE,
    PREFILL,
    LENGTH,
    SECONDS,
    WARMUP,
    REPEATS,
    RETRIES,
    LOST,
    SEED,
    SAMPLE,
    PIN,
    PEER_MALLOC,
    OPERATIONS,
    SERIES,
    AGAINST,
    TOLERANCE,
    BURDEN
};

static const struct argp_option known[] = {
    {"contenders", CONTENDERS, "LIST", 0, "who is measured: names or shell patterns, libcc, peers (default: all)", 0},
    {"schemes", SCHEMES, "LIST", 0, "reclamation schemes of libcc's structures (default ibr,debra,epoch)", 0},
    {"list", LIST, NULL, 0, "print who there is, and end", 0},
    {"threads", THREADS, "LIST", 0, "numbers of threads (default 1,2)", 1},
    {"range", RANGE, "LIST", 0, "maps: numbers of keys (default 100000)", 1},
    {"keys", KEYS, "LIST", 0, "maps: dense or spread numbers; words, hex or a length from 16 bytes (default dense)", 1},
    {"words", WORDS, "FILE", 0, "the file of the words", 1},
    {"distribution", DISTRIBUTION, "LIST", 0, "maps: uniform, zipf, sequential, hot (default uniform)", 1},
    {"mix", MIX, "LIST", 0,
     "maps: percents get/insert/remove or get/insert/remove/scan (default 100/0/0,90/5/5,0/50/50)", 1},
    {"length", LENGTH, "N", 0, "entries of a scan (default 100), bytes of a block (default 64)", 1},
    {"prefill", PREFILL, "SHARE", 0, "maps: of the keys, there at the start (default 0.5)", 1},
    {"shape", SHAPE, "LIST", 0,
     "queues: pairs, coin, burst, 1p1c, np1c, 1pnc; smr: read, retire; alloc: pair, batch, cross", 1},
    {"seconds", SECONDS, "S", 0, "a run is measured (default 0.35)", 2},
    {"warmup", WARMUP, "S", 0, "before that (default 0.05)", 2},
    {"operations", OPERATIONS, "N", 0, "instead: so many by each thread, not timed", 2},
    {"repeats", REPEATS, "N", 0, "runs of each, taking turns (default 3, with --against 30, for memory 1)", 2},
    {"lost", LOST, "P", 0, "a run that lost more than so many processors to others is done again (default 0.06)", 2},
    {"retries", RETRIES, "N", 0, "at most so many times (default 5)", 2},
    {"sample", SAMPLE, "N", 0, "time every N-th operation; gives latencies", 2},
    {"pin", PIN, NULL, 0, "thread i stays on processor i", 2},
    {"seed", SEED, "N", 0, "of all random choices (default 1)", 2},
    {"peer-malloc", PEER_MALLOC, "FILE", 0, "an allocator to preload into the peers' processes", 2},
    {"against", AGAINST, "PROGRAM", 0,
     "ccbench of an older build: libcc takes turns with it, 15 times or more; exit code 1 if slower", 3},
    {"tolerance", TOLERANCE, "SHARE", 0, "a slow-down against it that does not matter (default 0.05)", 3},
    {"burden", BURDEN, "N", 0, "slows this build down by so many rounds of a loop per operation, to see it found", 3},
    {"series", SERIES, "N", 0, "memory: looked at so many times (default 10)", 2},
    {"json", JSON, "FILE", 0, "append a JSON line per result", 3},
    {0}};

/* Splits at commas, in place. */
static void split(list_t *list, char *text)
{
    list->n = 0;
    for (char *word; list->n < LIST_MAX && (word = strtok_r(text, ",", &text)) != NULL;)
        list->word[list->n++] = word;
}

static void set_field(struct argp_state *state, session_t *session, const char *field, const char *value)
{
    if (!workload_set(&session->base, field, value))
        argp_error(state, "%s: no such %s", value, field);
}

static unsigned number(struct argp_state *state, const char *text, unsigned most)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || value > most)
        argp_error(state, "%s: not a number up to %u", text, most);
    return (unsigned)value;
}

static error_t take_list(session_t *session, int key, char *arg)
{
    switch (key) {
    case CONTENDERS:
        split(&session->contenders, arg);
        return 0;
    case SCHEMES:
        split(&session->schemes, arg);
        return 0;
    case THREADS:
        split(&session->threads, arg);
        return 0;
    case RANGE:
        split(&session->ranges, arg);
        return 0;
    case KEYS:
        split(&session->keys, arg);
        return 0;
    case DISTRIBUTION:
        split(&session->distributions, arg);
        return 0;
    case MIX:
        split(&session->mixes, arg);
        return 0;
    case SHAPE:
        split(&session->shapes, arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t take_field(struct argp_state *state, session_t *session, int key, const char *arg)
{
    switch (key) {
    case WORDS:
        set_field(state, session, "words", arg);
        return 0;
    case PREFILL:
        set_field(state, session, "prefill", arg);
        return 0;
    case LENGTH:
        set_field(state, session, "length", arg);
        return 0;
    case SECONDS:
        set_field(state, session, "seconds", arg);
        return 0;
    case WARMUP:
        set_field(state, session, "warmup", arg);
        return 0;
    case OPERATIONS:
        set_field(state, session, "operations", arg);
        return 0;
    case SEED:
        set_field(state, session, "seed", arg);
        return 0;
    case BURDEN:
        set_field(state, session, "burden", arg);
        return 0;
    case SERIES:
        set_field(state, session, "series", arg);
        return 0;
    case SAMPLE:
        set_field(state, session, "sample", arg);
        return 0;
    case PIN:
        set_field(state, session, "pin", "1");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    session_t *session = state->input;
    switch (key) {
    case REPEATS:
        session->repeats = number(state, arg, REPEATS_MAX);
        return 0;
    case RETRIES:
        session->retries = number(state, arg, 1000);
        return 0;
    case LOST:
        session->lost = strtod(arg, NULL);
        return 0;
    case AGAINST:
        session->against = arg;
        return 0;
    case TOLERANCE:
        session->tolerance = strtod(arg, NULL);
        return 0;
    case PEER_MALLOC:
        session->peer_malloc = arg;
        return 0;
    case LIST:
        session_list(session->base.kind);
        exit(0);
    case JSON:
        session->json = fopen(arg, "a");
        if (session->json == NULL)
            argp_failure(state, 1, errno, "%s", arg);
        return 0;
    case ARGP_KEY_END:
        if (session->against != NULL && session->repeats == 0)
            session->repeats = 2 * COMPARE_PAIRS_MIN;
        if (session->against != NULL && session->repeats < COMPARE_PAIRS_MIN)
            argp_error(state, "--against takes %d repeats or more: fewer tell nothing", COMPARE_PAIRS_MIN);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: not an option", arg);
        return 0;
    default:
        break;
    }
    if (arg == NULL && key != PIN)
        return ARGP_ERR_UNKNOWN;
    error_t rc = take_list(session, key, arg);
    return rc == 0 ? 0 : take_field(state, session, key, arg);
}

/* Lists are cut up in place, so the defaults are not constants. */
static char default_schemes[] = "ibr,debra,epoch", default_threads[] = "1,2", default_range[] = "100000",
            default_keys[] = "dense", default_distribution[] = "uniform", default_stalls[] = "0", both_stalls[] = "0,1",
            retire[] = "retire", churn[] = "0/50/50", one_thread[] = "1", default_mix[] = "100/0/0,90/5/5,0/50/50",
            queue_shapes[] = "pairs,coin,burst,1p1c,np1c,1pnc", smr_shapes[] = "read,retire",
            alloc_shapes[] = "pair,batch,cross";

static char *shapes_of(const char *kind)
{
    return strcmp(kind, "queue") == 0 ? queue_shapes : strcmp(kind, "smr") == 0 ? smr_shapes : alloc_shapes;
}

/* Memory over time, with a reader that sleeps and without. What cannot bound its garbage piles up gigabytes in seconds,
 * so the default is short. */
static void memory_defaults(session_t *session)
{
    split(&session->stalls, both_stalls);
    split(&session->shapes, retire);
    split(&session->mixes, churn);
    split(&session->threads, one_thread);
    session->base.series = 10;
    session->base.seconds = 1;
}

static void defaults(session_t *session, const char *kind)
{
    memset(session, 0, sizeof *session);
    workload_defaults(&session->base);
    workload_set(&session->base, "words", "/usr/share/dict/american-english-huge");
    workload_set(&session->base, "kind", kind);
    session->tolerance = 0.05;
    session->retries = 5;
    session->lost = 0.06;
    session->program = "/proc/self/exe";
    split(&session->schemes, default_schemes);
    split(&session->threads, default_threads);
    split(&session->ranges, default_range);
    split(&session->keys, default_keys);
    split(&session->distributions, default_distribution);
    split(&session->stalls, default_stalls);
    split(&session->mixes, default_mix);
    split(&session->shapes, shapes_of(kind));
    if (strcmp(kind, "alloc") == 0)
        session->base.length = 64;
}

void options_parse(int argc, char **argv, session_t *session)
{
    static const struct argp argp = {known, take, NULL, "Measures, in turns, and prints a table.", NULL, NULL, NULL};
    bool memory = strcmp(argv[0], "memory") == 0;
    defaults(session, memory ? "smr" : argv[0]);
    if (memory)
        memory_defaults(session);
    argp_parse(&argp, argc, argv, 0, NULL, session);
    if (session->repeats == 0)
        session->repeats = memory ? 1 : 3;
}
