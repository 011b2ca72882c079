/* Workers that sleep until there is work, and a server that must not run ahead of them.
 *
 * Jobs go through a ring: when it is full, the server sleeps in push_wait until a worker has taken one. Results
 * come back through a fifo, on which the server waits as event loops do, with a descriptor. To end, the server closes
 * the ring: each worker does what is left and then gets -EPIPE. */
#include <cc/cc.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

enum { WORKERS = 3, JOBS = 100000, ROOM = 64 };

typedef struct {
    uint64_t number, square;
} job_t;

static cc_ring_t *jobs;
static cc_fifo_t *results;

/* Returns NULL, or something else after an error that it did not expect. */
static void *work(void *arg)
{
    void *item;
    int err;
    (void)arg;
    while ((err = cc_ring_pop_wait(jobs, &item, -1)) == 0) {
        job_t *job = item; /* ours alone until we push it on */
        job->square = job->number * job->number;
        if (cc_fifo_push(results, job) != 0)
            return job;
    }
    return err == -EPIPE ? NULL : jobs;
}

/* Takes what has come; the number of results that were wrong. */
static int collect(uint64_t *done)
{
    void *item;
    int wrong = 0;
    while (cc_fifo_pop(results, &item) == 0) {
        job_t *job = item;
        wrong += job->square != job->number * job->number;
        cc_free(job, sizeof *job);
        ++*done;
    }
    return wrong;
}

/* One turn of an event loop: arm, look once more, wait. */
static int wait_and_collect(uint64_t *done)
{
    struct pollfd ready = {.fd = cc_fifo_event_fd(results), .events = POLLIN};
    if (cc_fifo_arm(results) != 0)
        return 1;
    uint64_t before = *done;
    int wrong = collect(done);
    if (*done == before)
        poll(&ready, 1, -1);
    return wrong;
}

int main(void)
{
    pthread_t worker[WORKERS];
    uint64_t done = 0;
    int wrong = 0;
    if (cc_ring_create(ROOM, NULL, &jobs) != 0 || cc_fifo_create(NULL, NULL, &results) != 0)
        return 1;
    if (cc_fifo_event_fd(results) < 0)
        return 1;
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&worker[i], NULL, work, NULL) != 0)
            return 1;

    for (uint64_t n = 0; n < JOBS; n++) {
        job_t *job = cc_alloc(sizeof *job);
        if (job == NULL)
            return 1;
        *job = (job_t){.number = n};
        if (cc_ring_push_wait(jobs, job, -1) != 0)
            return 1;
        wrong += collect(&done);
    }
    while (done < JOBS)
        wrong += wait_and_collect(&done);

    cc_ring_close(jobs);
    for (int i = 0; i < WORKERS; i++) {
        void *error;
        pthread_join(worker[i], &error);
        wrong += error != NULL;
    }
    printf("%d jobs, %lu results, %d wrong\n", JOBS, (unsigned long)done, wrong);
    return cc_ring_destroy(jobs) == 0 && cc_fifo_destroy(results) == 0 && wrong == 0 && done == JOBS ? 0 : 1;
}
