/* The calls of domains, threads and guards under allocation failure. */
#include "oom.h"

#include "alloc/backend_mock.h"

#include <cc/alloc.h>
#include <cc/guard.h>
#include <cc/stats.h>

#include <errno.h>
#include <stdatomic.h>

enum {
    NESTED = 4,    /* guards that need no memory */
    SLOTS = 8,     /* pointers in a guard that need none */
    WAITING = 3,   /* objects in limbo at first */
    RESERVED = 20, /* a reservation that needs several blocks */
    OBJECTS = WAITING + RESERVED,
};

typedef struct {
    cc_domain_t *domain;
    cc_guard_t *guard[NESTED];
    unsigned guards;
    atomic_uint reclaimed;
    unsigned retired;
    unsigned object[OBJECTS]; /* what is retired */
    CC_ATOMIC_PTR link;       /* what is protected: the last object */
    bool may_leak;
} world_t;

static void reclaim(void *ptr, void *ctx)
{
    world_t *w = ctx;
    atomic_fetch_add(&w->reclaimed, 1);
}

static int retire(world_t *w)
{
    return cc_retire(w->domain, &w->object[w->retired], sizeof w->object[0], reclaim, w);
}

static void set_up(void *world, cc_smr_scheme_t scheme)
{
    world_t *w = world;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = scheme;
    CHECK(cc_domain_create(&opts, &w->domain) == 0);
    for (; w->retired < WAITING; w->retired++)
        CHECK(retire(w) == 0);
    atomic_store(&w->link, &w->object[OBJECTS - 1]);
}

static cc_domain_t *domain_of(void *world)
{
    return ((world_t *)world)->domain;
}

static void check(void *world)
{
    world_t *w = world;
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    if (w->domain == NULL)
        return;
    CHECK(cc_smr_stats_snapshot(w->domain, &snapshot) == 0);
    CHECK(snapshot.retired == w->retired, "%u", w->retired);
    CHECK(snapshot.reclaimed == atomic_load(&w->reclaimed));
    CHECK(snapshot.leaked == 0 || w->may_leak);
    CHECK(snapshot.guards == w->guards, "%u", w->guards);
}

static void tear_down(void *world)
{
    world_t *w = world;
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    while (w->guards > 0)
        cc_guard_leave(w->guard[--w->guards]);
    if (w->domain != NULL) {
        CHECK(cc_smr_stats_snapshot(w->domain, &snapshot) == 0);
        CHECK(cc_domain_destroy(w->domain) == 0);
    }
    CHECK(atomic_load(&w->reclaimed) + snapshot.leaked == w->retired);
}

/* ---- preparations */

static void enter_guards(void *world)
{
    world_t *w = world;
    while (w->guards < NESTED) {
        w->guard[w->guards] = cc_guard_enter(w->domain);
        CHECK(w->guard[w->guards++] != NULL);
    }
}

/* One guard that holds as many pointers as it can without memory. */
static void fill_guard(void *world)
{
    world_t *w = world;
    w->guard[0] = cc_guard_enter(w->domain);
    CHECK(w->guard[0] != NULL);
    w->guards = 1;
    for (unsigned i = 0; i < SLOTS; i++) {
        void *out;
        CHECK(cc_guard_protect(w->guard[0], &w->link, &out) == 0);
    }
}

/* ---- the calls */

static int64_t create(void *world)
{
    cc_domain_t *second = SWEEP_UNTOUCHED;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    int64_t rc = cc_domain_create(&opts, &second);
    CHECK((rc == 0) == (second != SWEEP_UNTOUCHED));
    cc__mock_fail_at(0); /* an unknown thread needs memory to destroy one */
    return rc == 0 ? cc_domain_destroy(second) : rc;
}

static int64_t attach(void *world)
{
    world_t *w = world;
    return cc_thread_attach(w->domain);
}

static int64_t detach(void *world)
{
    world_t *w = world;
    return cc_thread_detach(w->domain);
}

