/* Schemes of reclamation by themselves.
 *
 *     read     enter, one load, leave
 *     retire   allocate 64 bytes, fill them, retire them */
#include "job.h"

#include <string.h>

static bool set_up(job_t *job)
{
    contender_opts_t opts = {job->workload.scheme, 0};
    job->it = job->contender->create(&opts);
    job->memory = (memory_t){0, 0, -1};
    return job->it != NULL;
}

static uint64_t reads(member_t *me, void *ctx, unsigned n)
{
    job_t *job = ctx;
    job->contender->read(job->it, me->self, n);
    return n;
}

static uint64_t retires(member_t *me, void *ctx, unsigned n)
{
    job_t *job = ctx;
    job->contender->retire(job->it, me->self, n);
    return n;
}

static bool run(job_t *job, crew_result_t *result)
{
    const contender_t *scheme = job->contender;
    bool reading = strcmp(job->workload.shape, "read") == 0;
    if ((!reading && strcmp(job->workload.shape, "retire") != 0) || (reading ? scheme->read : scheme->retire) == NULL)
        return false;
    crew_run(&job->workload, scheme, job->it, reading ? reads : retires, job, result);
    job->memory.garbage = scheme->waiting != NULL ? (double)scheme->waiting(job->it) : -1;
    return true;
}

static void tear_down(job_t *job)
{
    if (job->it != NULL)
        job->contender->destroy(job->it);
}

const job_t job_smr = {.kind = "smr", .set_up = set_up, .run = run, .tear_down = tear_down};
