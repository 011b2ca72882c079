#include <cc/cc.h>
#include <stdio.h>
#include <stdlib.h>

static void free_job(void *job, void *ctx)
{
    (void)ctx;
    free(job);
}

int main(void)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = free_job; // the map owns its values: one that is replaced or removed goes to free_job,
    opts.value_size = sizeof(int); // later, when no thread holds it any more
    cc_skiplist64_t *jobs;
    int *job = malloc(sizeof *job);
    if (job == NULL || cc_skiplist64_create(NULL, &opts, &jobs) != 0)
        return 1;
    *job = 7;
    if (cc_skiplist64_put(jobs, 42, job, NULL) < 0)
        return 1; // (1 would mean: a value was replaced)

    cc_guard_t *guard = cc_guard_enter(cc_skiplist64_domain(jobs));
    void *value;
    if (guard != NULL && cc_skiplist64_get(jobs, 42, &value) == 0)
        printf("job %d\n", *(int *)value); // it stays until leave, whatever other threads do to the map
    cc_guard_leave(guard);
    return cc_skiplist64_destroy(jobs);
}
