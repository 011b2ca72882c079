#include "child.h"

#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Our environment without CC_SMR, and with two more variables. */
static char **make_environment(char *role, char *setting)
{
    size_t n = 0, kept = 0;
    while (environ[n] != NULL)
        n++;
    char **result = calloc(n + 3, sizeof *result);
    cr_assert_not_null(result);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "CC_SMR=", 7) != 0)
            result[kept++] = environ[i];
    result[kept++] = role;
    if (setting != NULL)
        result[kept] = setting;
    return result;
}

static void read_all(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t n;
    while (used + 1 < size && ((n = read(fd, text + used, size - 1 - used)) > 0 || (n < 0 && errno == EINTR)))
        used += n > 0 ? (size_t)n : 0;
    text[used] = '\0';
}

child_t run_child(const char *role, const char *setting)
{
    char role_setting[64];
    char *own_setting = setting != NULL ? strdup(setting) : NULL;
    snprintf(role_setting, sizeof role_setting, CHILD_VARIABLE "=%s", role);
    char **environment = make_environment(role_setting, own_setting);
    char *argv[] = {(char[]){"child"}, NULL};

    int ends[2];
    posix_spawn_file_actions_t actions;
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    pid_t pid;
    cr_assert_eq(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environment), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);

    child_t child;
    int status = 0;
    read_all(ends[0], child.text, sizeof child.text);
    close(ends[0]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    child.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    free(environment);
    free(own_setting);
    return child;
}
