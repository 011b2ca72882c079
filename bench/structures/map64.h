/* An ordered map from uint64_t as a contender: all have the same verbs, only the name differs. MAP is the name without
 * cc_; the header of the map is included before. */
#include "domain.h"

#define PASTE_(a, b, c) a##b##c
#define PASTE(a, b, c)  PASTE_(a, b, c)
#define VERB(verb)      PASTE(cc_, MAP, verb)
#define TEXT_(name)     #name
#define TEXT(name)      TEXT_(name)

typedef struct {
    cc_domain_t *domain;
    VERB(_t) * map;
    cc_guard_t *guard; /* of the stalled reader */
} it_t;

static void *create(const contender_opts_t *opts)
{
    it_t *it = calloc(1, sizeof *it);
    it->domain = domain_of(opts->scheme);
    if (it->domain == NULL || VERB(_create)(it->domain, NULL, &it->map) != 0) {
        free(it);
        return NULL;
    }
    return it;
}

static void destroy(void *what)
{
    it_t *it = what;
    (void)VERB(_destroy)(it->map);
    (void)cc_domain_destroy(it->domain);
    free(it);
}

static bool get(void *it, void *self, const bench_key_t *key)
{
    void *value;
    (void)self;
    return VERB(_get)(((it_t *)it)->map, key->number, &value) == 0;
}

static bool insert(void *it, void *self, const bench_key_t *key)
{
    (void)self;
    return VERB(_insert)(((it_t *)it)->map, key->number, it) == 0;
}

static bool take(void *it, void *self, const bench_key_t *key)
{
    void *value;
    (void)self;
    return VERB(_remove)(((it_t *)it)->map, key->number, &value) == 0;
}

static bool count_down(uint64_t key, void *value, void *ctx)
{
    size_t *left = ctx;
    (void)key;
    (void)value;
    return --*left > 0;
}

static size_t scan(void *it, void *self, const bench_key_t *from, size_t n)
{
    size_t left = n;
    (void)self;
    (void)VERB(_range)(((it_t *)it)->map, from->number, UINT64_MAX, count_down, &left);
    return n - left;
}

static uint64_t waiting(void *it)
{
    return domain_waiting(((it_t *)it)->domain);
}

static uint64_t waiting_now(void *it)
{
    return domain_waiting_now(((it_t *)it)->domain);
}

/* A value out of the map, kept in a guard. */
static void hold(void *what, void *self)
{
    it_t *it = what;
    void *value;
    uint64_t k;
    (void)self;
    it->guard = cc_guard_enter(it->domain);
    (void)VERB(_min)(it->map, &k, &value);
}

static void release(void *it, void *self)
{
    (void)self;
    cc_guard_leave(((it_t *)it)->guard);
}

static contender_t contender = {
    .name = "cc_" TEXT(MAP),
    .kind = "map",
    .schemes = true,
    .create = create,
    .destroy = destroy,
    .waiting = waiting,
    .waiting_now = waiting_now,
    .hold = hold,
    .release = release,
    .get = get,
    .insert = insert,
    .remove = take,
    .scan = scan,
};
BENCH_CONTENDER(contender)
