/* A lock-free structure of one's own on the library's reclamation: a stack after Treiber (1986).
 *
 * The danger in pop is the line `next = node->next`: another thread may have popped and freed the node
 * meanwhile, or freed it and pushed new memory at the same address (then the compare-and-swap succeeds with a
 * wrong `next`). cc_guard_protect rules both out: what it returns stands in the guard, and is not reclaimed
 * while it does. */
#include <cc/cc.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 4, ITEMS = 20000 };

typedef struct node {
    struct node *next; /* written before the node is published, never after */
    uint64_t item;
} node_t;

static cc_domain_t *domain;
static CC_ATOMIC_PTR top;
static atomic_ulong pushed_sum, popped_sum;

static bool push(uint64_t item)
{
    node_t *node = cc_node_alloc(domain, sizeof *node);
    if (node == NULL)
        return false;
    void *expected = atomic_load(&top);
    node->item = item;
    do
        node->next = expected;
    while (!atomic_compare_exchange_weak(&top, &expected, node));
    return true;
}

/* 1: popped; 0: empty; -1: no memory. */
static int pop(uint64_t *item)
{
    cc_guard_t *guard = cc_guard_enter(domain);
    if (guard == NULL)
        return -1;
    int popped = -1;
    void *seen;
    while (cc_guard_protect(guard, &top, &seen) == 0) {
        node_t *node = seen;
        if (node == NULL) {
            popped = 0;
            break;
        }
        void *expected = node;
        if (atomic_compare_exchange_strong(&top, &expected, node->next)) {
            *item = node->item;
            cc_retire(domain, node, sizeof *node, NULL, NULL); /* ours alone to retire: our step unlinked it */
            popped = 1;
            break;
        }
        cc_guard_release(guard, node); /* another thread was first: let go, try the new top */
    }
    cc_guard_leave(guard);
    return popped;
}

/* Pushes ITEMS numbers and pops as many as it can. Returns non-NULL if memory ran out. */
static void *work(void *arg)
{
    uint64_t first = (uint64_t)(uintptr_t)arg * ITEMS, item;
    for (uint64_t i = 0; i < ITEMS; i++) {
        if (!push(first + i))
            return arg;
        atomic_fetch_add(&pushed_sum, first + i);
        if (i % 3 != 0 && pop(&item) == 1)
            atomic_fetch_add(&popped_sum, item);
    }
    return NULL;
}

/* The same code is right under every scheme; the command line may name one. */
static bool make_domain(const char *scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    for (int id = CC_SMR_IBR; scheme != NULL && id <= CC_SMR_EPOCH; id++) {
        if (strcmp(scheme, cc_smr_scheme_name((cc_smr_scheme_t)id)) == 0)
            opts.scheme = (cc_smr_scheme_t)id;
    }
    return cc_domain_create(&opts, &domain) == 0;
}

int main(int argc, char **argv)
{
    if (!make_domain(argc > 1 ? argv[1] : NULL))
        return 1;
    pthread_t thread[THREADS];
    for (uintptr_t t = 0; t < THREADS; t++)
        if (pthread_create(&thread[t], NULL, work, (void *)(t + 1)) != 0)
            return 1;
    bool failed = false;
    for (int t = 0; t < THREADS; t++) {
        void *result;
        pthread_join(thread[t], &result);
        failed = failed || result != NULL;
    }
    uint64_t item;
    while (pop(&item) == 1)
        atomic_fetch_add(&popped_sum, item);

    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    failed = failed || cc_domain_drain(domain, -1) != 0 || cc_smr_stats_snapshot(domain, &s) != 0;
    printf("pushed %lu, popped %lu (sums); %lu nodes retired, %lu reclaimed\n", atomic_load(&pushed_sum),
           atomic_load(&popped_sum), (unsigned long)s.retired, (unsigned long)s.reclaimed);
    failed = failed || atomic_load(&pushed_sum) != atomic_load(&popped_sum) || s.retired != THREADS * ITEMS ||
             s.reclaimed != s.retired;
    return cc_domain_destroy(domain) == 0 && !failed ? 0 : 1;
}
