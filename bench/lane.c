#include "lane.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192 };

/* Asks for the processors before everybody else: a session of its own, because the kernel shares out between sessions
 * first, and the best priority for it and in it. Where that is not allowed, it stays as it is. */
static void come_first(void)
{
    setsid();
    FILE *file = fopen("/proc/self/autogroup", "w");
    if (file != NULL) {
        fputs("-20", file);
        fclose(file);
    }
    setpriority(PRIO_PROCESS, 0, -20);
}

static void become_worker(const lane_t *lane, int in, int out)
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    signal(SIGPIPE, SIG_DFL);
    come_first();
    if (lane->preload != NULL)
        setenv("LD_PRELOAD", lane->preload, 1);
    if (lane->contender->command != NULL)
        execl("/bin/sh", "sh", "-c", lane->contender->command, NULL);
    else
        execl(lane->program, lane->program, "worker", NULL);
    fprintf(stderr, "ccbench: cannot start %s: %s\n", lane->contender->name, strerror(errno));
    _exit(127);
}

bool lane_open(lane_t *lane)
{
    int requests[2], answers[2];
    lane->died = false;
    if (pipe2(requests, O_CLOEXEC) != 0)
        return false;
    if (pipe2(answers, O_CLOEXEC) != 0) {
        close(requests[0]);
        close(requests[1]);
        return false;
    }
    lane->pid = fork();
    if (lane->pid == 0)
        become_worker(lane, requests[0], answers[1]);
    close(requests[0]);
    close(answers[1]);
    lane->to = fdopen(requests[1], "w");
    lane->from = fdopen(answers[0], "r");
    return lane->pid > 0 && lane->to != NULL && lane->from != NULL;
}

struct json_object *lane_ask(lane_t *lane, const char *what, const workload_t *workload, const char **why)
{
    static char line[LINE_MAX_BYTES], reason[WORD_MAX];
    workload_print(workload, line, sizeof line);
    fprintf(lane->to, "%s%s\n", what, line);
    *why = "died";
    lane->died = fflush(lane->to) != 0 || fgets(line, sizeof line, lane->from) == NULL;
    if (lane->died)
        return NULL;
    struct json_object *answer = json_tokener_parse(line), *error;
    if (answer != NULL && json_object_object_get_ex(answer, "error", &error)) {
        snprintf(reason, sizeof reason, "%s", json_object_get_string(error));
        *why = reason;
        json_object_put(answer);
        return NULL;
    }
    return answer;
}

void lane_close(lane_t *lane)
{
    if (lane->to != NULL)
        fclose(lane->to);
    if (lane->from != NULL)
        fclose(lane->from);
    if (lane->pid > 0) {
        kill(lane->pid, SIGKILL); /* what it holds is gone sooner than it could be freed */
        waitpid(lane->pid, NULL, 0);
    }
    lane->to = lane->from = NULL;
    lane->pid = 0;
}
