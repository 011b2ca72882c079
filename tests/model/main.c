/* The runner: which clients, which strategy, how long. */
#include "clients.h"
#include "inside.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
    const char *client, *replay;
    uint64_t executions;
    double seconds;
    bool list, litmus, complete;
} options = {.executions = UINT64_MAX, .seconds = 2};

static const struct argp_option option_table[] = {
    {"client", 'c', "NAME", 0, "run only clients whose name contains NAME (=NAME: is NAME)", 0},
    {"strategy", 's', "NAME", 0, "random, pct, or exhaustive (default: random and pct in turn)", 0},
    {"seconds", 't', "S", 0, "of the processor, per client and fence variant (default 2)", 0},
    {"executions", 'n', "N", 0, "per client and fence variant at most", 0},
    {"seed", 'S', "SEED", 0, "of the random strategies (default: the time; printed)", 0},
    {"preemptions", 'p', "N", 0, "exhaustive: preemptions per execution (default 2)", 0},
    {"stale", 'w', "N", 0, "stale reads per execution (default: 1 if exhaustive, else 2)", 0},
    {"complete", 'C', NULL, 0, "only clients that the exhaustive strategy can finish at the default bounds", 0},
    {"replay", 'r', "FILE", 0, "repeat one execution and print its trace", 0},
    {"litmus", 'L', NULL, 0, "check the checker: outcomes of the classic shapes", 0},
    {"list", 'l', NULL, 0, "list the clients", 0},
    {0},
};

static bool both_random = true;

enum { STALE_DEFAULT = 99 };
enum { NO_SUCH_CLIENT = 2, STALE_POINT = 4 }; /* exit statuses */

static void parse_strategy(const char *name, struct argp_state *state)
{
    both_random = false;
    if (strcmp(name, "random") == 0)
        model_config.strategy = MODEL_STRATEGY_RANDOM;
    else if (strcmp(name, "pct") == 0)
        model_config.strategy = MODEL_STRATEGY_PCT;
    else if (strcmp(name, "exhaustive") == 0)
        model_config.strategy = MODEL_STRATEGY_EXHAUSTIVE;
    else
        argp_error(state, "no such strategy: %s", name);
}

