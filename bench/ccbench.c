/* ccbench: libcc beside what a user would pick instead, in the same run. `ccbench help` says how. */
#include "compare.h"
#include "options.h"
#include "worker.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "usage: ccbench COMMAND [OPTION...]\n"
                           "\n"
                           "  map      ordered maps: look-ups, insertions, removals, scans\n"
                           "  queue    queues\n"
                           "  smr      schemes of reclamation\n"
                           "  alloc    allocators\n"
                           "  memory   memory over time, with and without a reader that sleeps\n"
                           "  compare  two files that --json wrote\n"
                           "\n"
                           "ccbench COMMAND --help lists the options, ccbench COMMAND --list who can be measured.\n";

static int measure(int argc, char **argv)
{
    session_t session;
    options_parse(argc, argv, &session);
    return session_run(&session);
}

/* Of schemes by themselves, then of maps. */
static int measure_memory(int argc, char **argv)
{
    session_t session;
    options_parse(argc, argv, &session);
    int result = session_run(&session);
    workload_set(&session.base, "kind", "map");
    return result != 0 ? result : session_run(&session);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*main)(int argc, char **argv);
    } command[] = {{"map", measure},   {"queue", measure},         {"smr", measure},
                   {"alloc", measure}, {"memory", measure_memory}, {"compare", compare_main}};
    if (argc == 2 && strcmp(argv[1], "worker") == 0)
        return worker_main();
    for (size_t i = 0; argc >= 2 && i < sizeof command / sizeof *command; i++) {
        if (strcmp(argv[1], command[i].name) == 0)
            return command[i].main(argc - 1, argv + 1);
    }
    bool asked = argc == 2 && (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0);
    fputs(help, asked ? stdout : stderr);
    return asked ? 0 : 2;
}
