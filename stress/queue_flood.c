/* queue_flood: very many items through one queue, by eight threads, in batches: each producer's items come out in its
 * order (fifo, ring), none is lost or doubled, and the checksums agree. The ring for one producer and one consumer has two.
 *
 *     queue_flood [ITEMS [KIND [SCHEME [BATCH]]]]        10 million, all, all, 64 by default; KIND and SCHEME may be all */
#include "../tests/schemes.h"
#include "crew.h"
#include "cycle.h"
#include "queue_kind.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    THREADS = 8,
    PRODUCERS = THREADS / 2,
    MOST_BATCH = 64,
    NUMBER_BITS = 40,
    SIZE = 1024,
    PATIENCE = 3600,
    BACKLOG = 1 << 20
};

typedef struct {
    const queue_kind_t *kind;
    void *queue;
    unsigned producers; /* and as many consumers */
    uint64_t each;      /* items of each producer */
    size_t batch;       /* items of a call, at most */
    atomic_uint at_work;
    uint64_t popped[THREADS][PRODUCERS]; /* by thread, of each producer: how many, */
    uint64_t sum[THREADS][PRODUCERS];    /* and their checksum; in a producer's own place that of what it pushed */
} flood_t;

/* The sum of these tells which numbers there were, and how often: one lost and another doubled do not cancel out. */
static uint64_t mixed(uint64_t number)
{
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

static void produce(worker_t *w, flood_t *f)
{
    void *items[MOST_BATCH];
    uint64_t sum = 0;
    for (uint64_t next = 0; next < f->each;) {
        size_t n = f->each - next < f->batch ? (size_t)(f->each - next) : f->batch;
        for (size_t i = 0; i < n; i++)
            items[i] = (void *)(uintptr_t)((uint64_t)(w->index + 1) << NUMBER_BITS | (next + i)); // NOLINT
        int64_t went = f->kind->push_n(f->queue, items, n);
        if (went == -EAGAIN) {
            went = f->kind->push_wait(f->queue, items[0], -1);
            went += went == 0;
        }
        if (went <= 0)
            finding("push answered %d", (int)went);
        for (int64_t i = 0; i < went; i++)
            sum += mixed(next++);
        w->ops++;
        while (next % 4096 < (uint64_t)went && f->kind->count(f->queue) > BACKLOG)
            sched_yield();
    }
    f->sum[w->index][w->index] = sum;
    if (atomic_fetch_sub(&f->at_work, 1) == 1 && f->kind->close(f->queue) != 0)
        finding("close failed");
}

static void consume(worker_t *w, flood_t *f)
{
    uint64_t least[PRODUCERS] = {0}, popped[PRODUCERS] = {0}, sum[PRODUCERS] = {0};
    void *items[MOST_BATCH];
    for (;;) {
        int64_t went = f->kind->pop_n(f->queue, items, f->batch);
        if (went == -EAGAIN) {
            went = f->kind->pop_wait(f->queue, items, -1);
            went += went == 0;
        }
        if (went == -EPIPE)
            break;
        if (went <= 0)
            finding("pop answered %d", (int)went);
        for (int64_t i = 0; i < went; i++) {
            uint64_t word = (uintptr_t)items[i], producer = (word >> NUMBER_BITS) - 1;
            uint64_t number = word & ((UINT64_C(1) << NUMBER_BITS) - 1);
            if (producer >= PRODUCERS || (f->kind->order == QUEUE_FIFO && number < least[producer]))
                finding("item %lu of producer %lu is out of order", (unsigned long)number, (unsigned long)producer);
            least[producer] = number + 1;
            popped[producer]++;
            sum[producer] += mixed(number);
        }
        w->ops++;
    }
    memcpy(f->popped[w->index], popped, sizeof popped);
    memcpy(f->sum[w->index], sum, sizeof sum);
}

static void work(worker_t *w, void *ctx)
{
    flood_t *f = ctx;
    if (w->index < f->producers)
        produce(w, f);
    else
        consume(w, f);
}

static void settle(const flood_t *f)
{
    for (unsigned p = 0; p < f->producers; p++) {
        uint64_t popped = 0, sum = 0;
        for (unsigned t = f->producers; t < THREADS; t++) {
            popped += f->popped[t][p];
            sum += f->sum[t][p];
        }
        if (popped != f->each || sum != f->sum[p][p])
            finding("%lu of %lu items of producer %u came out, checksum %lx for %lx", (unsigned long)popped,
                    (unsigned long)f->each, p, (unsigned long)sum, (unsigned long)f->sum[p][p]);
    }
}

static void flood(const queue_kind_t *kind, cc_smr_scheme_t scheme, uint64_t items, size_t batch)
{
    crew_t crew;
    cc_domain_t *domain;
    flood_t f = {.kind = kind, .producers = kind == &queue_pipe ? 1 : PRODUCERS, .batch = batch};
    f.each = items / f.producers;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    report_place_t place = {0, "flood", cc_smr_scheme_name(scheme), kind->name, ""};
    opts.scheme = scheme;
    snprintf(place.replay, sizeof place.replay, "queue_flood %lu %s %s %zu", (unsigned long)items, kind->name,
             place.scheme, batch);
    report_watchdog(PATIENCE);
    report_enter(&place);
    if (cc_domain_create(&opts, &domain) != 0)
        give_up("a domain could not be created");
    f.queue = kind->create(domain, SIZE);
    atomic_store(&f.at_work, f.producers);
    double start = now_seconds();
    crew_start(&crew, 2 * f.producers, 1);
    crew_run(&crew, work, &f);
    settle(&f);
    double seconds = now_seconds() - start;
    kind->destroy(f.queue);
    crew_dismiss(&crew);
    uint64_t peak = cycle_settle(domain, scheme);
    if (cc_domain_destroy(domain) != 0)
        finding("the domain is still in use");
    report_enter(NULL);
    printf("%-18s %-8s %12lu items by %2zu %8.1f s %8.1f M/s %12lu bytes waited at most\n", kind->name, place.scheme,
           (unsigned long)(f.each * f.producers), batch, seconds, (double)(f.each * f.producers) / seconds * 1e-6,
           (unsigned long)peak);
    fflush(stdout);
}

static bool chosen(const char *choice, const char *name)
{
    return strcmp(choice, "all") == 0 || strcmp(choice, name) == 0;
}

int main(int argc, char **argv)
{
    uint64_t items = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    const char *kinds = argc > 2 ? argv[2] : "all", *schemes = argc > 3 ? argv[3] : "all";
    size_t batch = argc > 4 ? strtoul(argv[4], NULL, 10) : MOST_BATCH;
    unsigned floods = 0;
    report_crashes();
    for (int k = 0; k <= QUEUE_KINDS && items >= PRODUCERS && batch > 0 && batch <= MOST_BATCH && argc <= 5; k++) {
        const queue_kind_t *kind = k < QUEUE_KINDS ? queue_kinds[k] : &queue_pipe;
        for (unsigned s = 0; s < RECLAIMING_SCHEMES; s++) { /* one that leaks would take all memory */
            if (!chosen(kinds, kind->name) || !chosen(schemes, cc_smr_scheme_name(reclaiming_schemes[s])))
                continue;
            flood(kind, reclaiming_schemes[s], items, batch);
            floods++;
            if (!kind->in_domain)
                break;
        }
    }
    if (floods == 0) {
        fputs("usage: queue_flood [ITEMS [KIND [SCHEME [BATCH]]]]\n", stderr);
        return 2;
    }
    printf("nothing found\n");
    return 0;
}
