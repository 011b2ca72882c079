#include "environment.h"

#include <cc/cc.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#ifndef BENCH_COMMIT
#define BENCH_COMMIT "unknown"
#endif

static void add(struct json_object *object, const char *name, const char *value)
{
    json_object_object_add(object, name, json_object_new_string(value));
}

static void add_processor(struct json_object *object)
{
    char line[256] = "unknown";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "model name", 10) == 0)
            break;
    }
    if (file != NULL)
        fclose(file);
    char *colon = strchr(line, ':');
    line[strcspn(line, "\n")] = '\0';
    add(object, "processor", colon != NULL ? colon + 2 : line);
    json_object_object_add(object, "processors", json_object_new_int64(sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_object_add(object, "memory", json_object_new_int64(sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
}

static void add_first_line(struct json_object *object, const char *name, const char *path)
{
    char line[128];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    if (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        add(object, name, line);
    }
    fclose(file);
}

static void add_time(struct json_object *object)
{
    char text[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    add(object, "time", text);
}

struct json_object *environment_json(void)
{
    struct json_object *object = json_object_new_object();
    struct utsname kernel;
    cc_alloc_info_t alloc = CC_ALLOC_INFO_INIT;
    char text[128];
    add_time(object);
    add_processor(object);
    if (uname(&kernel) == 0)
        add(object, "kernel", kernel.release);
    add_first_line(object, "governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    add_first_line(object, "huge_pages", "/sys/kernel/mm/transparent_hugepage/enabled");
    add(object, "compiler", BENCH_COMPILER);
    add(object, "flags", BENCH_FLAGS);
    add(object, "libcc", cc_version());
    add(object, "commit", BENCH_COMMIT);
    if (cc_alloc_info(&alloc) == 0) {
        snprintf(text, sizeof text, "%s %s", alloc.name, alloc.version);
        add(object, "allocator", text);
    }
    return object;
}
