/* queue_flood: very many items through one queue, by eight threads, in batches: each producer's items come out in its
 * order (fifo, ring), none is lost or doubled, and the sums agree. The ring for one producer and one consumer has two.
 *
 *     queue_flood [ITEMS] [KIND] [SCHEME]        10 million, all kinds, all schemes by default */
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
    BATCH = 64,
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
    atomic_uint at_work;
    uint64_t popped[THREADS][PRODUCERS]; /* by thread, of each producer: how many, */
    uint64_t sum[THREADS][PRODUCERS];    /* and their numbers' sum */
} flood_t;

static void produce(worker_t *w, flood_t *f)
{
    void *items[BATCH];
    for (uint64_t next = 0; next < f->each;) {
        size_t n = f->each - next < BATCH ? (size_t)(f->each - next) : BATCH;
        for (size_t i = 0; i < n; i++)
            items[i] = (void *)(uintptr_t)((uint64_t)(w->index + 1) << NUMBER_BITS | (next + i)); // NOLINT
        int64_t went = f->kind->push_n(f->queue, items, n);
        if (went == -EAGAIN) {
            went = f->kind->push_wait(f->queue, items[0], -1);
            went += went == 0;
        }
        if (went <= 0)
            finding("push answered %d", (int)went);
        next += (uint64_t)went;
        w->ops++;
        while (next % 4096 < (uint64_t)went && f->kind->count(f->queue) > BACKLOG)
            sched_yield();
    }
    if (atomic_fetch_sub(&f->at_work, 1) == 1 && f->kind->close(f->queue) != 0)
        finding("close failed");
}

static void consume(worker_t *w, flood_t *f)
{
    uint64_t least[PRODUCERS] = {0}, popped[PRODUCERS] = {0}, sum[PRODUCERS] = {0};
    void *items[BATCH];
    for (;;) {
        int64_t went = f->kind->pop_n(f->queue, items, BATCH);
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
            sum[producer] += number;
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

/* That each number came out once follows from their count and their sum, but for what cancels out in both. */
static void settle(const flood_t *f)
{
    for (unsigned p = 0; p < f->producers; p++) {
        uint64_t popped = 0, sum = 0;
        for (int t = 0; t < THREADS; t++) {
            popped += f->popped[t][p];
            sum += f->sum[t][p];
        }
        if (popped != f->each || sum != f->each * (f->each - 1) / 2)
            finding("%lu of %lu items of producer %u came out", (unsigned long)popped, (unsigned long)f->each, p);
    }
}

static void flood(const queue_kind_t *kind, cc_smr_scheme_t scheme, uint64_t items)
{
    crew_t crew;
    cc_domain_t *domain;
    flood_t f = {.kind = kind, .producers = kind == &queue_pipe ? 1 : PRODUCERS};
    f.each = items / f.producers;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    report_place_t place = {0, "flood", cc_smr_scheme_name(scheme), kind->name, ""};
    opts.scheme = scheme;
    snprintf(place.replay, sizeof place.replay, "queue_flood %lu %s %s", (unsigned long)items, kind->name,
             place.scheme);
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
    printf("%-18s %-8s %12lu items %8.1f s %8.1f M/s %12lu bytes waited at most\n", kind->name, place.scheme,
           (unsigned long)(f.each * f.producers), seconds, (double)(f.each * f.producers) / seconds * 1e-6,
           (unsigned long)peak);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    uint64_t items = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    if (items < PRODUCERS || argc > 4) {
        fputs("usage: queue_flood [ITEMS] [KIND] [SCHEME]\n", stderr);
        return 2;
    }
    report_crashes();
    for (int k = 0; k <= QUEUE_KINDS; k++) {
        const queue_kind_t *kind = k < QUEUE_KINDS ? queue_kinds[k] : &queue_pipe;
        if (argc > 2 && strcmp(argv[2], kind->name) != 0)
            continue;
        for (unsigned s = 0; s < RECLAIMING_SCHEMES; s++) { /* one that leaks would take all memory */
            if (argc <= 3 || strcmp(argv[3], cc_smr_scheme_name(reclaiming_schemes[s])) == 0)
                flood(kind, reclaiming_schemes[s], items);
            if (!kind->in_domain)
                break;
        }
    }
    printf("nothing found\n");
    return 0;
}