static unsigned long number(const char *text, struct argp_state *state)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0')
        argp_error(state, "not a number: %s", text);
    return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    char *end;
    switch (key) {
    case 'c':
        options.client = arg;
        break;
    case 's':
        parse_strategy(arg, state);
        break;
    case 't':
        options.seconds = strtod(arg, &end);
        if (*arg == '\0' || *end != '\0')
            argp_error(state, "not a number: %s", arg);
        break;
    case 'n':
        options.executions = number(arg, state);
        break;
    case 'S':
        model_config.seed = number(arg, state);
        break;
    case 'p':
        model_config.preemptions = (unsigned)number(arg, state);
        break;
    case 'w':
        model_config.stale = (unsigned)number(arg, state);
        break;
    case 'r':
        options.replay = arg;
        break;
    case 'C':
        options.complete = true;
        break;
    case 'L':
        options.litmus = true;
        break;
    case 'l':
        options.list = true;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static bool named(const model_client_t *client)
{
    const char *name = options.client == NULL ? "" : options.client;
    return *name == '=' ? strcmp(client->name, name + 1) == 0 : strstr(client->name, name) != NULL;
}

static bool chosen(const model_client_t *client)
{
    return named(client) && (!options.complete || client->complete);
}

static unsigned named_clients;

static void count_named(const model_client_t *client)
{
    named_clients += named(client);
}

static void print_client(const model_client_t *client)
{
    if (!chosen(client))
        return;
    printf("%-30s %-12s %-6s %-8s  %d threads: %s\n", client->name, client->structure,
           client->scheme == CC_SMR_DEFAULT ? "-" : cc_smr_scheme_name(client->scheme),
           client->complete ? "complete" : "sampled", client->threads, client->what);
}

static const char *const strategy_names[] = {"random", "pct", "exhaustive"};

static void run_once(const model_client_t *client, double seconds)
{
    uint64_t done;
    bool all = model_run(client, options.executions, seconds, &done);
    printf("%-30s %-10s %-10s %10lu executions%s\n", client->name, strategy_names[model_config.strategy],
           model_config.asymmetric ? "membarrier" : "fences", (unsigned long)done,
           all ? ", all within the bounds" : "");
    fflush(stdout);
}

/* A name that no access has any more makes the client blind. */
static void check_points(const model_client_t *client)
{
    int thread;
    const char *unmet = model_point_unmet(&thread);
    if (unmet == NULL)
        return;
    fprintf(stderr, "model: %s: thread %d never came to its point %s\n", client->name, thread, unmet);
    exit(STALE_POINT);
}

static void run_client(const model_client_t *client)
{
    if (!chosen(client))
        return;
    model_points_begin();
    for (int asymmetric = 0; asymmetric < 2; asymmetric++) {
        model_config.asymmetric = asymmetric;
        if (!both_random) {
            run_once(client, options.seconds);
            continue;
        }
        model_config.strategy = MODEL_STRATEGY_RANDOM;
        run_once(client, options.seconds / 2);
        model_config.strategy = MODEL_STRATEGY_PCT;
        run_once(client, options.seconds / 2);
    }
    check_points(client);
}

static char replay_name[64];

static void replay_client(const model_client_t *client)
{
    if (strcmp(client->name, replay_name) == 0)
        model_replay(client, options.replay);
}

static int replay(void)
{
    int asymmetric;
    FILE *f = fopen(options.replay, "r");
    if (f == NULL || fscanf(f, "%63s %d %u", replay_name, &asymmetric, &model_config.stale) != 3) {
        fprintf(stderr, "model: %s is no replay file\n", options.replay);
        return 2;
    }
    fclose(f);
    model_config.trace = true;
    model_config.asymmetric = asymmetric;
    model_each_client(replay_client);
    model_trace_print();
    printf("nothing was found this time\n");
    return 0;
}

int main(int argc, char **argv)
{
    const struct argp argp = {
        option_table,
        parse,
        NULL,
        "Explores schedules and stale reads of the library's own sources. Exit status 3: something "
        "was found. 4: a client names a point that was never met. 2: no client has that name.",
        NULL,
        NULL,
        NULL};
    model_config = (model_config_t){
        .seed = (uint64_t)time(NULL), .preemptions = 2, .stale = STALE_DEFAULT, .depth = 3, .steps = 200000};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    model_add_smr_clients();
    model_add_late_clients();
    model_add_cap_clients();
    model_add_debra_clients();
    model_add_reclaimer_clients();
    model_add_callback_clients();
    model_add_skiplist_clients();
    model_add_inline_clients();
    model_add_clear_clients();
    model_add_blocks_clients();
    model_add_blocks_late_clients();
    model_add_queue_clients();
    model_add_queue_late_clients();
    model_add_crossed_clients();
    model_each_client(count_named);
    if (named_clients == 0) {
        fprintf(stderr, "model: no client's name is or contains %s: --list\n", options.client);
        return NO_SUCH_CLIENT;
    }
    if (options.list) {
        model_each_client(print_client);
        return 0;
    }
    if (options.replay != NULL)
        return replay();
    if (options.litmus) {
        model_config.strategy = MODEL_STRATEGY_EXHAUSTIVE;
        model_config.preemptions = model_config.stale = 9;
        model_config.asymmetric = true;
        return model_litmus() != 0;
    }
    if (model_config.stale == STALE_DEFAULT)
        model_config.stale = both_random || model_config.strategy != MODEL_STRATEGY_EXHAUSTIVE ? 2 : 1;
    printf("seed %lu\n", (unsigned long)model_config.seed);
    model_each_client(run_client);
    return 0;
}
