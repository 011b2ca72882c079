/* Allocators, blocks of workload->length bytes; an allocation and its free are one operation.
 *
 *     pair    a block is allocated, touched and freed
 *     batch   256 blocks are, then all are freed, in another order
 *     cross   each block is freed by whichever thread next comes by the place where it was left */
#include "job.h"

#include "random.h"

#include <string.h>

enum { BATCH = 256, PLACES = 4096 };

static _Atomic(void *) place[PLACES];

static void *take(const contender_t *allocator, size_t size)
{
    void *block = allocator->allocate(size);
    *(volatile char *)block = 1;
    return block;
}

static uint64_t pairs(member_t *me, void *ctx, unsigned n)
{
    const contender_t *allocator = ((job_t *)ctx)->contender;
    size_t size = me->workload->length;
    for (unsigned i = 0; i < n; i++)
        allocator->give_back(take(allocator, size), size);
    return n;
}

static uint64_t batch(member_t *me, void *ctx, unsigned n)
{
    const contender_t *allocator = ((job_t *)ctx)->contender;
    size_t size = me->workload->length;
    void *block[BATCH];
    (void)n;
    for (unsigned i = 0; i < BATCH; i++)
        block[i] = take(allocator, size);
    for (unsigned i = 0; i < BATCH; i++)
        allocator->give_back(block[i * 167 % BATCH], size);
    return BATCH;
}

static uint64_t cross(member_t *me, void *ctx, unsigned n)
{
    const contender_t *allocator = ((job_t *)ctx)->contender;
    size_t size = me->workload->length;
    for (unsigned i = 0; i < n; i++) {
        void *mine = take(allocator, size);
        void *other = atomic_exchange(&place[random_below(&me->random, PLACES)], mine);
        if (other != NULL)
            allocator->give_back(other, size);
    }
    return n;
}

static bool set_up(job_t *job)
{
    job->memory = (memory_t){0, 0, -1};
    return true;
}

static bool run(job_t *job, crew_result_t *result)
{
    static const struct {
        const char *name;
        crew_job_fn *job;
    } shape[] = {{"pair", pairs}, {"batch", batch}, {"cross", cross}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        if (strcmp(job->workload.shape, shape[i].name) == 0) {
            crew_run(&job->workload, job->contender, NULL, shape[i].job, job, result);
            return true;
        }
    }
    return false;
}

static void tear_down(job_t *job)
{
    (void)job;
}

const job_t job_alloc = {.kind = "alloc", .set_up = set_up, .run = run, .tear_down = tear_down};
