#include "worker.h"

#include "job.h"
#include "usage.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 8192 };

static void answer(struct json_object *object)
{
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    fflush(stdout);
    json_object_put(object);
}

static void refuse(const char *why)
{
    struct json_object *object = json_object_new_object();
    json_object_object_add(object, "error", json_object_new_string(why));
    answer(object);
}

static void add(struct json_object *object, const char *name, double value)
{
    json_object_object_add(object, name, json_object_new_double(value));
}

static void add_series(struct json_object *object, const char *name, const double *value, unsigned n)
{
    struct json_object *series = json_object_new_array();
    for (unsigned i = 0; i < n; i++)
        json_object_array_add(series, json_object_new_double(value[i]));
    json_object_object_add(object, name, series);
}

static const contender_t *find(const workload_t *workload)
{
    for (const contender_t *c = contender_first(); c != NULL; c = c->next) {
        if (strcmp(c->kind, workload_contender_kind(workload)) == 0 && strcmp(c->name, workload->contender) == 0)
            return c;
    }
    return NULL;
}

static bool set_up(job_t *job)
{
    static const job_t *const all[] = {&job_alloc, &job_map, &job_queue, &job_smr};
    workload_t workload = job->workload;
    if (job->contender != NULL)
        job->tear_down(job);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i]->kind, workload.kind) == 0)
            *job = *all[i];
    }
    job->workload = workload;
    job->contender = find(&workload);
    return job->set_up != NULL && job->contender != NULL && job->set_up(job);
}

static void answer_set_up(const job_t *job)
{
    struct json_object *object = json_object_new_object();
    add(object, "entries", job->memory.entries);
    add(object, "bytes", job->memory.bytes);
    answer(object);
}

static void answer_run(const job_t *job, const crew_result_t *result)
{
    struct json_object *object = json_object_new_object();
    add(object, "operations", result->operations);
    add(object, "seconds", result->seconds);
    add(object, "fair", result->fair);
    add(object, "cpu", result->cpu);
    add(object, "lost", result->lost);
    if (result->samples > 0) {
        add(object, "p50", result->p50);
        add(object, "p99", result->p99);
        add(object, "p999", result->p999);
        add(object, "longest", result->longest);
    }
    if (job->memory.garbage >= 0)
        add(object, "garbage", job->memory.garbage);
    add(object, "peak", (double)usage_peak());
    if (result->points > 0) {
        add_series(object, "rss_series", result->rss, result->points);
        add_series(object, "garbage_series", result->garbage, result->points);
    }
    answer(object);
}

static bool handle(job_t *job, char *line)
{
    crew_result_t result;
    const char *bad;
    bool setting_up = strncmp(line, "setup ", 6) == 0;
    if (!setting_up && (strncmp(line, "run ", 4) != 0 || job->contender == NULL)) {
        refuse("neither setup nor run, or run before setup");
        return false;
    }
    if (!workload_parse(&job->workload, strchr(line, ' '), &bad)) {
        refuse(bad);
        return false;
    }
    if (job->workload.threads < 1 || job->workload.threads > THREADS_MAX)
        refuse("threads");
    else if (!setting_up && job->workload.stall != 0 && job->contender->hold == NULL)
        refuse("has no stalled reader");
    else if (setting_up && set_up(job))
        answer_set_up(job);
    else if (!setting_up && job->run(job, &result))
        answer_run(job, &result);
    else
        refuse("cannot be had");
    return true;
}

int worker_main(void)
{
    static job_t job;
    static char line[LINE_MAX_BYTES];
    workload_defaults(&job.workload);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (!handle(&job, line))
            return 1;
    }
    if (job.contender != NULL)
        job.tear_down(&job);
    return 0;
}
