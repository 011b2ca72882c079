/* A queue in a domain as a contender. QUEUE is its name without cc_, OPTS_INIT how its options begin; OPTIONS(opts)
 * changes them, TITLE is what it is called then; BATCHED: items are passed in batches. */
#include "domain.h"

#define PASTE_(a, b, c) a##b##c
#define PASTE(a, b, c)  PASTE_(a, b, c)
#define VERB(verb)      PASTE(cc_, QUEUE, verb)

typedef struct {
    cc_domain_t *domain;
    VERB(_t) * queue;
} it_t;

static void *create(const contender_opts_t *opts)
{
    it_t *it = calloc(1, sizeof *it);
    VERB(_opts_t) mine = OPTS_INIT;
    OPTIONS(mine);
    it->domain = domain_of(opts->scheme);
    if (it->domain == NULL || VERB(_create)(it->domain, &mine, &it->queue) != 0) {
        free(it);
        return NULL;
    }
    return it;
}

static void destroy(void *what)
{
    it_t *it = what;
    (void)VERB(_destroy)(it->queue);
    (void)cc_domain_destroy(it->domain);
    free(it);
}

#ifdef BATCHED
#define PUSH_N(it, items, n) VERB(_push_n)(((it_t *)(it))->queue, items, n)
#define POP_N(it, items, n)  VERB(_pop_n)(((it_t *)(it))->queue, items, n)
#include "batch.h"
#else
#define CALLS .push = push, .pop = pop
static bool push(void *it, void *self, void *item)
{
    (void)self;
    return VERB(_push)(((it_t *)it)->queue, item) == 0;
}

static bool pop(void *it, void *self, void **item)
{
    (void)self;
    return VERB(_pop)(((it_t *)it)->queue, item) == 0;
}
#endif

static uint64_t waiting(void *it)
{
    return domain_waiting(((it_t *)it)->domain);
}

static contender_t contender = {
    .name = TITLE,
    .kind = "queue",
    .schemes = true,
    .create = create,
    .destroy = destroy,
    .waiting = waiting,
    CALLS,
};
BENCH_CONTENDER(contender)
