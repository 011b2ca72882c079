/* The library's own reclamation, as somebody uses it who builds a structure of his own. */
#include "domain.h"

enum { SIZE = 64 };

typedef struct {
    cc_domain_t *domain;
    cc_guard_t *guard; /* of the stalled reader */
    _Alignas(64) CC_ATOMIC_PTR slot;
} it_t;

static void *create(const contender_opts_t *opts)
{
    it_t *it = aligned_alloc(64, (sizeof *it + 63) / 64 * 64);
    it->domain = domain_of(opts->scheme);
    it->slot = it->domain != NULL ? cc_node_alloc(it->domain, SIZE) : NULL;
    if (it->slot != NULL)
        return it;
    free(it);
    return NULL;
}

static void destroy(void *what)
{
    it_t *it = what;
    cc_node_discard(it->domain, it->slot);
    (void)cc_domain_destroy(it->domain);
    free(it);
}

static void read_slot(void *what, void *self, unsigned times)
{
    it_t *it = what;
    void *seen;
    (void)self;
    while (times-- > 0) {
        cc_guard_t *guard = cc_guard_enter(it->domain);
        if (cc_guard_protect(guard, &it->slot, &seen) != 0)
            abort();
        cc_guard_leave(guard);
    }
}

static void retire(void *what, void *self, unsigned times)
{
    it_t *it = what;
    (void)self;
    while (times-- > 0) {
        void *node = cc_node_alloc(it->domain, SIZE);
        if (node == NULL)
            abort();
        memset(node, 1, SIZE);
        if (cc_retire(it->domain, node, SIZE, NULL, NULL) != 0)
            abort();
    }
}

static void hold(void *what, void *self)
{
    it_t *it = what;
    void *seen;
    (void)self;
    it->guard = cc_guard_enter(it->domain);
    if (cc_guard_protect(it->guard, &it->slot, &seen) != 0)
        abort();
}

static void release(void *it, void *self)
{
    (void)self;
    cc_guard_leave(((it_t *)it)->guard);
}

static uint64_t waiting(void *it)
{
    return domain_waiting(((it_t *)it)->domain);
}

static uint64_t waiting_now(void *it)
{
    return domain_waiting_now(((it_t *)it)->domain);
}

static contender_t contender = {
    .name = "cc_guard",
    .kind = "smr",
    .note = "protects the one pointer, as hazard pointers do",
    .schemes = true,
    .create = create,
    .destroy = destroy,
    .waiting = waiting,
    .waiting_now = waiting_now,
    .read = read_slot,
    .retire = retire,
    .hold = hold,
    .release = release,
};
BENCH_CONTENDER(contender)