static int64_t enter_and_leave(void *world)
{
    world_t *w = world;
    cc_guard_t *guard = cc_guard_enter(w->domain);
    cc_guard_leave(guard);
    return guard != NULL ? 0 : -ENOMEM;
}

static int64_t protect(void *world)
{
    world_t *w = world;
    void *out = SWEEP_UNTOUCHED;
    int64_t rc = cc_guard_protect(w->guard[w->guards - 1], &w->link, &out);
    CHECK(out == (rc == 0 ? (void *)&w->object[OBJECTS - 1] : SWEEP_UNTOUCHED));
    return rc;
}

static int64_t node_alloc(void *world)
{
    world_t *w = world;
    void *node = cc_node_alloc(w->domain, 100);
    cc_node_discard(w->domain, node);
    return node != NULL ? 0 : -ENOMEM;
}

/* As many retirements then need no memory. */
static int64_t reserve(void *world)
{
    world_t *w = world;
    int64_t rc = cc_retire_reserve(w->domain, RESERVED);
    cc__mock_fail_from(1);
    for (int i = 0; rc == 0 && i < RESERVED; i++, w->retired++)
        CHECK(retire(w) == 0); /* none is leaked: may_leak is not set */
    return rc;
}

/* Never fails: without memory the object is leaked and counted. */
static int64_t retire_one(void *world)
{
    world_t *w = world;
    w->may_leak = true;
    return retire(w);
}

static void one_is_retired(void *world)
{
    world_t *w = world;
    w->retired++;
}

static int64_t flush(void *world)
{
    world_t *w = world;
    int64_t n = cc_domain_flush(w->domain);
    return n < 0 ? n : 0;
}

static int64_t drain(void *world)
{
    world_t *w = world;
    int64_t rc = cc_domain_drain(w->domain, INT64_C(60000000000));
    CHECK(rc != 0 || atomic_load(&w->reclaimed) == WAITING);
    return rc == -ENOTSUP ? 0 : rc; /* CC_SMR_LEAK */
}

static int64_t destroy(void *world)
{
    world_t *w = world;
    return cc_domain_destroy(w->domain);
}

static void domain_is_gone(void *world)
{
    world_t *w = world;
    w->domain = NULL;
}

enum { IN_GUARD = SWEEP_READY, NEVER = 0 };

static const sweep_call_t calls[] = {
    {"domain create", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, create, NULL},
    {"domain destroy", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, destroy, domain_is_gone},
    {"flush", SWEEP_ALL, NEVER, 0, NULL, flush, NULL},
    {"drain", SWEEP_ALL, SWEEP_RECLAIMING, 0, NULL, drain, NULL},
    {"attach", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, attach, NULL},
    {"detach", SWEEP_ALL, NEVER, 0, NULL, detach, NULL},
    {"guard enter, attached", SWEEP_READY | SWEEP_BARE, NEVER, 0, NULL, enter_and_leave, NULL},
    {"guard enter, new thread", SWEEP_NEW, SWEEP_EVERY_SCHEME, 0, NULL, enter_and_leave, NULL},
    {"guard enter in four guards", IN_GUARD, NEVER, 0, enter_guards, enter_and_leave, NULL},
    {"protect in a full guard", IN_GUARD, SWEEP_SLOTS, 0, fill_guard, protect, NULL},
    {"node alloc", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, node_alloc, NULL},
    {"retire reserve", SWEEP_ALL, SWEEP_EVERY_SCHEME, 0, NULL, reserve, NULL},
    {"retire", SWEEP_ALL, NEVER, 0, NULL, retire_one, one_is_retired},
};

const sweep_suite_t oom_domain = {
    .world_size = sizeof(world_t),
    .set_up = set_up,
    .domain = domain_of,
    .check = check,
    .tear_down = tear_down,
    .calls = calls,
    .count = sizeof calls / sizeof calls[0],
};
